// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a reader must not believe: tags that a user wrote where a slot is open,
 * tags of an earlier lap, and memory that makes no sense.
 */
#include <stdlib.h>
#include "kselftest_harness.h"
#include "ring.h"

#define BLOCK	8192
#define SIZE	64		/* of each event */
#define PLACES	((BLOCK - sizeof(struct ttlog_block)) / SIZE)

static struct test_ring ring;

/* What the tag of a committed slot would be without the key. */
static u64 plain_tag(u64 position)
{
	return (u64)(SIZE / 8) << TTLOG_TAG_SIZE_SHIFT | position |
	       TTLOG_TAG_COMMITTED;
}

static u64 position_of(const void *at, u64 lap)
{
	return (u64)((u8 *)at - ring.ring.blocks) +
	       lap * ring.geometry.nr_blocks * BLOCK;
}

/*
 * A user's event: each of its words is the tag that a slot at this place would
 * have in the next lap, as far as a user can tell.
 */
static void write_spray(u64 lap, size_t size, u64 key)
{
	struct slot slot = ring_reserve(&ring.ring, size);
	u64 *words = (u64 *)slot.event;
	size_t i;

	for (i = 1; i < size / 8; i++)
		words[i] = key ^ plain_tag(position_of(&words[i], lap + 1));
	ring_commit(&ring.ring, slot);
}

/* Reserve a slot, and don't begin it: what a nested reader finds. */
static void reserve_only(void)
{
	ring.ring.shared->head += RING_NUMBER_ONE + SIZE / 8;
}

static size_t read_now(u64 *holes)
{
	struct reader_ring r;
	size_t nr;

	if (reader_ring_read(ring.memory, ring.geometry.size, ring.ring.key, &READER_ALL, &r))
		return SIZE_MAX;
	nr = r.nr_events;
	*holes = r.holes;
	reader_ring_free(&r);
	return nr;
}

/*
 * Fill a lap with spray, then open slots on it at every place of the next lap's
 * first block. Returns how many of them were taken for events.
 */
static size_t believed(u64 key, u64 sprayed_with)
{
	size_t nr, before, more = 0;
	u64 holes;

	test_ring_make(&ring, BLOCK, 2, 0, TTLOG_FLOW);
	ring.ring.key = key;
	do {
		write_spray(0, 1000, sprayed_with);
	} while (ring_head_block(ring.ring.shared->head) == 0 ||
		 ring_head_offset(ring.ring.shared->head) + 1000 <= BLOCK);
	write_spray(1, SIZE, sprayed_with);
	before = read_now(&holes);
	while (ring_head_offset(ring.ring.shared->head) + SIZE <= BLOCK) {
		reserve_only();
		nr = read_now(&holes);
		if (nr > before)
			more += nr - before;
		before = nr;
	}
	test_ring_free(&ring);
	return more;
}

/* With the key known the spray is taken for events: it is well aimed. */
TEST(spray_is_aimed)
{
	EXPECT_LT(10, believed(0, 0));
	EXPECT_LT(10, believed(TEST_KEY, TEST_KEY));
}

TEST(spray_comes_to_nothing)
{
	EXPECT_EQ(0, believed(TEST_KEY, 0));
	EXPECT_EQ(0, believed(0x0123456789abcdefULL, TEST_KEY));
}

/* The very tags of the lap before, at the very places where slots are open. */
TEST(earlier_lap_comes_to_nothing)
{
	u64 holes, i, place;
	size_t before;

	for (place = 0; place < PLACES; place++) {
		test_ring_make(&ring, BLOCK, 2, 0, TTLOG_FLOW);
		/* A whole lap of events of one size, then up to the place. */
		for (i = 0; i < 2 * PLACES + place + 1; i++)
			ring_commit(&ring.ring, ring_reserve(&ring.ring, SIZE));
		before = read_now(&holes);
		ASSERT_EQ(0, holes);
		if (ring_head_offset(ring.ring.shared->head) + SIZE <= BLOCK) {
			reserve_only();
			EXPECT_EQ(before, read_now(&holes));
			EXPECT_EQ(1, holes);
		}
		test_ring_free(&ring);
	}
}

