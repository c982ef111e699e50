// SPDX-License-Identifier: GPL-2.0-only
/*
 * The channel klog against /dev/kmsg: each line once, in order, as it was printed.
 * What needs lines printed from interrupts is in tests/klog.
 */
#include <kselftest_harness.h>
#include "kmsg.h"

#define PRINTK_TIME	"/sys/module/printk/parameters/time"
#define FTRACE		"/proc/sys/kernel/ftrace_enabled"
#define LINE_MAX_BYTES	975	/* that /dev/kmsg takes on all kernels */

FIXTURE(klog)
{
	struct recorder r;
	uint64_t before;	/* number of the last line when the test began */
};

FIXTURE_SETUP(klog)
{
	ASSERT_TRUE(put_file("/proc/sys/kernel/printk_devkmsg", "on\n"));
	ASSERT_TRUE(kmsg_print("<5>klog: before the load", 24));
	/* Room for all that the kernel's log may hold. */
	ASSERT_EQ(0, ttlog_reload("klog_size=16M"));
	self->before = kmsg_last();
	ASSERT_TRUE(recorder_open(&self->r));
}

FIXTURE_TEARDOWN(klog)
{
	EXPECT_TRUE(put_file(PRINTK_TIME, "Y"));
	EXPECT_TRUE(put_file(FTRACE, "1"));
	recorder_close(&self->r);
	EXPECT_EQ(0, ttlog_unload());
}

static bool print(const char *line)
{
	return kmsg_print(line, strlen(line));
}

static struct ttlog_ledger klog_ledger(const struct recorder *r)
{
	return ledger_of(r, TTLOG_KLOG_CPU, TTLOG_KLOG);
}

/* All that the kernel still has, from its first line on, and nothing missed. */
TEST_F(klog, what_was_said_before)
{
	struct kmsg_line *lines;
	size_t nr = kmsg_read(&lines);
	struct ttlog_ledger ledger;
	long same;

	ASSERT_LT(100, nr);
	same = klog_compare(&self->r, 0, true);
	EXPECT_LE((long)nr, same);
	ledger = klog_ledger(&self->r);
	EXPECT_EQ(same, (long)ledger.written);
	EXPECT_EQ(0, lost_of(&ledger));
	kmsg_free(lines, nr);
}

static const char *const texts[] = {
	"<6>one line",
	"<0>emerg", "<1>alert", "<2>crit", "<3>err", "<4>warning", "<5>notice",
	"<6>info", "<7>debug",
	"<13>facility 1", "<191>local7.debug", "<184>local7.emerg",
	"<2047>the last facility",
	"without a level",
	"<6>",
	"<6>two\nlines", "<6>\n\n\namid\n\nof it\n\n",
	"<6>[    1.000000] looks like a time",
	"<6>[    1.000000] likewise\n[    1.000000] and again",
	"<6>[    1.000000] ", "<6>[    1.000000]", "<6>[",
	"<6><3>looks like a level", "<6><3>[    9.999999] like both\n<3>here too",
	"<6>[  T123] looks like a caller",
	"<6>\x01\x02\x03\x1b[31m\t\r\x7f control \\x41 \\",
	"<6>\xc3\xa9t\xc3\xa9 \xff\xfe",
	"<6>seq:=1", "<6> a blank in front and behind ",
};

TEST_F(klog, as_it_was_printed)
{
	unsigned int i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		ASSERT_TRUE(print(texts[i]));
	/* The kernel may say something of its own. */
	EXPECT_LE(i, klog_compare(&self->r, self->before + 1, true));
}

/* How many events since @from are as long as that and of nothing but @byte. */
static unsigned int count_filled(struct recorder *r, uint64_t from, size_t len,
				 char byte)
{
	struct klog_line *lines;
	size_t nr = klog_read(r, &lines), i, k;
	unsigned int found = 0;

	for (i = 0; i < nr; i++) {
		if (lines[i].seq < from || lines[i].len != len)
			continue;
		for (k = 0; k < len && lines[i].text[k] == byte; k++)
			;
		found += k == len;
	}
	free(lines);
	return found;
}

