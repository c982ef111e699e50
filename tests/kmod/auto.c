// SPDX-License-Identifier: GPL-2.0-only
/*
 * Automatic triggers: events of a level that triggers, from the write to the end of
 * what the helper does about it. Alert is that level, as the kernel's own log has
 * nothing of it while all is well.
 */
#include <kselftest_harness.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include "helper.h"

#define PARAMS	"memory_per_cpu=64K helper= "
#define WHILE	300	/* ms: long enough for what isn't to happen */

FIXTURE(auto)
{
	int helper;
	int other;
	int writer;
	int nr_cpus;
};

FIXTURE_SETUP(auto)
{
	struct ttlog_info info;

	ASSERT_EQ(0, ttlog_reload(PARAMS "trigger_level=alert"));
	self->helper = open(DEVICE, O_RDONLY | O_CLOEXEC);
	self->other = open(DEVICE, O_RDONLY | O_CLOEXEC);
	self->writer = open(DEVICE, O_WRONLY | O_CLOEXEC);
	ASSERT_LE(0, self->helper);
	ASSERT_LE(0, self->other);
	ASSERT_LE(0, self->writer);
	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_INFO, &info));
	self->nr_cpus = info.nr_cpus;
}

FIXTURE_TEARDOWN(auto)
{
	close(self->helper);
	close(self->other);
	close(self->writer);
	EXPECT_EQ(0, ttlog_unload());
}

/* Load it anew, with files anew. */
static bool again(struct _test_data_auto *self, const char *params)
{
	close(self->helper);
	close(self->other);
	close(self->writer);
	if (ttlog_reload(params))
		return false;
	self->helper = open(DEVICE, O_RDONLY | O_CLOEXEC);
	self->other = open(DEVICE, O_RDONLY | O_CLOEXEC);
	self->writer = open(DEVICE, O_WRONLY | O_CLOEXEC);
	return !ioctl(self->helper, TTLOG_IOC_HELPER, 0);
}

/* Strike from a process of its own; its pid. */
static pid_t strike_alone(int fd, unsigned int level)
{
	pid_t pid = fork();

	if (!pid)
		_exit(strike(fd, level) ? 0 : 1);
	return end_of(pid) ? -1 : pid;
}

TEST_F(auto, from_strike_to_done)
{
	struct ttlog_trigger t;
	uint64_t before, after;
	int cpu, ch;
	pid_t pid;

	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	EXPECT_FALSE(readable(self->helper, 0));
	EXPECT_EQ(EAGAIN, take(self->helper, &t));
	before = mono_now();
	pid = strike_alone(self->writer, TTLOG_ALERT);
	after = mono_now();
	ASSERT_LT(0, pid);
	ASSERT_TRUE(readable(self->helper, SOON));
	EXPECT_FALSE(readable(self->other, 0));
	EXPECT_EQ(EPERM, take(self->other, &t));
	ASSERT_EQ(0, take(self->helper, &t));
	EXPECT_EQ(1, t.id);
	EXPECT_EQ(TTLOG_TRIGGER_LEVEL, t.kind);
	EXPECT_STREQ("level", t.reason);
	EXPECT_EQ(0, t.uid);
	EXPECT_EQ(pid, t.pid);
	EXPECT_EQ(TTLOG_TRIGGER_HELD, t.flags);
	EXPECT_EQ(1, t.count);
	EXPECT_EQ(0, t.pad);
	EXPECT_LE(before, t.time);
	EXPECT_GE(after, t.time);
	/* It is taken once, and stays open until it is done. */
	EXPECT_FALSE(readable(self->helper, 0));
	EXPECT_EQ(EAGAIN, take(self->helper, &t));
	/* The hold ends with the last ring's release. */
	for (cpu = 0; cpu < self->nr_cpus; cpu++) {
		for (ch = 0; ch < TTLOG_NR_CHANNELS; ch++) {
			if (ch == TTLOG_KLOG && cpu != TTLOG_KLOG_CPU)
				continue;
			EXPECT_EQ(0, release(self->helper, cpu, ch,
					     TTLOG_NO_HOLD))
				TH_LOG("CPU %d channel %d", cpu, ch);
		}
	}
	EXPECT_EQ(ENOENT, release(self->helper, 0, 0, TTLOG_NO_HOLD));
	EXPECT_EQ(0, finish(self->helper, 1, 0, "/x", 3));
	EXPECT_EQ(ENOENT, finish(self->helper, 1, 0, "/x", 3));
	EXPECT_FALSE(readable(self->helper, WHILE));
}

