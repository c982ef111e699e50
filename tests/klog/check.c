// SPDX-License-Identifier: GPL-2.0-only
/*
 * The channel klog against /dev/kmsg, with lines that a module prints in all
 * contexts and amounts (print.c).
 */
#include <kselftest_harness.h>
#include <sched.h>
#include <sys/klog.h>
#include <sys/utsname.h>
#include "print.h"

#define FTRACE		"/proc/sys/kernel/ftrace_enabled"
#define RT_RUNTIME	"/proc/sys/kernel/sched_rt_runtime_us"

FIXTURE(klog)
{
	struct recorder r;
	uint64_t before;	/* number of the last line when the test began */
};

FIXTURE_SETUP(klog)
{
	ASSERT_TRUE(put_file("/proc/sys/kernel/printk_devkmsg", "on\n"));
	ASSERT_EQ(0, ttlog_reload("klog_size=16M"));
	self->before = kmsg_last();
	ASSERT_TRUE(recorder_open(&self->r));
}

FIXTURE_TEARDOWN(klog)
{
	EXPECT_TRUE(put_file(PARAMETERS "from", "calm"));
	EXPECT_TRUE(put_file(FTRACE, "1"));
	recorder_close(&self->r);
	EXPECT_EQ(0, ttlog_unload());
}

/* Is the kernel's release one that begins so? */
static bool is_release(const char *begin)
{
	struct utsname name;

	return !uname(&name) && !strncmp(name.release, begin, strlen(begin));
}

static struct ttlog_ledger klog_ledger(const struct recorder *r)
{
	return ledger_of(r, TTLOG_KLOG_CPU, TTLOG_KLOG);
}

static long parameter(const char *path)
{
	FILE *file = fopen(path, "re");
	long number = -1;

	if (!file || fscanf(file, "%ld", &number) != 1)
		number = -1;
	if (file)
		fclose(file);
	return number;
}

/* How many of the ring's lines behind @from are this; nobody is asked for more. */
static unsigned int count(struct recorder *r, uint64_t from, const char *text)
{
	struct klog_line *lines;
	unsigned int found = 0;
	size_t i, nr;

	nr = klog_read(r, &lines);
	for (i = 0; i < nr; i++)
		found += lines[i].seq > from && lines[i].len == strlen(text) &&
			 !memcmp(lines[i].text, text, lines[i].len);
	free(lines);
	return found;
}

/* The same, when it has become so many or 10 s have gone. */
static unsigned int await(struct recorder *r, uint64_t from, const char *text,
			  unsigned int wanted)
{
	uint64_t begin = mono_now();
	unsigned int found;

	do {
		found = count(r, from, text);
	} while (found < wanted && mono_now() - begin < 10000000000);
	return found;
}

/* See with_breakpoint(). */
#define NO_NMI		"there is no way to have an NMI here"

TEST_F(klog, from_any_context)
{
	static const char *const from[] = { "task", "softirq", "hardirq" };
	char text[64];
	int i;

	for (i = 0; i < 3; i++) {
		ASSERT_TRUE(print(from[i]));
		snprintf(text, sizeof(text), "klog_print: from %s", from[i]);
		EXPECT_EQ(1, await(&self->r, self->before, text, 1));
	}
	EXPECT_LE(3, klog_compare(&self->r, self->before + 1, true));
}

TEST_F(klog, from_nmi)
{
	long in_nmi = parameter(PARAMETERS "seen_in_nmi");

	if (!HAS_NMI)
		SKIP(return, NO_NMI);
	ASSERT_TRUE(print("nmi"));
	EXPECT_EQ(1, await(&self->r, self->before, "klog_print: from nmi", 1));
	EXPECT_EQ(1, await(&self->r, self->before, "klog_print: a second", 1));
	EXPECT_EQ(in_nmi + 1, parameter(PARAMETERS "seen_in_nmi"));
	EXPECT_LE(2, klog_compare(&self->r, self->before + 1, true));
}

