/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The events of all rings as one sequence in time.
 */
#ifndef TTLOG_MERGE_H
#define TTLOG_MERGE_H

#include <stdbool.h>

#include "reader.h"

/**
 * struct clocks - CLOCK_MONOTONIC, _BOOTTIME and _REALTIME at one moment, in ns
 */
struct clocks {
	uint64_t mono;
	uint64_t boot;
	uint64_t real;
};

/**
 * struct merged - one event in the sequence
 * @ring: where it is from
 * @event: the event
 * @time: ns since the epoch; never less than that of the one before
 */
struct merged {
	const struct reader_ring *ring;
	const struct reader_event *event;
	uint64_t time;
};

struct merge_source;

/**
 * struct merge - k-way merge by a heap
 *
 * The key is (latest time so far in the ring, CPU, channel, position): a nested
 * writer's event may stand before an older one in its ring, and is shown so.
 */
struct merge {
	struct merge_source *sources;
	struct merge_source **heap;
	size_t nr;
	struct clocks now;
};

/**
 * merge_init() - begin
 * @rings: must stay
 * @now: the clocks at the snapshot, by which times become wall clock times
 *
 * Return: 0 or -ENOMEM.
 */
int merge_init(struct merge *merge, const struct reader_ring *rings, size_t nr,
	       const struct clocks *now);

/**
 * merge_next() - the next event
 *
 * Return: false at the end.
 */
bool merge_next(struct merge *merge, struct merged *out);

void merge_free(struct merge *merge);

/**
 * merge_wall() - wall clock time of a time by CLOCK_MONOTONIC
 * @asleep: boot - mono then
 *
 * The wall clock is the one that holds at the snapshot: a clock that was set in
 * between doesn't tear the sequence.
 */
uint64_t merge_wall(const struct clocks *now, uint64_t mono, uint64_t asleep);

#endif