TEST_F(auto, given_up_by_the_helper)
{
	struct ttlog_trigger t;

	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	ASSERT_TRUE(strike(self->writer, TTLOG_ALERT));
	ASSERT_TRUE(readable(self->helper, SOON));
	ASSERT_EQ(0, take(self->helper, &t));
	EXPECT_EQ(EINVAL, finish(self->helper, t.id, ENOSPC, "/x", 3));
	EXPECT_EQ(EINVAL, finish(self->helper, t.id, 0, NULL, 0));
	EXPECT_EQ(0, finish(self->helper, t.id, ENOSPC, NULL, 0));
	/* Done is done. */
	EXPECT_FALSE(readable(self->helper, WHILE));
	EXPECT_EQ(ENOENT, release(self->helper, 0, 0, TTLOG_NO_HOLD));
}

TEST_F(auto, it_waits_for_a_helper)
{
	struct ttlog_trigger t;

	ASSERT_TRUE(strike(self->writer, TTLOG_ALERT));
	usleep(1000 * WHILE);
	EXPECT_FALSE(readable(self->helper, 0));
	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	EXPECT_TRUE(readable(self->helper, 0));
	ASSERT_EQ(0, take(self->helper, &t));
	EXPECT_EQ(TTLOG_TRIGGER_HELD, t.flags);
	EXPECT_EQ(0, finish(self->helper, t.id, 0, "/x", 3));
}

/* Without a helper for longer than the hold lasts, it waits all the same. */
TEST_F(auto, it_waits_longer_than_the_hold)
{
	struct ttlog_trigger t;

	ASSERT_TRUE(strike(self->writer, TTLOG_ALERT));
	sleep(3);
	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	ASSERT_EQ(0, take(self->helper, &t));
	EXPECT_EQ(0, t.flags);
	EXPECT_EQ(ENOENT, release(self->helper, 0, 0, TTLOG_NO_HOLD));
	EXPECT_EQ(0, finish(self->helper, t.id, 0, "/x", 3));
}

