// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who sets a hold, against who opens blocks, at each point of both: the marker on
 * one CPU, the opener on another, which may itself be interrupted by writers that
 * open blocks. Whatever the order, no block of the hold is ever overwritten.
 */
#include <limits.h>
#include <stdlib.h>
#include <ucontext.h>
#include "kselftest_harness.h"
#include "ring.h"

#define BLOCK	8192
#define SIZE	4096		/* one event a block: event N is in the Nth block */
#define NEVER	UINT_MAX

static struct test_ring ring;
static struct test_ring filled;	/* as each run begins */
static u64 written, lost;

/**
 * struct plan - who goes on when; in points passed, which are accesses to shared
 *	memory
 * @nest: at this point of the writer nested ones write
 * @burst: so many events
 * @first: at this point of the writer the marker begins
 * @pause: at this point of the marker the writer goes on
 * @second: until this one, where the marker goes on to its end
 * @whole: nested writers pass no points: they are done before anybody else goes on
 */
struct plan {
	unsigned int nest;
	unsigned int burst;
	unsigned int first;
	unsigned int pause;
	unsigned int second;
	bool whole;
};

static struct plan plan;
static unsigned int writer_points, marker_points;
static bool marker_runs, marker_done;
static ucontext_t writer, marker;
static char stack[256 << 10] __attribute__((aligned(64)));

static struct ttlog_block *block_of(const struct slot *slot)
{
	return (struct ttlog_block *)slot->event - 1;
}

/* One event, that says its number: by its place, as others may be nested in it. */
static void put(void)
{
	struct slot slot = ring_reserve(&ring.ring, SIZE);

	if (!slot.event) {
		lost++;
		return;
	}
	WRITE_ONCE(slot.event->time, block_of(&slot)->start / BLOCK);
	ring_commit(&ring.ring, slot);
	written++;
}

static void let_marker_run(void)
{
	marker_runs = true;
	swapcontext(&writer, &marker);
}

static void let_writer_run(void)
{
	marker_runs = false;
	swapcontext(&marker, &writer);
}

static void run_marker(void)
{
	ttlog_ring_hold(&ring.ring);
	marker_done = true;
	let_writer_run();
}

static void point(void)
{
	unsigned int i;

	if (marker_runs) {
		if (marker_points++ == plan.pause)
			let_writer_run();
		return;
	}
	if (shim_interrupts && plan.whole)
		return;
	i = writer_points++;
	if (!marker_done && (i == plan.first || i == plan.second))
		let_marker_run();
	if (i != plan.nest || shim_interrupts)
		return;
	shim_interrupts++;
	for (i = 0; i < plan.burst; i++)
		put();
	shim_interrupts--;
}

/* A ring that holds so many events, each in a block. */
static void fill(u32 nr_blocks, u64 before)
{
	test_ring_make(&ring, BLOCK, nr_blocks, 0, TTLOG_FLOW);
	written = 0;
	lost = 0;
	while (written < before)
		put();
	filled = ring;
	filled.memory = malloc(ring.geometry.size);
	memcpy(filled.memory, ring.memory, ring.geometry.size);
	filled.ring.blocks = (u8 *)filled.memory + ring.geometry.data_offset;
}

static void reset(u64 before)
{
	u32 i;

	/* What of it is looked at. */
	memcpy(ring.memory, filled.memory, sizeof(struct ttlog_ring));
	for (i = 0; i < ring.geometry.nr_blocks; i++)
		memcpy(ring_block(&ring.ring, i), ring_block(&filled.ring, i),
		       sizeof(struct ttlog_block) + sizeof(struct ttlog_event));
	written = before;
	lost = 0;
	writer_points = 0;
	marker_points = 0;
	marker_done = false;
	getcontext(&marker);
	marker.uc_stack.ss_sp = stack;
	marker.uc_stack.ss_size = sizeof(stack);
	marker.uc_link = NULL;
	makecontext(&marker, run_marker, 0);
}

/* The hold may leave out what was opened while it was set, and nothing more. */
static const char *check_hold(u64 before, u64 opened)
{
	u64 kept = ring.geometry.nr_blocks - ring.geometry.nr_spare;
	u64 hold = ring.ring.shared->hold, most;

	if (hold == TTLOG_NO_HOLD || hold % BLOCK)
		return "no hold";
	hold /= BLOCK;
	if (before > kept && hold < before - kept)
		return "more is held than there is";
	/* The one after the last opened: a writer was about to. */
	most = opened + 1 > ring.geometry.nr_blocks ?
	       opened + 1 - ring.geometry.nr_blocks : 0;
	if (opened > kept && most < opened - kept)
		most = opened - kept;
	if (hold > most)
		return "less is held than could be";
	return NULL;
}

