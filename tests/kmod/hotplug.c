// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUs go offline and come back while all are written on: nothing of what is in
 * their rings is lost, and no event is forgotten in the ledger.
 */
#include <kselftest_harness.h>
#include "writer.h"

#define ROUNDS	20
#define MOST	16	/* letters of an event */

/**
 * struct shared - between the processes
 * @stop: the writers are to end
 * @written: by each writer so far
 */
struct shared {
	uint32_t stop;
	uint64_t written[NR_TEST_CPUS];
};

FIXTURE(hotplug)
{
	struct recorder r;
	struct shared *shared;
	pid_t pid[NR_TEST_CPUS];
};

/*
 * @params: of the module
 * @wraps: the rings are too small for all that is written
 * @pause_us: between 16 events of a writer
 * @most: events that a writer writes, however long it takes
 */
FIXTURE_VARIANT(hotplug)
{
	const char *params;
	bool wraps;
	unsigned int pause_us;
	uint64_t most;
};

/* Nothing is overwritten, so each single event must be there. */
FIXTURE_VARIANT_ADD(hotplug, roomy) {
	.params = "memory=96M",
	.wraps = false,
	.pause_us = 4000,
	.most = 100000,
};

FIXTURE_VARIANT_ADD(hotplug, wrapping) {
	.params = "memory_per_cpu=64K",
	.wraps = true,
	.pause_us = 100,
	.most = UINT64_MAX,
};

static int run_writer(struct shared *s, unsigned int writer, unsigned int pause,
		      uint64_t most)
{
	int fd = open(DEVICE, O_WRONLY);
	uint64_t i = 0;

	if (fd < 0 || pin(writer))
		return 1;
	/* A CPU that goes takes its pinning away: see to it now and then. */
	while (!__atomic_load_n(&s->stop, __ATOMIC_ACQUIRE)) {
		if (i < most) {
			if (!write_event(fd, writer, i, MOST))
				return 2;
			i++;
			__atomic_store_n(&s->written[writer], i, __ATOMIC_RELEASE);
		}
		if (i % 16 == 0 || i == most) {
			usleep(pause);
			pin(writer);
		}
	}
	return 0;
}

FIXTURE_SETUP(hotplug)
{
	unsigned int i;

	self->shared = mmap(NULL, sizeof(*self->shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)self->shared);
	ASSERT_EQ(0, ttlog_reload(variant->params));
	ASSERT_TRUE(recorder_open(&self->r));
	for (i = 0; i < NR_TEST_CPUS; i++) {
		self->pid[i] = fork();
		if (!self->pid[i])
			_exit(run_writer(self->shared, i, variant->pause_us,
					 variant->most));
	}
}

static void stop_writers(struct __test_metadata *_metadata,
			 struct _test_data_hotplug *self)
{
	unsigned int i;

	__atomic_store_n(&self->shared->stop, 1, __ATOMIC_RELEASE);
	for (i = 0; i < NR_TEST_CPUS; i++) {
		if (!self->pid[i])
			continue;
		EXPECT_EQ(0, end_of(self->pid[i]));
		self->pid[i] = 0;
	}
}

FIXTURE_TEARDOWN(hotplug)
{
	unsigned int i;

	stop_writers(_metadata, self);
	for (i = 1; i < NR_TEST_CPUS; i++)
		cpu_online(i, true);
	recorder_close(&self->r);
	EXPECT_EQ(0, ttlog_unload());
}

/* Check the ring of a CPU that is offline: nobody writes there. */
static void check_offline(struct __test_metadata *_metadata,
			  struct _test_data_hotplug *self, unsigned int cpu)
{
	struct ttlog_ledger ledger;
	struct reader_ring *ring;
	unsigned int ch;

	ASSERT_TRUE(recorder_read(&self->r));
	for (ch = 0; ch < USER_CHANNELS; ch++) {
		ring = recorder_ring(&self->r, cpu, ch);
		ledger = ledger_of(&self->r, cpu, ch);
		EXPECT_LT(0, ring->nr_events);
		EXPECT_EQ(0, ring->holes);
		EXPECT_EQ(ledger.written, ring->to);
		EXPECT_EQ(ledger.written, ring->nr_events + ring->overwritten);
	}
}

/*
 * See each event that is left: whole, once, in its writer's order within a ring.
 * How many there are.
 */
static uint64_t check_events(struct __test_metadata *_metadata,
			     struct _test_data_hotplug *self)
{
	uint64_t sequence, *next, count = 0;
	unsigned int i, writer;
	uint8_t *have[NR_TEST_CPUS];
	size_t k;

	for (i = 0; i < NR_TEST_CPUS; i++)
		have[i] = calloc(self->shared->written[i] + 1, 1);
	for (i = 0; i < self->r.nr; i++) {
		uint64_t begin[NR_TEST_CPUS] = {};

		if (!is_user_ring(i))
			continue;
		next = begin;
		for (k = 0; k < self->r.ring[i].nr_events; k++) {
			ASSERT_TRUE(read_event(self->r.ring[i].events[k].slot,
					       NR_TEST_CPUS, MOST, &writer,
					       &sequence));
			ASSERT_LT(sequence, self->shared->written[writer]);
			ASSERT_LE(next[writer], sequence);
			ASSERT_EQ(0, have[writer][sequence]);
			have[writer][sequence] = 1;
			next[writer] = sequence + 1;
			count++;
		}
	}
	for (i = 0; i < NR_TEST_CPUS; i++)
		free(have[i]);
	return count;
}

TEST_F_TIMEOUT(hotplug, offline_and_online_under_load, 100)
{
	uint64_t written = 0, warnings = 0, overwritten = 0, seen;
	struct ttlog_ledger ledger;
	struct reader_ring *ring;
	unsigned int round, cpu, i;

	for (round = 0; round < ROUNDS; round++) {
		for (cpu = 1; cpu < NR_TEST_CPUS; cpu++) {
			ASSERT_EQ(0, cpu_online(cpu, false));
			if (round % 5 == 0)
				check_offline(_metadata, self, cpu);
			ASSERT_EQ(0, cpu_online(cpu, true));
		}
	}
	stop_writers(_metadata, self);
	for (i = 0; i < NR_TEST_CPUS; i++) {
		written += self->shared->written[i];
		warnings += (self->shared->written[i] + 7) / 8;
	}

	ASSERT_TRUE(recorder_read(&self->r));
	for (i = 0; i < self->r.nr; i++) {
		if (!is_user_ring(i))
			continue;
		ring = &self->r.ring[i];
		ledger = ledger_of(&self->r, i / TTLOG_NR_CHANNELS,
				   i % TTLOG_NR_CHANNELS);
		EXPECT_EQ(ledger.written, ring->to);
		EXPECT_EQ(ledger.written, ring->nr_events + ring->overwritten +
			  ring->holes);
		EXPECT_EQ(0, ring->holes);
		EXPECT_EQ(0, lost_of(&ledger));
		overwritten += ring->overwritten;
	}
	EXPECT_EQ(warnings, ledger_sum(&self->r, TTLOG_KEEP).written);
	EXPECT_EQ(written - warnings, ledger_sum(&self->r, TTLOG_FLOW).written);
	seen = check_events(_metadata, self);
	EXPECT_EQ(written - seen, overwritten);
	EXPECT_EQ(variant->wraps, overwritten != 0);
	TH_LOG("%llu events, %llu overwritten", (unsigned long long)written,
	       (unsigned long long)overwritten);
}

TEST_HARNESS_MAIN
