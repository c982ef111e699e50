// SPDX-License-Identifier: GPL-2.0-only
/*
 * The shipped ring.c and the real reader against one another: threads as CPUs,
 * signals as interrupts on two levels, rings of a few blocks that wrap all the
 * time, readers that are lapped all the time. What is missing is derived from the
 * events themselves and compared with what the ring declares lost.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include "kselftest_harness.h"
#include "ring.h"

#define CPUS	2
#define READERS	2
#define LEVELS	3		/* task, interrupt, NMI */
#define BLOCK	8192
#define SIG(n)	(SIGRTMIN + (n))

#ifdef __SANITIZE_THREAD__
#define EVENTS	100000
#else
#define EVENTS	1000000
#endif

struct cpu {
	struct test_ring t;
	pthread_t thread;
	u64 sequence[LEVELS];
	u64 held;
	atomic_int pending[LEVELS];	/* interrupts sent and not yet served */
};

static struct cpu cpus[CPUS];
static _Thread_local struct cpu *this_cpu;
static atomic_int running;
static atomic_ullong wrong, reads;

static void write_one(unsigned int level)
{
	u64 *sequence = &this_cpu->sequence[level];

	/* A number counts only if it was written: a gap then is an overwrite. */
	if (test_event_write(&this_cpu->t.ring, level, *sequence))
		++*sequence;
	else
		__atomic_fetch_add(&this_cpu->held, 1, __ATOMIC_RELAXED);
}

static void interrupt(int sig)
{
	unsigned int level = sig - SIGRTMIN;

	shim_interrupts++;
	write_one(level);
	write_one(level);
	shim_interrupts--;
	atomic_store(&this_cpu->pending[level], 0);
}

