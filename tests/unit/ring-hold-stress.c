// SPDX-License-Identifier: GPL-2.0-only
/*
 * A writer that goes round all the time, interrupted by signals, against one who
 * holds, reads, releases and ends, over and over: nothing of what is held is ever
 * missing.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include "kselftest_harness.h"
#include "ring.h"

#define BLOCK	8192
#define LEVELS	2		/* task, interrupt */

#ifdef __SANITIZE_THREAD__
#define HOLDS	300
#else
#define HOLDS	3000
#endif

static struct test_ring ring;
static pthread_t writer;
static atomic_bool stop;
static atomic_int pending;
static u64 sequence[LEVELS], lost;

static void write_one(unsigned int level)
{
	if (test_event_write(&ring.ring, level, sequence[level]))
		sequence[level]++;
	else
		__atomic_fetch_add(&lost, 1, __ATOMIC_RELAXED);
}

static void interrupt(int sig)
{
	int i;

	(void)sig;
	shim_interrupts++;
	for (i = 0; i < 20; i++)
		write_one(1);
	shim_interrupts--;
	atomic_store(&pending, 0);
}

static void *run_writer(void *arg)
{
	sigset_t usr1;

	current = arg;
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	pthread_sigmask(SIG_UNBLOCK, &usr1, NULL);
	while (!atomic_load(&stop))
		write_one(0);
	pthread_sigmask(SIG_BLOCK, &usr1, NULL);
	return NULL;
}

static void release(void *arg, uint64_t position)
{
	(void)arg;
	ttlog_ring_release(&ring.ring, position);
}

/*
 * What was held is there from its first block on, up to the mark; one block more
 * may be there, that was left out as it might have been overwritten.
 */
static const char *check(const struct reader_ring *r, u64 hold, u64 mark)
{
	u64 number, next;
	size_t i = 0;
	u32 w;

	while (i < r->nr_events && r->events[i].block->start < hold)
		i++;
	if (i == r->nr_events)
		return "nothing is there";
	if (r->events[i].block->start != hold ||
	    r->events[i].number != r->events[i].block->first)
		return "it doesn't begin where the hold does";
	next = r->events[i].number;
	for (; i < r->nr_events; i++) {
		if (!test_event_check(r->events[i].slot, r->events[i].size, &w,
				      &number))
			return "an event isn't what was written";
		if (r->events[i].number != next && next < mark)
			return "an event is missing";
		next = r->events[i].number + 1;
	}
	return next < mark ? "it ends before the mark" : NULL;
}

static const char *read_held(const struct reader_range *range, u64 hold)
{
	const char *wrong;
	struct reader_ring r;

	if (reader_ring_read(ring.memory, ring.geometry.size, TEST_KEY, range, &r))
		return "ring makes no sense";
	wrong = check(&r, hold, READ_ONCE(ring.ring.shared->mark));
	reader_ring_free(&r);
	return wrong;
}

/*
 * Hold, read, perhaps once more with releasing meanwhile, end. Returns what is wrong.
 * A writer that is interrupted hides what is its own, and what was written on top
 * of it, until it goes on: it is looked for again, as long as it is held.
 */
static const char *one_hold(bool releasing)
{
	struct timespec pause = { .tv_nsec = 20000 };
	struct reader_range range = READER_ALL;
	const char *wrong;
	int tries = 0;
	u64 hold;

	ttlog_ring_hold(&ring.ring);
	hold = READ_ONCE(ring.ring.shared->hold);
	while ((wrong = read_held(&range, hold)) && ++tries < 10000)
		nanosleep(&pause, NULL);
	if (releasing && !wrong) {
		range.copied = release;
		wrong = read_held(&range, hold);
	}
	ttlog_ring_release(&ring.ring, TTLOG_NO_HOLD);
	return wrong;
}

static void run(struct __test_metadata *_metadata, u32 nr_blocks, u64 spare)
{
	struct timespec pause = { .tv_nsec = 20000 };
	struct sigaction sa = { .sa_handler = interrupt, .sa_flags = SA_RESTART };
	unsigned int holds = 0;
	const char *wrong = NULL;
	sigset_t usr1;

	sigaction(SIGUSR1, &sa, NULL);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &usr1, NULL);
	test_ring_make_spare(&ring, BLOCK, nr_blocks, spare, 0, TTLOG_FLOW);
	memset(sequence, 0, sizeof(sequence));
	lost = 0;
	atomic_store(&stop, false);
	atomic_store(&pending, 0);
	pthread_create(&writer, NULL, run_writer, &ring);
	while (ttlog_ring_written(&ring.ring) < 10)
		nanosleep(&pause, NULL);
	while (holds < HOLDS && !wrong) {
		if (!atomic_exchange(&pending, 1))
			pthread_kill(writer, SIGUSR1);
		wrong = one_hold(holds++ % 2);
		if (holds % 3 == 0)
			nanosleep(&pause, NULL);
	}
	atomic_store(&stop, true);
	pthread_join(writer, NULL);
	EXPECT_EQ(NULL, wrong)
		TH_LOG("%s: hold %u", wrong, holds);
	EXPECT_LT(0, sequence[1]);
	EXPECT_EQ(lost, ring.ring.shared->lost[TTLOG_LOST_HELD]);
	EXPECT_EQ(sequence[0] + sequence[1], ttlog_ring_written(&ring.ring));
	TH_LOG("%u blocks: %u holds, %llu events, %llu held", nr_blocks, holds,
	       (unsigned long long)(sequence[0] + sequence[1]),
	       (unsigned long long)lost);
	test_ring_free(&ring);
}

TEST(no_spare)
{
	run(_metadata, 2, 0);
	run(_metadata, 3, 0);
}

TEST(spare)
{
	run(_metadata, 4, 0);
	run(_metadata, 16, 0);
	run(_metadata, 16, 65536);
}

TEST_HARNESS_MAIN
