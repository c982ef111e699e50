// SPDX-License-Identifier: GPL-2.0-only
/*
 * In the guest: let a nested writer strike at each store of the ring's writer, at
 * each place of a block, and hold the ring against what was written.
 */
#include <fcntl.h>
#include <unistd.h>
#include "kselftest_harness.h"
#include "nest.h"
#include "../unit/ring.h"

#define BEFORE	70		/* events: over a block's border */

static const char * const names[NEST_TARGETS] = {
	"outer", "depth", "head", "tag", "start", "first", "ready",
};

static char answer[1 << 20] __attribute__((aligned(8)));

/* Returns what is wrong with the ring after a run. */
static const char *check(const struct nest_result *result,
			 const struct reader_ring *r)
{
	u64 next[2] = {}, read[2] = {}, sequence;
	size_t i;
	u32 w;

	for (i = 0; i < r->nr_events; i++) {
		if (!test_event_check(r->events[i].slot, r->events[i].size, &w,
				      &sequence) || w > 1)
			return "an event isn't what was written";
		if (read[w]++ && sequence != next[w])
			return "a writer's events have a gap";
		next[w] = sequence + 1;
	}
	for (w = 0; w < 2; w++)
		if (read[w] && next[w] != result->written[w])
			return "the newest of a writer is missing";
	if (r->holes)
		return "a hole where all is committed";
	if (r->to != result->written[0] + result->written[1])
		return "the ring's number isn't what was written";
	if (r->nr_events + r->overwritten != r->to)
		return "read and overwritten aren't what was written";
	if (r->lost[TTLOG_LOST_HELD] != result->held)
		return "held isn't what writers were told";
	return NULL;
}

static void run(struct __test_metadata *_metadata, u32 target, u32 blocks,
		u32 burst, u64 *hits, u64 *held)
{
	const struct nest_result *result = (void *)answer;
	struct nest_run r = { target, blocks, 0, burst };
	struct reader_ring ring;
	const char *wrong;
	int fd = open("/dev/ring_nest", O_RDWR);

	ASSERT_LE(0, fd);
	for (r.before = 0; r.before < BEFORE; r.before++) {
		ASSERT_EQ(sizeof(r), write(fd, &r, sizeof(r)));
		ASSERT_LT(0, read(fd, answer, sizeof(answer)));
		ASSERT_EQ(0, reader_ring_read(answer + sizeof(*result),
					      result->size, NEST_KEY, &READER_ALL, &ring));
		wrong = check(result, &ring);
		reader_ring_free(&ring);
		ASSERT_EQ(NULL, wrong) {
			TH_LOG("%s: struck at %s, %u blocks, %u before, %u nested",
			       wrong, names[target], blocks, r.before, burst);
		}
		/* Each hit was a nested writer, in NMI context. */
		ASSERT_EQ(result->hits, result->in_nmi);
		ASSERT_EQ(result->hits * burst + r.before + 1,
			  result->written[0] + result->written[1] + result->held);
		*hits += result->hits;
		*held += result->held;
	}
	close(fd);
}

static void run_all(struct __test_metadata *_metadata, u32 blocks, u32 burst,
		    u64 *held)
{
	u32 target;
	u64 hits;

	for (target = 0; target < NEST_TARGETS; target++) {
		hits = 0;
		run(_metadata, target, blocks, burst, &hits, held);
		TH_LOG("at %s: %llu nested writers", names[target],
		       (unsigned long long)hits);
		/* Stores to a block's head happen when one is opened. */
		EXPECT_LE(target >= NEST_START ? 1 : BEFORE - 1, hits);
	}
}

TEST(one_event)
{
	u64 held = 0;

	run_all(_metadata, 4, 1, &held);
	EXPECT_EQ(0, held);
}

TEST(over_a_block)
{
	u64 held = 0;

	run_all(_metadata, 8, 50, &held);
	EXPECT_EQ(0, held);
}

/* More than the ring holds: what would lap the interrupted slot is held. */
TEST(over_the_ring)
{
	u64 held = 0;

	run_all(_metadata, 2, 300, &held);
	EXPECT_LT(0, held);
}

TEST_HARNESS_MAIN
