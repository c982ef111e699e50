// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hold, as those see it who map the rings: what it keeps, what gets in
 * meanwhile, and how long it lasts.
 */
#include <kselftest_harness.h>
#include <signal.h>
#include "helper.h"
#include "writer.h"

#define SLOT	128	/* bytes of an event of fill() */
#define MOST	16	/* letters of the flood's events */
#define HIT	56	/* bytes of a hit without values */

FIXTURE(hold)
{
	struct recorder r;
	int helper;
};

FIXTURE_SETUP(hold)
{
	ASSERT_EQ(0, ttlog_reload("memory_per_cpu=256K helper= trigger_level=alert"));
	ASSERT_TRUE(recorder_open(&self->r));
	self->helper = open(DEVICE, O_RDONLY | O_CLOEXEC);
	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	ASSERT_EQ(0, pin(0));
}

FIXTURE_TEARDOWN(hold)
{
	close(self->helper);
	recorder_close(&self->r);
	EXPECT_EQ(0, ttlog_unload());
}

static const struct ttlog_ring *ring_at(const struct recorder *r,
					unsigned int cpu, unsigned int ch)
{
	return r->at[cpu * TTLOG_NR_CHANNELS + ch];
}

static uint64_t hold_of(const struct recorder *r, unsigned int cpu,
			unsigned int ch)
{
	return __atomic_load_n(&ring_at(r, cpu, ch)->hold, __ATOMIC_ACQUIRE);
}

static const struct ttlog_block *block_at(const struct ttlog_ring *ring,
					  unsigned int block)
{
	return (const void *)((const char *)ring + ring->data_offset +
			      (size_t)block * ring->block_size);
}

/* First event number of the block with this start; UINT64_MAX: there is none. */
static uint64_t first_of(const struct ttlog_ring *ring, uint64_t start)
{
	unsigned int i;

	for (i = 0; i < ring->nr_blocks; i++)
		if (block_at(ring, i)->start == start)
			return block_at(ring, i)->first;
	return UINT64_MAX;
}

/* Events of fill() that a block has room for. */
static unsigned int block_room(const struct ttlog_ring *ring)
{
	return (ring->block_size - sizeof(struct ttlog_block)) / SLOT;
}

/* Write so many events of SLOT bytes that go to the flow. */
static bool fill(int fd, uint64_t nr)
{
	char text[SLOT - TTLOG_EVENT_SIZE];

	memset(text, 'x', sizeof(text));
	while (nr--)
		if (write(fd, text, sizeof(text)) != sizeof(text))
			return false;
	return true;
}

/* Strike, and be the one to take it. */
static bool strike_and_take(struct recorder *r, int helper,
			    struct ttlog_trigger *t)
{
	return strike(r->fd, TTLOG_ALERT) && readable(helper, SOON) &&
	       !take(helper, t);
}

/* When the hold on a ring ends: seconds since a moment; more than @most: it is on. */
static double hold_ends(const struct recorder *r, uint64_t since, double most)
{
	while (hold_of(r, 0, TTLOG_FLOW) != TTLOG_NO_HOLD &&
	       mono_now() - since < most * SECOND)
		usleep(1000);
	return (mono_now() - since) / (double)SECOND;
}