static u64 random_state = 1;

static u64 random_word(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	return random_state ^= random_state << 17;
}

/* A word that goes for the reader's checks rather than for noise. */
static u64 evil_word(u64 old, u64 position)
{
	switch (random_word() % 8) {
	case 0: return 0;
	case 1: return ~0ULL;
	case 2: return old + 1;
	case 3: return old ^ 1ULL << random_word() % 64;
	case 4: return TEST_KEY ^ (plain_tag(position) & TTLOG_TAG_POSITION_MASK) ^
		       random_word() << TTLOG_TAG_SIZE_SHIFT;
	case 5: return 1ULL << random_word() % 64;
	case 6: return old + BLOCK;
	default: return random_word();
	}
}

/* The position that a slot there has in the lap that its block is in. */
static u64 current_position(const u64 *place, const void *good)
{
	size_t offset = (const u8 *)place - ring.ring.blocks;
	const struct ttlog_block *block;

	if ((const u8 *)place < ring.ring.blocks)
		return 0;
	block = (const void *)((const u8 *)good + ring.geometry.data_offset +
			       offset / BLOCK * BLOCK);
	return block->start + offset % BLOCK;
}

/* Where readers look most: the ring's head, heads of blocks, tags. */
static u64 *evil_place(u64 *memory, size_t words)
{
	size_t data = ring.geometry.data_offset / 8;

	switch (random_word() % 4) {
	case 0: return &memory[random_word() % (sizeof(struct ttlog_ring) / 8)];
	case 1: return &memory[data + random_word() % ring.geometry.nr_blocks *
			       BLOCK / 8 + random_word() %
			       (sizeof(struct ttlog_block) / 8 + 16)];
	default: return &memory[random_word() % words];
	}
}

/* Whatever stands there: nothing out of bounds (ASan), and the sums hold. */
TEST(memory_without_sense)
{
	size_t size, words, i, n;
	struct reader_ring r;
	unsigned int refused = 0;
	u64 *place;
	void *good;
	int round;

	test_ring_make(&ring, BLOCK, 4, 0, TTLOG_FLOW);
	for (i = 0; i < 1500; i++)
		ASSERT_TRUE(test_event_write(&ring.ring, 0, i));
	size = ring.geometry.size;
	words = size / 8;
	good = malloc(size);
	memcpy(good, ring.memory, size);
	for (round = 0; round < 30000; round++) {
		memcpy(ring.memory, good, size);
		for (n = random_word() % 6 + 1; n; n--) {
			place = evil_place(ring.memory, words);
			*place = evil_word(*place,
					   current_position(place, good));
		}
		if (reader_ring_read(ring.memory, size, TEST_KEY, &READER_ALL, &r)) {
			refused++;
			continue;
		}
		ASSERT_EQ(r.to, r.nr_events + r.overwritten + r.holes);
		for (i = 0; i < r.nr_events; i++) {
			size_t at = (const u8 *)r.events[i].slot -
				    (const u8 *)r.copy;

			ASSERT_GE(r.events[i].size, TTLOG_EVENT_SIZE);
			ASSERT_LT(at, 4 * BLOCK);
			ASSERT_LE(at % BLOCK + r.events[i].size, BLOCK);
			ASSERT_LT(r.events[i].number, r.to);
			if (i)
				ASSERT_LT(r.events[i - 1].number,
					  r.events[i].number);
		}
		reader_ring_free(&r);
	}
	EXPECT_LT(100, refused);
	EXPECT_GT(15000, refused);
	free(good);
	test_ring_free(&ring);
}

/* Any hold that may stand there. */
static u64 evil_hold(void)
{
	switch (random_word() % 6) {
	case 0: return TTLOG_NO_HOLD;
	case 1: return random_word() % 64 * BLOCK;
	case 2: return random_word() % (64 * BLOCK);
	case 3: return random_word();
	case 4: return ~(random_word() % (8 * BLOCK));
	default: return 0;
	}
}

static void count_call(void *arg, uint64_t position)
{
	(void)position;
	++*(u64 *)arg;
}

