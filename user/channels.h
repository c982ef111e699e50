/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Channels: their names and those of causes of loss outside the kernel, and what a user's
 * event of a level is for.
 */
#ifndef TTLOG_CHANNELS_H
#define TTLOG_CHANNELS_H

#include <stdint.h>

#include "event.h"

/* Both: "unknown" where the number has no name. */
const char *channel_name(uint32_t channel);
const char *lost_name(uint32_t cause);

/* TTLOG_KEEP to TTLOG_KLOG by name, or TTLOG_NR_CHANNELS where none has it. */
uint32_t channel_by_name(struct slice name);

/* TTLOG_KEEP or TTLOG_FLOW: where a user's event of this level goes, unless it is demoted. */
uint32_t channel_of_level(unsigned int level);

/*
 * Print the numbers of lost events, of TTLOG_NR_LOST causes, and end the line.
 * Causes that lost nothing aren't named.
 */
void lost_print(const uint64_t *lost);

#endif
