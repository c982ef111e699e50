// SPDX-License-Identifier: GPL-2.0-only
/*
 * All CPUs write while two readers read, and the rings wrap all the time. As each
 * CPU has one writer and each ring takes a known part of its events, an event's
 * number in its ring follows from its text, so that what is missing can be told
 * without a word from the module.
 */
#include <kselftest_harness.h>
#include "writer.h"

#define READERS		2
#define EVENTS		240000ULL	/* of each writer; a multiple of 8 */
#define MOST		320		/* letters of an event */

/**
 * struct tally - what a reader has seen, shared with its parent
 * @readings: of all rings
 * @events: in them
 * @overwritten: the rings' losses, summed over the readings
 * @wrong: what was wrong first; empty: nothing
 */
struct tally {
	uint64_t readings;
	uint64_t events;
	uint64_t overwritten;
	char wrong[128];
};

/**
 * struct shared - between the processes
 */
struct shared {
	struct tally tally[READERS];
	uint32_t ready;
	uint32_t go;
	uint32_t done;
};

FIXTURE(smp)
{
	struct recorder r;
	struct shared *shared;
};

FIXTURE_SETUP(smp)
{
	self->shared = mmap(NULL, sizeof(*self->shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)self->shared);
	/* 2 blocks of 8 KiB for warnings, 5 for the others, one of them spare. */
	ASSERT_EQ(0, ttlog_reload("memory_per_cpu=84K"));
	ASSERT_TRUE(recorder_open(&self->r));
}

FIXTURE_TEARDOWN(smp)
{
	recorder_close(&self->r);
	EXPECT_EQ(0, ttlog_unload());
}

/* The number that a writer's event has in its ring, counted from 0. */
static uint64_t number_of(uint64_t sequence)
{
	uint64_t warnings = (sequence + 7) / 8;

	return is_warning(sequence) ? warnings : sequence - warnings;
}

/* Events in a ring when a writer has written all of its. */
static uint64_t all_of(unsigned int channel)
{
	return channel == TTLOG_KEEP ? EVENTS / 8 : EVENTS - EVENTS / 8;
}

static void wait_for(const uint32_t *word, uint32_t value)
{
	while (__atomic_load_n(word, __ATOMIC_ACQUIRE) < value)
		sched_yield();
}

static int run_writer(struct shared *s, unsigned int writer)
{
	int fd = open(DEVICE, O_WRONLY);
	uint64_t i;

	if (fd < 0 || pin(writer))
		return 1;
	__atomic_fetch_add(&s->ready, 1, __ATOMIC_RELEASE);
	wait_for(&s->go, 1);
	for (i = 0; i < EVENTS; i++)
		if (!write_event(fd, writer, i, MOST))
			return 2;
	return 0;
}

/* Check one reading of a ring by itself; what is wrong, NULL if nothing. */
static const char *check_ring(const struct reader_ring *ring)
{
	uint64_t sequence, last = 0, gaps = 0, next = 0;
	unsigned int writer;
	size_t i;

	for (i = 0; i < ring->nr_events; i++) {
		const struct reader_event *e = &ring->events[i];

		if (!read_event(e->slot, NR_TEST_CPUS, MOST, &writer, &sequence))
			return "an event isn't whole";
		if (writer != ring->cpu)
			return "another CPU's event";
		if (ring->channel != (is_warning(sequence) ? TTLOG_KEEP : TTLOG_FLOW))
			return "another channel's event";
		if (i && sequence <= last)
			return "events don't increase";
		if (e->number != number_of(sequence))
			return "the event's number isn't its place";
		gaps += e->number - next;
		next = e->number + 1;
		last = sequence;
	}
	if (ring->to < next)
		return "events after the end";
	gaps += ring->to - next;
	if (ring->from)
		return "it doesn't begin at 0";
	if (ring->nr_events + ring->overwritten + ring->holes != ring->to)
		return "the ledger isn't even";
	if (gaps != ring->overwritten + ring->holes)
		return "other losses than declared";
	if (ring->to > all_of(ring->channel))
		return "more than was written";
	return NULL;
}

