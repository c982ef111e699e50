// SPDX-License-Identifier: GPL-2.0-only
/*
 * A nested writer between any two accesses of kmod/ring.c to shared memory, one
 * after the other, at each nesting in turn: none of it is lost, reordered against
 * itself, or overwrites another's slot.
 */
#include <stdlib.h>
#include "kselftest_harness.h"
#include "ring.h"

#define BLOCK	8192
#define WRITERS	4		/* levels of nesting, 0 is the task */

static struct test_ring ring;
static u64 sequence[WRITERS];	/* next of each level */
static u64 held[WRITERS];
static unsigned int points;	/* passed by the outermost writer */
static unsigned int strike_at;
static unsigned int burst;	/* events a nested writer writes */
static unsigned int depth_max;
static bool read_within;	/* the nested writer reads, too */
static const char *wrong_within;

static void write_one(unsigned int level);
static const char *check_within(void);

static void strike(void)
{
	shim_fn again = shim_interrupt;
	unsigned int level = shim_interrupts + 1, i;

	if (points++ != strike_at)
		return;
	/* The next level is struck at the same point of its own first write. */
	shim_interrupts++;
	points = 0;
	shim_interrupt = level < depth_max ? again : NULL;
	for (i = 0; i < burst; i++) {
		write_one(level);
		shim_interrupt = NULL;
	}
	if (read_within && !wrong_within)
		wrong_within = check_within();
	shim_interrupts--;
}

static void write_one(unsigned int level)
{
	if (!test_event_write(&ring.ring, level, sequence[level]))
		held[level]++;
	sequence[level]++;
}

static void reset(u32 nr_blocks)
{
	current = (struct task_struct *)&ring;
	test_ring_make(&ring, BLOCK, nr_blocks, 0, TTLOG_FLOW);
	memset(sequence, 0, sizeof(sequence));
	memset(held, 0, sizeof(held));
}

/* Read all, and check it against what was written. Returns what is wrong. */
static const char *check(void)
{
	u64 next[WRITERS] = {}, read[WRITERS] = {}, seq, lost = 0, all = 0;
	struct reader_ring r;
	const char *wrong = NULL;
	size_t i;
	u32 w;

	if (reader_ring_read(ring.memory, ring.geometry.size, TEST_KEY, &READER_ALL, &r))
		return "ring makes no sense";
	for (i = 0; i < r.nr_events && !wrong; i++) {
		if (!test_event_check(r.events[i].slot, r.events[i].size,
				      &w, &seq) || w >= WRITERS)
			wrong = "an event isn't what was written";
		else if (seq >= sequence[w] || (read[w] && seq < next[w]))
			wrong = "a writer's events are out of order";
		else if (i && r.events[i].number != r.events[i - 1].number + 1)
			wrong = "numbers have a gap where nothing is missing";
		else
			next[w] = seq + 1, read[w]++;
	}
	for (w = 0; w < WRITERS; w++) {
		all += sequence[w];
		lost += held[w];
	}
	if (!wrong && r.holes)
		wrong = "a hole where all is committed";
	if (!wrong && r.to != all - lost)
		wrong = "written isn't offered less held";
	if (!wrong && r.to != r.nr_events + r.overwritten)
		wrong = "written isn't read and overwritten";
	if (!wrong && r.lost[TTLOG_LOST_HELD] != lost)
		wrong = "held isn't what writers were told";
	if (!wrong && ring.ring.shared->depth)
		wrong = "depth isn't 0 when all have left";
	reader_ring_free(&r);
	return wrong;
}

/*
 * What a reader may say while a writer is interrupted, in a ring that has not
 * wrapped: nothing was overwritten, and what is not there is a hole.
 */