TEST_F(auto, who_may_do_what)
{
	int unread = open(DEVICE, O_WRONLY | O_CLOEXEC);
	struct ttlog_progress progress = { .op = TTLOG_PROGRESS_READ };
	struct ttlog_trigger t;

	ASSERT_LE(0, unread);
	EXPECT_EQ(EBADF, ERRNO(ioctl(unread, TTLOG_IOC_HELPER, 0)));
	EXPECT_EQ(EBADF, ERRNO(ioctl(unread, TTLOG_IOC_ONCE, 0)));
	EXPECT_EQ(EBADF, take(unread, &t));
	EXPECT_EQ(EBADF, finish(unread, 1, 0, "/x", 3));
	EXPECT_EQ(EBADF, release(unread, 0, 0, 0));
	EXPECT_EQ(EBADF, ERRNO(ioctl(unread, TTLOG_IOC_PROGRESS, &progress)));
	close(unread);

	EXPECT_EQ(EPERM, take(self->other, &t));
	EXPECT_EQ(EPERM, finish(self->other, 1, 0, "/x", 3));
	EXPECT_EQ(EPERM, release(self->other, 0, 0, 0));
	EXPECT_EQ(EPERM, ERRNO(ioctl(self->other, TTLOG_IOC_PROGRESS, &progress)));
	/* One of each, and no file is both. */
	ASSERT_EQ(0, ioctl(self->other, TTLOG_IOC_ONCE, 0));
	EXPECT_EQ(EBUSY, ERRNO(ioctl(self->other, TTLOG_IOC_ONCE, 0)));
	EXPECT_EQ(EBUSY, ERRNO(ioctl(self->other, TTLOG_IOC_HELPER, 0)));
	EXPECT_EQ(EBUSY, ERRNO(ioctl(self->helper, TTLOG_IOC_ONCE, 0)));
	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	EXPECT_EQ(EBUSY, ERRNO(ioctl(self->helper, TTLOG_IOC_ONCE, 0)));
	EXPECT_EQ(EPERM, ERRNO(ioctl(self->other, TTLOG_IOC_PROGRESS, &progress)));
	/* The hold is for who took the trigger. */
	ASSERT_TRUE(strike(self->writer, TTLOG_ALERT));
	ASSERT_TRUE(readable(self->helper, SOON));
	EXPECT_EQ(ENOENT, release(self->helper, 0, 0, 0));
	ASSERT_EQ(0, take(self->helper, &t));
	EXPECT_EQ(TTLOG_TRIGGER_HELD, t.flags);
	EXPECT_EQ(ENOENT, release(self->other, 0, 0, 0));
	EXPECT_EQ(ENOENT, finish(self->other, t.id, 0, "/x", 3));
	EXPECT_EQ(EINVAL, release(self->helper, self->nr_cpus, 0, 0));
	EXPECT_EQ(EINVAL, release(self->helper, ~0U, 0, 0));
	EXPECT_EQ(EINVAL, release(self->helper, 0, TTLOG_NR_CHANNELS, 0));
	EXPECT_EQ(ENXIO, release(self->helper, 1, TTLOG_KLOG, 0));
	EXPECT_EQ(0, release(self->helper, 0, 0, 0));
	EXPECT_EQ(0, finish(self->helper, t.id, 0, "/x", 3));
}

static int once_without_capability(void *arg)
{
	return set_capability(CAP_SYSLOG, false) ? 200 :
	       ERRNO(ioctl(*(int *)arg, TTLOG_IOC_ONCE, 0));
}

static int run_child(int (*run)(void *), void *arg)
{
	pid_t pid = fork();

	if (!pid)
		_exit(run(arg));
	return end_of(pid);
}

TEST_F(auto, one_shot_needs_the_capability)
{
	EXPECT_EQ(EPERM, run_child(once_without_capability, &self->other));
	EXPECT_EQ(0, ioctl(self->other, TTLOG_IOC_ONCE, 0));
}

/* A struct that is longer than the module's: only zeros may follow. */
TEST_F(auto, unknown_tails)
{
	static const unsigned long calls[] = {
		TTLOG_IOC_TAKE, TTLOG_IOC_DONE, TTLOG_IOC_RELEASE,
		TTLOG_IOC_PROGRESS, TTLOG_IOC_LEVELS,
	};
	static const int with_zeros[] = { EAGAIN, EINVAL, ENOENT, 0, 0 };
	char argument[512];
	unsigned long cmd;
	unsigned int i;

	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		cmd = _IOC(_IOC_READ | _IOC_WRITE, TTLOG_IOC_MAGIC, _IOC_NR(calls[i]),
			   _IOC_SIZE(calls[i]) + 8);
		memset(argument, 0, sizeof(argument));
		EXPECT_EQ(with_zeros[i], ERRNO(ioctl(self->helper, cmd, argument)))
			TH_LOG("ioctl %lu", _IOC_NR(calls[i]));
		memset(argument, 0, sizeof(argument));
		argument[_IOC_SIZE(calls[i]) + 7] = 1;
		EXPECT_EQ(E2BIG, ERRNO(ioctl(self->helper, cmd, argument)))
			TH_LOG("ioctl %lu", _IOC_NR(calls[i]));
		/* And not a byte less than the first version. */
		cmd = _IOC(_IOC_READ | _IOC_WRITE, TTLOG_IOC_MAGIC, _IOC_NR(calls[i]), 8);
		EXPECT_EQ(EINVAL, ERRNO(ioctl(self->helper, cmd, argument)))
			TH_LOG("ioctl %lu", _IOC_NR(calls[i]));
	}
	/* Nor is there a struct where there is none. */
	cmd = _IOC(_IOC_READ | _IOC_WRITE, TTLOG_IOC_MAGIC, _IOC_NR(TTLOG_IOC_ONCE), 8);
	EXPECT_EQ(ENOTTY, ERRNO(ioctl(self->other, cmd, argument)));
}