/*
 * Spare blocks and hold of any value, and a bit of nonsense elsewhere; read in any
 * range, perhaps one that was never written.
 */
TEST(hold_without_sense)
{
	u64 calls, *place;
	unsigned int refused = 0;
	struct reader_ring r;
	size_t i;
	void *good;
	int round;

	test_ring_make(&ring, BLOCK, 6, 0, TTLOG_FLOW);
	for (i = 0; i < 1500; i++)
		ASSERT_TRUE(test_event_write(&ring.ring, 0, i));
	good = malloc(ring.geometry.size);
	memcpy(good, ring.memory, ring.geometry.size);
	for (round = 0; round < 30000; round++) {
		struct reader_range range = {
			.from = random_word() % 4 ? random_word() % 1600 :
				random_word(),
			.closed = random_word() % 2,
			.passed = random_word() % 2 ? READER_NONE :
				  random_word() % 1600,
			.copied = count_call,
			.arg = &calls,
		};

		memcpy(ring.memory, good, ring.geometry.size);
		ring.ring.shared->nr_spare = random_word() % 8 ?
			random_word() % 5 : random_word();
		ring.ring.shared->hold = evil_hold();
		if (random_word() % 2) {
			place = evil_place(ring.memory, ring.geometry.size / 8);
			*place = evil_word(*place, current_position(place, good));
		}
		calls = 0;
		if (reader_ring_read(ring.memory, ring.geometry.size, TEST_KEY,
				     &range, &r)) {
			refused++;
			continue;
		}
		if (!r.open)
			ASSERT_EQ(range.from < r.to ? range.from : r.to, r.from);
		ASSERT_LE(r.from, r.to);
		ASSERT_EQ(r.to - r.from, r.nr_events + r.overwritten + r.holes);
		ASSERT_GE(6, calls);
		for (i = 0; i < r.nr_events; i++) {
			ASSERT_LE(r.from, r.events[i].number);
			ASSERT_LT(r.events[i].number, r.to);
			if (i)
				ASSERT_LT(r.events[i - 1].number,
					  r.events[i].number);
		}
		reader_ring_free(&r);
	}
	/* Neither is all refused nor all accepted. */
	EXPECT_LT(1000, refused);
	EXPECT_GT(15000, refused);
	free(good);
	test_ring_free(&ring);
}

/* More spare blocks than leave two that hold. */
TEST(spare_beyond_the_ring)
{
	struct reader_ring r;
	u32 nr;

	test_ring_make(&ring, BLOCK, 6, 0, TTLOG_FLOW);
	for (nr = 0; nr < 10; nr++) {
		ring.ring.shared->nr_spare = nr;
		EXPECT_EQ(nr <= 4 ? 0 : -EBADMSG,
			  reader_ring_read(ring.memory, ring.geometry.size,
					   TEST_KEY, &READER_ALL, &r));
		if (nr <= 4)
			reader_ring_free(&r);
	}
	ring.ring.shared->nr_spare = ~0U;
	EXPECT_EQ(-EBADMSG, reader_ring_read(ring.memory, ring.geometry.size,
					     TEST_KEY, &READER_ALL, &r));
	test_ring_free(&ring);
}

/*
 * Somebody who knows the key plants tags in the unused end of a block: the next
 * block says that they are none.
 */
