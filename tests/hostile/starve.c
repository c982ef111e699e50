// SPDX-License-Identifier: GPL-2.0-only
/*
 * Everything at once from all CPUs, so that others' events find no place: floods for
 * $SECONDS_OF_FLOOD. What became of the others' is looked at by audit.c.
 */
#include <kselftest_harness.h>
#include <signal.h>
#include <sys/resource.h>
#include "../kmod/kmsg.h"
#include "user.h"

#define FLOODS	8	/* processes of each kind */

/* Of the module's parameters in this suite, and what the honest user writes. */
#define KEEP_RATE	4096
#define KEEP_BURST	65536
#define HONEST_RATE	5

/**
 * struct time - a flood's
 * @begin: mono (ns)
 * @end: mono (ns)
 * @written: to "keep" before
 */
struct time {
	uint64_t begin;
	uint64_t end;
	uint64_t written;
};

static struct time time_begin(const struct recorder *r)
{
	uint64_t now = mono_now();

	return (struct time) {
		.begin = now,
		.end = now + atoi(getenv("SECONDS_OF_FLOOD") ?: "3") * 1000000000ULL,
		.written = ledger_sum(r, TTLOG_KEEP).written,
	};
}

FIXTURE(starve)
{
	struct user user;
	struct time time;
};

FIXTURE_SETUP(starve)
{
	ASSERT_TRUE(user_open(&self->user, ALICE));
	self->time = time_begin(&self->user.r);
}

FIXTURE_TEARDOWN(starve)
{
	ASSERT_TRUE(recorder_read(&self->user.r));
	EXPECT_TRUE(adds_up(&self->user.r));
	user_close(&self->user);
}

/* No more of these came into "keep" than one uid's share, and the honest user's. */
static bool within_share(const struct recorder *r, const struct time *time,
			 size_t size)
{
	uint64_t written = ledger_sum(r, TTLOG_KEEP).written - time->written;
	double seconds = (mono_now() - time->begin) / 1e9;
	double most = (KEEP_BURST + seconds * KEEP_RATE) / size +
		      seconds * HONEST_RATE + 2;

	printf("# %lu events in keep after %.1f s, at most %.0f\n",
	       (unsigned long)written, seconds, most);
	return written <= most;
}

/* Write events of these levels in turn until the end. */
static int flood(int fd, uint64_t end, const char *levels, size_t size)
{
	char text[4096] = "<4>";
	size_t i;

	memset(text + 3, 'f', sizeof(text) - 3);
	for (i = 0; mono_now() < end; i++) {
		text[1] = levels[i % strlen(levels)];
		if (write(fd, text, size) != (ssize_t)size)
			return 1;
	}
	return 0;
}

/* Run this in so many processes; true if all of them ended well. */
static bool all_end_well(unsigned int nr, int (*run)(void *), void *arg)
{
	bool well = true;
	pid_t pid[64];
	unsigned int i;

	for (i = 0; i < nr; i++) {
		pid[i] = fork();
		if (!pid[i]) {
			pin(i % NR_TEST_CPUS);
			_exit(run(arg));
		}
	}
	for (i = 0; i < nr; i++)
		well = end_of(pid[i]) == 0 && well;
	return well;
}

static int flood_all_levels(void *arg)
{
	struct _test_data_starve *self = arg;

	return flood(self->user.fd, self->time.end, "01234567", 200);
}

/* Events of all levels from all CPUs: above the uid's share "keep" takes none. */
TEST_F_TIMEOUT(starve, all_levels, 36000)
{
	uint64_t demoted = ledger_sum(&self->user.r, TTLOG_FLOW).demoted;

	EXPECT_TRUE(all_end_well(FLOODS, flood_all_levels, self));
	EXPECT_LT(demoted + 1000,
		  ledger_sum(&self->user.r, TTLOG_FLOW).demoted);
	/* The fixed part of an event, and its text without the level. */
	EXPECT_TRUE(within_share(&self->user.r, &self->time, TTLOG_EVENT_SIZE + 197));
}

static int flood_in_namespaces(void *arg)
{
	struct _test_data_starve *self = arg;
	uint64_t soon;
	pid_t pid;

	/* A new one ever again, with new processes in it. */
	while (mono_now() < self->time.end) {
		soon = mono_now() + 100000000;
		pid = fork();
		if (!pid) {
			prctl(PR_SET_DUMPABLE, 1);
			_exit(unshare(CLONE_NEWUSER | CLONE_NEWPID) ? 4 :
			      flood(self->user.fd, soon, "0", 200));
		}
		if (end_of(pid))
			return 1;
	}
	return 0;
}

/* From ever new user namespaces: all are charged to who made them. */
TEST_F_TIMEOUT(starve, user_namespaces, 36000)
{
	EXPECT_TRUE(all_end_well(FLOODS, flood_in_namespaces, self));
	EXPECT_TRUE(within_share(&self->user.r, &self->time, TTLOG_EVENT_SIZE + 197));
}

static int flood_largest(void *arg)
{
	struct _test_data_starve *self = arg;

	return flood(self->user.fd, self->time.end, "7", 4096);
}

/* The largest events from all CPUs: "flow" laps, and holds no more than before. */
TEST_F_TIMEOUT(starve, largest_events, 36000)
{
	EXPECT_TRUE(all_end_well(FLOODS, flood_largest, self));
	ASSERT_TRUE(recorder_read(&self->user.r));
	EXPECT_LT(0, self->user.r.ring[TTLOG_FLOW].overwritten);
}