static const char *check_within(void)
{
	struct reader_ring r;
	const char *wrong = NULL;
	u64 begun;
	u32 w;

	if (reader_ring_read(ring.memory, ring.geometry.size, TEST_KEY, &READER_ALL, &r))
		return "ring makes no sense, within";
	for (w = 0, begun = 0; w < WRITERS; w++)
		begun += sequence[w];
	if (r.overwritten)
		wrong = "overwritten where nothing is, within";
	else if (r.to != begun && r.to != begun + 1)
		wrong = "not what was reserved, within";
	else if (r.nr_events + r.holes != r.to)
		wrong = "read and holes aren't what was reserved, within";
	/* The interrupted one hides itself, or what came behind it in its block. */
	else if (r.holes > 1 && r.nr_events < sequence[0])
		wrong = "an earlier event is hidden, within";
	else if (r.oldest != ((struct ttlog_block *)ring.ring.blocks)->mono)
		wrong = "not since the ring was made, within";
	reader_ring_free(&r);
	return wrong;
}

/*
 * Strike at each point of a write that starts with the block filled up to a given
 * part. Returns what is wrong.
 */
static const char *strike_everywhere(struct __test_metadata *_metadata,
				     u32 nr_blocks, unsigned int before)
{
	unsigned int last = 0, i;
	const char *wrong;

	for (strike_at = 0; strike_at <= last; strike_at++) {
		reset(nr_blocks);
		for (i = 0; i < before; i++)
			write_one(0);
		points = 0;
		shim_interrupt = strike;
		write_one(0);
		shim_interrupt = NULL;
		/* As long as it struck there may be one more point. */
		if (sequence[1])
			last = strike_at + 1;
		for (i = 0; i < 5; i++)
			write_one(0);
		wrong = wrong_within ? wrong_within : check();
		test_ring_free(&ring);
		if (wrong) {
			TH_LOG("%s: %u blocks, %u events before, struck at %u, %u nested, %u deep",
			       wrong, nr_blocks, before, strike_at, burst,
			       depth_max);
			return wrong;
		}
	}
	/* A write has at least depth, head, cmpxchg, begin, fill, commit. */
	EXPECT_GE(last, 12);
	return NULL;
}

static const char *strike_all(struct __test_metadata *_metadata, u32 nr_blocks)
{
	const char *wrong = NULL;
	unsigned int before;

	/* 0 to 120 events: over several block borders. */
	for (before = 0; before < 120 && !wrong; before++)
		wrong = strike_everywhere(_metadata, nr_blocks, before);
	return wrong;
}

TEST(one_nested)
{
	burst = 1;
	depth_max = 1;
	ASSERT_EQ(NULL, strike_all(_metadata, 4));
}

TEST(three_deep)
{
	burst = 1;
	depth_max = 3;
	ASSERT_EQ(NULL, strike_all(_metadata, 4));
}

TEST(nested_fills_blocks)
{
	burst = 100;
	depth_max = 1;
	ASSERT_EQ(NULL, strike_all(_metadata, 4));
}

/* Also when the opener of a block that nested writers filled was interrupted. */
TEST(reading_within)
{
	burst = 150;
	depth_max = 1;
	read_within = true;
	ASSERT_EQ(NULL, strike_all(_metadata, 32));
}

/* More than a ring: what would lap the interrupted slot is held, and counted. */
TEST(nested_more_than_a_ring)
{
	burst = 400;
	depth_max = 2;
	ASSERT_EQ(NULL, strike_all(_metadata, 2));
	ASSERT_EQ(NULL, strike_all(_metadata, 3));
}

/* One that isn't interrupted may lap as often as it likes. */
TEST(laps)
{
	u64 i;

	reset(2);
	for (i = 0; i < 100000; i++)
		write_one(0);
	EXPECT_EQ(0, held[0]);
	EXPECT_EQ(NULL, check());
	EXPECT_EQ(100000, ttlog_ring_written(&ring.ring));
	test_ring_free(&ring);
}

/* Numbers go on beyond the 32 bits of the reservation word. */
TEST(number_beyond_32_bits)
{
	u64 i, jumped = 0;
	int jump;

	reset(4);
	for (jump = 0; jump < 9; jump++) {
		for (i = 0; i < 1000; i++)
			write_one(0);
		EXPECT_EQ(jumped + (jump + 1) * 1000,
			  ttlog_ring_written(&ring.ring));
		/* As if 2^30 events had been written. */
		ring.ring.shared->head += 1ULL << (TTLOG_HEAD_NUMBER_SHIFT + 30);
		jumped += 1ULL << 30;
	}
	test_ring_free(&ring);
}

