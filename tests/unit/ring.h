/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A ring in user space, for the ring's tests: memory, events that can be told
 * from what they say, and a reader's result checked against what was written.
 */
#ifndef TTLOG_TEST_RING_H
#define TTLOG_TEST_RING_H

#include "../../kmod/ring.h"
#include "reader.h"

#define TEST_KEY	0x9d2c5680b5297a4dULL
#define TEST_PAGE	4096

/**
 * struct test_ring - a ring and what was put into it
 * @ring: the writer's side
 * @geometry: its layout
 * @memory: what a reader maps
 */
struct test_ring {
	struct ring ring;
	struct ring_geometry geometry;
	void *memory;
};

/* An event's words after its tag are told by its writer and sequence number. */
#define TEST_WORDS_MAX	512

void test_ring_make(struct test_ring *t, u32 block_size, u32 nr_blocks, u32 cpu,
		    u32 channel);
void test_ring_free(struct test_ring *t);

/* Bytes of the event that this writer writes with this number. */
size_t test_event_size(u32 writer, u64 sequence);

/* Write it. False: it was lost to a hold. */
bool test_event_write(struct test_ring *t, u32 writer, u64 sequence);

/* Is this just what test_event_write() wrote? Tells writer and sequence. */
bool test_event_check(const struct reader_event *e, u32 *writer, u64 *sequence);

#endif