TEST_F(hold, words)
{
	const struct ttlog_ring *ring;
	struct ttlog_ledger ledger;
	struct ttlog_trigger t;
	uint64_t start, kept;
	unsigned int cpu, ch;

	ring = ring_at(&self->r, 0, TTLOG_FLOW);
	EXPECT_EQ(ring->nr_blocks / 8, ring->nr_spare);
	ASSERT_TRUE(fill(self->r.fd, block_room(ring) * ring->nr_blocks * 2 + 7));
	for (cpu = 0; cpu < NR_TEST_CPUS; cpu++)
		for (ch = 0; ch < TTLOG_KLOG; ch++)
			EXPECT_EQ(TTLOG_NO_HOLD, hold_of(&self->r, cpu, ch));
	ASSERT_TRUE(strike_and_take(&self->r, self->helper, &t));
	EXPECT_EQ(TTLOG_TRIGGER_HELD, t.flags);
	for (cpu = 0; cpu < NR_TEST_CPUS; cpu++) {
		for (ch = 0; ch < TTLOG_KLOG; ch++) {
			ring = ring_at(&self->r, cpu, ch);
			ledger = ledger_of(&self->r, cpu, ch);
			EXPECT_EQ(ledger.written, ring->mark);
			start = block_at(ring, (uint32_t)ring->head >> 14)->start;
			kept = (uint64_t)(ring->nr_blocks - ring->nr_spare - 1) *
			       ring->block_size;
			EXPECT_EQ(start > kept ? start - kept : 0,
				  hold_of(&self->r, cpu, ch))
				TH_LOG("CPU %u channel %u", cpu, ch);
		}
	}
	/* The strike is in it. */
	EXPECT_EQ(1, ring_at(&self->r, 0, TTLOG_KEEP)->mark);
	EXPECT_NE(0, hold_of(&self->r, 0, TTLOG_FLOW));
	EXPECT_EQ(0, finish(self->helper, t.id, 0, "/x", 3));
	for (cpu = 0; cpu < NR_TEST_CPUS; cpu++)
		for (ch = 0; ch < TTLOG_KLOG; ch++)
			EXPECT_EQ(TTLOG_NO_HOLD, hold_of(&self->r, cpu, ch));
	EXPECT_EQ(TTLOG_NO_HOLD, hold_of(&self->r, 0, TTLOG_KLOG));
}

/* What gets in while blocks are released one by one, to the event. */
TEST_F(hold, released_one_by_one)
{
	const struct ttlog_ring *ring = ring_at(&self->r, 0, TTLOG_FLOW);
	unsigned int room = block_room(ring), i;
	struct ttlog_ledger before, after;
	struct ttlog_trigger t;
	uint64_t hold;

	ASSERT_TRUE(fill(self->r.fd, room * ring->nr_blocks * 2 + 7));
	ASSERT_TRUE(strike_and_take(&self->r, self->helper, &t));
	hold = hold_of(&self->r, 0, TTLOG_FLOW);
	before = ledger_of(&self->r, 0, TTLOG_FLOW);
	EXPECT_EQ(0, lost_of(&before));

	/* The rest of the block, and the spare ones. */
	ASSERT_TRUE(fill(self->r.fd, room - 7 + ring->nr_spare * room));
	after = ledger_of(&self->r, 0, TTLOG_FLOW);
	EXPECT_EQ(before.written + room - 7 + ring->nr_spare * room, after.written);
	EXPECT_EQ(0, after.lost[TTLOG_LOST_HELD]);
	ASSERT_TRUE(fill(self->r.fd, 10));
	before = after;
	after = ledger_of(&self->r, 0, TTLOG_FLOW);
	EXPECT_EQ(before.written, after.written);
	EXPECT_EQ(10, after.lost[TTLOG_LOST_HELD]);
	EXPECT_EQ(before.offered + 10, after.offered);

	for (i = 1; i <= 3; i++) {
		hold += i * ring->block_size;
		EXPECT_EQ(0, release(self->helper, 0, TTLOG_FLOW, hold));
		EXPECT_EQ(hold, hold_of(&self->r, 0, TTLOG_FLOW));
		before = after;
		ASSERT_TRUE(fill(self->r.fd, i * room));
		after = ledger_of(&self->r, 0, TTLOG_FLOW);
		EXPECT_EQ(before.written + i * room, after.written);
		EXPECT_EQ(before.lost[TTLOG_LOST_HELD], after.lost[TTLOG_LOST_HELD]);
		/* Nothing is held anew by what isn't further on. */
		EXPECT_EQ(0, release(self->helper, 0, TTLOG_FLOW, hold - 1));
		EXPECT_EQ(0, release(self->helper, 0, TTLOG_FLOW, 0));
		EXPECT_EQ(hold, hold_of(&self->r, 0, TTLOG_FLOW));
		ASSERT_TRUE(fill(self->r.fd, i));
		before = after;
		after = ledger_of(&self->r, 0, TTLOG_FLOW);
		EXPECT_EQ(before.written, after.written);
		EXPECT_EQ(before.lost[TTLOG_LOST_HELD] + i, after.lost[TTLOG_LOST_HELD]);
	}
	EXPECT_EQ(0, release(self->helper, 0, TTLOG_FLOW, TTLOG_NO_HOLD));
	EXPECT_EQ(ENOENT, release(self->helper, 0, TTLOG_FLOW, TTLOG_NO_HOLD));
	before = after;
	ASSERT_TRUE(fill(self->r.fd, room * ring->nr_blocks * 2));
	after = ledger_of(&self->r, 0, TTLOG_FLOW);
	EXPECT_EQ(before.written + room * ring->nr_blocks * 2, after.written);
	/* The others are held still. */
	EXPECT_NE(TTLOG_NO_HOLD, hold_of(&self->r, 1, TTLOG_FLOW));
	EXPECT_EQ(0, finish(self->helper, t.id, 0, "/x", 3));
	EXPECT_EQ(TTLOG_NO_HOLD, hold_of(&self->r, 1, TTLOG_FLOW));
}