static int fail_all_along(void *arg)
{
	struct _test_data_starve *self = arg;

	while (mono_now() < self->time.end) {
		if (ERRNO(syscall(SYS_write, self->user.fd, 8, 100)) != EFAULT)
			return 1;
		if (ERRNO(syscall(SYS_write, self->user.fd, self, 5000)) != EMSGSIZE)
			return 1;
	}
	return 0;
}

/* Writes that fail, each of which is counted: the counters are 64 bits wide. */
TEST_F_TIMEOUT(starve, writes_that_fail, 36000)
{
	EXPECT_TRUE(all_end_well(FLOODS, fail_all_along, self));
}

static int open_and_close(void *arg)
{
	struct _test_data_starve *self = arg;
	int fd;

	while (mono_now() < self->time.end) {
		fd = open(DEVICE, O_WRONLY | O_CLOEXEC);
		if (fd < 0 || !say(fd, "<1>and gone"))
			return 1;
		close(fd);
	}
	return 0;
}

/* Opens and closes, in processes that come and go. */
TEST_F_TIMEOUT(starve, opens, 36000)
{
	EXPECT_TRUE(all_end_well(FLOODS, open_and_close, self));
}

/* A file that alice opened, and root, who is made to write to it. */
FIXTURE(deputy)
{
	struct recorder r;
	struct time time;
	int fd;
};

FIXTURE_SETUP(deputy)
{
	ASSERT_TRUE(recorder_open(&self->r));
	ASSERT_EQ(0, seteuid(ALICE));
	self->fd = open(DEVICE, O_WRONLY | O_CLOEXEC);
	ASSERT_EQ(0, seteuid(0));
	ASSERT_LE(0, self->fd);
	self->time = time_begin(&self->r);
}

FIXTURE_TEARDOWN(deputy)
{
	close(self->fd);
	recorder_close(&self->r);
}

static int flood_as_root(void *arg)
{
	struct _test_data_deputy *self = arg;

	return flood(self->fd, self->time.end, "0", 200);
}

/* Through set-uid programs, which write what they are told to: alice is charged. */
TEST_F_TIMEOUT(deputy, keep, 36000)
{
	EXPECT_TRUE(all_end_well(FLOODS, flood_as_root, self));
	EXPECT_TRUE(within_share(&self->r, &self->time, TTLOG_EVENT_SIZE + 197));
}

FIXTURE(ids)
{
	struct recorder r;
};

FIXTURE_SETUP(ids)
{
	ASSERT_TRUE(recorder_open(&self->r));
}

FIXTURE_TEARDOWN(ids)
{
	recorder_close(&self->r);
}

/* Name services until it can't be; errno, if no more than @arg could be named. */
static int name_all(void *arg)
{
	int fd = open(DEVICE, O_WRONLY), *given = arg, i;

	for (i = 0; i < 300; i++) {
		struct ttlog_service_name name = {};

		snprintf(name.name, sizeof(name.name), "id%d.%d", getuid(), i);
		if (ioctl(fd, TTLOG_IOC_SERVICE, &name))
			return i <= *given ? errno : 254;
	}
	return 0;
}

/*
 * Use them up from all uids of a user namespace: they are charged to who made it,
 * who gets 16 in all.
 */
TEST_F(ids, of_services_in_a_namespace)
{
	int given = 16, before = self->r.map->nr_services, ready[2], mapped[2], uid;
	char path[64], byte;
	pid_t pid;

	ASSERT_EQ(0, pipe(ready));
	ASSERT_EQ(0, pipe(mapped));
	pid = fork();
	if (!pid) {
		if (become(3000) || unshare(CLONE_NEWUSER) || prctl(PR_SET_DUMPABLE, 1) ||
		    write(ready[1], "", 1) != 1 || read(mapped[0], &byte, 1) != 1)
			_exit(1);
		for (uid = 0; uid < 20; uid++) {
			int ret = run_as(uid, name_all, &given);

			if (ret != EDQUOT && ret != ENOSPC)
				_exit(2);
		}
		_exit(0);
	}
	ASSERT_EQ(1, read(ready[0], &byte, 1));
	snprintf(path, sizeof(path), "/proc/%d/uid_map", pid);
	EXPECT_TRUE(put_file(path, "0 3000 20\n"));
	snprintf(path, sizeof(path), "/proc/%d/gid_map", pid);
	EXPECT_TRUE(put_file(path, "0 3000 20\n"));
	ASSERT_EQ(1, write(mapped[1], "", 1));
	EXPECT_EQ(0, end_of(pid));
	EXPECT_GE(before + 16, (int)self->r.map->nr_services);
}

/*
 * Use up all ids of services: 16 a uid (EDQUOT), from so many uids as it takes
 * (ENOSPC), which a user hasn't; 64 are left to root, and who has one keeps it.
 */
TEST_F(ids, of_services)
{
	struct ttlog_service_name name = { .name = "of-root" };
	int given = 16, before = self->r.map->nr_services, uid, ret = 0;

	for (uid = 2000; uid < 2100 && ret != ENOSPC; uid++) {
		ret = run_as(uid, name_all, &given);
		ASSERT_TRUE(ret == EDQUOT || ret == ENOSPC);
	}
	EXPECT_EQ(ENOSPC, ret);
	EXPECT_EQ(192, self->r.map->nr_services);
	EXPECT_EQ(2000 + (192 - before + 15) / 16, uid);
	/* The first one still has all of its own, and no other. */
	EXPECT_EQ(ENOSPC, run_as(2000, name_all, &given));
	EXPECT_EQ(0, ioctl(self->r.fd, TTLOG_IOC_SERVICE, &name));
	EXPECT_EQ(192, name.id);
}

TEST_HARNESS_MAIN
