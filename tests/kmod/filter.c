// SPDX-License-Identifier: GPL-2.0-only
/*
 * Filters: which events are recorded, of all services and of one. Each event that is
 * left out is counted, in the ring where it would have gone and with the filter.
 */
#include <kselftest_harness.h>
#include <poll.h>
#include <pthread.h>
#include <sys/prctl.h>
#include "ttlog_test.h"

#define ALL_LEVELS	0xffU
#define NO_LIMIT	TTLOG_FILTER_NO_LIMIT

FIXTURE(filter)
{
	struct recorder r;
};

FIXTURE_SETUP(filter)
{
	ASSERT_EQ(0, ttlog_reload("memory_per_cpu=256K level=info"));
	ASSERT_EQ(0, pin(2));
	ASSERT_TRUE(recorder_open(&self->r));
	/* What a writer's service is where it names none. */
	ASSERT_EQ(0, prctl(PR_SET_NAME, "filtered"));
}

FIXTURE_TEARDOWN(filter)
{
	recorder_close(&self->r);
	EXPECT_EQ(0, ttlog_unload());
}

/* 0 or an errno. */
static int ask(int fd, struct ttlog_filter *f)
{
	return ERRNO(ioctl(fd, TTLOG_IOC_FILTER, f));
}

static struct ttlog_filter read_filter(int fd, const char *service)
{
	struct ttlog_filter f = {};

	strcpy(f.service, service);
	if (ask(fd, &f))
		memset(&f, 0xee, sizeof(f));
	return f;
}

static int set_levels(int fd, const char *service, uint32_t levels, uint32_t record)
{
	struct ttlog_filter f = {
		.flags = TTLOG_FILTER_LEVELS,
		.levels = levels,
		.record = record,
	};

	strcpy(f.service, service);
	return ask(fd, &f);
}

static int set_sample(int fd, const char *service, uint32_t levels, uint32_t sample)
{
	struct ttlog_filter f = { .flags = TTLOG_FILTER_SAMPLE, .levels = levels };
	int i;

	strcpy(f.service, service);
	for (i = 0; i < 8; i++)
		f.sample[i] = levels >> i & 1 ? sample : 0;
	return ask(fd, &f);
}

static int set_rate(int fd, const char *service, uint32_t levels, uint32_t rate,
		    uint32_t burst)
{
	struct ttlog_filter f = { .flags = TTLOG_FILTER_RATE, .levels = levels };
	int i;

	strcpy(f.service, service);
	for (i = 0; i < 8; i++) {
		f.rate[i] = levels >> i & 1 ? rate : 0;
		f.burst[i] = levels >> i & 1 ? burst : 0;
	}
	return ask(fd, &f);
}

static int remove_filter(int fd, const char *service)
{
	struct ttlog_filter f = { .flags = TTLOG_FILTER_REMOVE };

	strcpy(f.service, service);
	return ask(fd, &f);
}