/* Hits wait for the helper as all else does; what doesn't get in the probe counts, too. */
TEST_F(hold, hits)
{
	struct ttlog_probe p = {
		.symbol = PROBED,
		.level = TTLOG_NOTICE,
		.sample = 1,
	};
	const struct ttlog_ring *ring = ring_at(&self->r, 0, TTLOG_PROBE);
	uint64_t room = (ring->block_size - sizeof(struct ttlog_block)) / HIT;
	uint64_t round = room * ring->nr_blocks * 2 + 7;
	uint64_t free = room - 7 + ring->nr_spare * room;
	struct ttlog_probe_stat stat;
	struct ttlog_ledger ledger;
	struct ttlog_trigger t;

	ASSERT_EQ(0, ERRNO(ioctl(self->r.fd, TTLOG_IOC_PROBE_ADD, &p)));
	call_probed(round);
	ASSERT_TRUE(strike_and_take(&self->r, self->helper, &t));
	EXPECT_EQ(TTLOG_TRIGGER_HELD, t.flags);
	call_probed(free + 10);
	stat.probe.id = p.id;
	ASSERT_EQ(0, ERRNO(ioctl(self->r.fd, TTLOG_IOC_PROBE_STAT, &stat)));
	EXPECT_EQ(round + free + 10, stat.hits);
	EXPECT_EQ(round + free, stat.recorded);
	EXPECT_EQ(10, stat.lost[TTLOG_LOST_HELD]);
	ledger = ledger_of(&self->r, 0, TTLOG_PROBE);
	EXPECT_EQ(round + free + 10, ledger.offered);
	EXPECT_EQ(round + free, ledger.written);
	EXPECT_EQ(10, ledger.lost[TTLOG_LOST_HELD]);
	EXPECT_EQ(0, finish(self->helper, t.id, 0, "/x", 3));
	call_probed(1);
	EXPECT_EQ(round + free + 1, ledger_of(&self->r, 0, TTLOG_PROBE).written);
}

/**
 * struct shared - between the processes
 * @stop: the writers are to end
 * @written: by each writer so far
 */
struct shared {
	uint32_t stop;
	uint64_t written[NR_TEST_CPUS];
};

static int run_writer(struct shared *s, unsigned int writer)
{
	int fd = open(DEVICE, O_WRONLY);
	uint64_t i;

	if (fd < 0 || pin(writer))
		return 1;
	for (i = 0; !__atomic_load_n(&s->stop, __ATOMIC_ACQUIRE); i++) {
		if (!write_event(fd, writer, i, MOST))
			return 2;
		__atomic_store_n(&s->written[writer], i + 1, __ATOMIC_RELEASE);
	}
	return 0;
}

static struct shared *start_flood(pid_t *pid)
{
	struct shared *s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned int i;