/* An NMI that prints while the line below it isn't finished. */
TEST_F(klog, on_top_of_printk)
{
	long in_nmi = parameter(PARAMETERS "seen_in_nmi"), hits;

	if (!HAS_NMI)
		SKIP(return, NO_NMI);
	ASSERT_TRUE(print("nested"));
	hits = parameter(PARAMETERS "seen_in_nmi") - in_nmi;
	EXPECT_LE(3, hits);
	EXPECT_EQ(1, await(&self->r, self->before, "klog_print: nested in", 1));
	EXPECT_EQ(hits, await(&self->r, self->before, "klog_print: from nmi", hits));
	EXPECT_LE(2 * hits + 1, klog_compare(&self->r, self->before + 1, true));
}

/* Print more than is taken at once, then let no other task run on this CPU. */
static void print_and_hog(void)
{
	struct sched_param param = { .sched_priority = 99 };
	cpu_set_t cpu;

	CPU_ZERO(&cpu);
	CPU_SET(1, &cpu);
	if (sched_setaffinity(0, sizeof(cpu), &cpu) ||
	    sched_setscheduler(0, SCHED_FIFO, &param) || !print("masked 100"))
		_exit(1);
	for (;;)
		;
}

/* What a CPU said that is stuck then is taken by another, with no SYNC. */
TEST_F(klog, from_a_cpu_that_is_stuck)
{
	int status;
	pid_t pid;

	ASSERT_TRUE(put_file(RT_RUNTIME, "-1"));
	pid = fork();
	if (!pid)
		print_and_hog();
	EXPECT_EQ(100, await(&self->r, self->before, "klog_print: measured", 100));
	kill(pid, SIGKILL);
	EXPECT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
	ASSERT_TRUE(put_file(RT_RUNTIME, "950000"));
}

TEST_F(klog, parts_of_a_line)
{
	ASSERT_TRUE(print("parts"));
	EXPECT_LE(9, klog_compare(&self->r, self->before + 1, true));
	EXPECT_EQ(1, count(&self->r, self->before, "klog_print: one two three"));
	EXPECT_EQ(1, count(&self->r, self->before, "klog_print: unfinished"));
	EXPECT_EQ(1, count(&self->r, self->before, "without a beginning"));
	EXPECT_EQ(1, count(&self->r, self->before,
			   "klog_print: a NUL?seq:=7 in it"));
	EXPECT_EQ(1, count(&self->r, self->before, "klog_print: two\nlines"));
	EXPECT_EQ(1, count(&self->r, self->before, "klog_print: "));
}

TEST_F(klog, levels)
{
	struct klog_line *lines;
	size_t i, nr, found = 0;

	ASSERT_TRUE(print("levels"));
	EXPECT_LE(8, klog_compare(&self->r, self->before + 1, true));
	nr = klog_read(&self->r, &lines);
	for (i = 0; i < nr; i++) {
		if (lines[i].seq <= self->before || lines[i].len != 19 ||
		    memcmp(lines[i].text, "klog_print: level ", 18))
			continue;
		EXPECT_EQ(found, lines[i].level);
		EXPECT_EQ('0' + (char)found, lines[i].text[18]);
		found++;
	}
	EXPECT_EQ(8, found);
	free(lines);
}

/*
 * More lines than the kernel keeps, before anybody could pull them: what isn't
 * there is counted, to the line, and what is there is there.
 */
TEST_F(klog, flood)
{
	struct ttlog_ledger before, after;
	struct kmsg_line *lines;
	struct klog_line *events;
	uint64_t last, gaps = 0;
	size_t i, nr;

	ASSERT_EQ(0, ioctl(self->r.fd, TTLOG_IOC_SYNC, 0));
	before = klog_ledger(&self->r);
	last = kmsg_last();
	ASSERT_TRUE(print("flood 4000"));
	nr = kmsg_read(&lines);
	ASSERT_LT(0, nr);
	ASSERT_LT(last + 1, lines[0].seq);
	EXPECT_EQ((long)nr, klog_compare(&self->r, lines[0].seq, true));
	kmsg_free(lines, nr);

	after = klog_ledger(&self->r);
	EXPECT_EQ(kmsg_last() - last, after.offered - before.offered);
	/* printk itself drops some, of which not even it knows. */
	EXPECT_LE(8000, after.offered - before.offered);
	EXPECT_LT(0, after.lost[TTLOG_LOST_MISSED]);
	EXPECT_EQ(after.lost[TTLOG_LOST_MISSED], lost_of(&after));
	nr = klog_read(&self->r, &events);
	EXPECT_EQ(after.written, nr);
	for (i = 1; i < nr; i++) {
		ASSERT_LT(events[i - 1].seq, events[i].seq);
		gaps += events[i].seq - events[i - 1].seq - 1;
	}
	EXPECT_EQ(after.lost[TTLOG_LOST_MISSED], gaps);
	free(events);
}

