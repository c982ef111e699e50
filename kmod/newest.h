/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_NEWEST_H
#define TTLOG_NEWEST_H

#include <linux/types.h>

struct ring;
struct ttlog_event;

/* Most events that can be asked for. */
#define TTLOG_NEWEST_MAX	256

/**
 * struct newest - an event that is among the newest
 * @time: mono, when it came
 * @ring: where it is
 * @start: of its block
 * @block: index of its block
 * @offset: of its slot in the block
 * @size: bytes of its slot
 * @cpu: of the ring
 * @channel: of the ring
 */
struct newest {
	u64 time;
	const struct ring *ring;
	u64 start;
	u32 block;
	u32 offset;
	u32 size;
	u32 cpu;
	u32 channel;
};

unsigned int ttlog_newest_find(struct newest *found, unsigned int wanted);
bool ttlog_newest_copy(const struct newest *n, struct ttlog_event *to);

#endif
