// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hold, to the event: which blocks are spare, what is held and for how long,
 * and what is lost meanwhile.
 */
#include <sanitizer/asan_interface.h>
#include <stdlib.h>
#include "kselftest_harness.h"
#include "ring.h"

#define BLOCK	8192
#define SIZE	64		/* of each event */
#define PLACES	125		/* of such in a block */

static struct test_ring ring;
static u64 written, lost;

static void make(u32 nr_blocks, u64 spare)
{
	current = (struct task_struct *)&ring;
	test_ring_make_spare(&ring, BLOCK, nr_blocks, spare, 0, TTLOG_FLOW);
	written = 0;
	lost = 0;
}

/* One event, that says its number. */
static bool put(void)
{
	struct slot slot = ring_reserve(&ring.ring, SIZE);

	if (!slot.event) {
		lost++;
		return false;
	}
	WRITE_ONCE(slot.event->time, written++);
	ring_commit(&ring.ring, slot);
	return true;
}

/* How many of so many get in. */
static u64 put_some(u64 nr)
{
	u64 in = 0;

	while (nr--)
		in += put();
	return in;
}

/* Are just the events from one on to the newest there, and the sums even? */
static bool have_from(u64 first)
{
	struct reader_ring r;
	bool good;
	size_t i;

	if (reader_ring_read(ring.memory, ring.geometry.size, TEST_KEY,
			     &READER_ALL, &r))
		return false;
	good = r.to == written && r.nr_events == written - first &&
	       r.overwritten == first && !r.holes &&
	       r.lost[TTLOG_LOST_HELD] == lost;
	for (i = 0; i < r.nr_events && good; i++)
		good = r.events[i].number == first + i &&
		       r.events[i].slot->time == first + i;
	if (!good)
		printf("# %zu read, %llu overwritten, %llu holes of %llu, expected from %llu\n",
		       r.nr_events, (unsigned long long)r.overwritten,
		       (unsigned long long)r.holes, (unsigned long long)r.to,
		       (unsigned long long)first);
	reader_ring_free(&r);
	return good;
}

static u64 later(u64 a, u64 b)
{
	return a > b ? a - b : 0;
}

static const struct {
	u32 nr_blocks;
	u32 block_size;
	u64 least;
	u32 spare;
} geometries[] = {
	{ 2, 8192, 0, 0 }, { 2, 8192, 65536, 0 }, { 3, 8192, 0, 0 },
	{ 3, 8192, 65536, 0 }, { 4, 8192, 0, 1 }, { 4, 8192, 8192, 1 },
	{ 4, 8192, 8193, 2 }, { 4, 8192, 65536, 2 }, { 5, 8192, 0, 1 },
	{ 5, 8192, 65536, 3 }, { 9, 8192, 65536, 7 }, { 10, 8192, 65536, 8 },
	{ 15, 8192, 0, 1 }, { 16, 8192, 0, 2 }, { 23, 8192, 0, 2 },
	{ 23, 8192, 65536, 8 }, { 24, 8192, 0, 3 }, { 71, 8192, 65536, 8 },
	{ 72, 8192, 65536, 9 }, { 11, 16384, 65536, 4 }, { 5, 32768, 65536, 2 },
	{ 5, 65536, 65536, 1 }, { 5, 65536, 65537, 2 }, { 15, 65536, 0, 1 },
	{ 262144, 8192, 0, 32768 },
};

TEST(geometry)
{
	struct ring_geometry g;
	unsigned int i;
	u64 bytes;

	for (i = 0; i < sizeof(geometries) / sizeof(geometries[0]); i++) {
		bytes = (u64)geometries[i].nr_blocks * geometries[i].block_size;
		while (!ttlog_ring_geometry(bytes, geometries[i].block_size,
					    TEST_PAGE, geometries[i].least, &g) ||
		       g.nr_blocks < geometries[i].nr_blocks)
			bytes += TEST_PAGE;
		EXPECT_EQ(geometries[i].nr_blocks, g.nr_blocks);
		EXPECT_EQ(geometries[i].spare, g.nr_spare)
			TH_LOG("%u blocks of %u, %llu bytes", g.nr_blocks,
			       g.block_size, (unsigned long long)geometries[i].least);
	}
}

