// SPDX-License-Identifier: GPL-2.0-only
/*
 * A snapshot that is asked for: from the request to the helper and back.
 */
#include <kselftest_harness.h>
#include <signal.h>
#include <sys/prctl.h>
#include "helper.h"

#define READERS	4242	/* a group that may read the device */

FIXTURE(trigger)
{
	int helper;
	int other;
};

FIXTURE_SETUP(trigger)
{
	ASSERT_EQ(0, ttlog_reload("memory_per_cpu=64K"));
	self->helper = open(DEVICE, O_RDONLY | O_CLOEXEC);
	self->other = open(DEVICE, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, self->helper);
	ASSERT_LE(0, self->other);
}

FIXTURE_TEARDOWN(trigger)
{
	close(self->helper);
	close(self->other);
	EXPECT_EQ(0, ttlog_unload());
}

/**
 * struct ask - a request that a child makes
 * @fd: by which
 * @reason: TTLOG_REASON_MAX + 8 bytes are taken of it, or up to its NUL
 * @timeout_ms: how long it waits
 * @path_size: room for the path
 * @expect: the path that must come
 * @uid: of the child
 * @pid: of the child
 */
struct ask {
	int fd;
	const char *reason;
	uint32_t timeout_ms;
	uint32_t path_size;
	const char *expect;
	unsigned int uid;
	pid_t pid;
};

/* Ask; errno, or 0 with the path. */
static int request(int fd, const char *reason, uint32_t timeout_ms,
		   uint32_t path_size, char *path)
{
	struct ttlog_request r = {
		.timeout_ms = timeout_ms,
		.path_size = path_size,
		.path = (uintptr_t)path,
	};

	memcpy(r.reason, reason, strnlen(reason, sizeof(r.reason)));
	return ERRNO(ioctl(fd, TTLOG_IOC_REQUEST, &r));
}

/* Ask in a child, which ends with the errno; 254: another path. */
static void begin(struct ask *ask)
{
	static char path[TTLOG_PATH_MAX];
	int ret;

	ask->pid = fork();
	if (ask->pid)
		return;
	if (ask->uid && become(ask->uid))
		_exit(253);
	memset(path, '#', sizeof(path));
	ret = request(ask->fd, ask->reason, ask->timeout_ms, ask->path_size, path);
	if (!ret && (!ask->expect || strcmp(path, ask->expect)))
		ret = 254;
	/* Not a byte more than the path was put there. */
	if (!ret && path[strlen(path) + 1] != '#')
		ret = 254;
	_exit(ret);
}

TEST_F(trigger, one_helper)
{
	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	EXPECT_EQ(EBUSY, ERRNO(ioctl(self->other, TTLOG_IOC_HELPER, 0)));
	EXPECT_EQ(EBUSY, ERRNO(ioctl(self->helper, TTLOG_IOC_HELPER, 0)));
	close(self->helper);
	EXPECT_EQ(0, ioctl(self->other, TTLOG_IOC_HELPER, 0));
}