	for (i = 0; i < NR_TEST_CPUS; i++) {
		pid[i] = fork();
		if (!pid[i])
			_exit(run_writer(s, i));
	}
	return s;
}

/* Wait until each writer has written so many. */
static void wait_for_flood(const struct shared *s, uint64_t nr)
{
	unsigned int i;

	for (i = 0; i < NR_TEST_CPUS; i++)
		while (__atomic_load_n(&s->written[i], __ATOMIC_ACQUIRE) < nr)
			usleep(1000);
}

/* The sequence number that follows in a ring. */
static uint64_t next_in(unsigned int ch, uint64_t sequence)
{
	if (ch == TTLOG_KEEP)
		return sequence + 8;
	return sequence + (is_warning(sequence + 1) ? 2 : 1);
}

/*
 * Is each event of what the ring held there, in the order of the writer? Returns
 * how many are missing or wrong; @nr is raised by those that are there.
 */
static uint64_t check_held(struct recorder *r, unsigned int cpu, unsigned int ch,
			   uint64_t first, uint64_t mark, uint64_t *nr)
{
	struct reader_ring *ring = recorder_ring(r, cpu, ch);
	uint64_t expected = first, bad = 0, sequence, last = 0;
	unsigned int writer;
	bool known = false;
	size_t i;

	for (i = 0; i < ring->nr_events; i++) {
		if (ring->events[i].number < first || ring->events[i].number >= mark)
			continue;
		bad += ring->events[i].number != expected++;
		if (!read_event(ring->events[i].slot, NR_TEST_CPUS, MOST, &writer,
				&sequence)) {
			/* The strike is nobody's. */
			bad += !slot_is(ring->events[i].slot, "strike", 6);
			continue;
		}
		bad += writer != cpu || (known && sequence != next_in(ch, last));
		known = true;
		last = sequence;
		++*nr;
	}
	return bad + mark - expected;
}

/* Progress all the time, so that a slow reader has the hold's whole length; its pid. */
static pid_t keep_held(int helper)
{
	pid_t pid = fork();

	while (!pid) {
		release(helper, 0, TTLOG_FLOW, 0);
		usleep(300000);
	}
	return pid;
}

TEST_F(hold, flood)
{
	struct shared *s;
	uint64_t first[NR_TEST_CPUS][2], mark[NR_TEST_CPUS][2], nr = 0, held = 0;
	struct ttlog_ledger keep, flow;
	pid_t pid[NR_TEST_CPUS], keeper;
	struct ttlog_trigger t;
	unsigned int cpu, ch;

	s = start_flood(pid);
	wait_for_flood(s, 20000);
	ASSERT_TRUE(strike_and_take(&self->r, self->helper, &t));
	EXPECT_EQ(TTLOG_TRIGGER_HELD, t.flags);
	for (cpu = 0; cpu < NR_TEST_CPUS; cpu++) {
		for (ch = 0; ch < 2; ch++) {
			first[cpu][ch] = first_of(ring_at(&self->r, cpu, ch),
						  hold_of(&self->r, cpu, ch));
			mark[cpu][ch] = ring_at(&self->r, cpu, ch)->mark;
			EXPECT_LT(first[cpu][ch], mark[cpu][ch]);
		}
	}
	/* All the while they go on and lose. */
	keeper = keep_held(self->helper);
	usleep(1000000);
	ASSERT_TRUE(recorder_read(&self->r));
	EXPECT_NE(TTLOG_NO_HOLD, hold_of(&self->r, 0, TTLOG_FLOW));
	for (cpu = 0; cpu < NR_TEST_CPUS; cpu++) {
		for (ch = 0; ch < 2; ch++)
			EXPECT_EQ(0, check_held(&self->r, cpu, ch, first[cpu][ch],
						mark[cpu][ch], &nr))
				TH_LOG("CPU %u channel %u", cpu, ch);
	}
	EXPECT_LT(NR_TEST_CPUS * 1500, nr);
	ASSERT_EQ(0, kill(keeper, SIGKILL));
	EXPECT_EQ(-1, end_of(keeper));
	EXPECT_EQ(0, finish(self->helper, t.id, 0, "/x", 3));
	usleep(200000);
	__atomic_store_n(&s->stop, 1, __ATOMIC_RELEASE);
	for (cpu = 0; cpu < NR_TEST_CPUS; cpu++)
		EXPECT_EQ(0, end_of(pid[cpu]));
	for (cpu = 0; cpu < NR_TEST_CPUS; cpu++) {
		keep = ledger_of(&self->r, cpu, TTLOG_KEEP);
		flow = ledger_of(&self->r, cpu, TTLOG_FLOW);
		EXPECT_EQ(lost_of(&flow), flow.lost[TTLOG_LOST_HELD]);
		EXPECT_EQ(lost_of(&keep), keep.lost[TTLOG_LOST_HELD]);
		EXPECT_EQ((s->written[cpu] + 7) / 8 + (cpu == 0),
			  keep.written + keep.lost[TTLOG_LOST_HELD]);
		EXPECT_EQ(s->written[cpu] - (s->written[cpu] + 7) / 8,
			  flow.written + flow.lost[TTLOG_LOST_HELD]);
		EXPECT_LT(0, flow.lost[TTLOG_LOST_HELD])
			TH_LOG("CPU %u", cpu);
		held += flow.lost[TTLOG_LOST_HELD] + keep.lost[TTLOG_LOST_HELD];
	}
	TH_LOG("%" PRIu64 " events were held, %" PRIu64 " lost meanwhile", nr, held);
}

