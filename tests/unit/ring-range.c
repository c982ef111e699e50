// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading a part of a ring: from an event on, up to the first that is open, and
 * one reading after the other with no event twice and none forgotten.
 */
#include <stdlib.h>
#include "kselftest_harness.h"
#include "ring.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, size)	((void)(at), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(at, size)	((void)(at), (void)(size))
#endif

#define BLOCK	8192
#define BLOCKS	8		/* one of them spare */
#define SIZE	64		/* of each event */
#define PLACES	125		/* of such in a block */

static struct test_ring ring;
static u64 reserved;

static void make(u32 nr_blocks)
{
	current = (struct task_struct *)&ring;
	test_ring_make(&ring, BLOCK, nr_blocks, 0, TTLOG_FLOW);
	reserved = 0;
}

/* Begin an event that says its number. */
static struct slot begin(void)
{
	struct slot slot = ring_reserve(&ring.ring, SIZE);

	if (slot.event)
		WRITE_ONCE(slot.event->time, reserved++);
	return slot;
}

static void put(u64 nr)
{
	struct slot slot;

	while (nr--) {
		slot = begin();
		/* A nested writer that would go round is refused. */
		if (slot.event)
			ring_commit(&ring.ring, slot);
	}
}

static struct reader_ring read_range(const struct reader_range *range)
{
	struct reader_ring r;

	if (reader_ring_read(ring.memory, ring.geometry.size, TEST_KEY, range, &r))
		abort();
	return r;
}

static struct reader_range all_from(u64 from)
{
	struct reader_range range = READER_ALL;

	range.from = from;
	return range;
}

/* Are the sums even, and is each event what its number says, in order? */
static bool is_even(const struct reader_ring *r)
{
	size_t i;

	if (r->to - r->from != r->nr_events + r->overwritten + r->holes)
		return false;
	for (i = 0; i < r->nr_events; i++) {
		if (r->events[i].number < r->from || r->events[i].number >= r->to ||
		    r->events[i].slot->time != r->events[i].number ||
		    (i && r->events[i].number <= r->events[i - 1].number))
			return false;
	}
	return true;
}

/* From each number that there was, and some that there wasn't yet. */
static void from_each(struct __test_metadata *_metadata, u64 total, u64 oldest)
{
	struct reader_range range;
	struct reader_ring r;
	u64 from, first;

	make(BLOCKS);
	put(total);
	for (from = 0; from < total + 3; from++) {
		range = all_from(from);
		range.closed = from % 2;
		r = read_range(&range);
		first = from < oldest ? oldest : from < total ? from : total;
		ASSERT_TRUE(is_even(&r));
		ASSERT_FALSE(r.open);
		ASSERT_EQ(total, r.to);
		ASSERT_EQ(from < total ? from : total, r.from);
		ASSERT_EQ(total - first, r.nr_events);
		ASSERT_EQ(from < oldest ? oldest - from : 0, r.overwritten);
		ASSERT_EQ(0, r.holes);
		if (r.nr_events)
			ASSERT_EQ(first, r.events[0].number);
		reader_ring_free(&r);
	}
	test_ring_free(&ring);
}

TEST(from)
{
	from_each(_metadata, 0, 0);
	from_each(_metadata, 1, 0);
	from_each(_metadata, 3 * PLACES + 50, 0);
	from_each(_metadata, 7 * PLACES, 0);
	/* Seven blocks are what it holds; there is an eighth. */
	from_each(_metadata, 7 * PLACES + 1, PLACES);
	from_each(_metadata, 8 * PLACES, PLACES);
	from_each(_metadata, 25 * PLACES + 17, 19 * PLACES);
}