/* The kernel's reader may cut them (kmsg_parse()), the recorder doesn't. */
TEST_F(klog, long_lines)
{
	const size_t len = LINE_MAX_BYTES - 3;
	char line[LINE_MAX_BYTES];

	memcpy(line, "<6>", 3);
	memset(line + 3, 'x', sizeof(line) - 3);
	ASSERT_TRUE(kmsg_print(line, sizeof(line)));
	memset(line + 3, '\n', sizeof(line) - 3);
	ASSERT_TRUE(kmsg_print(line, sizeof(line)));
	memset(line + 3, '\\', sizeof(line) - 3);
	ASSERT_TRUE(kmsg_print(line, sizeof(line)));
	EXPECT_LE(3, klog_compare(&self->r, self->before + 1, true));
	EXPECT_EQ(1, count_filled(&self->r, self->before + 1, len, 'x'));
	EXPECT_EQ(1, count_filled(&self->r, self->before + 1, len, '\n'));
	EXPECT_EQ(1, count_filled(&self->r, self->before + 1, len, '\\'));
}

/* Without printk's time the event's is that of its coming, and it has no "us". */
TEST_F(klog, printk_time_off)
{
	uint64_t before, after;
	struct klog_line *lines;
	unsigned int i;
	size_t nr;

	ASSERT_TRUE(put_file(PRINTK_TIME, "N"));
	before = mono_now();
	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		ASSERT_TRUE(print(texts[i]));
	EXPECT_LE(i, klog_compare(&self->r, self->before + 1, false));
	after = mono_now();
	nr = klog_read(&self->r, &lines);
	for (i = 0; i < nr; i++) {
		if (lines[i].seq <= self->before)
			continue;
		EXPECT_LE(before, lines[i].time);
		EXPECT_LE(lines[i].time, after);
	}
	free(lines);
}

static const char switched[] = "<6>[    1.000000] switched";

/* Switched all the time: each line as it was then. */
TEST_F(klog, printk_time_switched)
{
	struct klog_line *lines;
	size_t i, nr, found = 0;

	for (i = 0; i < 50; i++) {
		ASSERT_TRUE(put_file(PRINTK_TIME, i % 2 ? "N" : "Y"));
		ASSERT_TRUE(print(switched));
		ASSERT_EQ(0, ioctl(self->r.fd, TTLOG_IOC_SYNC, 0));
	}
	nr = klog_read(&self->r, &lines);
	for (i = 0; i < nr; i++) {
		if (lines[i].seq <= self->before ||
		    lines[i].len != strlen(switched + 3) ||
		    memcmp(lines[i].text, switched + 3, lines[i].len))
			continue;
		EXPECT_EQ(found % 2, lines[i].us == -1);
		found++;
	}
	EXPECT_EQ(50, found);
	free(lines);
}

/* Nobody asks for it. */
TEST_F(klog, by_itself)
{
	struct klog_line *lines;
	uint64_t asked, took, last;
	unsigned int at_once = 0;
	char line[32];
	size_t nr;
	int i;

	for (i = 0; i < 20; i++) {
		snprintf(line, sizeof(line), "<6>by itself %d", i);
		ASSERT_TRUE(print(line));
		asked = mono_now();
		do {
			nr = klog_read(&self->r, &lines);
			last = nr ? lines[nr - 1].seq : 0;
			free(lines);
			took = mono_now() - asked;
		} while (last < self->before + 1 + i && took < 10 * SECOND);
		ASSERT_LE(self->before + 1 + i, last);
		at_once += took < SECOND / 5;
	}
	/* The timer alone would take a second at most, and so one in five be there. */
	EXPECT_LE(15, at_once);
}

/* With the hook switched off a sync still brings it all, and else the timer. */
TEST_F(klog, without_the_hook)
{
	uint64_t asked, written;
	int i;

	/* From 7.x on it may have users that don't let it be switched off. */
	if (!put_file(FTRACE, "0"))
		SKIP(return, "ftrace can't be switched off here");
	for (i = 0; i < 40; i++) {
		ASSERT_TRUE(print("<6>without the hook"));
		EXPECT_LE(i + 1, klog_compare(&self->r, self->before + 1, true));
	}
	written = klog_ledger(&self->r).written;
	ASSERT_TRUE(print("<6>for the timer"));
	asked = mono_now();
	/* Awake on each CPU in turn, as the timer wakes none. */
	for (i = 0; klog_ledger(&self->r).written == written; i++) {
		ASSERT_EQ(0, pin(i / 1000 % NR_TEST_CPUS));
		ASSERT_GT(20 * SECOND, mono_now() - asked);
	}
	EXPECT_EQ(written + 1, klog_ledger(&self->r).written);
	EXPECT_LE(41, klog_compare(&self->r, self->before + 1, true));
}