/* 2 s after the last progress: when it was set, taken, released from. */
TEST_F(hold, ends_without_progress)
{
	struct ttlog_trigger t;
	uint64_t since;
	double end;

	since = mono_now();
	ASSERT_TRUE(strike(self->r.fd, TTLOG_ALERT));
	end = hold_ends(&self->r, since, 5);
	EXPECT_LE(2, end);
	EXPECT_GT(4.5, end);
	ASSERT_EQ(0, take(self->helper, &t));
	EXPECT_EQ(0, t.flags);
}

TEST_F(hold, ends_after_the_last_progress)
{
	struct ttlog_trigger t;
	uint64_t since;
	double end;

	since = mono_now();
	ASSERT_TRUE(strike(self->r.fd, TTLOG_ALERT));
	sleep_until(since, 1);
	ASSERT_EQ(0, take(self->helper, &t));
	EXPECT_EQ(TTLOG_TRIGGER_HELD, t.flags);
	sleep_until(since, 2.5);
	EXPECT_NE(TTLOG_NO_HOLD, hold_of(&self->r, 0, TTLOG_FLOW));
	EXPECT_EQ(0, release(self->helper, 3, TTLOG_KEEP, 1));
	end = hold_ends(&self->r, since, 7);
	EXPECT_LE(4.5, end);
	EXPECT_GT(6.9, end);
	EXPECT_EQ(ENOENT, release(self->helper, 3, TTLOG_KEEP, 1));
}

TEST_F(hold, ends_in_spite_of_progress)
{
	struct ttlog_trigger t;
	uint64_t since;
	double end;

	since = mono_now();
	ASSERT_TRUE(strike_and_take(&self->r, self->helper, &t));
	while (!release(self->helper, 3, TTLOG_KEEP, 1) &&
	       mono_now() - since < 9.5 * SECOND)
		usleep(500000);
	end = hold_ends(&self->r, since, 15);
	EXPECT_LE(10, end);
	EXPECT_GT(12.9, end);
	/* The trigger is the helper's still: it made progress. */
	sleep_until(since, 13);
	EXPECT_EQ(0, finish(self->helper, t.id, 0, "/x", 3));
}