/* Open the device as a reader, and what asking to be the helper ends with. */
static int ask_to_help(void)
{
	int fd = open(DEVICE, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? 200 : ERRNO(ioctl(fd, TTLOG_IOC_HELPER, 0));
}

/* A member of the group that may read, by a file of its own and by root's. */
static int help_as_member(int fd)
{
	int ret;

	if (setgroups(0, NULL) || setresgid(READERS, READERS, READERS) ||
	    setresuid(ALICE, ALICE, ALICE))
		return 201;
	ret = ask_to_help();
	if (ret != EPERM)
		return ret;
	return ERRNO(ioctl(fd, TTLOG_IOC_HELPER, 0));
}

/* The same, with the capability and no other. */
static int help_as_capable_member(int fd)
{
	(void)fd;
	if (setgroups(0, NULL) || setresgid(READERS, READERS, READERS) ||
	    prctl(PR_SET_KEEPCAPS, 1) || setresuid(ALICE, ALICE, ALICE) ||
	    set_capability(CAP_SYSLOG, true))
		return 201;
	return ask_to_help();
}

/* Root, but for the capability. */
static int help_as_less_than_root(int fd)
{
	int ret;

	if (prctl(PR_CAPBSET_DROP, CAP_SYSLOG) ||
	    set_capability(CAP_SYSLOG, false))
		return 201;
	ret = ask_to_help();
	if (ret != EPERM)
		return ret;
	return ERRNO(ioctl(fd, TTLOG_IOC_HELPER, 0));
}

/* All capabilities, in a namespace of its own. */
static int help_as_other_root(int fd)
{
	if (unshare(CLONE_NEWUSER))
		return 201;
	return ERRNO(ioctl(fd, TTLOG_IOC_HELPER, 0));
}

/* In a child: nothing of it is left here. */
static int in_child(int (*run)(int fd), int fd)
{
	pid_t pid = fork();

	if (!pid)
		_exit(run(fd));
	return end_of(pid);
}

/* Who may read isn't yet one to answer what root asks. */
TEST_F(trigger, helper_needs_the_capability)
{
	struct ttlog_info info = {};

	ASSERT_EQ(0, chown(DEVICE, 0, READERS));
	EXPECT_EQ(EPERM, in_child(help_as_member, self->other));
	EXPECT_EQ(EPERM, in_child(help_as_less_than_root, self->other));
	EXPECT_EQ(EPERM, in_child(help_as_other_root, self->other));
	ASSERT_EQ(0, ioctl(self->other, TTLOG_IOC_INFO, &info));
	EXPECT_EQ(0, info.helper);
	/* It is all that it takes. */
	EXPECT_EQ(0, in_child(help_as_capable_member, self->other));
	EXPECT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	EXPECT_EQ(EBUSY, in_child(help_as_capable_member, self->other));
}

TEST_F(trigger, request_and_answer)
{
	struct ask ask = {
		.fd = self->other, .reason = "why-not_7", .timeout_ms = SOON,
		.path_size = TTLOG_PATH_MAX, .expect = "/var/lib/ttlog/one.bin",
		.uid = ALICE,
	};
	struct ttlog_trigger t;
	uint64_t before = mono_now();

	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	EXPECT_FALSE(readable(self->helper, 0));
	EXPECT_EQ(EAGAIN, take(self->helper, &t));
	begin(&ask);
	ASSERT_TRUE(readable(self->helper, SOON));
	EXPECT_FALSE(readable(self->other, 0));
	ASSERT_EQ(0, take(self->helper, &t));
	EXPECT_EQ(1, t.id);
	EXPECT_EQ(TTLOG_TRIGGER_REQUEST, t.kind);
	EXPECT_EQ(ask.pid, t.pid);
	EXPECT_EQ(ALICE, t.uid);
	EXPECT_EQ(0, t.pad);
	EXPECT_LE(before, t.time);
	EXPECT_GE(mono_now(), t.time);
	EXPECT_STREQ("why-not_7", t.reason);
	/* It is taken once, and stays open until it is done. */
	EXPECT_FALSE(readable(self->helper, 0));
	EXPECT_EQ(EAGAIN, take(self->helper, &t));
	EXPECT_EQ(0, waitpid(ask.pid, NULL, WNOHANG));
	EXPECT_EQ(0, finish(self->helper, 1, 0, ask.expect,
			    strlen(ask.expect) + 1));
	EXPECT_EQ(0, end_of(ask.pid));
	EXPECT_EQ(ENOENT, finish(self->helper, 1, 0, ask.expect,
				 strlen(ask.expect) + 1));
}

TEST_F(trigger, oldest_first)
{
	struct ask first = {
		.fd = self->other, .reason = "first", .timeout_ms = SOON,
		.path_size = 100, .expect = "/1",
	};
	struct ask second = first;
	struct ttlog_trigger t;

	second.reason = "second";
	second.expect = "/2";
	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	begin(&first);
	ASSERT_TRUE(readable(self->helper, SOON));
	begin(&second);
	usleep(300000);
	ASSERT_EQ(0, take(self->helper, &t));
	EXPECT_STREQ("first", t.reason);
	EXPECT_EQ(1, t.id);
	ASSERT_TRUE(readable(self->helper, SOON));
	/* One that wasn't taken can't be done. */
	EXPECT_EQ(ENOENT, finish(self->helper, 2, 0, "/2", 3));
	ASSERT_EQ(0, take(self->helper, &t));
	EXPECT_STREQ("second", t.reason);
	EXPECT_EQ(2, t.id);
	/* They may be done in another order. */
	EXPECT_EQ(0, finish(self->helper, 2, 0, "/2", 3));
	EXPECT_EQ(0, end_of(second.pid));
	EXPECT_EQ(0, finish(self->helper, 1, 0, "/1", 3));
	EXPECT_EQ(0, end_of(first.pid));
}

TEST_F(trigger, error_is_passed_on)
{
	struct ask ask = {
		.fd = self->other, .reason = "r", .timeout_ms = SOON,
		.path_size = 100,
	};
	struct ttlog_trigger t;

	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	begin(&ask);
	ASSERT_TRUE(readable(self->helper, SOON));
	ASSERT_EQ(0, take(self->helper, &t));
	EXPECT_EQ(0, finish(self->helper, t.id, ENOSPC, NULL, 0));
	EXPECT_EQ(ENOSPC, end_of(ask.pid));
}

TEST_F(trigger, no_helper)
{
	char path[10];

	EXPECT_EQ(ESRCH, request(self->other, "r", SOON, 10, path));
	/* Nor one that is gone. */
	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	close(self->helper);
	EXPECT_EQ(ESRCH, request(self->other, "r", SOON, 10, path));
}

/* Ask in a child that has no copy of the helper's file. */
static pid_t ask_alone(int helper, int fd, const char *reason)
{
	pid_t pid = fork();
	char path;

	if (pid)
		return pid;
	close(helper);
	_exit(request(fd, reason, SOON, 1, &path));
}

TEST_F(trigger, helper_goes_away)
{
	struct ttlog_trigger t;
	pid_t taken, waiting;

	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	taken = ask_alone(self->helper, self->other, "taken");
	ASSERT_TRUE(readable(self->helper, SOON));
	ASSERT_EQ(0, take(self->helper, &t));
	waiting = ask_alone(self->helper, self->other, "waiting");
	ASSERT_TRUE(readable(self->helper, SOON));
	close(self->helper);
	EXPECT_EQ(ESRCH, end_of(taken));
	EXPECT_EQ(ESRCH, end_of(waiting));
	/* The next helper finds nothing of it. */
	ASSERT_EQ(0, ioctl(self->other, TTLOG_IOC_HELPER, 0));
	EXPECT_FALSE(readable(self->other, 0));
	EXPECT_EQ(ENOENT, finish(self->other, t.id, 0, "/x", 3));
}

TEST_F(trigger, timeout)
{
	struct ask ask = {
		.fd = self->other, .reason = "r", .timeout_ms = 300,
		.path_size = 100,
	};
	struct ttlog_trigger t;
	uint64_t begun;
	char path[10];

	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	begun = mono_now();
	EXPECT_EQ(ETIMEDOUT, request(self->other, "r", 300, 10, path));
	EXPECT_LE(300000000, mono_now() - begun);
	/* It was withdrawn. */
	EXPECT_FALSE(readable(self->helper, 0));
	EXPECT_EQ(EAGAIN, take(self->helper, &t));
	begin(&ask);
	ASSERT_TRUE(readable(self->helper, SOON));
	ASSERT_EQ(0, take(self->helper, &t));
	EXPECT_EQ(ETIMEDOUT, end_of(ask.pid));
	EXPECT_EQ(ENOENT, finish(self->helper, t.id, 0, "/late", 6));
}

static void ignore(int signal)
{
	(void)signal;
}

TEST_F(trigger, signal)
{
	struct ask ask = {
		.fd = self->other, .reason = "r", .timeout_ms = SOON,
		.path_size = 100,
	};
	struct sigaction restart = { .sa_handler = ignore, .sa_flags = SA_RESTART };
	struct ttlog_trigger t;

	ASSERT_EQ(0, sigaction(SIGUSR1, &restart, NULL));
	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	begin(&ask);
	ASSERT_TRUE(readable(self->helper, SOON));
	ASSERT_EQ(0, kill(ask.pid, SIGUSR1));
	EXPECT_EQ(EINTR, end_of(ask.pid));
	EXPECT_EQ(EAGAIN, take(self->helper, &t));
}

/* A killed requester takes its request with it. */
TEST_F(trigger, killed)
{
	struct ask ask = {
		.fd = self->other, .reason = "r", .timeout_ms = SOON,
		.path_size = 100,
	};
	struct ttlog_trigger t;

	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	begin(&ask);
	ASSERT_TRUE(readable(self->helper, SOON));
	ASSERT_EQ(0, take(self->helper, &t));
	ASSERT_EQ(0, kill(ask.pid, SIGKILL));
	EXPECT_EQ(-1, end_of(ask.pid));
	EXPECT_EQ(ENOENT, finish(self->helper, t.id, 0, "/x", 3));
}

TEST_F(trigger, path_that_does_not_fit)
{
	struct ask ask = {
		.fd = self->other, .reason = "r", .timeout_ms = SOON,
		.path_size = 5, .expect = "/1234",
	};
	struct ttlog_trigger t;
	int expected[] = { ENAMETOOLONG, 0 };
	unsigned int i;

	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	for (i = 0; i < 2; i++) {
		ask.path_size = 5 + i;
		begin(&ask);
		ASSERT_TRUE(readable(self->helper, SOON));
		ASSERT_EQ(0, take(self->helper, &t));
		/* To the helper it is a success. */
		EXPECT_EQ(0, finish(self->helper, t.id, 0, "/1234", 6));
		EXPECT_EQ(expected[i], end_of(ask.pid));
	}
}

TEST_F(trigger, longest_path)
{
	static char path[TTLOG_PATH_MAX];
	struct ttlog_trigger t;
	pid_t pid;

	memset(path, 'p', sizeof(path) - 1);
	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	pid = fork();
	if (!pid) {
		static char got[TTLOG_PATH_MAX];
		int ret = request(self->other, "r", SOON, sizeof(got), got);

		_exit(ret ? ret : strcmp(got, path) ? 254 : 0);
	}
	ASSERT_TRUE(readable(self->helper, SOON));
	ASSERT_EQ(0, take(self->helper, &t));
	EXPECT_EQ(EINVAL, finish(self->helper, t.id, 0, path, sizeof(path) + 1));
	EXPECT_EQ(0, finish(self->helper, t.id, 0, path, sizeof(path)));
	EXPECT_EQ(0, end_of(pid));
}

TEST_F(trigger, bad_answers)
{
	struct ask ask = {
		.fd = self->other, .reason = "r", .timeout_ms = SOON,
		.path_size = 100,
	};
	struct ttlog_trigger t;

	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	begin(&ask);
	ASSERT_TRUE(readable(self->helper, SOON));
	ASSERT_EQ(0, take(self->helper, &t));
	EXPECT_EQ(EINVAL, finish(self->helper, t.id, 0, "/x", 0));
	EXPECT_EQ(EINVAL, finish(self->helper, t.id, 0, "/x", 2));
	EXPECT_EQ(EINVAL, finish(self->helper, t.id, 0, "/\0x", 4));
	EXPECT_EQ(EINVAL, finish(self->helper, t.id, 0, "/x", 4097));
	EXPECT_EQ(EINVAL, finish(self->helper, t.id, EIO, "/x", 3));
	EXPECT_EQ(EINVAL, finish(self->helper, t.id, 4096, NULL, 0));
	EXPECT_EQ(EINVAL, finish(self->helper, t.id, ~0U, NULL, 0));
	EXPECT_EQ(EFAULT, finish(self->helper, t.id, 0, (char *)8, 3));
	EXPECT_EQ(ENOENT, finish(self->helper, t.id + 1, 0, "/x", 3));
	EXPECT_EQ(ENOENT, finish(self->helper, 0, 0, "/x", 3));
	/* After all that it still waits. */
	EXPECT_EQ(0, waitpid(ask.pid, NULL, WNOHANG));
	EXPECT_EQ(0, finish(self->helper, t.id, 4095, NULL, 0));
	EXPECT_EQ(4095 & 0xff, end_of(ask.pid));
}

/* What is handed on may come to a terminal: nothing there acts on it. */
TEST_F(trigger, control_bytes_in_the_path)
{
	struct ask ask = {
		.fd = self->other, .reason = "r", .timeout_ms = SOON,
		.path_size = 100, .expect = "/var/\xc3\xa9 ~\x80\xff",
	};
	struct ttlog_trigger t;
	char path[] = "/a?b";
	int byte;

	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	begin(&ask);
	ASSERT_TRUE(readable(self->helper, SOON));
	ASSERT_EQ(0, take(self->helper, &t));
	for (byte = 1; byte < 0x20; byte++) {
		path[2] = byte;
		EXPECT_EQ(EINVAL, finish(self->helper, t.id, 0, path,
					 sizeof(path)))
			TH_LOG("byte %#x", byte);
	}
	EXPECT_EQ(EINVAL, finish(self->helper, t.id, 0, "/a\x7f", 4));
	EXPECT_EQ(EINVAL, finish(self->helper, t.id, 0, "\x1b[2J", 5));
	EXPECT_EQ(EINVAL, finish(self->helper, t.id, 0, "/a\n", 4));
	/* After all that it still waits, and bytes beyond these may pass. */
	EXPECT_EQ(0, waitpid(ask.pid, NULL, WNOHANG));
	EXPECT_EQ(0, finish(self->helper, t.id, 0, ask.expect,
			    strlen(ask.expect) + 1));
	EXPECT_EQ(0, end_of(ask.pid));
}

TEST_F(trigger, not_the_helper)
{
	struct ask ask = {
		.fd = self->other, .reason = "r", .timeout_ms = SOON,
		.path_size = 100, .expect = "/x",
	};
	struct ttlog_trigger t;

	EXPECT_EQ(EPERM, take(self->other, &t));
	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	begin(&ask);
	ASSERT_TRUE(readable(self->helper, SOON));
	EXPECT_EQ(EPERM, take(self->other, &t));
	ASSERT_EQ(0, take(self->helper, &t));
	EXPECT_EQ(EPERM, finish(self->other, t.id, 0, "/y", 3));
	EXPECT_EQ(0, finish(self->helper, t.id, 0, "/x", 3));
	EXPECT_EQ(0, end_of(ask.pid));
}

TEST_F(trigger, seventeenth_request)
{
	struct ask asks[16];
	struct ttlog_trigger t;
	char path[10];
	int i;

	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	for (i = 0; i < 16; i++) {
		asks[i] = (struct ask){
			.fd = self->other, .reason = "r", .timeout_ms = SOON,
			.path_size = 100, .expect = "/x",
		};
		begin(&asks[i]);
		ASSERT_TRUE(readable(self->helper, SOON));
		/* A taken one counts until it is done. */
		ASSERT_EQ(0, take(self->helper, &t));
		EXPECT_EQ(i + 1, t.id);
	}
	EXPECT_EQ(EAGAIN, request(self->other, "r", SOON, 10, path));
	/* There is room for one when one is done. */
	EXPECT_EQ(0, finish(self->helper, 1, 0, "/x", 3));
	EXPECT_EQ(0, end_of(asks[0].pid));
	EXPECT_EQ(ETIMEDOUT, request(self->other, "r", 1, 10, path));
	for (i = 1; i < 16; i++) {
		EXPECT_EQ(0, finish(self->helper, i + 1, 0, "/x", 3));
		EXPECT_EQ(0, end_of(asks[i].pid));
	}
}

TEST_F(trigger, reasons)
{
	static const char * const good[] = {
		"a", "Z", "0", "9", "-", "_", "azAZ09_-",
		"32-bytes-are-the-most-of-reasons",
	};
	static const char * const bad[] = {
		"", "33-bytes-are-too-many-of-a-reason",
		"40-bytes-do-not-even-leave-room-for-NUL!", "a/b", "/", "..", "a b",
		" ", "a\n", "\x7f", "\x80", "\xc3\xa9", "a\xff", "a.b", "a:b", "@",
		"[", "`", "{",
	};
	char path[10];
	unsigned int i;

	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	for (i = 0; i < ARRAY_SIZE(good); i++) {
		EXPECT_EQ(ETIMEDOUT, request(self->other, good[i], 1, 10, path))
			TH_LOG("reason '%s'", good[i]);
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(EINVAL, request(self->other, bad[i], 1, 10, path))
			TH_LOG("reason '%s'", bad[i]);
	}
}

TEST_F(trigger, bad_requests)
{
	char path[10];

	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	EXPECT_EQ(EINVAL, request(self->other, "r", 0, 10, path));
	EXPECT_EQ(EINVAL, request(self->other, "r", 600001, 10, path));
	EXPECT_EQ(EINVAL, request(self->other, "r", ~0U, 10, path));
	EXPECT_EQ(EINVAL, request(self->other, "r", 1, 0, path));
	EXPECT_EQ(EINVAL, request(self->other, "r", 1, TTLOG_PATH_MAX + 1, path));
	EXPECT_EQ(ETIMEDOUT, request(self->other, "r", 1, TTLOG_PATH_MAX, path));
	EXPECT_EQ(ETIMEDOUT, request(self->other, "r", 1, 1, path));
}

/* The path can't be put where the requester said. */
TEST_F(trigger, bad_buffer)
{
	struct ttlog_trigger t;
	pid_t pid;

	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	pid = fork();
	if (!pid)
		_exit(request(self->other, "r", SOON, 10, (char *)8));
	ASSERT_TRUE(readable(self->helper, SOON));
	ASSERT_EQ(0, take(self->helper, &t));
	EXPECT_EQ(0, finish(self->helper, t.id, 0, "/x", 3));
	EXPECT_EQ(EFAULT, end_of(pid));
}

TEST_HARNESS_MAIN
