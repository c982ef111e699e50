/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_PARAMS_H
#define TTLOG_PARAMS_H

#include "ring.h"

/**
 * struct ttlog_config - the module parameters, checked
 * @channel: layout of a ring, by channel
 * @keep_rate: bytes a second that a uid may put into TTLOG_KEEP
 * @keep_burst: bytes that it may put there at once
 * @level_mask: bit N set: level N is recorded
 * @trigger_level: this level and worse are triggers; TTLOG_TRIGGER_NEVER: none is
 * @console_events: how many a panic prints
 * @helper: program that the module starts where there is no helper; may be empty
 * @region_start: physical address of the reserved memory for the rings
 * @region_size: bytes of it; 0: none is given so
 * @region_name: its name instead, or NULL
 */
struct ttlog_config {
	struct ring_geometry channel[TTLOG_NR_CHANNELS];
	u64 keep_rate;
	u64 keep_burst;
	u32 level_mask;
	u32 trigger_level;
	u32 console_events;
	const char *helper;
	u64 region_start;
	u64 region_size;
	const char *region_name;
};

int ttlog_params_region(struct ttlog_config *config);
int ttlog_params_check(struct ttlog_config *config);
const char *ttlog_params_level_name(u32 n);
bool ttlog_params_level(const char *text, u32 *n);

#endif