/* A hold of 4 s: none 30 s after it was set, one 60 s after. */
TEST_F_TIMEOUT(hold, pause, 100)
{
	struct ttlog_trigger t;
	uint64_t since;

	since = mono_now();
	ASSERT_TRUE(strike_and_take(&self->r, self->helper, &t));
	EXPECT_EQ(TTLOG_TRIGGER_HELD, t.flags);
	while (mono_now() - since < 4 * SECOND) {
		usleep(500000);
		ASSERT_EQ(0, release(self->helper, 3, TTLOG_KEEP, 1));
	}
	ASSERT_TRUE(strike(self->r.fd, TTLOG_ALERT));
	EXPECT_EQ(0, finish(self->helper, t.id, 0, "/x", 3));
	ASSERT_TRUE(readable(self->helper, 30000 + SOON));
	ASSERT_EQ(0, take(self->helper, &t));
	EXPECT_EQ(0, t.flags);
	EXPECT_EQ(TTLOG_NO_HOLD, hold_of(&self->r, 0, TTLOG_FLOW));
	EXPECT_EQ(0, finish(self->helper, t.id, 0, "/x", 3));
	ASSERT_TRUE(strike(self->r.fd, TTLOG_ALERT));
	ASSERT_TRUE(readable(self->helper, 30000 + SOON));
	EXPECT_LE(60, (mono_now() - since) / SECOND);
	ASSERT_EQ(0, take(self->helper, &t));
	EXPECT_EQ(TTLOG_TRIGGER_HELD, t.flags);
	EXPECT_NE(TTLOG_NO_HOLD, hold_of(&self->r, 0, TTLOG_FLOW));
	EXPECT_EQ(0, finish(self->helper, t.id, 0, "/x", 3));
}

/* Be a helper that has released some of the flow of CPU 0 when it is killed. */
static void release_and_wait(int said, uint64_t position)
{
	int fd = open(DEVICE, O_RDONLY);
	struct ttlog_trigger t;

	if (fd < 0 || ioctl(fd, TTLOG_IOC_HELPER, 0) || !readable(fd, SOON) ||
	    take(fd, &t) || release(fd, 0, TTLOG_FLOW, position) ||
	    write(said, "", 1) != 1)
		_exit(1);
	pause();
}

/* A reader is killed in a hold: the next one finds all that wasn't released. */
TEST_F(hold, reader_is_killed)
{
	const struct ttlog_ring *ring = ring_at(&self->r, 0, TTLOG_FLOW);
	unsigned int room = block_room(ring);
	struct ttlog_ledger ledger;
	struct ttlog_trigger t;
	uint64_t released, mark, taken, reading;
	int said[2];
	double end;
	char byte;
	pid_t pid;

	ASSERT_EQ(0, pipe(said));
	close(self->helper);
	ASSERT_TRUE(fill(self->r.fd, room * ring->nr_blocks * 2 + 7));
	released = (ring->nr_blocks * 2ULL - 5) * ring->block_size;
	pid = fork();
	if (!pid)
		release_and_wait(said[1], released);
	ASSERT_TRUE(strike(self->r.fd, TTLOG_ALERT));
	ASSERT_EQ(1, read(said[0], &byte, 1));
	ASSERT_EQ(0, kill(pid, SIGKILL));
	EXPECT_EQ(-1, end_of(pid));
	EXPECT_EQ(released, hold_of(&self->r, 0, TTLOG_FLOW));
	ASSERT_TRUE(fill(self->r.fd, room * ring->nr_blocks * 2));
	self->helper = open(DEVICE, O_RDONLY | O_CLOEXEC);
	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	taken = mono_now();
	ASSERT_EQ(0, take(self->helper, &t));
	EXPECT_EQ(TTLOG_TRIGGER_HELD, t.flags);
	mark = ring->mark;
	EXPECT_EQ(room * ring->nr_blocks * 2 + 7, mark);
	ASSERT_TRUE(recorder_read(&self->r));
	/* 5 blocks and 7 events up to the mark, and what fills the rest. */
	EXPECT_EQ(5 * room + 7, mark - first_of(ring, released));
	EXPECT_EQ(first_of(ring, released),
		  recorder_ring(&self->r, 0, TTLOG_FLOW)->events[0].number);
	ledger = ledger_of(&self->r, 0, TTLOG_FLOW);
	EXPECT_EQ(ledger.written - first_of(ring, released),
		  recorder_ring(&self->r, 0, TTLOG_FLOW)->nr_events);
	EXPECT_EQ(ring->nr_blocks * room, recorder_ring(&self->r, 0, TTLOG_FLOW)->nr_events);
	EXPECT_EQ(4 * room * ring->nr_blocks + 7,
		  ledger.written + ledger.lost[TTLOG_LOST_HELD]);
	/* And if nobody comes it ends: 2 s after it was taken, however long this took. */
	reading = mono_now() - taken;
	close(self->helper);
	end = hold_ends(&self->r, taken, 60);
	EXPECT_LE(1.9, end);
	EXPECT_GT(4.5 + reading / (double)SECOND, end);
}

