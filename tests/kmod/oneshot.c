// SPDX-License-Identifier: GPL-2.0-only
/*
 * The one-shot: the helper that the module starts itself where nobody takes what
 * the kernel asks for. It is helpers/once.c, which does as it is told.
 */
#include <kselftest_harness.h>
#include <inttypes.h>
#include <signal.h>
#include "helper.h"

#define ROOM	300

FIXTURE(oneshot)
{
	int helper;
	int writer;
	int log;
	char folder[200];
	char said[65536];
};

static int load(const char *folder, const char *program)
{
	char params[ROOM];

	snprintf(params, sizeof(params),
		 "memory_per_cpu=64K trigger_level=alert helper=%s%s",
		 *program == '/' ? "" : folder, program);
	return ttlog_reload(params);
}

/* What it is to do from now on. */
static bool tell(const char *how)
{
	FILE *file = fopen("once.how", "we");

	return file && fputs(how, file) >= 0 && !fclose(file);
}

FIXTURE_SETUP(oneshot)
{
	ASSERT_NE(NULL, getcwd(self->folder, sizeof(self->folder)));
	strcat(self->folder, "/");
	self->log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ASSERT_LE(0, self->log);
	ASSERT_LE(0, lseek(self->log, 0, SEEK_END));
	unlink("once.log");
	ASSERT_TRUE(tell("serve 0"));
	ASSERT_EQ(0, load(self->folder, "once"));
	self->helper = open(DEVICE, O_RDONLY | O_CLOEXEC);
	self->writer = open(DEVICE, O_WRONLY | O_CLOEXEC);
	ASSERT_LE(0, self->helper);
	ASSERT_LE(0, self->writer);
}

FIXTURE_TEARDOWN(oneshot)
{
	int ret, tries;

	close(self->helper);
	close(self->writer);
	close(self->log);
	/* A one-shot that has told its end has not closed its files yet. */
	for (tries = 0; tries < 30 && (ret = ttlog_unload()) == EAGAIN; tries++)
		usleep(100000);
	EXPECT_EQ(0, ret);
}

/* Lines of its log that begin with this; the @nth of them is left in @line. */
static unsigned int lines(const char *begin, unsigned int nth, char *line)
{
	FILE *file = fopen("once.log", "re");
	char buffer[ROOM];
	unsigned int n = 0;

	while (file && fgets(buffer, sizeof(buffer), file)) {
		if (strncmp(buffer, begin, strlen(begin)))
			continue;
		if (n++ == nth && line)
			strcpy(line, buffer);
	}
	if (file)
		fclose(file);
	return n;
}

/* Wait until there are so many such lines; false if there aren't after some time. */
static bool wait_for(const char *begin, unsigned int nr, double seconds)
{
	uint64_t since = mono_now();

	while (lines(begin, 0, NULL) < nr) {
		if (mono_now() - since > seconds * SECOND)
			return false;
		usleep(10000);
	}
	return true;
}

static uint64_t when(const char *what, unsigned int nth)
{
	uint64_t time = 0;
	char line[ROOM];

	if (lines(what, nth, line) > nth)
		sscanf(line, "%*s %*d %" SCNu64, &time);
	return time;
}

static bool line_is(const char *begin, unsigned int nth, const char *expected)
{
	char line[ROOM];

	return lines(begin, nth, line) > nth && !strcmp(line, expected);
}

/*
 * How many lines the kernel has said since the test began that begin with this, or
 * that are this.
 */
static unsigned int said(struct _test_data_oneshot *self, const char *text, bool whole)
{
	char record[8192], *line;
	unsigned int n = 0;
	ssize_t len;

	while ((len = read(self->log, record, sizeof(record) - 1)) > 0) {
		record[len] = '\0';
		line = strchr(record, ';') + 1;
		line[strcspn(line, "\n")] = '\0';
		if (strlen(self->said) + strlen(line) + 2 < sizeof(self->said))
			strcat(strcat(self->said, line), "\n");
	}
	for (line = self->said; *line; line = strchr(line, '\n') + 1)
		n += !strncmp(line, text, strlen(text)) &&
		     (!whole || line[strlen(text)] == '\n');
	return n;
}