static void note(struct tally *tally, const struct reader_ring *ring,
		 const char *wrong)
{
	if (wrong && !tally->wrong[0])
		snprintf(tally->wrong, sizeof(tally->wrong),
			 "reading %llu, CPU %u, channel %u: %s",
			 (unsigned long long)tally->readings, ring->cpu,
			 ring->channel, wrong);
	tally->events += ring->nr_events;
	tally->overwritten += ring->overwritten;
}

static int run_reader(struct shared *s, struct tally *tally)
{
	uint64_t to[NR_TEST_CPUS * TTLOG_NR_CHANNELS] = {};
	struct recorder r;
	unsigned int i;

	if (!recorder_open(&r))
		return 1;
	__atomic_fetch_add(&s->ready, 1, __ATOMIC_RELEASE);
	wait_for(&s->go, 1);
	while (!__atomic_load_n(&s->done, __ATOMIC_ACQUIRE)) {
		if (!recorder_read(&r))
			return 2;
		for (i = 0; i < r.nr; i++) {
			if (!is_user_ring(i))
				continue;
			note(tally, &r.ring[i], check_ring(&r.ring[i]));
			if (r.ring[i].to < to[i])
				note(tally, &r.ring[i], "it went backwards");
			to[i] = r.ring[i].to;
		}
		tally->readings++;
	}
	recorder_close(&r);
	return 0;
}

static pid_t start(struct shared *s, unsigned int i)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	_exit(i < NR_TEST_CPUS ? run_writer(s, i) :
	      run_reader(s, &s->tally[i - NR_TEST_CPUS]));
}

TEST_F_TIMEOUT(smp, writers_and_readers, 90)
{
	pid_t pid[NR_TEST_CPUS + READERS];
	struct shared *s = self->shared;
	struct ttlog_ledger ledger;
	struct reader_ring *ring;
	unsigned int i, cpu, ch;
	uint64_t room;

	for (i = 0; i < NR_TEST_CPUS + READERS; i++)
		pid[i] = start(s, i);
	wait_for(&s->ready, NR_TEST_CPUS + READERS);
	__atomic_store_n(&s->go, 1, __ATOMIC_RELEASE);
	for (i = 0; i < NR_TEST_CPUS; i++)
		EXPECT_EQ(0, end_of(pid[i]));
	__atomic_store_n(&s->done, 1, __ATOMIC_RELEASE);
	for (; i < NR_TEST_CPUS + READERS; i++) {
		struct tally *tally = &s->tally[i - NR_TEST_CPUS];

		EXPECT_EQ(0, end_of(pid[i]));
		EXPECT_STREQ("", tally->wrong);
		/* They did read while it was written. */
		EXPECT_LT(20, tally->readings);
		EXPECT_LT(1000, tally->events);
		EXPECT_LT(1000, tally->overwritten);
		TH_LOG("reader: %llu readings, %llu events",
		       (unsigned long long)tally->readings,
		       (unsigned long long)tally->events);
	}

	ASSERT_TRUE(recorder_read(&self->r));
	for (cpu = 0; cpu < NR_TEST_CPUS; cpu++) {
		for (ch = 0; ch < USER_CHANNELS; ch++) {
			ring = recorder_ring(&self->r, cpu, ch);
			ledger = ledger_of(&self->r, cpu, ch);
			EXPECT_STREQ("right", check_ring(ring) ?: "right");
			EXPECT_EQ(all_of(ch), ring->to);
			EXPECT_EQ(all_of(ch), ledger.written);
			EXPECT_EQ(all_of(ch), ledger.offered);
			EXPECT_EQ(0, ring->holes);
			EXPECT_EQ(all_of(ch) - ring->nr_events, ring->overwritten);
			/* The newest are there. */
			EXPECT_LT(0, ring->nr_events);
			EXPECT_EQ(all_of(ch) - 1,
				  ring->events[ring->nr_events - 1].number);
			/* It went round hundreds of times. */
			room = (ch == TTLOG_KEEP ? 2 : 5) * 8192;
			EXPECT_LE(ch == TTLOG_KEEP ? 300 : 900,
				  ring->position / room);
		}
		/* What users write doesn't enter there. */
		EXPECT_EQ(0, ledger_of(&self->r, cpu, TTLOG_PROBE).offered);
		EXPECT_EQ(0, recorder_ring(&self->r, cpu, TTLOG_PROBE)->to);
	}
}

TEST_HARNESS_MAIN