/* A writer that died in its slot: other tasks take the ring over. */
TEST(abandoned)
{
	struct reader_ring r;
	struct slot slot;
	u64 i;

	reset(2);
	slot = ring_reserve(&ring.ring, 64);
	ASSERT_NE(NULL, slot.event);
	current = (struct task_struct *)&slot;
	for (i = 0; i < 2000; i++)
		write_one(0);
	EXPECT_EQ(0, held[0]);
	EXPECT_EQ(0, ring.ring.shared->depth);
	ASSERT_EQ(0, reader_ring_read(ring.memory, ring.geometry.size, TEST_KEY,
				      &READER_ALL, &r));
	EXPECT_EQ(2001, r.to);
	EXPECT_EQ(r.to, r.nr_events + r.overwritten);
	reader_ring_free(&r);
	test_ring_free(&ring);
}

/* The same task can't have died: it is below us, and its slot is respected. */
TEST(own_task_below)
{
	struct slot slot;
	u64 i;

	reset(2);
	slot = ring_reserve(&ring.ring, 64);
	for (i = 0; i < 2000; i++)
		write_one(0);
	EXPECT_LT(0, held[0]);
	EXPECT_EQ(2000, held[0] + ttlog_ring_written(&ring.ring) - 1);
	EXPECT_EQ(held[0], ring.ring.shared->lost[TTLOG_LOST_HELD]);
	ring_commit(&ring.ring, slot);
	EXPECT_EQ(0, ring.ring.shared->depth);
	test_ring_free(&ring);
}

/* A slot that was reserved the short way is respected all the same. */
TEST(alone)
{
	struct ttlog_ring *shared;
	struct slot slot, second;
	u64 i, before;

	reset(4);
	shared = ring.ring.shared;
	/* Elsewhere than where the ring began. */
	while (ring_head_block(shared->head) != 2)
		write_one(0);
	before = ttlog_ring_written(&ring.ring);
	slot = ring_reserve_alone(&ring.ring, 64, ring_step(64));
	ASSERT_NE(NULL, slot.event);
	EXPECT_EQ(1, shared->depth);
	second = ring_reserve_alone(&ring.ring, 64, ring_step(64));
	EXPECT_EQ(NULL, second.event);
	EXPECT_EQ(before + 1, ttlog_ring_written(&ring.ring));
	for (i = 0; i < 2000; i++)
		write_one(0);
	EXPECT_LT(0, held[0]);
	EXPECT_EQ(held[0], shared->lost[TTLOG_LOST_HELD]);
	/* All but the block that the slot is in. */
	EXPECT_EQ(1, ring_head_block(shared->head));
	EXPECT_EQ(before + 1 + 2000 - held[0],
		  ttlog_ring_written(&ring.ring));
	EXPECT_EQ(slot.tag, slot.event->tag);
	ring_commit_alone(&ring.ring, slot);
	EXPECT_EQ(slot.tag ^ TTLOG_TAG_COMMITTED, slot.event->tag);
	EXPECT_EQ(0, shared->depth);

	/* A block that is full is none of its business. */
	shared->head = (shared->head & ~0x3fffULL) |
		       ring.ring.block_size / TTLOG_ALIGN;
	before = shared->head;
	slot = ring_reserve_alone(&ring.ring, 64, ring_step(64));
	EXPECT_EQ(NULL, slot.event);
	EXPECT_EQ(before, shared->head);
	EXPECT_EQ(0, shared->depth);
	test_ring_free(&ring);
}