/* Wait for a message of the module; false if it isn't said exactly once. */
static bool says_once(struct _test_data_oneshot *self, const char *program, const char *what)
{
	uint64_t until = mono_now() + 3 * SECOND;
	char text[2 * ROOM];

	snprintf(text, sizeof(text), "ttlog: helper=%s%s: %s",
		 *program == '/' ? "" : self->folder, program, what);
	while (!said(self, text, true) && mono_now() < until)
		usleep(10000);
	return said(self, text, true) == 1 && said(self, "ttlog: ", false) == 1;
}

TEST_F(oneshot, at_once_without_a_helper)
{
	char expected[ROOM];
	uint64_t before;

	before = mono_now();
	ASSERT_TRUE(strike(self->writer, TTLOG_ALERT));
	ASSERT_TRUE(wait_for("end", 1, 10));
	EXPECT_LE(before, when("begin", 0));
	EXPECT_GT(before + SECOND, when("begin", 0));
	EXPECT_TRUE(line_is("uid", 0, "uid 0\n"));
	EXPECT_EQ(2, lines("argument", 0, NULL));
	snprintf(expected, sizeof(expected), "argument %sonce\n", self->folder);
	EXPECT_TRUE(line_is("argument", 0, expected));
	EXPECT_TRUE(line_is("argument", 1, "argument --once\n"));
	EXPECT_EQ(2, lines("variable", 0, NULL));
	EXPECT_TRUE(line_is("variable", 0, "variable HOME=/\n"));
	EXPECT_TRUE(line_is("variable", 1, "variable PATH=/usr/local/sbin:"
			    "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"));
	/* The first, one, with its hold. */
	EXPECT_EQ(1, lines("took", 0, NULL));
	EXPECT_TRUE(line_is("took", 0, "took 1 1 1\n"));
	/* Nothing is left for a helper. */
	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	EXPECT_FALSE(readable(self->helper, 300));
	EXPECT_EQ(1, lines("begin", 0, NULL));
}

/* A helper in a process of its own, that stops before or after taking. */
static pid_t helper_that_stops(int writer, bool takes)
{
	struct ttlog_trigger t;
	int said[2], fd;
	pid_t pid;
	char byte;

	if (pipe(said))
		return -1;
	pid = fork();
	if (!pid) {
		fd = open(DEVICE, O_RDONLY);
		if (fd < 0 || ioctl(fd, TTLOG_IOC_HELPER, 0) ||
		    write(said[1], "", 1) != 1)
			_exit(1);
		if (takes && (!readable(fd, SOON) || take(fd, &t)))
			_exit(2);
		if (takes && write(said[1], "", 1) != 1)
			_exit(3);
		raise(SIGSTOP);
		/* What it had it has no longer. */
		_exit(!takes ? 0 : finish(fd, t.id, 0, "/x", 3) == ENOENT ? 0 : 4);
	}
	if (read(said[0], &byte, 1) != 1)
		return -1;
	if (!takes)
		waitpid(pid, NULL, WUNTRACED);
	strike(writer, TTLOG_ALERT);
	if (takes && (read(said[0], &byte, 1) != 1 ||
		      waitpid(pid, NULL, WUNTRACED) != pid))
		return -1;
	close(said[0]);
	close(said[1]);
	return pid;
}

TEST_F(oneshot, beside_a_stopped_helper)
{
	uint64_t before = mono_now();
	pid_t pid = helper_that_stops(self->writer, false);

	ASSERT_LT(0, pid);
	ASSERT_TRUE(wait_for("end", 1, 10));
	EXPECT_LE(before + 2 * SECOND, when("begin", 0));
	EXPECT_GT(before + 8 * SECOND, when("begin", 0));
	EXPECT_TRUE(line_is("took", 0, "took 1 1 1\n"));
	kill(pid, SIGCONT);
	EXPECT_EQ(0, end_of(pid));
	EXPECT_EQ(1, lines("begin", 0, NULL));
}

TEST_F(oneshot, after_a_helper_that_stopped_in_a_hold)
{
	uint64_t before = mono_now();
	pid_t pid = helper_that_stops(self->writer, true);

	ASSERT_LT(0, pid);
	ASSERT_TRUE(wait_for("end", 1, 10));
	EXPECT_LE(before + 2 * SECOND, when("begin", 0));
	EXPECT_GT(before + 8 * SECOND, when("begin", 0));
	/* As another one, without the hold. */
	EXPECT_TRUE(line_is("took", 0, "took 2 1 0\n"));
	kill(pid, SIGCONT);
	EXPECT_EQ(0, end_of(pid));
	EXPECT_EQ(1, lines("begin", 0, NULL));
}