/* While all CPUs print, a sync ends, and what it is to bring is there. */
TEST_F_TIMEOUT(klog, storm, 120)
{
	struct ttlog_ledger before, after;
	uint64_t last;
	char text[32];
	int i;

	ASSERT_EQ(0, ioctl(self->r.fd, TTLOG_IOC_SYNC, 0));
	before = klog_ledger(&self->r);
	last = kmsg_last();
	ASSERT_TRUE(print("storm"));
	for (i = 0; i < 10; i++) {
		snprintf(text, sizeof(text), "<6>sync %d", i);
		ASSERT_TRUE(kmsg_print(text, strlen(text)));
		ASSERT_EQ(0, ioctl(self->r.fd, TTLOG_IOC_SYNC, 0));
		after = klog_ledger(&self->r);
		if (!after.lost[TTLOG_LOST_MISSED])
			EXPECT_EQ(1, count(&self->r, last, text + 3));
	}
	ASSERT_TRUE(print("calm"));
	ASSERT_EQ(0, ioctl(self->r.fd, TTLOG_IOC_SYNC, 0));
	after = klog_ledger(&self->r);
	EXPECT_EQ(kmsg_last() - last, after.offered - before.offered);
	EXPECT_EQ(after.lost[TTLOG_LOST_MISSED], lost_of(&after));
	EXPECT_LT(1000, after.written);
}

/*
 * dmesg -C: what was pulled before stays. The last two, as that hides the kernel's log
 * from those who look for complaints in it. What the storm has left may have gaps: a
 * number for which printk had no room is a line that is missed.
 */
TEST_F(klog, then_cleared)
{
	struct ttlog_ledger before, after;

	ASSERT_EQ(0, ioctl(self->r.fd, TTLOG_IOC_SYNC, 0));
	before = klog_ledger(&self->r);
	ASSERT_EQ(0, klogctl(5, NULL, 0));
	ASSERT_TRUE(print("task"));
	EXPECT_EQ(1, await(&self->r, self->before, "klog_print: from task", 1));
	after = klog_ledger(&self->r);
	EXPECT_EQ(before.offered + 1, after.offered);
	EXPECT_EQ(lost_of(&before), lost_of(&after));
}

/* And what wasn't is missed: without the hook lines wait for the timer. */
TEST_F(klog, cleared_before_it_was_pulled)
{
	struct ttlog_ledger before, after;
	int i;

	/* From 7.x on it may have users that don't let it be switched off. */
	if (!put_file(FTRACE, "0"))
		SKIP(return, "ftrace can't be switched off here");
	ASSERT_EQ(0, ioctl(self->r.fd, TTLOG_IOC_SYNC, 0));
	before = klog_ledger(&self->r);
	after = before;
	/*
	 * The timer may come in between, but not each time. On 5.10 it makes no
	 * difference: what is cleared isn't hidden from modules there.
	 */
	for (i = 0; i < 10 && lost_of(&after) == lost_of(&before); i++) {
		ASSERT_TRUE(print("task"));
		ASSERT_EQ(0, klogctl(5, NULL, 0));
		ASSERT_TRUE(print("task"));
		ASSERT_EQ(0, ioctl(self->r.fd, TTLOG_IOC_SYNC, 0));
		after = klog_ledger(&self->r);
	}
	EXPECT_EQ(before.offered + 2 * i, after.offered);
	if (is_release("5.10.")) {
		EXPECT_EQ(lost_of(&before), lost_of(&after));
		EXPECT_EQ(2 * i, count(&self->r, self->before, "klog_print: from task"));
		return;
	}
	EXPECT_EQ(before.lost[TTLOG_LOST_MISSED] + 1, after.lost[TTLOG_LOST_MISSED]);
	EXPECT_EQ(lost_of(&before) + 1, lost_of(&after));
}

TEST_HARNESS_MAIN