/* A begun slot hides itself only; one not begun the rest of its block. */
TEST(holes)
{
	struct reader_ring r;
	struct slot slot;
	u64 tag;
	int i;

	reset(4);
	write_one(0);
	slot = ring_reserve(&ring.ring, 64);
	for (i = 0; i < 3; i++)
		write_one(1);
	ASSERT_EQ(0, reader_ring_read(ring.memory, ring.geometry.size, TEST_KEY,
				      &READER_ALL, &r));
	EXPECT_EQ(5, r.to);
	EXPECT_EQ(4, r.nr_events);
	EXPECT_EQ(1, r.holes);
	EXPECT_EQ(0, r.overwritten);
	EXPECT_EQ(2, r.events[1].number);
	reader_ring_free(&r);

	/* As it was before the begin word was stored. */
	tag = slot.event->tag;
	slot.event->tag = 0;
	ASSERT_EQ(0, reader_ring_read(ring.memory, ring.geometry.size, TEST_KEY,
				      &READER_ALL, &r));
	EXPECT_EQ(5, r.to);
	EXPECT_EQ(1, r.nr_events);
	EXPECT_EQ(4, r.holes);
	reader_ring_free(&r);

	slot.event->tag = tag;
	ring_commit(&ring.ring, slot);
	test_ring_free(&ring);
}

/* Room for all that is promised, whatever the size of a page. */
TEST(geometry)
{
	struct ring_geometry g;
	u64 bytes;
	u32 page, block;

	for (page = 4096; page <= 65536; page *= 4) {
		for (block = page > 8192 ? page : 8192; block <= 65536; block *= 2) {
			EXPECT_FALSE(ttlog_ring_geometry(block, block, page, 0, &g));
			EXPECT_EQ(2, g.nr_blocks);
			for (bytes = 3 * block; bytes < (u64)block << 18; bytes += bytes / 7 + 1) {
				ASSERT_TRUE(ttlog_ring_geometry(bytes, block, page, 0, &g));
				ASSERT_LE(g.size, bytes);
				ASSERT_EQ(0, g.size % page);
				ASSERT_EQ(0, g.data_offset % page);
				ASSERT_EQ(g.size, g.nr_frames * page);
				ASSERT_EQ(g.size, g.data_offset + (u64)g.nr_blocks * block);
				ASSERT_LE(g.frames_offset + g.nr_frames * 8, g.data_offset);
				/* A page less of head would not do, nor is a block left. */
				ASSERT_GT(g.frames_offset + (g.nr_frames - 1) * 8,
					  g.data_offset - page);
				ASSERT_GT(g.size + block + page, bytes);
			}
		}
	}
}

/* After a sleep the next event is in a block of its own; without one it isn't. */
TEST(after_sleep)
{
	struct ttlog_block *block;

	reset(4);
	block = (struct ttlog_block *)ring.ring.blocks;
	write_one(0);
	ttlog_ring_after_sleep(&ring.ring);
	write_one(0);
	EXPECT_EQ(0, ring_head_block(ring.ring.shared->head));
	/* As if the machine had slept for 20 ms since. */
	block->boot -= 20000000;
	ttlog_ring_after_sleep(&ring.ring);
	write_one(0);
	EXPECT_EQ(1, ring_head_block(ring.ring.shared->head));
	ttlog_ring_after_sleep(&ring.ring);
	write_one(0);
	EXPECT_EQ(1, ring_head_block(ring.ring.shared->head));
	EXPECT_EQ(NULL, check());
	test_ring_free(&ring);
}

/* After a resume the next event is in a block of its own, nothing is lost. */
TEST(close_block)
{
	struct reader_ring r;

	reset(4);
	write_one(0);
	ttlog_ring_close_block(&ring.ring);
	ttlog_ring_close_block(&ring.ring);
	write_one(0);
	ASSERT_EQ(0, reader_ring_read(ring.memory, ring.geometry.size, TEST_KEY,
				      &READER_ALL, &r));
	EXPECT_EQ(2, r.to);
	EXPECT_EQ(2, r.nr_events);
	EXPECT_EQ(0, r.events[0].block->start);
	EXPECT_EQ(BLOCK, r.events[1].block->start);
	EXPECT_EQ(1, r.events[1].block->first);
	reader_ring_free(&r);
	test_ring_free(&ring);
}

TEST_HARNESS_MAIN