static void *run_cpu(void *arg)
{
	sigset_t all, ours;
	int i;

	this_cpu = arg;
	current = arg;
	sigemptyset(&ours);
	sigaddset(&ours, SIG(1));
	sigaddset(&ours, SIG(2));
	pthread_sigmask(SIG_UNBLOCK, &ours, NULL);
	for (i = 0; i < EVENTS; i++)
		write_one(0);
	/* No interrupt goes on after the last task is gone. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	atomic_fetch_sub(&running, 1);
	return NULL;
}

/*
 * Interrupts, now on this CPU, now on that, the levels in turn. One that isn't
 * served yet isn't sent again: a storm would leave the task no time.
 */
static void *run_interrupts(void *arg)
{
	struct timespec pause = { .tv_nsec = 1000 };
	unsigned int n, level;
	struct cpu *c;

	(void)arg;
	for (n = 0; atomic_load(&running); n++) {
		c = &cpus[n % CPUS];
		level = 1 + n / CPUS % 2;
		if (!atomic_exchange(&c->pending[level], 1))
			pthread_kill(c->thread, SIG(level));
		if (n % 8 == 7)
			nanosleep(&pause, NULL);
	}
	return NULL;
}

/* What must hold of any reading, however the writers race it. */
static bool consistent(const struct reader_ring *r)
{
	u64 next[LEVELS] = {}, sequence, gaps = 0, missing = 0;
	bool seen[LEVELS] = {};
	size_t i;
	u32 w;

	for (i = 0; i < r->nr_events; i++) {
		if (!test_event_check(r->events[i].slot, r->events[i].size,
				      &w, &sequence) || w >= LEVELS)
			return false;
		if (i && r->events[i].number <= r->events[i - 1].number)
			return false;
		if (i)
			gaps += r->events[i].number - r->events[i - 1].number - 1;
		if (sequence < next[w])
			return false;
		if (seen[w])
			missing += sequence - next[w];
		seen[w] = true;
		next[w] = sequence + 1;
	}
	/* What is missing between two events has a number between theirs. */
	return missing <= gaps &&
	       r->to - r->from == r->nr_events + r->overwritten + r->holes;
}

static void *run_reader(void *arg)
{
	struct reader_ring r;
	int i;

	(void)arg;
	while (atomic_load(&running)) {
		for (i = 0; i < CPUS; i++) {
			if (reader_ring_read(cpus[i].t.memory,
					     cpus[i].t.geometry.size, TEST_KEY,
					 &READER_ALL, &r)) {
				atomic_fetch_add(&wrong, 1);
				continue;
			}
			atomic_fetch_add(&reads, 1);
			if (!consistent(&r))
				atomic_fetch_add(&wrong, 1);
			reader_ring_free(&r);
		}
	}
	return NULL;
}

/* All is quiet: the missing set is exactly what is declared, writer by writer. */
static void check_quiet(struct __test_metadata *_metadata, struct cpu *c)
{
	u64 have[LEVELS] = {}, oldest[LEVELS], sequence, missing = 0;
	struct reader_ring r;
	size_t i;
	u32 w;

	for (w = 0; w < LEVELS; w++)
		oldest[w] = c->sequence[w];
	ASSERT_EQ(0, reader_ring_read(c->t.memory, c->t.geometry.size, TEST_KEY,
				      &READER_ALL, &r));
	for (i = 0; i < r.nr_events; i++) {
		ASSERT_TRUE(test_event_check(r.events[i].slot, r.events[i].size,
					     &w, &sequence));
		if (!have[w]++)
			oldest[w] = sequence;
	}
	ASSERT_LT(0, r.nr_events);
	EXPECT_EQ(r.to - 1, r.events[r.nr_events - 1].number);
	for (w = 0; w < LEVELS; w++) {
		/* The newest of each, with none missing between them. */
		EXPECT_EQ(c->sequence[w] - oldest[w], have[w]);
		missing += c->sequence[w] - have[w];
	}
	EXPECT_EQ(missing, r.overwritten);
	EXPECT_EQ(0, r.holes);
	EXPECT_EQ(c->held, r.lost[TTLOG_LOST_HELD]);
	EXPECT_EQ(0, c->t.ring.shared->depth);
	EXPECT_LT(0, c->sequence[1]);
	EXPECT_LT(0, c->sequence[2]);
	TH_LOG("cpu %td: %llu + %llu + %llu events, %zu read, %llu overwritten, %llu held",
	       c - cpus, (unsigned long long)c->sequence[0],
	       (unsigned long long)c->sequence[1],
	       (unsigned long long)c->sequence[2], r.nr_events,
	       (unsigned long long)r.overwritten, (unsigned long long)c->held);
	reader_ring_free(&r);
}

static void catch_interrupts(void)
{
	struct sigaction sa = { .sa_handler = interrupt, .sa_flags = SA_RESTART };

	/* The interrupt can be interrupted by the NMI, not the other way round. */
	sigemptyset(&sa.sa_mask);
	sigaction(SIG(1), &sa, NULL);
	sigaddset(&sa.sa_mask, SIG(1));
	sigaction(SIG(2), &sa, NULL);
}

static void run(struct __test_metadata *_metadata, u32 nr_blocks)
{
	pthread_t readers[READERS], interrupts;
	sigset_t ours;
	int i;

	catch_interrupts();
	atomic_store(&running, CPUS);
	sigemptyset(&ours);
	sigaddset(&ours, SIG(1));
	sigaddset(&ours, SIG(2));
	/* Threads inherit it: a CPU takes interrupts when it is set up. */
	pthread_sigmask(SIG_BLOCK, &ours, NULL);
	for (i = 0; i < CPUS; i++) {
		test_ring_make(&cpus[i].t, BLOCK, nr_blocks, i, TTLOG_FLOW);
		pthread_create(&cpus[i].thread, NULL, run_cpu, &cpus[i]);
	}
	for (i = 0; i < READERS; i++)
		pthread_create(&readers[i], NULL, run_reader, NULL);
	pthread_create(&interrupts, NULL, run_interrupts, NULL);
	pthread_join(interrupts, NULL);
	for (i = 0; i < READERS; i++)
		pthread_join(readers[i], NULL);
	for (i = 0; i < CPUS; i++) {
		pthread_join(cpus[i].thread, NULL);
		check_quiet(_metadata, &cpus[i]);
		test_ring_free(&cpus[i].t);
	}
	EXPECT_EQ(0, atomic_load(&wrong));
	EXPECT_LT(10, atomic_load(&reads));
	TH_LOG("%llu readings while it ran", atomic_load(&reads));
}

/* The smallest ring: readers are lapped within a block. */
TEST(two_blocks)
{
	run(_metadata, 2);
}

TEST(sixteen_blocks)
{
	run(_metadata, 16);
}

TEST_HARNESS_MAIN
