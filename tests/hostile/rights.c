// SPDX-License-Identifier: GPL-2.0-only
/* What a user asks for that is not a user's: each is refused, with which errno. */
#include <kselftest_harness.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "user.h"

FIXTURE(rights)
{
	struct user user;
};

FIXTURE_SETUP(rights)
{
	ASSERT_TRUE(user_open(&self->user, ALICE));
}

FIXTURE_TEARDOWN(rights)
{
	user_close(&self->user);
}

/* Read others' events by opening the device for that: EACCES. */
TEST_F(rights, open_for_reading)
{
	EXPECT_EQ(EACCES, ERRNO(open(DEVICE, O_RDONLY)));
	EXPECT_EQ(EACCES, ERRNO(open(DEVICE, O_RDWR)));
}

/* Read others' events from the file that is open for writing: EBADF, EACCES. */
TEST_F(rights, read_from_a_writers_file)
{
	struct ttlog_ring_info ring = { .cpu = 0, .channel = TTLOG_KLOG };
	uint64_t offsets[] = { 0, 0 };
	struct iovec v;
	char byte;
	int i;

	v = (struct iovec){ &byte, 1 };
	EXPECT_EQ(EBADF, ERRNO(read(self->user.fd, &byte, 1)));
	EXPECT_EQ(EBADF, ERRNO(readv(self->user.fd, &v, 1)));
	EXPECT_EQ(ESPIPE, ERRNO(pread(self->user.fd, &byte, 1, 0)));
	EXPECT_EQ(EBADF, ERRNO(sendfile(1, self->user.fd, NULL, 1)));
	ASSERT_EQ(0, ioctl(self->user.fd, TTLOG_IOC_RING, &ring));
	offsets[1] = ring.offset;
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(EACCES, ERRNO(mmap(NULL, PAGE, PROT_READ, MAP_SHARED,
					     self->user.fd, offsets[i])));
		EXPECT_EQ(EACCES, ERRNO(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE,
					     self->user.fd, offsets[i])));
		EXPECT_EQ(EACCES, ERRNO(mmap(NULL, PAGE, PROT_NONE, MAP_SHARED,
					     self->user.fd, offsets[i])));
		EXPECT_EQ(EACCES, ERRNO(mmap(NULL, PAGE, PROT_WRITE, MAP_SHARED,
					     self->user.fd, offsets[i])));
	}
}

/* Open the file once more through /proc, with another mode: EACCES. */
TEST_F(rights, open_again_through_proc)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", self->user.fd);
	EXPECT_EQ(EACCES, ERRNO(open(path, O_RDONLY)));
	EXPECT_EQ(EACCES, ERRNO(open(path, O_RDWR)));
	EXPECT_LE(0, open(path, O_WRONLY | O_CLOEXEC));
	/* Root's file, which is open for reading here, no better. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", self->user.r.fd);
	EXPECT_EQ(EACCES, ERRNO(open(path, O_RDONLY)));
}

/* Read the memory of somebody who maps the rings: EPERM, EACCES. */
TEST_F(rights, look_into_a_readers_memory)
{
	struct iovec local, remote;
	uint64_t magic;

	/* Init is root's, as a helper is. */
	local = (struct iovec){ &magic, sizeof(magic) };
	remote = (struct iovec){ (void *)self->user.r.map, sizeof(magic) };
	EXPECT_EQ(EPERM, ERRNO(syscall(SYS_process_vm_readv, 1, &local, 1,
				       &remote, 1, 0)));
	EXPECT_EQ(EPERM, ERRNO(ptrace(PTRACE_ATTACH, 1, 0, 0)));
	EXPECT_EQ(EACCES, ERRNO(open("/proc/1/mem", O_RDONLY)));
	EXPECT_EQ(EACCES, ERRNO(open("/proc/1/fd", O_RDONLY)));
}