/* Each event from the hold to the newest is there. */
static const char *check_events(void)
{
	u64 first = ring.ring.shared->hold / BLOCK;
	const char *wrong = NULL;
	struct reader_ring r;
	size_t i;

	if (reader_ring_read(ring.memory, ring.geometry.size, TEST_KEY,
			     &READER_ALL, &r))
		return "ring makes no sense";
	if (r.to != written || r.holes || r.nr_events + r.overwritten != r.to)
		wrong = "the sums aren't even";
	else if (r.lost[TTLOG_LOST_HELD] != lost)
		wrong = "held isn't what writers were told";
	else if (r.overwritten > first)
		wrong = "an event of the hold is overwritten";
	for (i = 0; i < r.nr_events && !wrong; i++)
		if (r.events[i].number != r.overwritten + i ||
		    r.events[i].slot->time != r.events[i].number)
			wrong = "an event isn't what was written";
	if (!wrong && ring.ring.shared->depth)
		wrong = "depth isn't 0 when all have left";
	reader_ring_free(&r);
	return wrong;
}

/* Run the plan, then write on until all is held. Returns what is wrong. */
static const char *run(u64 before)
{
	const char *wrong;
	u64 opened;
	u32 i;

	reset(before);
	shim_interrupt = point;
	put();
	while (!marker_done)
		let_marker_run();
	shim_interrupt = NULL;
	opened = written;
	wrong = check_hold(before, opened);
	for (i = 0; i < 2 * ring.geometry.nr_blocks && !wrong; i++)
		put();
	if (!wrong && written > opened + ring.geometry.nr_blocks)
		wrong = "writers go round a hold";
	if (!wrong)
		wrong = check_events();
	ttlog_ring_release(&ring.ring, TTLOG_NO_HOLD);
	return wrong;
}

static unsigned int runs;

static void run_plan(struct __test_metadata *_metadata, u64 before)
{
	const char *wrong = run(before);

	runs++;
	ASSERT_EQ(NULL, wrong) {
		TH_LOG("%s: %u blocks, %llu events, %u nested at %d, marker from %d, pausing at %d, until %d",
		       wrong, ring.geometry.nr_blocks,
		       (unsigned long long)before, plan.burst, (int)plan.nest,
		       (int)plan.first, (int)plan.pause, (int)plan.second);
	}
}

/* The marker begins at each point, pauses at each of its own until each later one. */
static void each_pause(struct __test_metadata *_metadata, u64 before,
		       unsigned int step)
{
	/* With nested ones each third point, another third with each nesting. */
	plan.first = plan.nest == NEVER ? 0 : plan.nest % 3;
	do {
		plan.pause = 0;
		do {
			plan.second = plan.first + 1;
			do {
				run_plan(_metadata, before);
				plan.second += step;
			} while (plan.second < writer_points + step);
			plan.pause++;
		} while (plan.pause <= marker_points);
		plan.first += plan.nest == NEVER ? 1 : 3;
	} while (plan.first <= writer_points);
}

static void each_nesting(struct __test_metadata *_metadata, u32 nr_blocks,
			 u64 before, unsigned int burst, unsigned int step)
{
	unsigned int points;

	current = (struct task_struct *)&ring;
	fill(nr_blocks, before);
	/* How many points a write has. */
	plan = (struct plan){ NEVER, 0, NEVER, NEVER, NEVER, step == 1 };
	run_plan(_metadata, before);
	points = writer_points;
	EXPECT_LT(10, points);
	EXPECT_LT(5, marker_points);
	plan.burst = burst;
	for (plan.nest = 0; burst && plan.nest < points; plan.nest++)
		each_pause(_metadata, before, step);
	plan.nest = NEVER;
	each_pause(_metadata, before, 1);
	test_ring_free(&ring);
	free(filled.memory);
}

/*
 * Rings that never went round, are about to, and have; with a spare or none. With
 * steps of 1 nested writers are taken as a whole.
 */
static void each_ring(struct __test_metadata *_metadata, unsigned int burst,
		      unsigned int step)
{
	runs = 0;
	each_nesting(_metadata, 2, 9, burst, step);
	each_nesting(_metadata, 4, 13, burst, step);
	if (!burst || step > 1) {
		each_nesting(_metadata, 3, 2, burst, step);
		each_nesting(_metadata, 4, 4, burst, step);
		each_nesting(_metadata, 5, 17, burst, step);
	}
	TH_LOG("%u runs", runs);
}

TEST(one_opener)
{
	each_ring(_metadata, 0, 1);
}

/* Blocks are opened before the interrupted one tells what it wants to open. */
TEST(interrupted_by_one)
{
	each_ring(_metadata, 1, 1);
}

TEST(interrupted_by_several)
{
	each_ring(_metadata, 2, 1);
}

/* The marker goes on while nested writers are at it; not until each of their points. */
TEST(within_the_interrupt)
{
	each_ring(_metadata, 1, 149);
	each_ring(_metadata, 2, 401);
}

TEST_HARNESS_MAIN