TEST(planted_behind_the_last)
{
	struct reader_ring r;
	u64 i, at, *tag;

	test_ring_make(&ring, BLOCK, 4, 0, TTLOG_FLOW);
	for (i = 0; i < 10; i++)
		ring_commit(&ring.ring, ring_reserve(&ring.ring, SIZE));
	at = ring_head_offset(ring.ring.shared->head);
	for (i = 0; i < 5; i++) {
		tag = (u64 *)(ring.ring.blocks + at + i * SIZE);
		*tag = TEST_KEY ^ plain_tag(at + i * SIZE);
	}
	/* Past the end as long as the block is the last one. */
	ASSERT_EQ(0, reader_ring_read(ring.memory, ring.geometry.size, TEST_KEY,
				      &READER_ALL, &r));
	EXPECT_EQ(10, r.nr_events);
	reader_ring_free(&r);

	ttlog_ring_close_block(&ring.ring);
	for (i = 0; i < 20; i++)
		ring_commit(&ring.ring, ring_reserve(&ring.ring, SIZE));
	ASSERT_EQ(0, reader_ring_read(ring.memory, ring.geometry.size, TEST_KEY,
				      &READER_ALL, &r));
	EXPECT_EQ(30, r.to);
	EXPECT_EQ(30, r.nr_events);
	EXPECT_EQ(0, r.overwritten);
	EXPECT_EQ(0, r.holes);
	for (i = 0; i < r.nr_events; i++)
		EXPECT_EQ(i, r.events[i].number);
	EXPECT_EQ(BLOCK, r.events[10].block->start);
	reader_ring_free(&r);
	test_ring_free(&ring);
}

/* What the writer does to this block while the reader is at one. */
static struct ttlog_block *meanwhile;
#define LATER	(1ULL << 62)	/* mono */

void *__real_reallocarray(void *old, size_t nr, size_t size);
void *__wrap_reallocarray(void *old, size_t nr, size_t size);

/* The reader has noted the head when it first needs room for an event. */
void *__wrap_reallocarray(void *old, size_t nr, size_t size)
{
	if (meanwhile) {
		meanwhile->start += 2 * BLOCK;
		meanwhile->first = 100;
		meanwhile->mono = LATER;
		meanwhile->ready = ring_tag(&ring.ring, meanwhile->start,
					    sizeof(*meanwhile)) ^
				   TTLOG_TAG_COMMITTED;
		meanwhile = NULL;
	}
	return __real_reallocarray(old, nr, size);
}

/*
 * The head's block as it is once the writer has gone round since the head was
 * read: what it held is overwritten, which is no hole.
 */
static void head_lapped(struct __test_metadata *_metadata, u64 from)
{
	struct reader_range range = READER_ALL;
	struct reader_ring r;
	u64 i;

	test_ring_make(&ring, BLOCK, 2, 0, TTLOG_FLOW);
	for (i = 0; i < 5; i++)
		ring_commit(&ring.ring, ring_reserve(&ring.ring, SIZE));
	ttlog_ring_close_block(&ring.ring);
	for (i = 0; i < 5; i++)
		ring_commit(&ring.ring, ring_reserve(&ring.ring, SIZE));
	meanwhile = (struct ttlog_block *)(ring.ring.blocks + BLOCK);
	range.from = from;
	ASSERT_EQ(0, reader_ring_read(ring.memory, ring.geometry.size, TEST_KEY,
				      &range, &r));
	EXPECT_EQ(10, r.to);
	EXPECT_EQ(5 - from, r.nr_events);
	EXPECT_EQ(5, r.overwritten);
	EXPECT_EQ(0, r.holes);
	EXPECT_EQ(LATER, r.oldest);
	reader_ring_free(&r);
	test_ring_free(&ring);
}

TEST(head_lapped_meanwhile)
{
	head_lapped(_metadata, 0);
}

/* The same while it is that block that is copied, as it is the first. */
TEST(head_lapped_in_the_copy)
{
	head_lapped(_metadata, 5);
}

/* The mapping is shorter than what its head says. */
TEST(mapping_too_short)
{
	struct reader_ring r;

	test_ring_make(&ring, BLOCK, 4, 0, TTLOG_FLOW);
	EXPECT_EQ(-EBADMSG, reader_ring_read(ring.memory, ring.geometry.size - 1,
					     TEST_KEY, &READER_ALL, &r));
	EXPECT_EQ(-EBADMSG, reader_ring_read(ring.memory, 64, TEST_KEY, &READER_ALL, &r));
	EXPECT_EQ(0, reader_ring_read(ring.memory, ring.geometry.size, TEST_KEY,
				      &READER_ALL, &r));
	EXPECT_EQ(0, r.to);
	EXPECT_EQ(ring.ring.shared->created > 0, r.oldest > 0);
	reader_ring_free(&r);
	test_ring_free(&ring);
}

TEST_HARNESS_MAIN