TEST_F(auto, each_level)
{
	char params[100];
	struct ttlog_trigger t;
	int least, level;

	for (least = TTLOG_EMERG; least <= TTLOG_DEBUG; least++) {
		snprintf(params, sizeof(params), PARAMS "trigger_level=%d", least);
		ASSERT_TRUE(again(self, params));
		/* The kernel may have said something of this level since. */
		for (level = TTLOG_DEBUG; level > least; level--)
			ASSERT_TRUE(strike(self->writer, level));
		EXPECT_FALSE(readable(self->helper, least < TTLOG_WARNING ? WHILE : 0))
			TH_LOG("less than level %d", least);
		ASSERT_TRUE(strike(self->writer, least));
		ASSERT_TRUE(readable(self->helper, SOON))
			TH_LOG("level %d", least);
		EXPECT_EQ(0, take(self->helper, &t));
		EXPECT_EQ(TTLOG_TRIGGER_LEVEL, t.kind);
	}
	/* Worse is enough. */
	ASSERT_TRUE(again(self, PARAMS "trigger_level=err"));
	ASSERT_TRUE(strike(self->writer, TTLOG_EMERG));
	EXPECT_TRUE(readable(self->helper, SOON));
	/* Without the parameter nothing is. */
	ASSERT_TRUE(again(self, PARAMS));
	for (level = TTLOG_DEBUG; level >= TTLOG_EMERG; level--)
		ASSERT_TRUE(strike(self->writer, level));
	EXPECT_FALSE(readable(self->helper, WHILE));
}

static int set_levels(void *arg)
{
	return set_trigger(*(int *)arg, TTLOG_ERR);
}

TEST_F(auto, level_by_ioctl)
{
	struct ttlog_levels levels = {};

	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	ASSERT_EQ(0, ioctl(self->writer, TTLOG_IOC_LEVELS, &levels));
	EXPECT_EQ(TTLOG_ALERT, levels.trigger);
	EXPECT_EQ(0xff, levels.mask);
	EXPECT_EQ(0, levels.generation);
	EXPECT_EQ(EINVAL, set_trigger(self->writer, TTLOG_TRIGGER_NEVER + 1));
	EXPECT_EQ(EPERM, run_as(ALICE, set_levels, &self->writer));
	EXPECT_EQ(0, set_trigger(self->writer, TTLOG_TRIGGER_NEVER));
	ASSERT_TRUE(strike(self->writer, TTLOG_EMERG));
	EXPECT_FALSE(readable(self->helper, WHILE));
	EXPECT_EQ(0, set_trigger(self->writer, TTLOG_EMERG));
	levels = (struct ttlog_levels){};
	ASSERT_EQ(0, ioctl(self->writer, TTLOG_IOC_LEVELS, &levels));
	EXPECT_EQ(TTLOG_EMERG, levels.trigger);
	/* It is no news to those who skip what is filtered. */
	EXPECT_EQ(0xff, levels.mask);
	EXPECT_EQ(0, levels.generation);
	ASSERT_TRUE(strike(self->writer, TTLOG_ALERT));
	EXPECT_FALSE(readable(self->helper, WHILE));
	ASSERT_TRUE(strike(self->writer, TTLOG_EMERG));
	EXPECT_TRUE(readable(self->helper, SOON));
}