/* A range that begins before, in and behind a hole. */
TEST(from_around_a_hole)
{
	struct slot one, two;
	struct reader_range range;
	struct reader_ring r;
	u64 from;

	make(BLOCKS);
	put(300);
	one = begin();
	put(5);
	two = begin();
	put(100);
	for (from = 0; from <= reserved; from++) {
		range = all_from(from);
		r = read_range(&range);
		ASSERT_TRUE(is_even(&r));
		ASSERT_EQ((from <= 300) + (from <= 306), r.holes);
		ASSERT_EQ(407 - from - r.holes, r.nr_events);
		reader_ring_free(&r);
		/* The same up to the first of them. */
		range.closed = true;
		r = read_range(&range);
		ASSERT_TRUE(is_even(&r));
		ASSERT_EQ(from <= 306, r.open);
		ASSERT_EQ(from <= 300 ? 300 : from <= 306 ? 306 : 407, r.to);
		ASSERT_EQ(r.to - from, r.nr_events);
		reader_ring_free(&r);
	}
	ring_commit(&ring.ring, two);
	ring_commit(&ring.ring, one);
	test_ring_free(&ring);
}

/* One that is open at each place of a block, the block the last one or not. */
TEST(open_at_each_place)
{
	struct reader_range range = { .closed = true, .passed = READER_NONE };
	struct reader_ring r;
	struct slot slot;
	u64 place, more;

	for (more = 0; more < 2 * PLACES; more += 60) {
		for (place = 0; place < 2 * PLACES; place++) {
			make(BLOCKS);
			put(place);
			slot = begin();
			put(more);
			r = read_range(&range);
			ASSERT_TRUE(is_even(&r));
			ASSERT_TRUE(r.open);
			ASSERT_EQ(place, r.to);
			ASSERT_EQ(place, r.nr_events);
			reader_ring_free(&r);

			range.passed = place;
			r = read_range(&range);
			range.passed = READER_NONE;
			ASSERT_TRUE(is_even(&r));
			ASSERT_FALSE(r.open);
			ASSERT_EQ(place + 1 + more, r.to);
			ASSERT_EQ(1, r.holes);
			reader_ring_free(&r);

			ring_commit(&ring.ring, slot);
			r = read_range(&range);
			ASSERT_FALSE(r.open);
			ASSERT_EQ(place + 1 + more, r.nr_events);
			reader_ring_free(&r);
			test_ring_free(&ring);
		}
	}
}

/* Who is given up is one; the next that is open is the next end. */
TEST(passed_is_just_one)
{
	struct reader_range range = { .closed = true, .passed = READER_NONE };
	struct slot open[4];
	struct reader_ring r;
	u64 i;

	make(BLOCKS);
	put(10);
	for (i = 0; i < 3; i++)
		open[i] = begin();
	put(1);
	open[3] = begin();
	put(2);
	for (i = 0; i < 3; i++) {
		range.from = 10 + i;
		range.passed = 10 + i;
		r = read_range(&range);
		EXPECT_TRUE(is_even(&r));
		EXPECT_TRUE(r.open);
		EXPECT_EQ(i < 2 ? 11 + i : 14, r.to);
		EXPECT_EQ(1, r.holes);
		EXPECT_EQ(i == 2, r.nr_events);
		reader_ring_free(&r);
	}
	/* One that isn't the first open one changes nothing. */
	range.from = 0;
	range.passed = 12;
	r = read_range(&range);
	EXPECT_TRUE(r.open);
	EXPECT_EQ(10, r.to);
	reader_ring_free(&r);
	for (i = 4; i--;)
		ring_commit(&ring.ring, open[i]);
	r = read_range(&range);
	EXPECT_FALSE(r.open);
	EXPECT_EQ(17, r.nr_events);
	reader_ring_free(&r);
	test_ring_free(&ring);
}