/* The one event of @kind with the message @prefix and @number; 0 if there is none. */
static uint64_t time_of(const struct recorder *r, unsigned int kind,
			const char *prefix, unsigned int number)
{
	const struct ttlog_event *e;
	uint64_t found = 0;
	char text[32];
	size_t i, len;

	/* With the NUL, which a line's fields stand behind. */
	len = snprintf(text, sizeof(text), "%s%u", prefix, number) +
	      (kind == TTLOG_KIND_KLOG);
	for (i = 0; i < r->nr_seen; i++) {
		e = r->seen[i].slot;
		if (slot_kind(e) != kind || slot_len(e) < len ||
		    (kind == TTLOG_KIND_LOG && slot_len(e) != len) ||
		    memcmp(slot_text(e), text, len))
			continue;
		if (found)
			return 0;
		found = e->time;
	}
	return found;
}

/*
 * What a line's time may be off by (ns): it is told from printk's clock, and where
 * that isn't stable (QEMU's isn't) it is at most a tick from CLOCK_MONOTONIC. Only
 * PREEMPT_RT lets lines wait before they are taken; else both clocks are read at
 * once, and what they differ by doesn't count.
 */
static uint64_t line_skew(void)
{
	struct timespec tick;

	if (access("/sys/kernel/realtime", F_OK) ||
	    clock_getres(CLOCK_MONOTONIC_COARSE, &tick))
		return 0;
	return tick.tv_nsec;
}

TEST_F(klog, on_one_timeline)
{
	const uint64_t skew = line_skew();
	uint64_t before, at, after;
	unsigned int i;
	char line[32];

	for (i = 0; i < 100; i++) {
		snprintf(line, sizeof(line), "<5>before%u", i);
		ASSERT_LT(0, write(self->r.fd, line, strlen(line)));
		snprintf(line, sizeof(line), "<5>between%u", i);
		ASSERT_TRUE(print(line));
		snprintf(line, sizeof(line), "<5>after%u", i);
		ASSERT_LT(0, write(self->r.fd, line, strlen(line)));
	}
	ASSERT_EQ(0, ioctl(self->r.fd, TTLOG_IOC_SYNC, 0));
	self->r.klog = true;
	ASSERT_TRUE(recorder_read(&self->r));
	for (i = 0; i < 100; i++) {
		before = time_of(&self->r, TTLOG_KIND_LOG, "before", i);
		at = time_of(&self->r, TTLOG_KIND_KLOG, "between", i);
		after = time_of(&self->r, TTLOG_KIND_LOG, "after", i);
		ASSERT_NE(0, before);
		ASSERT_NE(0, at);
		/* printk's clock is told in whole microseconds. */
		EXPECT_LE(before, at + 1000 + skew);
		EXPECT_LE(at, after + skew);
	}
}

/* The level mask is for user events. */
TEST_F(klog, whatever_the_mask)
{
	struct ttlog_levels levels = { .flags = TTLOG_LEVELS_SET };

	ASSERT_EQ(0, ioctl(self->r.fd, TTLOG_IOC_LEVELS, &levels));
	ASSERT_TRUE(print("<7>debug"));
	EXPECT_LE(1, klog_compare(&self->r, self->before + 1, true));
}

/* What users write, 20 times a ring's worth, changes nothing in it. */
TEST_F(klog, no_user_gets_in)
{
	struct ttlog_ledger before, after;
	uint64_t last;
	static char text[1000];
	unsigned int i;
	pid_t pid[4];

	recorder_close(&self->r);
	ASSERT_EQ(0, ttlog_reload("memory=1M"));
	ASSERT_TRUE(recorder_open(&self->r));
	ASSERT_EQ(0, ioctl(self->r.fd, TTLOG_IOC_SYNC, 0));
	last = kmsg_last();
	before = klog_ledger(&self->r);
	memset(text, 'u', sizeof(text));
	for (i = 0; i < 4; i++) {
		pid[i] = fork();
		if (!pid[i]) {
			if (i && become(ALICE))
				_exit(1);
			for (i = 0; i < 5000; i++)
				if (write(self->r.fd, text, 1000) != 1000)
					_exit(1);
			_exit(0);
		}
	}
	for (i = 0; i < 4; i++)
		EXPECT_EQ(0, end_of(pid[i]));
	EXPECT_EQ(20000, ledger_sum(&self->r, ALL_OF_USERS).written);
	/* Each event in it is a line. */
	EXPECT_LE(0, klog_compare(&self->r, last - 200, true));
	after = klog_ledger(&self->r);
	EXPECT_EQ(kmsg_last() - last, after.written - before.written);
	EXPECT_EQ(0, lost_of(&after));
}

TEST_HARNESS_MAIN