/* As many as are asked for where there is room, and two blocks that hold. */
TEST(spare_of_each_size)
{
	static const u64 least[] = { 0, 1, 8192, 20000, 65536 };
	u32 nr, before, i;

	for (i = 0; i < 5; i++) {
		before = 0;
		for (nr = 2; nr < 200; nr++) {
			make(nr, least[i]);
			ASSERT_EQ(nr, ring.ring.shared->nr_blocks);
			ASSERT_EQ(nr < 4, !ring.ring.shared->nr_spare);
			ASSERT_LE(ring.ring.shared->nr_spare, nr - 2);
			ASSERT_LE(before, ring.ring.shared->nr_spare);
			before = ring.ring.shared->nr_spare;
			if (before < nr - 2 && nr >= 4)
				ASSERT_GE((u64)before * BLOCK, least[i]);
			test_ring_free(&ring);
		}
	}
}

/**
 * struct state - of a ring as it is held
 * @before: events that it was given
 * @head: block that is being filled, counted from the first lap
 * @first: number of the oldest event that it holds
 * @free: events that must get in while all of it is held
 */
struct state {
	u64 before;
	u64 head;
	u64 first;
	u64 free;
};

static struct state fill(u32 nr_blocks, u64 spare, u64 before)
{
	struct state s = { .before = before };
	u32 nr_spare;

	make(nr_blocks, spare);
	nr_spare = ring.geometry.nr_spare;
	put_some(before);
	s.head = before ? (before - 1) / PLACES : 0;
	s.first = later(s.head, nr_blocks - nr_spare - 1) * PLACES;
	/* In the first lap also the blocks that nothing stands in. */
	s.free = (s.head + 1) * PLACES - before + PLACES *
		 (s.first ? nr_spare : nr_blocks - 1 - s.head);
	return s;
}

/* Hold, write on for rings, release block by block, and end. */
static const char *try_hold(u32 nr_blocks, u64 spare, u64 before)
{
	struct state s = fill(nr_blocks, spare, before);
	struct ttlog_ring *shared = ring.ring.shared;
	u64 hold = s.first / PLACES * BLOCK;
	u64 flood = 3 * (u64)nr_blocks * PLACES + 11, first, i;

	if (lost || !have_from(s.first))
		return "not what was written, before the hold";
	ttlog_ring_hold(&ring.ring);
	if (shared->hold != hold || shared->mark != before)
		return "not the hold or the mark that there should be";
	if (!have_from(s.first))
		return "not what it held before";
	if (put_some(flood) != s.free || lost != flood - s.free)
		return "not as many got in as are spare";
	if (!have_from(s.first))
		return "what was held isn't there";
	first = s.first;
	for (i = 0; i <= (s.head * PLACES - s.first) / PLACES; i++) {
		hold += BLOCK;
		first += PLACES;
		if (!ttlog_ring_release(&ring.ring, hold) ||
		    !ttlog_ring_release(&ring.ring, hold - BLOCK) ||
		    !ttlog_ring_release(&ring.ring, 0) || shared->hold != hold)
			return "released something else";
		if (put_some(PLACES + 7) != PLACES)
			return "a released block isn't just one block";
		if (!have_from(first))
			return "what is still held isn't there";
	}
	i = lost;
	if (!ttlog_ring_release(&ring.ring, TTLOG_NO_HOLD) ||
	    ttlog_ring_release(&ring.ring, TTLOG_NO_HOLD) ||
	    ttlog_ring_release(&ring.ring, hold))
		return "the end isn't the end";
	if (put_some(flood) != flood || lost != i)
		return "something is held after the end";
	return NULL;
}

/* A hold that was hit leaves its mark on the next one in no ring with a spare. */
static const char *try_again(u32 nr_blocks, u64 spare, u64 before)
{
	struct state s = fill(nr_blocks, spare, before);
	struct ttlog_ring *shared = ring.ring.shared;
	u64 head, hold;

	ttlog_ring_hold(&ring.ring);
	put_some(s.free + 5);
	ttlog_ring_release(&ring.ring, TTLOG_NO_HOLD);
	if (shared->hold != TTLOG_NO_HOLD || lost != 5)
		return "not the first hold that there should be";
	head = (written - 1) / PLACES;
	hold = later(head, nr_blocks - ring.geometry.nr_spare - 1);
	/* Without one, what the last opener wanted is left out, to be safe. */
	if (!ring.geometry.nr_spare)
		hold++;
	ttlog_ring_hold(&ring.ring);
	if (shared->hold != hold * BLOCK || shared->mark != written)
		return "not the second hold that there should be";
	if (ring.geometry.nr_spare && !have_from(hold * PLACES))
		return "not what it held before";
	return NULL;
}