/* One that isn't begun hides the rest of its block, and is given up with it. */
TEST(not_begun)
{
	struct reader_range range = { .closed = true, .passed = READER_NONE };
	struct slot slot;
	struct reader_ring r;
	u64 tag;

	make(BLOCKS);
	put(100);
	slot = begin();
	put(60);
	tag = slot.event->tag;
	slot.event->tag = 0;
	r = read_range(&range);
	EXPECT_TRUE(is_even(&r));
	EXPECT_TRUE(r.open);
	EXPECT_EQ(100, r.to);
	EXPECT_EQ(100, r.nr_events);
	reader_ring_free(&r);

	range.from = 100;
	range.passed = 100;
	r = read_range(&range);
	EXPECT_TRUE(is_even(&r));
	EXPECT_FALSE(r.open);
	EXPECT_EQ(161, r.to);
	EXPECT_EQ(25, r.holes);
	EXPECT_EQ(36, r.nr_events);
	EXPECT_EQ(PLACES, r.events[0].number);
	reader_ring_free(&r);

	/* As one hidden behind it isn't the first of them, it is none to give up. */
	range.passed = 101;
	r = read_range(&range);
	EXPECT_TRUE(r.open);
	EXPECT_EQ(100, r.to);
	reader_ring_free(&r);

	slot.event->tag = tag;
	ring_commit(&ring.ring, slot);
	test_ring_free(&ring);
}

static u64 positions[64];
static unsigned int nr_positions;

static void note_position(void *arg, uint64_t position)
{
	if (arg == &ring && nr_positions < 64)
		positions[nr_positions++] = position;
}

/* What was copied is told block by block, and what is skipped isn't walked. */
static void copied_from(struct __test_metadata *_metadata, u64 total, u64 from,
			u64 first_block)
{
	struct reader_range range = all_from(from);
	u64 head = total ? (total - 1) / PLACES : 0, at;
	struct ttlog_block *block;
	struct reader_ring r;
	unsigned int i;

	make(BLOCKS);
	put(total);
	range.copied = note_position;
	range.arg = &ring;
	nr_positions = 0;
	for (i = 0; i < BLOCKS; i++) {
		block = ring_block(&ring.ring, i);
		if (block->start < first_block * BLOCK)
			ASAN_POISON_MEMORY_REGION(block + 1, BLOCK - sizeof(*block));
	}
	r = read_range(&range);
	ASAN_UNPOISON_MEMORY_REGION(ring.ring.blocks, BLOCKS * BLOCK);
	EXPECT_TRUE(is_even(&r));
	/* After each but the last: the writer may be in that. */
	ASSERT_LE(head - first_block, nr_positions);
	for (i = 0; i < nr_positions; i++) {
		at = head - nr_positions + 1 + i;
		EXPECT_EQ(at * BLOCK, positions[i]);
	}
	reader_ring_free(&r);
	test_ring_free(&ring);
}

TEST(copied)
{
	u64 n;

	copied_from(_metadata, 0, 0, 0);
	EXPECT_EQ(0, nr_positions);
	copied_from(_metadata, 50, 0, 0);
	EXPECT_EQ(0, nr_positions);
	copied_from(_metadata, 5 * PLACES, 0, 0);
	EXPECT_EQ(4, nr_positions);
	/* The spare block is passed over, too. */
	copied_from(_metadata, 20 * PLACES, 0, 13);
	EXPECT_EQ(7, nr_positions);
	for (n = 0; n < 7; n++) {
		copied_from(_metadata, 20 * PLACES, (13 + n) * PLACES, 13 + n);
		EXPECT_EQ(6 - n, nr_positions);
		copied_from(_metadata, 20 * PLACES, (14 + n) * PLACES - 1, 13 + n);
		EXPECT_EQ(6 - n, nr_positions);
	}
	copied_from(_metadata, 20 * PLACES, 20 * PLACES, 19);
	EXPECT_EQ(0, nr_positions);
}

static u64 random_state = 88172645463325252ULL;

static u64 random_below(u64 n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state % n;
}

/**
 * struct chain - readings that continue one another
 * @next: where the next one begins
 * @open: it ended before an open event
 * @read: events that were read
 * @missing: those that were overwritten or holes
 * @seen: by number: how often it was read
 */
struct chain {
	u64 next;
	bool open;
	u64 read;
	u64 missing;
	u8 *seen;
};

static bool follow(struct chain *c, u64 passed)
{
	struct reader_range range = {
		.from = c->next, .closed = true, .passed = passed,
	};
	struct reader_ring r = read_range(&range);
	bool good = is_even(&r) && r.from == c->next && r.to >= c->next;
	size_t i;

	for (i = 0; i < r.nr_events; i++)
		good = good && !c->seen[r.events[i].number]++;
	c->next = r.to;
	c->open = r.open;
	c->read += r.nr_events;
	c->missing += r.overwritten + r.holes;
	reader_ring_free(&r);
	return good;
}