TEST_F(auto, what_is_filtered_is_no_trigger)
{
	struct ttlog_levels levels = {
		.flags = TTLOG_LEVELS_SET,
		.mask = 1 << TTLOG_EMERG | 1 << TTLOG_INFO,
	};
	struct ttlog_trigger t;

	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	ASSERT_EQ(0, ioctl(self->writer, TTLOG_IOC_LEVELS, &levels));
	ASSERT_TRUE(strike(self->writer, TTLOG_ALERT));
	EXPECT_FALSE(readable(self->helper, WHILE));
	ASSERT_TRUE(strike(self->writer, TTLOG_EMERG));
	ASSERT_TRUE(readable(self->helper, SOON));
	ASSERT_EQ(0, take(self->helper, &t));
	EXPECT_EQ(1, t.count);
}

static int strike_as_root(void *arg)
{
	return strike(*(int *)arg, TTLOG_EMERG) ? 0 : 1;
}

static int strike_without_capability(void *arg)
{
	return set_capability(CAP_SYSLOG, false) ? 200 : strike_as_root(arg);
}

static int strike_in_namespace(void *arg)
{
	return unshare(CLONE_NEWUSER) ? 200 : strike_as_root(arg);
}

static int strike_by_writev(void *arg)
{
	struct iovec v[] = { { "<0>str", 6 }, { "ike", 3 } };

	return writev(*(int *)arg, v, 2) == 9 ? 0 : 1;
}

/* A plain user with nothing but the capability. */
static int strike_as_capable(void *arg)
{
	if (prctl(PR_SET_KEEPCAPS, 1) || become(ALICE) ||
	    set_capability(CAP_SYSLOG, true))
		return 200;
	return strike_as_root(arg);
}

/* A file that a plain user opened: who writes to it has all capabilities. */
static int strike_on_file_of_user(void *arg)
{
	int fd;

	if (setresuid(ALICE, ALICE, 0))
		return 200;
	fd = open(arg, O_WRONLY);
	if (fd < 0 || setresuid(0, 0, 0))
		return 201;
	return strike_as_root(&fd);
}

TEST_F(auto, who_triggers)
{
	struct ttlog_trigger t;

	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	EXPECT_EQ(0, run_child(strike_without_capability, &self->writer));
	EXPECT_EQ(0, run_as(ALICE, strike_as_root, &self->writer));
	EXPECT_EQ(0, run_child(strike_in_namespace, &self->writer));
	EXPECT_EQ(0, run_child(strike_on_file_of_user, DEVICE));
	EXPECT_FALSE(readable(self->helper, WHILE));
	EXPECT_EQ(0, run_child(strike_as_capable, &self->writer));
	ASSERT_TRUE(readable(self->helper, SOON));
	ASSERT_EQ(0, take(self->helper, &t));
	EXPECT_EQ(1, t.count);
	EXPECT_EQ(0, t.uid);
	/* By writev as well. */
	ASSERT_TRUE(again(self, PARAMS "trigger_level=alert"));
	EXPECT_EQ(0, run_child(strike_by_writev, &self->writer));
	EXPECT_TRUE(readable(self->helper, SOON));
}

/*
 * Those that come within 30 s of one wait until then, and one snapshot stands for
 * all of them, with the time and the pid of their first.
 */
TEST_F_TIMEOUT(auto, storm, 60)
{
	struct ttlog_trigger first, second;
	uint64_t before, after;
	pid_t pid;
	int i;

	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	ASSERT_TRUE(strike(self->writer, TTLOG_ALERT));
	ASSERT_TRUE(readable(self->helper, SOON));
	ASSERT_EQ(0, take(self->helper, &first));
	EXPECT_EQ(1, first.count);
	before = mono_now();
	pid = strike_alone(self->writer, TTLOG_ALERT);
	after = mono_now();
	ASSERT_LT(0, pid);
	ASSERT_TRUE(strike(self->writer, TTLOG_ALERT));
	EXPECT_FALSE(readable(self->helper, 500));
	ASSERT_EQ(0, finish(self->helper, first.id, 0, "/x", 3));
	for (i = 0; i < 5; i++)
		ASSERT_TRUE(strike(self->writer, i % 2));
	sleep_until(first.time, 15);
	for (i = 0; i < 3; i++)
		ASSERT_TRUE(strike(self->writer, TTLOG_EMERG));
	/* A wait of some length may be late by a hundredth of it. */
	EXPECT_FALSE(readable(self->helper,
			      (first.time + 29 * SECOND - mono_now()) / 1000000));
	ASSERT_TRUE(readable(self->helper, SOON));
	EXPECT_LE(first.time + 30 * SECOND, mono_now());
	ASSERT_EQ(0, take(self->helper, &second));
	EXPECT_EQ(10, second.count);
	EXPECT_EQ(pid, second.pid);
	EXPECT_LE(before, second.time);
	EXPECT_GE(after, second.time);
	EXPECT_LT(first.id, second.id);
	EXPECT_EQ(TTLOG_TRIGGER_HELD, second.flags);
	EXPECT_EQ(0, finish(self->helper, second.id, 0, "/x", 3));
	EXPECT_FALSE(readable(self->helper, WHILE));
}