/* A file whose events are of this service. */
static int open_service(const char *service)
{
	struct ttlog_service_name name = {};
	int fd = open(DEVICE, O_WRONLY | O_CLOEXEC);

	strcpy(name.name, service);
	if (fd >= 0 && ioctl(fd, TTLOG_IOC_SERVICE, &name)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Write "<LEVEL>NAME NR" for each number from 0 on; how many writes were taken. */
static int write_many(int fd, int level, const char *name, int nr)
{
	char text[64];
	int i, len, taken = 0;

	for (i = 0; i < nr; i++) {
		len = snprintf(text, sizeof(text), "<%d>%s %d", level, name, i);
		taken += write(fd, text, len) == len;
	}
	return taken;
}

/* Which of these are there: bit N set: number N is. */
static uint64_t seen_many(const struct recorder *r, const char *name, int nr)
{
	uint64_t seen = 0;
	char text[64];
	int i;

	for (i = 0; i < nr; i++) {
		snprintf(text, sizeof(text), "%s %d", name, i);
		if (find_text(r, text))
			seen |= 1ULL << i;
	}
	return seen;
}

static uint64_t lost_at(const struct recorder *r, unsigned int cpu,
			unsigned int channel, unsigned int cause)
{
	return ledger_of(r, cpu, channel).lost[cause];
}

TEST_F(filter, at_load_there_is_that_for_all)
{
	struct ttlog_filter f = read_filter(self->r.fd, "");
	int i;

	EXPECT_EQ(0, f.flags);
	EXPECT_EQ(0, f.index);
	EXPECT_STREQ("", f.service);
	EXPECT_EQ(ALL_LEVELS, f.levels);
	EXPECT_EQ(0x7f, f.record);
	for (i = 0; i < 8; i++) {
		EXPECT_EQ(1, f.sample[i]);
		EXPECT_EQ(NO_LIMIT, f.rate[i]);
		EXPECT_EQ(0, f.burst[i]);
		EXPECT_EQ(0, f.lost[i]);
	}
	strcpy(f.service, "filtered");
	EXPECT_EQ(ENOENT, ask(self->r.fd, &f));
	f = (struct ttlog_filter){ .flags = TTLOG_FILTER_NEXT, .index = 1 };
	EXPECT_EQ(ENOENT, ask(self->r.fd, &f));
}

TEST_F(filter, sample_takes_the_first_of_so_many)
{
	ASSERT_EQ(0, set_sample(self->r.fd, "", 1 << 6, 3));
	EXPECT_EQ(10, write_many(self->r.fd, 6, "info", 10));
	EXPECT_EQ(10, write_many(self->r.fd, 5, "notice", 10));
	ASSERT_TRUE(recorder_read(&self->r));
	EXPECT_EQ(0x249, seen_many(&self->r, "info", 10));
	EXPECT_EQ(0x3ff, seen_many(&self->r, "notice", 10));
	EXPECT_EQ(6, lost_at(&self->r, 2, TTLOG_FLOW, TTLOG_LOST_SAMPLED));
	EXPECT_EQ(20, ledger_of(&self->r, 2, TTLOG_FLOW).offered);
	EXPECT_EQ(14, ledger_of(&self->r, 2, TTLOG_FLOW).written);
	EXPECT_EQ(6, read_filter(self->r.fd, "").lost[TTLOG_LOST_SAMPLED]);
	EXPECT_EQ(3, read_filter(self->r.fd, "").sample[6]);
	EXPECT_EQ(1, read_filter(self->r.fd, "").sample[5]);
}

/* Each level and each CPU by itself. */
TEST_F(filter, sample_counts_by_level_and_cpu)
{
	ASSERT_EQ(0, set_sample(self->r.fd, "", ALL_LEVELS, 4));
	EXPECT_EQ(2, write_many(self->r.fd, 6, "info", 2));
	EXPECT_EQ(2, write_many(self->r.fd, 4, "warning", 2));
	ASSERT_EQ(0, pin(3));
	EXPECT_EQ(5, write_many(self->r.fd, 6, "there", 5));
	ASSERT_TRUE(recorder_read(&self->r));
	EXPECT_EQ(1, seen_many(&self->r, "info", 2));
	EXPECT_EQ(1, seen_many(&self->r, "warning", 2));
	EXPECT_EQ(0x11, seen_many(&self->r, "there", 5));
	EXPECT_EQ(1, lost_at(&self->r, 2, TTLOG_FLOW, TTLOG_LOST_SAMPLED));
	EXPECT_EQ(1, lost_at(&self->r, 2, TTLOG_KEEP, TTLOG_LOST_SAMPLED));
	EXPECT_EQ(3, lost_at(&self->r, 3, TTLOG_FLOW, TTLOG_LOST_SAMPLED));
	EXPECT_EQ(5, read_filter(self->r.fd, "").lost[TTLOG_LOST_SAMPLED]);
}

/* What is left of a larger number doesn't count for a smaller one. */
TEST_F(filter, sample_can_be_set_anew)
{
	ASSERT_EQ(0, set_sample(self->r.fd, "", ALL_LEVELS, 1000000000));
	EXPECT_EQ(3, write_many(self->r.fd, 6, "rare", 3));
	ASSERT_EQ(0, set_sample(self->r.fd, "", ALL_LEVELS, 2));
	EXPECT_EQ(4, write_many(self->r.fd, 6, "often", 4));
	ASSERT_EQ(0, set_sample(self->r.fd, "", ALL_LEVELS, 1));
	EXPECT_EQ(4, write_many(self->r.fd, 6, "all", 4));
	ASSERT_TRUE(recorder_read(&self->r));
	EXPECT_EQ(1, seen_many(&self->r, "rare", 3));
	EXPECT_EQ(5, seen_many(&self->r, "often", 4));
	EXPECT_EQ(0xf, seen_many(&self->r, "all", 4));
}

/*
 * The burst, and then what the time that it took to write gives back: none, where
 * the machine isn't very slow.
 */
TEST_F(filter, rate_after_a_burst)
{
	uint64_t before, written, more;

	ASSERT_EQ(0, set_rate(self->r.fd, "", 1 << 6, 1, 5));
	before = mono_now();
	EXPECT_EQ(40, write_many(self->r.fd, 6, "info", 40));
	more = (mono_now() - before) / SECOND;
	EXPECT_EQ(40, write_many(self->r.fd, 5, "notice", 40));
	written = ledger_of(&self->r, 2, TTLOG_FLOW).written - 40;
	EXPECT_LE(5, written);
	EXPECT_GE(5 + more, written);
	EXPECT_EQ(40 - written, lost_at(&self->r, 2, TTLOG_FLOW, TTLOG_LOST_LIMITED));
	EXPECT_EQ(40 - written, read_filter(self->r.fd, "").lost[TTLOG_LOST_LIMITED]);
	ASSERT_TRUE(recorder_read(&self->r));
	EXPECT_EQ(0x1f, seen_many(&self->r, "info", 5));
	EXPECT_EQ(~0ULL >> 24, seen_many(&self->r, "notice", 40));
	EXPECT_EQ(1, read_filter(self->r.fd, "").rate[6]);
	EXPECT_EQ(5, read_filter(self->r.fd, "").burst[6]);
	EXPECT_EQ(0, read_filter(self->r.fd, "").burst[5]);
}

/* A second an event: after three of them three are paid for, and two may come at once. */
TEST_F(filter, rate_gives_back_with_time)
{
	struct timespec pause = { .tv_sec = 3 };

	ASSERT_EQ(0, set_rate(self->r.fd, "", ALL_LEVELS, 1, 2));
	EXPECT_EQ(3, write_many(self->r.fd, 6, "first", 3));
	EXPECT_EQ(1, lost_at(&self->r, 2, TTLOG_FLOW, TTLOG_LOST_LIMITED));
	ASSERT_EQ(0, nanosleep(&pause, NULL));
	EXPECT_EQ(3, write_many(self->r.fd, 6, "second", 3));
	ASSERT_TRUE(recorder_read(&self->r));
	EXPECT_EQ(3, seen_many(&self->r, "first", 3));
	EXPECT_EQ(3, seen_many(&self->r, "second", 3));
	EXPECT_EQ(2, lost_at(&self->r, 2, TTLOG_FLOW, TTLOG_LOST_LIMITED));
}

/* Ten seconds ahead of now are more than one may be: it begins anew. */
TEST_F(filter, rate_can_be_set_anew)
{
	ASSERT_EQ(0, set_rate(self->r.fd, "", ALL_LEVELS, 1, 1000000000));
	EXPECT_EQ(10, write_many(self->r.fd, 6, "ahead", 10));
	ASSERT_EQ(0, set_rate(self->r.fd, "", ALL_LEVELS, 1, 1));
	EXPECT_EQ(2, write_many(self->r.fd, 6, "anew", 2));
	ASSERT_EQ(0, set_rate(self->r.fd, "", ALL_LEVELS, NO_LIMIT, 0));
	EXPECT_EQ(40, write_many(self->r.fd, 6, "all", 40));
	ASSERT_TRUE(recorder_read(&self->r));
	EXPECT_EQ(0x3ff, seen_many(&self->r, "ahead", 10));
	EXPECT_EQ(1, seen_many(&self->r, "anew", 2));
	EXPECT_EQ(~0ULL >> 24, seen_many(&self->r, "all", 40));
	EXPECT_EQ(1, lost_at(&self->r, 2, TTLOG_FLOW, TTLOG_LOST_LIMITED));
}

TEST_F(filter, of_a_named_service)
{
	int a = open_service("svc-a"), b = open_service("svc-b");

	ASSERT_LE(0, a);
	ASSERT_LE(0, b);
	/* One more, one less than what holds for all. */
	ASSERT_EQ(0, set_levels(self->r.fd, "svc-a", 1 << 7, 1 << 7));
	ASSERT_EQ(0, set_levels(self->r.fd, "svc-b", 1 << 6 | 1 << 4, 0));
	EXPECT_EQ(1, write_many(a, 7, "a7", 1));
	EXPECT_EQ(1, write_many(a, 6, "a6", 1));
	EXPECT_EQ(2, write_many(b, 7, "b7", 2));
	EXPECT_EQ(3, write_many(b, 6, "b6", 3));
	EXPECT_EQ(4, write_many(b, 4, "b4", 4));
	EXPECT_EQ(1, write_many(b, 5, "b5", 1));
	EXPECT_EQ(1, write_many(self->r.fd, 6, "me", 1));
	ASSERT_TRUE(recorder_read(&self->r));
	EXPECT_EQ(4, self->r.nr_seen);
	EXPECT_EQ(1, seen_many(&self->r, "a7", 1));
	EXPECT_EQ(1, seen_many(&self->r, "a6", 1));
	EXPECT_EQ(1, seen_many(&self->r, "b5", 1));
	EXPECT_EQ(1, seen_many(&self->r, "me", 1));
	EXPECT_EQ(5, lost_at(&self->r, 2, TTLOG_FLOW, TTLOG_LOST_FILTERED));
	EXPECT_EQ(4, lost_at(&self->r, 2, TTLOG_KEEP, TTLOG_LOST_FILTERED));
	/* By whom: what svc-b's doesn't say is that for all's. */
	EXPECT_EQ(7, read_filter(self->r.fd, "svc-b").lost[TTLOG_LOST_FILTERED]);
	EXPECT_EQ(2, read_filter(self->r.fd, "").lost[TTLOG_LOST_FILTERED]);
	EXPECT_EQ(0, read_filter(self->r.fd, "svc-a").lost[TTLOG_LOST_FILTERED]);
	close(a);
	close(b);
}

static void *write_in_thread(void *arg)
{
	prctl(PR_SET_NAME, "thread");
	return (void *)(long)write_many(*(int *)arg, 7, "thread", 1);
}

/* The comm of the leader, whatever the thread's own is; all of its 15 bytes. */
TEST_F(filter, of_a_service_without_a_name)
{
	pthread_t thread;
	void *taken;

	ASSERT_EQ(0, set_levels(self->r.fd, "filtered-by-com", 1 << 7, 1 << 7));
	EXPECT_EQ(1, write_many(self->r.fd, 7, "before", 1));
	ASSERT_EQ(0, prctl(PR_SET_NAME, "filtered-by-comm"));
	EXPECT_EQ(1, write_many(self->r.fd, 7, "after", 1));
	ASSERT_EQ(0, pthread_create(&thread, NULL, write_in_thread, &self->r.fd));
	ASSERT_EQ(0, pthread_join(thread, &taken));
	EXPECT_EQ(1, (long)taken);
	/* A shorter name behind a longer one, and one that no service can be given. */
	ASSERT_EQ(0, prctl(PR_SET_NAME, "filter: ed"));
	ASSERT_EQ(0, set_levels(self->r.fd, "filter: ed", 1 << 7, 1 << 7));
	EXPECT_EQ(1, write_many(self->r.fd, 7, "short", 1));
	ASSERT_TRUE(recorder_read(&self->r));
	EXPECT_EQ(0, seen_many(&self->r, "before", 1));
	EXPECT_EQ(1, seen_many(&self->r, "after", 1));
	EXPECT_EQ(1, seen_many(&self->r, "thread", 1));
	EXPECT_EQ(1, seen_many(&self->r, "short", 1));
}

/* What a service's filter doesn't say, that for all does, and counts. */
TEST_F(filter, inherits_from_that_for_all)
{
	struct ttlog_filter f;

	ASSERT_EQ(0, set_sample(self->r.fd, "", ALL_LEVELS, 2));
	ASSERT_EQ(0, set_rate(self->r.fd, "filtered", 1 << 6, 1, 1));
	EXPECT_EQ(3, write_many(self->r.fd, 6, "both", 3));	/* 0; 1 sampled; 2 limited */
	ASSERT_EQ(0, set_sample(self->r.fd, "filtered", 1 << 6, 1));
	ASSERT_EQ(0, set_rate(self->r.fd, "filtered", 1 << 6, NO_LIMIT, 0));
	EXPECT_EQ(3, write_many(self->r.fd, 6, "none", 3));
	f = read_filter(self->r.fd, "filtered");
	EXPECT_EQ(1, f.index);
	EXPECT_EQ(0, f.levels);
	EXPECT_EQ(0, f.record);
	EXPECT_EQ(1, f.sample[6]);
	EXPECT_EQ(TTLOG_FILTER_INHERIT, f.sample[5]);
	EXPECT_EQ(NO_LIMIT, f.rate[6]);
	EXPECT_EQ(TTLOG_FILTER_INHERIT, f.rate[5]);
	EXPECT_EQ(0, f.lost[TTLOG_LOST_SAMPLED]);
	EXPECT_EQ(1, f.lost[TTLOG_LOST_LIMITED]);
	EXPECT_EQ(1, read_filter(self->r.fd, "").lost[TTLOG_LOST_SAMPLED]);
	/* A limit as well: of what passes its sample, one is within it. */
	ASSERT_EQ(0, set_rate(self->r.fd, "", 1 << 5, 1, 1));
	EXPECT_EQ(3, write_many(self->r.fd, 5, "all's", 3));
	EXPECT_EQ(1, read_filter(self->r.fd, "").lost[TTLOG_LOST_LIMITED]);
	EXPECT_EQ(2, read_filter(self->r.fd, "").lost[TTLOG_LOST_SAMPLED]);
	/* Taken back. */
	ASSERT_EQ(0, set_sample(self->r.fd, "filtered", 1 << 6, TTLOG_FILTER_INHERIT));
	ASSERT_EQ(0, set_rate(self->r.fd, "filtered", 1 << 6, TTLOG_FILTER_INHERIT, 0));
	EXPECT_EQ(4, write_many(self->r.fd, 6, "again", 4));	/* 1: 0 left of 2 */
	ASSERT_TRUE(recorder_read(&self->r));
	EXPECT_EQ(1, seen_many(&self->r, "both", 3));
	EXPECT_EQ(7, seen_many(&self->r, "none", 3));
	EXPECT_EQ(0xa, seen_many(&self->r, "again", 4));
}

TEST_F(filter, levels_can_be_taken_back)
{
	struct ttlog_filter f = {
		.flags = TTLOG_FILTER_LEVELS_INHERIT,
		.service = "filtered",
		.levels = 0xc0,
	};

	ASSERT_EQ(0, set_levels(self->r.fd, "filtered", 0xf0, 0x90));
	EXPECT_EQ(0xf0, read_filter(self->r.fd, "filtered").levels);
	EXPECT_EQ(0x90, read_filter(self->r.fd, "filtered").record);
	ASSERT_EQ(0, ask(self->r.fd, &f));
	EXPECT_EQ(0x30, f.levels);
	EXPECT_EQ(0x10, f.record);
	EXPECT_EQ(1, write_many(self->r.fd, 7, "7", 1));
	EXPECT_EQ(1, write_many(self->r.fd, 6, "6", 1));
	EXPECT_EQ(1, write_many(self->r.fd, 5, "5", 1));
	EXPECT_EQ(1, write_many(self->r.fd, 4, "4", 1));
	ASSERT_TRUE(recorder_read(&self->r));
	EXPECT_EQ(2, self->r.nr_seen);
	EXPECT_EQ(1, seen_many(&self->r, "6", 1));
	EXPECT_EQ(1, seen_many(&self->r, "4", 1));
}

/* An event is lost to the first that leaves it out. */
TEST_F(filter, asks_in_order)
{
	struct ttlog_filter f = {
		.flags = TTLOG_FILTER_LEVELS | TTLOG_FILTER_SAMPLE | TTLOG_FILTER_RATE,
		.service = "filtered",
		.levels = 1 << 6,
		.record = 1 << 6,
		.sample = { [6] = 3 },
		.rate = { [6] = 1 },
		.burst = { [6] = 1 },
	};

	ASSERT_EQ(0, ask(self->r.fd, &f));
	EXPECT_EQ(7, write_many(self->r.fd, 6, "info", 7));	/* 0; 3 and 6 limited */
	ASSERT_EQ(0, set_levels(self->r.fd, "filtered", 1 << 6, 0));
	EXPECT_EQ(2, write_many(self->r.fd, 6, "none", 2));
	f = read_filter(self->r.fd, "filtered");
	EXPECT_EQ(2, f.lost[TTLOG_LOST_FILTERED]);
	EXPECT_EQ(4, f.lost[TTLOG_LOST_SAMPLED]);
	EXPECT_EQ(2, f.lost[TTLOG_LOST_LIMITED]);
	EXPECT_EQ(2, lost_at(&self->r, 2, TTLOG_FLOW, TTLOG_LOST_FILTERED));
	EXPECT_EQ(4, lost_at(&self->r, 2, TTLOG_FLOW, TTLOG_LOST_SAMPLED));
	EXPECT_EQ(2, lost_at(&self->r, 2, TTLOG_FLOW, TTLOG_LOST_LIMITED));
	EXPECT_EQ(1, ledger_of(&self->r, 2, TTLOG_FLOW).written);
}

/* Writers that look there must not skip what one service records. */
TEST_F(filter, control_page_has_what_any_service_records)
{
	const volatile struct ttlog_control *control;
	struct ttlog_levels levels = {};
	int fd = ioctl(self->r.fd, TTLOG_IOC_CONTROL, 0);

	ASSERT_LE(0, fd);
	control = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, (void *)control);
	close(fd);
	EXPECT_EQ(0x7f, control->level_mask);
	EXPECT_EQ(0, control->generation);
	ASSERT_EQ(0, set_levels(self->r.fd, "", 0x60, 0));
	EXPECT_EQ(0x1f, control->level_mask);
	EXPECT_EQ(1, control->generation);
	ASSERT_EQ(0, set_levels(self->r.fd, "filtered", 0x81, 0x80));
	EXPECT_EQ(0x9f, control->level_mask);
	EXPECT_EQ(2, control->generation);
	ASSERT_EQ(0, ioctl(self->r.fd, TTLOG_IOC_LEVELS, &levels));
	EXPECT_EQ(0x1f, levels.mask);
	EXPECT_EQ(2, levels.generation);
	ASSERT_EQ(0, ioctl(self->r.fd, TTLOG_IOC_INFO, &self->r.info));
	EXPECT_EQ(0x1f, self->r.info.level_mask);
	ASSERT_EQ(0, remove_filter(self->r.fd, "filtered"));
	EXPECT_EQ(0x1f, control->level_mask);
	EXPECT_EQ(3, control->generation);
	munmap((void *)control, PAGE);
}

TEST_F(filter, can_be_removed)
{
	struct ttlog_filter f;

	ASSERT_EQ(0, set_levels(self->r.fd, "filtered", 1 << 6, 0));
	EXPECT_EQ(1, write_many(self->r.fd, 6, "out", 1));
	ASSERT_EQ(0, remove_filter(self->r.fd, "filtered"));
	EXPECT_EQ(ENOENT, remove_filter(self->r.fd, "filtered"));
	EXPECT_EQ(1, write_many(self->r.fd, 6, "in", 1));
	/* That for all becomes what it was at load; what it counted stays. */
	ASSERT_EQ(0, set_levels(self->r.fd, "", 0xc0, 0x80));
	ASSERT_EQ(0, set_sample(self->r.fd, "", 1 << 7, 2));
	ASSERT_EQ(0, set_rate(self->r.fd, "", 1 << 7, 10, 20));
	EXPECT_EQ(2, write_many(self->r.fd, 7, "debug", 2));
	ASSERT_EQ(0, remove_filter(self->r.fd, ""));
	f = read_filter(self->r.fd, "");
	EXPECT_EQ(0x7f, f.record);
	EXPECT_EQ(1, f.sample[7]);
	EXPECT_EQ(NO_LIMIT, f.rate[7]);
	EXPECT_EQ(0, f.burst[7]);
	EXPECT_EQ(1, f.lost[TTLOG_LOST_SAMPLED]);
	EXPECT_EQ(1, write_many(self->r.fd, 7, "after", 1));
	EXPECT_EQ(1, write_many(self->r.fd, 6, "after6", 1));
	ASSERT_TRUE(recorder_read(&self->r));
	EXPECT_EQ(0, seen_many(&self->r, "out", 1));
	EXPECT_EQ(1, seen_many(&self->r, "in", 1));
	EXPECT_EQ(1, seen_many(&self->r, "debug", 2));
	EXPECT_EQ(0, seen_many(&self->r, "after", 1));
	EXPECT_EQ(1, seen_many(&self->r, "after6", 1));
}

TEST_F(filter, next_gives_all_in_order)
{
	struct ttlog_filter f = { .flags = TTLOG_FILTER_NEXT };

	ASSERT_EQ(0, set_sample(self->r.fd, "one", 1, 11));
	ASSERT_EQ(0, set_sample(self->r.fd, "two", 2, 22));
	ASSERT_EQ(0, set_sample(self->r.fd, "three", 4, 33));
	ASSERT_EQ(0, remove_filter(self->r.fd, "two"));
	ASSERT_EQ(0, ask(self->r.fd, &f));
	EXPECT_EQ(0, f.index);
	EXPECT_STREQ("", f.service);
	f = (struct ttlog_filter){ .flags = TTLOG_FILTER_NEXT, .index = 1 };
	ASSERT_EQ(0, ask(self->r.fd, &f));
	EXPECT_EQ(1, f.index);
	EXPECT_STREQ("one", f.service);
	EXPECT_EQ(11, f.sample[0]);
	f = (struct ttlog_filter){ .flags = TTLOG_FILTER_NEXT, .index = 2 };
	ASSERT_EQ(0, ask(self->r.fd, &f));
	EXPECT_EQ(3, f.index);
	EXPECT_STREQ("three", f.service);
	EXPECT_EQ(33, f.sample[2]);
	f = (struct ttlog_filter){ .flags = TTLOG_FILTER_NEXT, .index = 4 };
	EXPECT_EQ(ENOENT, ask(self->r.fd, &f));
	f = (struct ttlog_filter){ .flags = TTLOG_FILTER_NEXT, .index = ~0U };
	EXPECT_EQ(ENOENT, ask(self->r.fd, &f));
	/* The gap is filled first. */
	ASSERT_EQ(0, set_sample(self->r.fd, "four", 1, 44));
	EXPECT_EQ(2, read_filter(self->r.fd, "four").index);
}

/* Each of these services is found, and the 65th filter isn't made. */
TEST_F(filter, there_are_64_at_most)
{
	char name[32];
	int i, fd;

	for (i = 1; i < TTLOG_NR_FILTERS; i++) {
		snprintf(name, sizeof(name), "service-with-a-long-name-%d", i);
		ASSERT_EQ(0, set_levels(self->r.fd, name, 1 << 6, 0));
	}
	EXPECT_EQ(ENOSPC, set_levels(self->r.fd, "more", 1 << 6, 0));
	for (i = 1; i < TTLOG_NR_FILTERS; i++) {
		snprintf(name, sizeof(name), "service-with-a-long-name-%d", i);
		fd = open_service(name);
		ASSERT_LE(0, fd);
		EXPECT_EQ(i, write_many(fd, 6, name, i));
		close(fd);
		EXPECT_EQ(i, read_filter(self->r.fd, name).lost[TTLOG_LOST_FILTERED]);
	}
	EXPECT_EQ(63 * 64 / 2,
		  lost_at(&self->r, 2, TTLOG_FLOW, TTLOG_LOST_FILTERED));
	/* Others aren't hit by any. */
	EXPECT_EQ(1, write_many(self->r.fd, 6, "other", 1));
	EXPECT_EQ(1, ledger_of(&self->r, 2, TTLOG_FLOW).written);
	ASSERT_EQ(0, remove_filter(self->r.fd, "service-with-a-long-name-7"));
	EXPECT_EQ(0, set_levels(self->r.fd, "more", 1 << 6, 0));
}

TEST_F(filter, refuses_what_it_does_not_know)
{
	static const struct ttlog_filter bad[] = {
		{ .flags = 64, .levels = 1 },
		{ .flags = 1U << 31, .levels = 1 },
		{ .flags = TTLOG_FILTER_SAMPLE | TTLOG_FILTER_REMOVE, .levels = 1,
		  .sample = { 1 } },
		{ .flags = TTLOG_FILTER_SAMPLE | TTLOG_FILTER_NEXT, .levels = 1, .sample = { 1 } },
		{ .flags = TTLOG_FILTER_REMOVE | TTLOG_FILTER_NEXT },
		{ .flags = TTLOG_FILTER_LEVELS | TTLOG_FILTER_LEVELS_INHERIT, .service = "a",
		  .levels = 1 },
		{ .flags = TTLOG_FILTER_LEVELS },
		{ .flags = TTLOG_FILTER_LEVELS, .levels = 0x100 },
		{ .flags = TTLOG_FILTER_LEVELS, .levels = 1, .record = 0x101 },
		{ .flags = TTLOG_FILTER_LEVELS_INHERIT, .levels = 1 },
		{ .flags = TTLOG_FILTER_SAMPLE, .levels = 1 },
		{ .flags = TTLOG_FILTER_SAMPLE, .levels = 1, .sample = { 1000000001 } },
		{ .flags = TTLOG_FILTER_SAMPLE, .levels = 0x80, .sample = { 1 } },
		{ .flags = TTLOG_FILTER_SAMPLE, .service = "a", .levels = 1, .sample = { ~0U } },
		{ .flags = TTLOG_FILTER_RATE, .levels = 1 },
		{ .flags = TTLOG_FILTER_RATE, .levels = 1, .rate = { 1 } },
		{ .flags = TTLOG_FILTER_RATE, .levels = 1, .rate = { 1000000001 }, .burst = { 1 } },
		{ .flags = TTLOG_FILTER_RATE, .levels = 1, .rate = { 1 }, .burst = { 1000000001 } },
		{ .flags = TTLOG_FILTER_RATE, .levels = 1, .rate = { NO_LIMIT }, .burst = { 1 } },
		{ .flags = TTLOG_FILTER_RATE, .service = "a", .levels = 1, .burst = { 1 } },
		{ .flags = TTLOG_FILTER_RATE, .levels = 3, .rate = { 1 }, .burst = { 1 } },
		{ .flags = TTLOG_FILTER_SAMPLE, .service = "a\nb", .levels = 1, .sample = { 1 } },
		{ .flags = TTLOG_FILTER_REMOVE, .service = "\x7f" },
		{ .service = "\xff" },
	};
	struct ttlog_filter f, before, after;
	size_t i;

	before = read_filter(self->r.fd, "");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		f = bad[i];
		EXPECT_EQ(EINVAL, ask(self->r.fd, &f)) TH_LOG("bad[%zu]", i);
	}
	f = (struct ttlog_filter){};
	memset(f.service, 'a', sizeof(f.service));
	EXPECT_EQ(EINVAL, ask(self->r.fd, &f));
	EXPECT_EQ(ENOENT, remove_filter(self->r.fd, "none"));
	after = read_filter(self->r.fd, "");
	EXPECT_EQ(0x7f, after.record);
	EXPECT_EQ(0, memcmp(&before, &after, sizeof(before)));
	f = (struct ttlog_filter){ .flags = TTLOG_FILTER_NEXT, .index = 1 };
	EXPECT_EQ(ENOENT, ask(self->r.fd, &f));
}