/* Writers that are interrupted, by at most three others, each by some events. */
static void write_nested(struct chain *c, unsigned int depth, u64 most, bool *good)
{
	struct slot slot;

	put(random_below(most));
	slot = begin();
	if (depth && random_below(2))
		write_nested(c, depth - 1, most, good);
	if (!random_below(3))
		*good = *good && follow(c, READER_NONE);
	if (slot.event)
		ring_commit(&ring.ring, slot);
}

/*
 * Each event is read once or counted as missing once. With few events between the
 * readings none is missing; with many what was overwritten is.
 */
static void continuation(struct __test_metadata *_metadata, u64 most, bool laps)
{
	struct chain c = { .seen = calloc(1, 1 << 20) };
	u64 number, read = 0;
	bool good = true;
	int i;

	make(BLOCKS);
	for (i = 0; i < 3000 && good && reserved < (1 << 20) - 8 * most; i++) {
		write_nested(&c, 3, most, &good);
		if (random_below(2))
			good = good && follow(&c, READER_NONE);
	}
	ASSERT_TRUE(good);
	ASSERT_TRUE(follow(&c, READER_NONE));
	EXPECT_FALSE(c.open);
	EXPECT_EQ(reserved, c.next);
	EXPECT_EQ(reserved, c.read + c.missing);
	for (number = 0; number < reserved; number++) {
		ASSERT_GE(1, c.seen[number]);
		read += c.seen[number];
	}
	EXPECT_EQ(c.read, read);
	EXPECT_EQ(laps, c.missing != 0);
	TH_LOG("%llu events, %llu read, %llu missing",
	       (unsigned long long)reserved, (unsigned long long)c.read,
	       (unsigned long long)c.missing);
	free(c.seen);
	test_ring_free(&ring);
}

TEST(continuation_complete)
{
	continuation(_metadata, 10, false);
}

TEST(continuation_overwritten)
{
	continuation(_metadata, 400, true);
}

/*
 * What was overwritten behind an open event isn't of the interval that ends
 * there: who reads that next counts it, once.
 */
static u64 overwrite_nr;

void *__real_reallocarray(void *old, size_t nr, size_t size);
void *__wrap_reallocarray(void *old, size_t nr, size_t size);

void *__wrap_reallocarray(void *old, size_t nr, size_t size)
{
	u64 n = overwrite_nr;

	/* The reader is at its second block: the writer goes round meanwhile. */
	if (old && n) {
		overwrite_nr = 0;
		put(n);
	}
	return __real_reallocarray(old, nr, size);
}

TEST(overwritten_behind_an_open_one)
{
	struct reader_range range = { .closed = true, .passed = READER_NONE };
	struct reader_ring r;
	struct slot slot;

	make(4);
	put(10);
	/* Given up, but open; then another. */
	begin();
	put(39);
	slot = begin();
	/* As of another task that died, so that they may be lapped. */
	current = (struct task_struct *)&slot;
	range.passed = 10;
	put(PLACES + 150);
	/* The room for 256 events runs out in the third block. */
	overwrite_nr = 4 * PLACES;
	r = read_range(&range);
	EXPECT_EQ(0, overwrite_nr);
	EXPECT_TRUE(is_even(&r));
	EXPECT_TRUE(r.open);
	EXPECT_EQ(50, r.to);
	EXPECT_EQ(49, r.nr_events);
	EXPECT_EQ(0, r.overwritten);
	EXPECT_EQ(1, r.holes);
	reader_ring_free(&r);
	range.from = 50;
	r = read_range(&range);
	EXPECT_TRUE(is_even(&r));
	EXPECT_EQ(reserved, r.to);
	EXPECT_LT(0, r.overwritten);
	EXPECT_EQ(0, r.holes);
	reader_ring_free(&r);
	test_ring_free(&ring);
}

TEST_HARNESS_MAIN