static void at_each_place(struct __test_metadata *_metadata, u32 nr_blocks,
			  u64 spare,
			  const char *(*test)(u32 nr_blocks, u64 spare, u64 before))
{
	u64 ring_full = (u64)nr_blocks * PLACES, lap, n;
	const u64 places[] = {
		0, 1, 60, PLACES - 1, PLACES, PLACES + 1, 2 * PLACES,
		ring_full - PLACES, ring_full - PLACES + 1, ring_full - 1,
	};
	const char *wrong;

	for (lap = 0; lap < 4; lap++) {
		for (n = 0; n < sizeof(places) / sizeof(places[0]); n++) {
			wrong = test(nr_blocks, spare, lap * ring_full + places[n]);
			test_ring_free(&ring);
			ASSERT_EQ(NULL, wrong) {
				TH_LOG("%s: %u blocks, %llu bytes spare, %llu events before",
				       wrong, nr_blocks, (unsigned long long)spare,
				       (unsigned long long)(lap * ring_full +
							    places[n]));
			}
		}
	}
}

TEST(hold_and_release)
{
	u32 nr;

	for (nr = 2; nr <= 20; nr++)
		at_each_place(_metadata, nr, 0, try_hold);
	at_each_place(_metadata, 9, 65536, try_hold);
	at_each_place(_metadata, 24, 65536, try_hold);
}

TEST(hold_again)
{
	u32 nr;

	for (nr = 2; nr <= 20; nr++)
		at_each_place(_metadata, nr, 0, try_again);
	at_each_place(_metadata, 24, 65536, try_again);
}

/* More than a block at once; and more than there is, which holds nothing. */
TEST(release_several)
{
	struct state s = fill(16, 0, 16 * PLACES * 2);

	ttlog_ring_hold(&ring.ring);
	EXPECT_EQ(2 * PLACES, s.free);
	EXPECT_EQ(2 * PLACES, put_some(1000));
	ttlog_ring_release(&ring.ring, s.first / PLACES * BLOCK + 2 * BLOCK);
	EXPECT_EQ(2 * PLACES, put_some(1000));
	/* What starts before it, so that one more is. */
	ttlog_ring_release(&ring.ring, s.first / PLACES * BLOCK + 2 * BLOCK + 8);
	EXPECT_EQ(PLACES, put_some(1000));
	ttlog_ring_release(&ring.ring, s.first / PLACES * BLOCK + 3 * BLOCK);
	EXPECT_EQ(0, put_some(1000));
	ttlog_ring_release(&ring.ring, TTLOG_NO_HOLD - 1);
	EXPECT_EQ(10000, put_some(10000));
	EXPECT_TRUE(ttlog_ring_release(&ring.ring, TTLOG_NO_HOLD));
	EXPECT_FALSE(ttlog_ring_release(&ring.ring, 0));
	test_ring_free(&ring);
}

/* What isn't part of what the ring holds isn't even looked at. */
TEST(spare_blocks_are_not_read)
{
	struct ttlog_block *block;
	struct state s;
	u32 i, held = 0;

	for (i = 0; i < 40; i++) {
		s = fill(24, 65536, 24 * PLACES * 2 + i * PLACES + 50);
		ASSERT_EQ(8, ring.geometry.nr_spare);
		for (block = (void *)ring.ring.blocks;
		     (u8 *)block < ring.ring.blocks + 24 * BLOCK;
		     block = (void *)((u8 *)block + BLOCK)) {
			if (block->start >= s.first / PLACES * BLOCK) {
				held++;
				continue;
			}
			ASAN_POISON_MEMORY_REGION(block + 1, BLOCK - sizeof(*block));
		}
		EXPECT_TRUE(have_from(s.first));
		EXPECT_EQ(15 * PLACES + 50, written - s.first);
		ASAN_UNPOISON_MEMORY_REGION(ring.ring.blocks, 24 * BLOCK);
		test_ring_free(&ring);
	}
	EXPECT_EQ(40 * 16, held);
}

TEST_HARNESS_MAIN