#define CROWD	500	/* strikes of each */

static void crowd(int fd, unsigned int cpu)
{
	int i;

	if (pin(cpu))
		_exit(1);
	for (i = 0; i < CROWD; i++)
		if (!strike(fd, TTLOG_ALERT))
			_exit(1);
	_exit(0);
}

/* Struck by all CPUs at once: none is forgotten, and none counted twice. */
TEST_F_TIMEOUT(auto, crowd, 60)
{
	struct ttlog_ledger l = { .channel = TTLOG_KEEP };
	struct ttlog_trigger first, second;
	pid_t pid[NR_TEST_CPUS];
	uint64_t written = 0;
	int i;

	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	for (i = 0; i < NR_TEST_CPUS; i++) {
		pid[i] = fork();
		if (!pid[i])
			crowd(self->writer, i);
	}
	ASSERT_TRUE(readable(self->helper, SOON));
	ASSERT_EQ(0, take(self->helper, &first));
	EXPECT_EQ(0, finish(self->helper, first.id, 0, "/x", 3));
	for (i = 0; i < NR_TEST_CPUS; i++)
		EXPECT_EQ(0, end_of(pid[i]));
	/* What is lost to a hold is no event, and triggers nothing. */
	for (i = 0; i < self->nr_cpus; i++) {
		l.cpu = i;
		ASSERT_EQ(0, ioctl(self->other, TTLOG_IOC_LEDGER, &l));
		written += l.written;
	}
	EXPECT_GE(NR_TEST_CPUS * CROWD, written);
	EXPECT_LE(1, first.count);
	EXPECT_GE(written, first.count);
	/* On a slow machine all may have struck before it was taken. */
	if (first.count == written)
		return;
	ASSERT_TRUE(readable(self->helper, 30000 + SOON));
	ASSERT_EQ(0, take(self->helper, &second));
	EXPECT_EQ(written, first.count + second.count);
	EXPECT_LE(first.time, second.time);
}

/* Be a helper that takes one, says so and is killed. */
static void take_and_wait(int said)
{
	int fd = open(DEVICE, O_RDONLY);
	struct ttlog_trigger t;

	if (fd < 0 || ioctl(fd, TTLOG_IOC_HELPER, 0) || !readable(fd, SOON) ||
	    take(fd, &t) || write(said, &t, sizeof(t)) != sizeof(t))
		_exit(1);
	pause();
}

TEST_F(auto, killed_helper)
{
	struct ttlog_trigger t, taken;
	int said[2];
	pid_t pid;

	ASSERT_EQ(0, pipe(said));
	pid = fork();
	if (!pid)
		take_and_wait(said[1]);
	ASSERT_TRUE(strike(self->writer, TTLOG_ALERT));
	ASSERT_EQ(sizeof(taken), read(said[0], &taken, sizeof(taken)));
	EXPECT_EQ(EBUSY, ERRNO(ioctl(self->helper, TTLOG_IOC_HELPER, 0)));
	ASSERT_EQ(0, kill(pid, SIGKILL));
	EXPECT_EQ(-1, end_of(pid));
	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	EXPECT_TRUE(readable(self->helper, 0));
	ASSERT_EQ(0, take(self->helper, &t));
	/* The same in all, the hold included. */
	EXPECT_EQ(0, memcmp(&t, &taken, sizeof(t)));
	EXPECT_EQ(TTLOG_TRIGGER_HELD, t.flags);
	EXPECT_EQ(0, finish(self->helper, t.id, 0, "/x", 3));
}