/* Learn the secret that tells slots from text: no answer to a writer has it. */
TEST_F(rights, learn_the_secret)
{
	struct ttlog_ring_info ring = { .cpu = 0, .channel = TTLOG_FLOW };
	uint64_t key = self->user.r.map->key;
	struct ttlog_levels levels = {};
	struct ttlog_info info = {};

	ASSERT_NE(0, key);
	ASSERT_EQ(0, ioctl(self->user.fd, TTLOG_IOC_INFO, &info));
	ASSERT_EQ(0, ioctl(self->user.fd, TTLOG_IOC_RING, &ring));
	ASSERT_EQ(0, ioctl(self->user.fd, TTLOG_IOC_LEVELS, &levels));
	EXPECT_EQ(NULL, memmem(&info, sizeof(info), &key, sizeof(key)));
	EXPECT_EQ(NULL, memmem(&ring, sizeof(ring), &key, sizeof(key)));
	EXPECT_EQ(NULL, memmem(&levels, sizeof(levels), &key, sizeof(key)));
}

static const struct {
	unsigned long cmd;
	int without_reading;	/* errno on a file that is open for writing only */
	int without_rights;	/* errno on one that is open for reading as well */
} calls[] = {
	{ TTLOG_IOC_LEDGER, EBADF, 0 },
	{ TTLOG_IOC_SYNC, EBADF, 0 },
	{ TTLOG_IOC_REQUEST, EBADF, ESRCH },
	{ TTLOG_IOC_HELPER, EBADF, EPERM },
	{ TTLOG_IOC_ONCE, EBADF, EPERM },
	{ TTLOG_IOC_TAKE, EBADF, EPERM },
	{ TTLOG_IOC_DONE, EBADF, EPERM },
	{ TTLOG_IOC_RELEASE, EBADF, EPERM },
	{ TTLOG_IOC_PROGRESS, EBADF, EPERM },
	{ TTLOG_IOC_BOOT, EBADF, EPERM },
	{ TTLOG_IOC_PREVIOUS, EBADF, ENOENT },
	{ TTLOG_IOC_FILTER, EBADF, EPERM },
	{ TTLOG_IOC_SHARE, EBADF, EPERM },
	{ TTLOG_IOC_PROBE_ADD, EBADF, EPERM },
	{ TTLOG_IOC_PROBE_DEL, EBADF, EPERM },
};

/* One of these, with a struct that is as it should be; errno. */
static int call_rightly(int fd, unsigned long cmd)
{
	union {
		struct ttlog_ledger ledger;
		struct ttlog_request request;
		struct ttlog_done done;
		struct ttlog_progress progress;
		struct ttlog_probe probe;
		struct ttlog_release release;
		struct ttlog_filter filter;
		struct ttlog_share share;
		char bytes[4096];
	} arg = {};
	char path[64];

	switch (cmd) {
	case TTLOG_IOC_REQUEST:
		strcpy(arg.request.reason, "mine");
		arg.request.timeout_ms = 1000;
		arg.request.path_size = sizeof(path);
		arg.request.path = (uintptr_t)path;
		break;
	case TTLOG_IOC_DONE:
		arg.done.error = EIO;
		break;
	case TTLOG_IOC_RELEASE:
		arg.release.position = TTLOG_NO_HOLD;
		break;
	case TTLOG_IOC_PROBE_ADD:
		strcpy(arg.probe.symbol, "do_unlinkat");
		arg.probe.level = TTLOG_INFO;
		arg.probe.sample = 1;
		break;
	case TTLOG_IOC_FILTER:
		arg.filter.flags = TTLOG_FILTER_LEVELS;
		arg.filter.levels = 0xff;
		break;
	case TTLOG_IOC_SHARE:
		arg.share.flags = TTLOG_SHARE_SET;
		arg.share.rate = TTLOG_SHARE_MAX;
		arg.share.burst = TTLOG_SHARE_MAX;
		break;
	}
	return ERRNO(ioctl(fd, cmd, &arg));
}

static int set_levels(int fd, unsigned int flags)
{
	struct ttlog_levels levels = { .flags = flags, .mask = 0 };

	return ERRNO(ioctl(fd, TTLOG_IOC_LEVELS, &levels));
}

/* Ask for a snapshot, be the helper, answer for it, set probes, leave out events: EBADF. */
TEST_F(rights, ioctls_of_readers)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(calls); i++)
		EXPECT_EQ(calls[i].without_reading,
			  call_rightly(self->user.fd, calls[i].cmd));
}

