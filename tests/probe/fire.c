// SPDX-License-Identifier: GPL-2.0-only
/*
 * Probes that are set and removed, and the recorder unloaded, while all CPUs call
 * the function all the time. Each one arms the function and disarms it: no other
 * probe is on it.
 */
#include <kselftest_harness.h>
#include <pthread.h>
#include <stdatomic.h>
#include "probes.h"

#define FUNCTION	SYSCALL "getppid"
#define ROUNDS		60
#define UNLOADS		20
#define MILLION		1000000
#define BATCH		200

static uint32_t inside;	/* offset in FUNCTION */

FIXTURE(fire)
{
	struct recorder r;
};

FIXTURE_SETUP(fire)
{
	ASSERT_EQ(0, ttlog_reload(""));
	ASSERT_TRUE(recorder_open(&self->r));
	inside = probe_inside(&self->r, FUNCTION);
	ASSERT_NE(0, inside);
	recorder_close(&self->r);
	ASSERT_EQ(0, ttlog_unload());
}

FIXTURE_TEARDOWN(fire)
{
	recorder_close(&self->r);
	ttlog_unload();
}

/**
 * struct caller - a thread that calls, on a CPU of its own
 * @calls: so many it has made
 * @seen: the number of the pause that it is in, or was
 */
struct caller {
	pthread_t thread;
	unsigned int cpu;
	atomic_ullong calls;
	atomic_uint seen;
};

static struct caller callers[NR_TEST_CPUS];
static atomic_uint pauses;	/* odd: they are to pause */
static atomic_bool stop;

static void *call(void *arg)
{
	struct caller *c = arg;
	unsigned int i, pause;

	if (pin(c->cpu))
		return NULL;
	while (!atomic_load(&stop)) {
		pause = atomic_load(&pauses);
		atomic_store(&c->seen, pause);
		for (i = 0; i < BATCH && pause % 2 == 0; i++)
			syscall(SYS_getppid);
		atomic_fetch_add(&c->calls, i);
		/* CPUs that run in turn come to theirs. */
		usleep(50);
	}
	return NULL;
}

static bool start(void)
{
	unsigned int i;

	atomic_store(&stop, false);
	atomic_store(&pauses, 0);
	for (i = 0; i < NR_TEST_CPUS; i++) {
		callers[i].cpu = i;
		atomic_store(&callers[i].calls, 0);
		atomic_store(&callers[i].seen, 0);
		if (pthread_create(&callers[i].thread, NULL, call, &callers[i]))
			return false;
	}
	return true;
}

static void end(void)
{
	unsigned int i;

	atomic_store(&stop, true);
	for (i = 0; i < NR_TEST_CPUS; i++)
		pthread_join(callers[i].thread, NULL);
}

static uint64_t calls(void)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < NR_TEST_CPUS; i++)
		sum += atomic_load(&callers[i].calls);
	return sum;
}

/* Calls so far; nobody is in one, or makes one, until go_on(). */
static uint64_t pause_calls(void)
{
	unsigned int i, pause = atomic_fetch_add(&pauses, 1) + 1;

	for (i = 0; i < NR_TEST_CPUS; i++)
		while (atomic_load(&callers[i].seen) != pause)
			usleep(50);
	return calls();
}

static void go_on(void)
{
	atomic_fetch_add(&pauses, 1);
}

static void wait_for_calls(uint64_t nr)
{
	uint64_t until = calls() + nr;

	while (calls() < until)
		usleep(50);
}

static struct ttlog_probe kind(unsigned int round)
{
	switch (round % 4) {
	case 0:
		return probe_on(FUNCTION, 0, 2, 0);
	case 1:
		return probe_on(FUNCTION, inside, 0, 0);
	case 2:
		return probe_on(FUNCTION, 0, 0, TTLOG_PROBE_RETURN);
	}
	return probe_on(FUNCTION, 0, 0, 0);
}

/*
 * Set it, count while it is set, remove it: all but the counting in the middle of
 * calls. Its hits, as far as they are known for sure.
 */