/* A helper that was killed with a trigger in its hands. */
TEST_F(oneshot, after_a_killed_helper)
{
	pid_t pid = helper_that_stops(self->writer, true);
	uint64_t before = mono_now();

	ASSERT_LT(0, pid);
	kill(pid, SIGKILL);
	EXPECT_EQ(-1, end_of(pid));
	ASSERT_TRUE(wait_for("end", 1, 10));
	EXPECT_GT(before + SECOND, when("begin", 0));
	EXPECT_TRUE(line_is("took", 0, "took 1 1 1\n"));
}

/*
 * Never two, whatever happens while one runs: more triggers, helpers that come, take
 * what waits and go.
 */
TEST_F_TIMEOUT(oneshot, never_two, 60)
{
	unsigned int i, count, sum = 0;
	struct ttlog_trigger t;
	char line[ROOM];
	int fd;

	ASSERT_TRUE(tell("serve 3000"));
	for (i = 0; i < 100; i++) {
		ASSERT_TRUE(strike(self->writer, TTLOG_ALERT));
		usleep(20000);
		fd = open(DEVICE, O_RDONLY | O_CLOEXEC);
		ASSERT_EQ(0, ioctl(fd, TTLOG_IOC_HELPER, 0));
		take(fd, &t);
		close(fd);
	}
	EXPECT_EQ(1, lines("begin", 0, NULL));
	ASSERT_TRUE(wait_for("end", 1, 10));
	/* The rest is for another one, 30 s after the first strike. */
	ASSERT_TRUE(wait_for("end", 2, 40));
	EXPECT_LE(when("end", 0), when("begin", 1));
	EXPECT_LE(when("begin", 0) + 29 * SECOND, when("begin", 1));
	for (i = 0; i < lines("took", i, line); i++) {
		ASSERT_EQ(1, sscanf(line, "took %*u %u", &count));
		sum += count;
	}
	EXPECT_EQ(2, i);
	/* Each strike, but for those that a hold kept out. */
	EXPECT_EQ(100, sum);
}

/* One that fails is started again after 30 s, then after 60. */
TEST_F_TIMEOUT(oneshot, fails, 200)
{
	uint64_t since = mono_now();

	ASSERT_TRUE(tell("exit 3"));
	ASSERT_TRUE(strike(self->writer, TTLOG_ALERT));
	EXPECT_TRUE(says_once(self, "once", "ended with status 3"));
	/* Whatever comes in between. */
	sleep_until(since, 10);
	ASSERT_TRUE(strike(self->writer, TTLOG_ALERT));
	ASSERT_TRUE(wait_for("end", 2, 50));
	EXPECT_LE(when("end", 0) + 30 * SECOND, when("begin", 1));
	EXPECT_GT(when("end", 0) + 50 * SECOND, when("begin", 1));
	ASSERT_TRUE(tell("serve 0"));
	ASSERT_TRUE(wait_for("end", 3, 80));
	EXPECT_LE(when("end", 1) + 60 * SECOND, when("begin", 2));
	EXPECT_GT(when("end", 1) + 80 * SECOND, when("begin", 2));
	/* That one did it; the one in between is next, without a pause. */
	EXPECT_TRUE(line_is("took", 0, "took 1 1 0\n"));
	ASSERT_TRUE(wait_for("took", 2, 3));
	EXPECT_TRUE(line_is("took", 1, "took 2 1 1\n"));
}

TEST_F(oneshot, is_killed)
{
	struct ttlog_trigger t;

	ASSERT_TRUE(tell("kill 9"));
	ASSERT_TRUE(strike(self->writer, TTLOG_ALERT));
	EXPECT_TRUE(says_once(self, "once", "was killed by signal 9"));
	EXPECT_TRUE(line_is("took", 0, "took 1 1 1\n"));
	/* What it had waits again. */
	sleep(1);
	EXPECT_EQ(1, lines("begin", 0, NULL));
	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	ASSERT_EQ(0, take(self->helper, &t));
	EXPECT_EQ(1, t.id);
	EXPECT_EQ(0, finish(self->helper, t.id, 0, "/x", 3));
}