/* Silence everybody, or make everything a trigger: EPERM. */
TEST_F(rights, set_levels)
{
	EXPECT_EQ(EPERM, set_levels(self->user.fd, TTLOG_LEVELS_SET));
	EXPECT_EQ(EPERM, set_levels(self->user.fd, TTLOG_LEVELS_TRIGGER));
	EXPECT_EQ(EPERM, set_levels(self->user.r.fd, TTLOG_LEVELS_SET));
	EXPECT_EQ(0, set_levels(self->user.fd, 0));
}

/*
 * Have a file that root opened for reading (inherited, or passed over a socket): what
 * it shows it shows to whoever has it, as with any file. What asks for a capability
 * asks for the caller's: EPERM.
 */
TEST_F(rights, roots_open_file)
{
	unsigned int i;
	void *at;

	for (i = 0; i < ARRAY_SIZE(calls); i++)
		EXPECT_EQ(calls[i].without_rights,
			  call_rightly(self->user.r.fd, calls[i].cmd));
	at = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, self->user.r.fd, 0);
	EXPECT_NE(MAP_FAILED, at);
	EXPECT_EQ(EACCES, ERRNO(mprotect(at, PAGE, PROT_READ | PROT_WRITE)));
	munmap(at, PAGE);
}

static int map_to_root(void)
{
	static const char map[] = "0 1001 1\n";
	int fd = open("/proc/self/uid_map", O_WRONLY | O_CLOEXEC);
	int ret = write(fd, map, sizeof(map) - 1) == sizeof(map) - 1 ? 0 : -1;

	close(fd);
	return ret;
}

/* Be root with all capabilities in a user namespace: as before, EACCES and EPERM. */
TEST_F(rights, root_of_a_user_namespace)
{
	unsigned int i;

	/* A process that changed its ids is nobody's to trace, and its maps root's. */
	ASSERT_EQ(0, prctl(PR_SET_DUMPABLE, 1));
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
		SKIP(return, "no user namespaces for users here");
	ASSERT_EQ(0, map_to_root());
	ASSERT_EQ(0, geteuid());
	EXPECT_EQ(EACCES, ERRNO(open(DEVICE, O_RDONLY)));
	EXPECT_EQ(EPERM, ERRNO(mknod("/tmp/mine", S_IFCHR | 0666, makedev(10, 1))));
	EXPECT_EQ(EPERM, ERRNO(mount("none", "/tmp", "devtmpfs", 0, NULL)));
	EXPECT_EQ(EPERM, ERRNO(chmod(DEVICE, 0666)));
	EXPECT_EQ(EPERM, set_levels(self->user.fd, TTLOG_LEVELS_SET));
	EXPECT_EQ(EPERM, set_levels(self->user.r.fd, TTLOG_LEVELS_SET));
	for (i = 0; i < ARRAY_SIZE(calls); i++)
		EXPECT_EQ(calls[i].without_rights,
			  call_rightly(self->user.r.fd, calls[i].cmd));
	EXPECT_EQ(EPERM, ttlog_unload());
}

/* The control page: one page, read-only for good, with nothing behind what it says. */
TEST_F(rights, control_page)
{
	const struct ttlog_control *control;
	int fd = ioctl(self->user.fd, TTLOG_IOC_CONTROL, 0);
	static const char zero[PAGE];
	char byte;

	ASSERT_LE(0, fd);
	EXPECT_EQ(EPERM, ERRNO(mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE, fd, 0)));
	EXPECT_EQ(EACCES, ERRNO(mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				     MAP_SHARED, fd, 0)));
	EXPECT_EQ(EINVAL, ERRNO(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd,
				     PAGE)));
	EXPECT_EQ(EINVAL, ERRNO(mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd,
				     0)));
	EXPECT_EQ(EINVAL, ERRNO(read(fd, &byte, 1)));
	EXPECT_EQ(EBADF, ERRNO(write(fd, "x", 1)));
	EXPECT_EQ(ENOTTY, ERRNO(ioctl(fd, TTLOG_IOC_INFO, zero)));
	control = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, control);
	EXPECT_EQ(EACCES, ERRNO(mprotect((void *)control, PAGE,
					 PROT_READ | PROT_WRITE)));
	EXPECT_EQ(0xff, control->level_mask);
	EXPECT_EQ(0, memcmp(control + 1, zero, PAGE - sizeof(*control)));
	munmap((void *)control, PAGE);
	close(fd);
}