/* Whoever doesn't go on in a hold loses the trigger with the hold. */
TEST_F(auto, helper_that_stops_in_a_hold)
{
	struct ttlog_trigger t, again;
	uint64_t taken;

	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	ASSERT_EQ(0, ioctl(self->other, TTLOG_IOC_ONCE, 0));
	ASSERT_TRUE(strike(self->writer, TTLOG_ALERT));
	ASSERT_TRUE(readable(self->helper, SOON));
	taken = mono_now();
	ASSERT_EQ(0, take(self->helper, &t));
	EXPECT_FALSE(readable(self->other, 0));
	EXPECT_EQ(EAGAIN, take(self->other, &again));
	ASSERT_TRUE(readable(self->other, SOON));
	EXPECT_LE(taken + 2 * SECOND, mono_now());
	ASSERT_EQ(0, take(self->other, &again));
	EXPECT_NE(t.id, again.id);
	EXPECT_EQ(t.time, again.time);
	EXPECT_EQ(t.count, again.count);
	EXPECT_EQ(t.pid, again.pid);
	EXPECT_EQ(0, again.flags);
	EXPECT_EQ(ENOENT, finish(self->helper, t.id, 0, "/x", 3));
	EXPECT_EQ(ENOENT, finish(self->helper, again.id, 0, "/x", 3));
	EXPECT_EQ(0, finish(self->other, again.id, 0, "/x", 3));
}

/* And without a hold after a minute. */
TEST_F_TIMEOUT(auto, helper_that_stops_afterwards, 90)
{
	struct ttlog_trigger t, again;
	uint64_t taken;
	int cpu, ch;

	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	ASSERT_EQ(0, ioctl(self->other, TTLOG_IOC_ONCE, 0));
	ASSERT_TRUE(strike(self->writer, TTLOG_ALERT));
	ASSERT_TRUE(readable(self->helper, SOON));
	taken = mono_now();
	ASSERT_EQ(0, take(self->helper, &t));
	for (cpu = 0; cpu < self->nr_cpus; cpu++)
		for (ch = 0; ch < TTLOG_NR_CHANNELS; ch++)
			release(self->helper, cpu, ch, TTLOG_NO_HOLD);
	ASSERT_TRUE(readable(self->other, 60000 + SOON));
	EXPECT_LE(taken + 60 * SECOND, mono_now());
	ASSERT_EQ(0, take(self->other, &again));
	EXPECT_NE(t.id, again.id);
	EXPECT_EQ(ENOENT, finish(self->helper, t.id, 0, "/x", 3));
	EXPECT_EQ(0, finish(self->other, again.id, 0, "/x", 3));
}

/* Beside a helper the one-shot may take what has waited for 2 s. */
TEST_F(auto, one_shot_beside_a_helper)
{
	struct ttlog_trigger t;
	uint64_t before;

	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	ASSERT_EQ(0, ioctl(self->other, TTLOG_IOC_ONCE, 0));
	before = mono_now();
	ASSERT_TRUE(strike(self->writer, TTLOG_ALERT));
	ASSERT_TRUE(readable(self->helper, SOON));
	EXPECT_FALSE(readable(self->other, 0));
	EXPECT_EQ(EAGAIN, take(self->other, &t));
	/* It is told when it is its turn. */
	ASSERT_TRUE(readable(self->other, SOON));
	EXPECT_LE(before + 2 * SECOND, mono_now());
	EXPECT_GT(before + 10 * SECOND, mono_now());
	ASSERT_EQ(0, take(self->other, &t));
	EXPECT_EQ(EAGAIN, take(self->helper, &t));
	EXPECT_EQ(0, finish(self->other, 1, 0, "/x", 3));
}