TEST_F(oneshot, takes_nothing)
{
	ASSERT_TRUE(tell("exit 0"));
	ASSERT_TRUE(strike(self->writer, TTLOG_ALERT));
	EXPECT_TRUE(says_once(self, "once", "ended without taking what waits"));
	sleep(2);
	EXPECT_EQ(1, lines("begin", 0, NULL));
}

/* One that isn't needed any more when it gets there has done nothing wrong. */
TEST_F_TIMEOUT(oneshot, was_not_needed, 60)
{
	struct ttlog_trigger t;

	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	ASSERT_TRUE(tell("serve 1000"));
	ASSERT_TRUE(strike(self->writer, TTLOG_ALERT));
	ASSERT_TRUE(wait_for("begin", 1, 5));
	ASSERT_EQ(0, take(self->helper, &t));
	EXPECT_EQ(0, finish(self->helper, t.id, 0, "/x", 3));
	ASSERT_TRUE(wait_for("end", 1, 5));
	EXPECT_EQ(0, lines("took", 0, NULL));
	usleep(300000);
	EXPECT_EQ(0, said(self, "ttlog: ", false));
	/* The next isn't late for it. */
	ASSERT_TRUE(strike(self->writer, TTLOG_ALERT));
	ASSERT_TRUE(wait_for("begin", 2, 35));
	EXPECT_GT(t.time + 33 * SECOND, when("begin", 1));
	ASSERT_TRUE(wait_for("end", 2, 5));
}

TEST_F(oneshot, cannot_be_started)
{
	struct ttlog_trigger t;

	close(self->helper);
	close(self->writer);
	ASSERT_EQ(0, load(self->folder, "/none/ttlogd"));
	self->helper = open(DEVICE, O_RDONLY | O_CLOEXEC);
	self->writer = open(DEVICE, O_WRONLY | O_CLOEXEC);
	ASSERT_TRUE(strike(self->writer, TTLOG_ALERT));
	EXPECT_TRUE(says_once(self, "/none/ttlogd", "cannot be started: error -2"));
	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	EXPECT_EQ(0, take(self->helper, &t));
}

TEST_F(oneshot, none_is_wanted)
{
	struct ttlog_trigger t;

	close(self->helper);
	close(self->writer);
	ASSERT_EQ(0, ttlog_reload("memory_per_cpu=64K trigger_level=alert helper="));
	self->helper = open(DEVICE, O_RDONLY | O_CLOEXEC);
	self->writer = open(DEVICE, O_WRONLY | O_CLOEXEC);
	ASSERT_TRUE(strike(self->writer, TTLOG_ALERT));
	sleep(3);
	EXPECT_EQ(0, said(self, "ttlog: ", false));
	EXPECT_EQ(0, lines("begin", 0, NULL));
	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	EXPECT_EQ(0, take(self->helper, &t));
}

/* While it has the device the module stays. */
TEST_F(oneshot, unload_while_it_works)
{
	ASSERT_TRUE(tell("hold 1500"));
	ASSERT_TRUE(strike(self->writer, TTLOG_ALERT));
	close(self->helper);
	close(self->writer);
	ASSERT_TRUE(wait_for("variable", 2, 10));
	usleep(500000);
	EXPECT_EQ(EAGAIN, ttlog_unload());
	ASSERT_TRUE(wait_for("end", 1, 10));
	EXPECT_TRUE(line_is("took", 0, "took 1 1 1\n"));
	usleep(300000);
	EXPECT_EQ(0, ttlog_unload());
	EXPECT_EQ(0, load(self->folder, "once"));
}

/* While it doesn't, unloading waits for its end: it finds no device. */
TEST_F(oneshot, unload_while_it_begins)
{
	uint64_t before;

	ASSERT_TRUE(tell("serve 2000"));
	ASSERT_TRUE(strike(self->writer, TTLOG_ALERT));
	close(self->helper);
	close(self->writer);
	ASSERT_TRUE(wait_for("variable", 2, 10));
	before = mono_now();
	EXPECT_EQ(0, ttlog_unload());
	EXPECT_LE(SECOND, mono_now() - before);
	EXPECT_LE(when("end", 0), mono_now());
	EXPECT_EQ(1, lines("end", 0, NULL));
	EXPECT_EQ(0, load(self->folder, "once"));
}

TEST_HARNESS_MAIN