/* Take the module away, or its device: EPERM, EACCES. */
TEST_F(rights, take_it_away)
{
	EXPECT_EQ(EPERM, ttlog_unload());
	EXPECT_EQ(EACCES, ERRNO(unlink(DEVICE)));
	EXPECT_EQ(EACCES, ERRNO(rename(DEVICE, "/dev/other")));
	EXPECT_EQ(EACCES, ERRNO(open("/sys/module/ttlog/parameters/helper",
				     O_WRONLY)));
}

/* Join the group of those who may read: EPERM. */
TEST_F(rights, join_the_group)
{
	gid_t group = TTLOG_GROUP;

	EXPECT_EQ(EPERM, ERRNO(setgroups(1, &group)));
	EXPECT_EQ(EPERM, ERRNO(setgid(group)));
}

static int be_member(void)
{
	gid_t group = TTLOG_GROUP;

	return setgroups(1, &group) || setresgid(BOB, BOB, BOB) ||
	       setresuid(BOB, BOB, BOB);
}

/* A member of the group, who reads, wants to configure and to answer: EPERM. */
TEST(member_of_the_group)
{
	unsigned int i;
	int fd;

	ASSERT_EQ(0, be_member());
	fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, fd);
	for (i = 0; i < ARRAY_SIZE(calls); i++)
		EXPECT_EQ(calls[i].without_rights, call_rightly(fd, calls[i].cmd));
	EXPECT_EQ(EPERM, set_levels(fd, TTLOG_LEVELS_SET));
	EXPECT_EQ(EPERM, set_levels(fd, TTLOG_LEVELS_TRIGGER));
	close(fd);
}

FIXTURE(trigger)
{
	struct user user;
	int roots;	/* opened by root, for writing */
	int helper;
	int tell;	/* a byte there: root writes an event of level "emerg" */
	pid_t root;
};

/* The module was loaded with trigger_level=emerg; root is the helper. */
FIXTURE_SETUP(trigger)
{
	int ends[2];
	char byte;

	ASSERT_EQ(0, pipe(ends));
	self->tell = ends[1];
	self->roots = open(DEVICE, O_WRONLY | O_CLOEXEC);
	self->helper = open(DEVICE, O_RDONLY | O_CLOEXEC);
	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	self->root = fork();
	ASSERT_LE(0, self->root);
	if (!self->root) {
		close(ends[1]);
		if (read(ends[0], &byte, 1) != 1)
			_exit(0);
		_exit(say(self->roots, "<0>by root") ? 0 : 1);
	}
	ASSERT_TRUE(user_open(&self->user, ALICE));
}

FIXTURE_TEARDOWN(trigger)
{
	close(self->tell);
	close(self->helper);
	close(self->roots);
	user_close(&self->user);
}

static bool is_triggered(int helper)
{
	struct pollfd p = { .fd = helper, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

/*
 * Fill the disk with snapshots by writing what triggers them: it does for those alone
 * who have CAP_SYSLOG, and had it when they opened the file. So neither a user's
 * write to root's file triggers, nor root's (a set-uid program's) to a user's.
 */
TEST_F(trigger, write_what_triggers)
{
	struct ttlog_trigger trigger;
	int i;

	for (i = 0; i < 100; i++) {
		ASSERT_TRUE(say(self->user.fd, "<0>by alice"));
		ASSERT_TRUE(say(self->roots, "<0>by alice"));
	}
	usleep(200000);
	EXPECT_FALSE(is_triggered(self->helper));
	/* Root's own does. */
	ASSERT_EQ(1, write(self->tell, "x", 1));
	ASSERT_EQ(0, end_of(self->root));
	for (i = 0; i < 100 && !is_triggered(self->helper); i++)
		usleep(100000);
	EXPECT_TRUE(is_triggered(self->helper));
	/* Taken by the file that is the helper: who has it answers. */
	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_TAKE, &trigger));
	EXPECT_STREQ("level", trigger.reason);
	EXPECT_EQ(1, trigger.count);
	EXPECT_EQ(0, ioctl(self->helper, TTLOG_IOC_DONE,
			   &(struct ttlog_done){ .id = trigger.id, .error = EIO }));
}

TEST_HARNESS_MAIN
