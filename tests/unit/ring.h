/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A ring in user space, for the ring's tests.
 */
#ifndef TTLOG_TEST_RING_H
#define TTLOG_TEST_RING_H

#include "reader.h"
#include "ring-event.h"

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

void test_ring_make(struct test_ring *t, u32 block_size, u32 nr_blocks, u32 cpu,
		    u32 channel);

/* The same, with so many bytes to be spare. */
void test_ring_make_spare(struct test_ring *t, u32 block_size, u32 nr_blocks,
			  u64 spare, u32 cpu, u32 channel);
void test_ring_free(struct test_ring *t);

#endif
