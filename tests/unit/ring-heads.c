// SPDX-License-Identifier: GPL-2.0-only
/*
 * What heads of ring and blocks say, and no copy of it: the same as who reads all of
 * it counts.
 */
#include <stdlib.h>
#include <string.h>
#include "kselftest_harness.h"
#include "ring.h"

#define BLOCK	8192
#define SIZE	64		/* of each event */
#define PLACES	125		/* of such in a block */

static struct test_ring ring;

static void make(u32 nr_blocks)
{
	current = (struct task_struct *)&ring;
	test_ring_make(&ring, BLOCK, nr_blocks, 0, TTLOG_FLOW);
}

static void put(u64 nr)
{
	struct slot slot;

	while (nr--) {
		slot = ring_reserve(&ring.ring, SIZE);
		/* What is held isn't overwritten. */
		if (slot.event)
			ring_commit(&ring.ring, slot);
	}
}

static struct reader_ring read_ring(bool heads)
{
	struct reader_range range = READER_ALL;
	struct reader_ring r;

	range.heads = heads;
	if (reader_ring_read(ring.memory, ring.geometry.size, TEST_KEY, &range, &r))
		abort();
	return r;
}

static struct ttlog_block *block(u32 index)
{
	return (struct ttlog_block *)(ring.ring.blocks + (size_t)index * BLOCK);
}

/* The same by both ways; returns where its oldest event's block begins. */
static u64 agree(struct __test_metadata *_metadata)
{
	struct reader_ring all = read_ring(false), heads = read_ring(true);
	u64 start = 0;

	ASSERT_EQ(NULL, heads.events);
	ASSERT_EQ(NULL, heads.copy);
	ASSERT_EQ(0, heads.nr_events);
	ASSERT_EQ(0, heads.holes);
	ASSERT_EQ(all.cpu, heads.cpu);
	ASSERT_EQ(all.channel, heads.channel);
	ASSERT_EQ(0, heads.from);
	ASSERT_EQ(all.to, heads.to);
	ASSERT_EQ(all.overwritten, heads.overwritten);
	ASSERT_EQ(all.oldest, heads.oldest);
	ASSERT_EQ(all.holds, heads.holds);
	ASSERT_EQ(0, memcmp(all.lost, heads.lost, sizeof(all.lost)));
	if (all.nr_events) {
		ASSERT_EQ(all.position, heads.position);
		start = all.events[0].block->start;
	}
	reader_ring_free(&all);
	reader_ring_free(&heads);
	return start;
}

TEST(as_if_all_was_read)
{
	static const u32 blocks[] = { 2, 3, 4, 8, 17 };
	struct reader_ring r;
	u64 nr, start;
	size_t i;

	for (i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		make(blocks[i]);
		for (nr = 0; nr < 4 * PLACES * blocks[i]; nr += 31) {
			put(31);
			start = agree(_metadata);
			r = read_ring(true);
			/* Once it was full. */
			if (start)
				ASSERT_LE(r.holds, r.position - start);
		}
		ASSERT_NE(0, start);
		test_ring_free(&ring);
	}
}

/* Two blocks less than there are, one of these spare, however little the newest has. */
TEST(numbers)
{
	struct reader_ring r;

	make(8);
	r = read_ring(true);
	EXPECT_EQ(0, r.to);
	EXPECT_EQ(sizeof(struct ttlog_block), r.position);
	EXPECT_EQ(6 * BLOCK, r.holds);
	put(7 * PLACES);
	r = read_ring(true);
	EXPECT_EQ(0, r.overwritten);
	EXPECT_EQ(6 * BLOCK + sizeof(struct ttlog_block) + PLACES * SIZE, r.position);
	put(1);
	r = read_ring(true);
	EXPECT_EQ(7 * PLACES + 1, r.to);
	EXPECT_EQ(PLACES, r.overwritten);
	EXPECT_EQ(block(1)->mono, r.oldest);
	EXPECT_EQ(7 * BLOCK + sizeof(struct ttlog_block) + SIZE, r.position);
	ring.ring.shared->lost[TTLOG_LOST_FILTERED] = 5;
	ring.ring.shared->demoted = 6;
	r = read_ring(true);
	EXPECT_EQ(5, r.lost[TTLOG_LOST_FILTERED]);
	EXPECT_EQ(6, r.demoted);
	test_ring_free(&ring);
}

/* While it is held the ring reaches back further. */
TEST(held)
{
	u64 i;

	make(16);
	put(20 * PLACES);
	ttlog_ring_hold(&ring.ring);
	for (i = 0; i < 4 * PLACES; i += 10) {
		agree(_metadata);
		put(10);
	}
	EXPECT_LT(0, read_ring(true).lost[TTLOG_LOST_HELD]);
	ttlog_ring_release(&ring.ring, TTLOG_NO_HOLD);
	put(3 * PLACES);
	agree(_metadata);
	test_ring_free(&ring);
}

/* The oldest blocks went while it was read: it begins with the first that is there. */
TEST(lapped_meanwhile)
{
	struct reader_ring r;
	u32 i;

	make(8);
	put(6 * PLACES + 10);
	block(0)->start = 8 * BLOCK;
	block(1)->ready ^= TTLOG_TAG_COMMITTED;
	r = read_ring(true);
	EXPECT_EQ(2 * PLACES, r.overwritten);
	EXPECT_EQ(block(2)->mono, r.oldest);
	/* More events before it than there were at all. */
	block(2)->first = 6 * PLACES + 11;
	r = read_ring(true);
	EXPECT_EQ(3 * PLACES, r.overwritten);
	EXPECT_EQ(block(3)->mono, r.oldest);
	for (i = 3; i < 7; i++)
		block(i)->ready = 0;
	block(4)->mono = 1ULL << 62;
	r = read_ring(true);
	EXPECT_EQ(6 * PLACES + 10, r.overwritten);
	EXPECT_EQ(1ULL << 62, r.oldest);
	test_ring_free(&ring);
}

/* It ends, whatever is there. */
TEST(senseless)
{
	static const u64 starts[] = { 0, 1, BLOCK + 1, 1ULL << 63, -BLOCK, -1ULL };
	struct reader_ring r;
	size_t i, j;

	make(8);
	put(100);
	for (i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		for (j = 0; j < sizeof(starts) / sizeof(starts[0]); j++) {
			block(0)->start = starts[i];
			ring.ring.shared->hold = starts[j];
			r = read_ring(true);
			ASSERT_EQ(100, r.to);
			/* Tags have the lower bits of positions only. */
			ASSERT_EQ(starts[i] & TTLOG_TAG_POSITION_MASK ? 100 : 0,
				  r.overwritten);
		}
	}
	test_ring_free(&ring);
}

TEST_HARNESS_MAIN