static uint64_t round_of(struct __test_metadata *_metadata, struct recorder *r,
			 unsigned int round)
{
	struct ttlog_ledger before = ledger_sum(r, TTLOG_PROBE), after;
	struct ttlog_probe p = kind(round);
	struct ttlog_probe_stat first, last;
	uint64_t from, to;

	/* Sampling loses by count, as the ledger says as well. */
	p.sample = 1 + round % 3;
	ASSERT_EQ(0, probe_add(r, &p)) {
		TH_LOG("round %u", round);
	}
	wait_for_calls(1 + round % 5 * 300);
	from = pause_calls();
	first = probe_stat(r, p.id);
	go_on();
	wait_for_calls(MILLION / ROUNDS - 2000);
	to = pause_calls();
	last = probe_stat(r, p.id);
	go_on();
	wait_for_calls(1 + round % 7 * 100);
	ASSERT_EQ(0, probe_del(r, p.id));
	EXPECT_EQ(to - from, last.hits + last.missed -
			     first.hits - first.missed) {
		TH_LOG("round %u", round);
	}
	EXPECT_EQ(last.hits, last.recorded + probe_lost(&last));
	EXPECT_EQ(probe_lost(&last), last.lost[TTLOG_LOST_SAMPLED]);
	/* With the recorder's ring there and nothing nested all of it counts. */
	after = ledger_sum(r, TTLOG_PROBE);
	EXPECT_EQ(after.offered, after.written + lost_of(&after));
	EXPECT_LE(last.hits, after.offered - before.offered);
	EXPECT_LE(last.recorded, after.written - before.written);
	EXPECT_LE(probe_lost(&last), lost_of(&after) - lost_of(&before));
	/* It is gone: nothing comes any more. */
	wait_for_calls(1000);
	EXPECT_EQ(after.offered, ledger_sum(r, TTLOG_PROBE).offered);
	return last.hits;
}

/* Each ring's numbers add up, and whatever it holds is a hit. */
static void check_rings(struct __test_metadata *_metadata, struct recorder *r)
{
	const struct reader_ring *ring;
	unsigned int cpu;
	size_t i;

	ASSERT_TRUE(recorder_read(r));
	for (cpu = 0; cpu < NR_TEST_CPUS; cpu++) {
		ring = recorder_ring(r, cpu, TTLOG_PROBE);
		EXPECT_LT(0, ring->nr_events);
		EXPECT_EQ(ring->to, ring->nr_events + ring->overwritten);
		EXPECT_EQ(0, ring->holes);
		EXPECT_EQ(ring->to, ledger_of(r, cpu, TTLOG_PROBE).written);
	}
	for (i = 0; i < r->nr_seen; i++) {
		ASSERT_EQ(TTLOG_PROBE, r->seen[i].channel);
		ASSERT_GT(4U, hit_id(r->seen[i].slot));
	}
}

TEST_F_TIMEOUT(fire, armed_and_disarmed, 600)
{
	struct recorder *r = &self->r;
	uint64_t hits = 0;
	unsigned int i;

	ASSERT_EQ(0, ttlog_reload("memory_per_cpu=4M probe_share=90 keep_share=5"));
	ASSERT_TRUE(recorder_open(r));
	ASSERT_TRUE(start());
	for (i = 0; i < ROUNDS; i++)
		hits += round_of(_metadata, r, i);
	while (calls() < MILLION)
		usleep(1000);
	end();
	check_rings(_metadata, r);
	TH_LOG("%llu calls, %llu hits in %u rounds",
	       (unsigned long long)calls(), (unsigned long long)hits, i);
}

/* With all kinds at once, that the parameter has set. */
TEST_F_TIMEOUT(fire, unloaded, 600)
{
	struct recorder *r = &self->r;
	struct ttlog_probe_stat stat;
	unsigned int i, id;
	char config[400];

	snprintf(config, sizeof(config), "memory=4M probes=" FUNCTION ",args=2;"
		 FUNCTION "+%u;" FUNCTION ",ret;" FUNCTION ",args=3,sample=1/3,rate=100;"
		 FUNCTION ",args=1,level=err", inside);
	ASSERT_TRUE(start());
	for (i = 0; i < UNLOADS; i++) {
		ASSERT_EQ(0, ttlog_load(config));
		ASSERT_TRUE(recorder_open(r));
		wait_for_calls(500 + i % 5 * 300);
		for (id = 0; id < 5; id++) {
			stat = probe_stat(r, id);
			EXPECT_LT(0, stat.recorded);
			EXPECT_NE(-1ULL, stat.recorded) {
				TH_LOG("probe %u isn't set", id);
			}
		}
		recorder_close(r);
		ASSERT_EQ(0, ttlog_unload());
	}
	end();
}

TEST_HARNESS_MAIN