TEST_F(auto, one_shot_without_a_helper)
{
	struct ttlog_trigger t;

	ASSERT_EQ(0, ioctl(self->other, TTLOG_IOC_ONCE, 0));
	ASSERT_TRUE(strike(self->writer, TTLOG_ALERT));
	ASSERT_TRUE(readable(self->other, SOON));
	ASSERT_EQ(0, take(self->other, &t));
	EXPECT_EQ(TTLOG_TRIGGER_HELD, t.flags);
	EXPECT_EQ(0, finish(self->other, t.id, 0, "/x", 3));
}

/* The helper goes while one waits: then it is the one-shot's at once. */
TEST_F(auto, one_shot_after_a_helper)
{
	struct ttlog_trigger t;

	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	ASSERT_EQ(0, ioctl(self->other, TTLOG_IOC_ONCE, 0));
	ASSERT_TRUE(strike(self->writer, TTLOG_ALERT));
	ASSERT_TRUE(readable(self->helper, SOON));
	EXPECT_FALSE(readable(self->other, 0));
	close(self->helper);
	ASSERT_TRUE(readable(self->other, 1500));
	EXPECT_EQ(0, take(self->other, &t));
}

static int ask(void *arg)
{
	struct ttlog_request r = {
		.reason = "asked", .timeout_ms = SOON, .path_size = 100,
	};
	char path[100];

	r.path = (uintptr_t)path;
	return ERRNO(ioctl(*(int *)arg, TTLOG_IOC_REQUEST, &r));
}

/* Automatic ones come before requests, which the one-shot gets none of. */
TEST_F(auto, before_requests)
{
	struct ttlog_trigger t;
	int file = open(DEVICE, O_RDONLY | O_CLOEXEC);
	pid_t pid;

	ASSERT_LE(0, file);
	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	ASSERT_EQ(0, ioctl(self->other, TTLOG_IOC_ONCE, 0));
	pid = fork();
	if (!pid)
		_exit(ask(&file));
	ASSERT_TRUE(readable(self->helper, SOON));
	EXPECT_FALSE(readable(self->other, 2500));
	EXPECT_EQ(EAGAIN, take(self->other, &t));
	ASSERT_TRUE(strike(self->writer, TTLOG_ALERT));
	usleep(1000 * WHILE);
	ASSERT_EQ(0, take(self->helper, &t));
	EXPECT_EQ(TTLOG_TRIGGER_LEVEL, t.kind);
	EXPECT_EQ(0, finish(self->helper, t.id, 0, "/x", 3));
	ASSERT_EQ(0, take(self->helper, &t));
	EXPECT_EQ(TTLOG_TRIGGER_REQUEST, t.kind);
	EXPECT_EQ(0, t.flags);
	EXPECT_EQ(1, t.count);
	EXPECT_EQ(ENOENT, finish(self->other, t.id, 0, "/x", 3));
	EXPECT_EQ(ENOENT, release(self->helper, 0, 0, 0));
	EXPECT_EQ(0, finish(self->helper, t.id, 0, "/x", 3));
	EXPECT_EQ(0, end_of(pid));
	close(file);
}

/* It goes with whatever state its triggers are in. */
TEST_F(auto, unload_while_one_waits)
{
	struct ttlog_trigger t;
	int i;

	for (i = 0; i < 3; i++) {
		ASSERT_TRUE(again(self, PARAMS "trigger_level=alert"));
		ASSERT_TRUE(strike(self->writer, TTLOG_ALERT));
		ASSERT_TRUE(readable(self->helper, SOON));
		/* Waiting; taken and waiting again; served, and one deferred. */
		if (i)
			ASSERT_EQ(0, take(self->helper, &t));
		if (i == 2) {
			ASSERT_EQ(0, finish(self->helper, t.id, 0, "/x", 3));
			ASSERT_TRUE(strike(self->writer, TTLOG_ALERT));
		}
		close(self->helper);
		close(self->other);
		close(self->writer);
		EXPECT_EQ(0, ttlog_unload());
	}
	ASSERT_TRUE(again(self, PARAMS));
}

TEST_HARNESS_MAIN