static int ask_as_user(void *arg)
{
	int fd = *(int *)arg;

	if (set_levels(fd, "", 1, 1) != EPERM || set_sample(fd, "a", 1, 2) != EPERM ||
	    remove_filter(fd, "") != EPERM)
		return 1;
	return read_filter(fd, "").record == 0x7f ? 0 : 2;
}

/* Who may read the rings may read them, whoever they are; others must not. */
TEST_F(filter, who_may)
{
	struct ttlog_filter f = {};
	int fd = open(DEVICE, O_WRONLY);

	EXPECT_EQ(0, run_as(ALICE, ask_as_user, &self->r.fd));
	ASSERT_LE(0, fd);
	EXPECT_EQ(EBADF, ask(fd, &f));
	close(fd);
}

/* What is left out is no trigger. */
TEST_F(filter, left_out_is_no_trigger)
{
	struct ttlog_levels levels = { .flags = TTLOG_LEVELS_TRIGGER, .trigger = 3 };
	struct ttlog_trigger trigger = {};
	struct pollfd p = { .events = POLLIN };

	p.fd = open(DEVICE, O_RDONLY);
	ASSERT_LE(0, p.fd);
	ASSERT_EQ(0, ioctl(p.fd, TTLOG_IOC_HELPER, 0));
	ASSERT_EQ(0, set_sample(self->r.fd, "filtered", 1 << 1, 1000));
	ASSERT_EQ(0, set_levels(self->r.fd, "filtered", 1 << 2, 0));
	/* The first of 1000 is recorded, before it is a trigger. */
	EXPECT_EQ(1, write_many(self->r.fd, 1, "alert", 1));
	ASSERT_EQ(0, ioctl(self->r.fd, TTLOG_IOC_LEVELS, &levels));
	EXPECT_EQ(9, write_many(self->r.fd, 1, "alert", 9));
	EXPECT_EQ(1, write_many(self->r.fd, 2, "crit", 1));
	EXPECT_EQ(0, poll(&p, 1, 1000));
	EXPECT_EQ(9, lost_at(&self->r, 2, TTLOG_KEEP, TTLOG_LOST_SAMPLED));
	EXPECT_EQ(1, write_many(self->r.fd, 3, "err", 1));
	EXPECT_EQ(1, poll(&p, 1, 5000));
	ASSERT_EQ(0, ioctl(p.fd, TTLOG_IOC_TAKE, &trigger));
	EXPECT_EQ(TTLOG_TRIGGER_LEVEL, trigger.kind);
	close(p.fd);
}