/* A CPU that goes and comes back has what was held, and a spare block less. */
TEST_F(hold, hotplug)
{
	const struct ttlog_ring *ring = ring_at(&self->r, 3, TTLOG_FLOW);
	struct ttlog_trigger t;
	uint64_t first, mark, i;
	struct reader_ring *read;

	ASSERT_EQ(0, pin(3));
	ASSERT_TRUE(fill(self->r.fd, block_room(ring) * ring->nr_blocks * 2 + 7));
	ASSERT_EQ(0, pin(0));
	ASSERT_TRUE(strike_and_take(&self->r, self->helper, &t));
	first = first_of(ring, hold_of(&self->r, 3, TTLOG_FLOW));
	mark = ring->mark;
	EXPECT_EQ(block_room(ring) * ring->nr_blocks * 2 + 7, mark);
	ASSERT_EQ(0, cpu_online(3, false));
	EXPECT_EQ(0, release(self->helper, 3, TTLOG_FLOW, 0));
	ASSERT_EQ(0, cpu_online(3, true));
	EXPECT_EQ(0, release(self->helper, 3, TTLOG_FLOW, 0));
	EXPECT_EQ(first, first_of(ring, hold_of(&self->r, 3, TTLOG_FLOW)));
	ASSERT_EQ(0, pin(3));
	ASSERT_TRUE(fill(self->r.fd, block_room(ring) * ring->nr_blocks * 2));
	ASSERT_TRUE(recorder_read(&self->r));
	EXPECT_NE(TTLOG_NO_HOLD, hold_of(&self->r, 3, TTLOG_FLOW));
	read = recorder_ring(&self->r, 3, TTLOG_FLOW);
	for (i = 0; i < read->nr_events && read->events[i].number != first; i++)
		;
	ASSERT_LE(mark - first, read->nr_events - i);
	for (; first < mark; first++, i++)
		ASSERT_EQ(first, read->events[i].number);
	/* Its own last block was closed half full: its spare ones took the rest. */
	EXPECT_EQ(mark + ring->nr_spare * block_room(ring),
		  ledger_of(&self->r, 3, TTLOG_FLOW).written);
	EXPECT_EQ(0, finish(self->helper, t.id, 0, "/x", 3));
	EXPECT_EQ(TTLOG_NO_HOLD, hold_of(&self->r, 3, TTLOG_FLOW));
}

TEST_F(hold, requests_set_none)
{
	struct ttlog_request r = {
		.reason = "asked", .timeout_ms = SOON, .path_size = 100,
	};
	struct ttlog_trigger t;
	unsigned int cpu, ch;
	char path[100];
	pid_t pid;

	r.path = (uintptr_t)path;
	pid = fork();
	if (!pid)
		_exit(ERRNO(ioctl(self->r.fd, TTLOG_IOC_REQUEST, &r)));
	ASSERT_TRUE(readable(self->helper, SOON));
	ASSERT_EQ(0, take(self->helper, &t));
	EXPECT_EQ(0, t.flags);
	for (cpu = 0; cpu < NR_TEST_CPUS; cpu++)
		for (ch = 0; ch < TTLOG_KLOG; ch++)
			EXPECT_EQ(TTLOG_NO_HOLD, hold_of(&self->r, cpu, ch));
	EXPECT_EQ(0, finish(self->helper, t.id, 0, "/x", 3));
	EXPECT_EQ(0, end_of(pid));
}

TEST_HARNESS_MAIN