/**
 * struct flood - a thread's writes, for as long as filters change
 * @stop: is set at their end
 * @cpu: to write on
 * @fd: to write to
 * @taken: writes that were taken
 */
struct flood {
	volatile bool *stop;
	int cpu;
	int fd;
	uint64_t taken;
};

static void *flood(void *arg)
{
	struct flood *f = arg;

	pin(f->cpu);
	while (!*f->stop)
		f->taken += write_many(f->fd, 6, "flood", 10);
	return NULL;
}

/*
 * Filters come, change and go while each CPU writes, to a service that has a filter
 * and to none: all events are accounted for, and nothing is used that is gone.
 */
TEST_F(filter, can_change_under_load)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	struct flood floods[NR_TEST_CPUS];
	pthread_t thread[NR_TEST_CPUS];
	struct ttlog_ledger ledger;
	volatile bool stop = false;
	uint64_t taken = 0, until;
	int i;

	for (i = 0; i < NR_TEST_CPUS; i++) {
		floods[i] = (struct flood){
			.stop = &stop,
			.cpu = i,
			.fd = i % 2 ? open_service("svc-x") : open(DEVICE, O_WRONLY),
		};
		ASSERT_LE(0, floods[i].fd);
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, flood, &floods[i]));
	}
	for (until = mono_now() + 3 * SECOND; mono_now() < until;) {
		EXPECT_EQ(0, set_sample(self->r.fd, "svc-x", ALL_LEVELS, 3));
		EXPECT_EQ(0, set_rate(self->r.fd, "svc-x", ALL_LEVELS, 1000, 10));
		EXPECT_EQ(0, set_levels(self->r.fd, "filtered", 1 << 6, 0));
		EXPECT_EQ(0, set_rate(self->r.fd, "", 1 << 6, 500, 5));
		/* So that each of them has something to leave out. */
		nanosleep(&pause, NULL);
		EXPECT_EQ(0, remove_filter(self->r.fd, "svc-x"));
		EXPECT_EQ(0, remove_filter(self->r.fd, "filtered"));
		EXPECT_EQ(0, remove_filter(self->r.fd, ""));
	}
	stop = true;
	for (i = 0; i < NR_TEST_CPUS; i++) {
		EXPECT_EQ(0, pthread_join(thread[i], NULL));
		taken += floods[i].taken;
		close(floods[i].fd);
	}
	ledger = ledger_sum(&self->r, ALL_OF_USERS);
	EXPECT_EQ(taken, ledger.offered);
	EXPECT_EQ(taken, ledger.written + ledger.lost[TTLOG_LOST_FILTERED] +
		  ledger.lost[TTLOG_LOST_SAMPLED] + ledger.lost[TTLOG_LOST_LIMITED]);
	EXPECT_LT(0, ledger.written);
	EXPECT_LT(0, ledger.lost[TTLOG_LOST_FILTERED]);
	EXPECT_LT(0, ledger.lost[TTLOG_LOST_SAMPLED]);
	EXPECT_LT(0, ledger.lost[TTLOG_LOST_LIMITED]);
}

TEST_HARNESS_MAIN
