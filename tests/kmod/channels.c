// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which ring an event goes to: by its level, by its uid's share, or to none.
 */
#include <kselftest_harness.h>
#include "ttlog_test.h"

FIXTURE(channels)
{
	struct recorder r;
};

FIXTURE_SETUP(channels)
{
	ASSERT_EQ(0, ttlog_reload(""));
	ASSERT_EQ(0, pin(2));
	ASSERT_TRUE(recorder_open(&self->r));
}

FIXTURE_TEARDOWN(channels)
{
	recorder_close(&self->r);
	EXPECT_EQ(0, ttlog_unload());
}

TEST_F(channels, by_level)
{
	char text[] = "<0>0";
	int level;

	for (level = 0; level < 8; level++) {
		text[1] = '0' + level;
		text[3] = '0' + level;
		ASSERT_EQ(4, write(self->r.fd, text, 4));
	}
	ASSERT_TRUE(recorder_read(&self->r));
	ASSERT_EQ(8, self->r.nr_seen);
	for (level = 0; level < 8; level++) {
		text[3] = '0' + level;
		ASSERT_NE(NULL, find_text(&self->r, text + 3));
		EXPECT_EQ(level, slot_level(find_text(&self->r, text + 3)->slot));
		EXPECT_EQ(level <= 4 ? TTLOG_KEEP : TTLOG_FLOW,
			  find_text(&self->r, text + 3)->channel);
		EXPECT_EQ(2, find_text(&self->r, text + 3)->cpu);
	}
	EXPECT_EQ(5, ledger_of(&self->r, 2, TTLOG_KEEP).written);
	EXPECT_EQ(3, ledger_of(&self->r, 2, TTLOG_FLOW).written);
	EXPECT_EQ(0, ledger_of(&self->r, 2, TTLOG_FLOW).demoted);
}

/* Root has no share to exceed: 2,000 warnings of 112 bytes are over any burst. */
TEST_F(channels, root_is_not_demoted)
{
	struct ttlog_ledger ledger;
	char text[66];
	int i;

	memset(text, 'x', sizeof(text));
	memcpy(text, "<4>", 3);
	for (i = 0; i < 2000; i++)
		ASSERT_EQ(66, write(self->r.fd, text, 66));
	ledger = ledger_of(&self->r, 2, TTLOG_KEEP);
	EXPECT_EQ(2000, ledger.written);
	EXPECT_EQ(0, ledger_sum(&self->r, TTLOG_FLOW).written);
	EXPECT_EQ(0, ledger_sum(&self->r, TTLOG_FLOW).demoted);
}

/**
 * struct burst - warnings of a user
 * @fd: to write to
 * @nr: how many
 * @name: what they begin with
 */
struct burst {
	int fd;
	int nr;
	const char *name;
};

/* Each takes 112 bytes of a ring: 49, and a text of 63. */
static int write_warnings(void *arg)
{
	const struct burst *b = arg;
	char text[80];
	int i;

	for (i = 0; i < b->nr; i++) {
		snprintf(text, sizeof(text), "<4>%s %050d", b->name, i);
		text[66] = '\0';
		memset(text + strlen(text), '.', 66 - strlen(text));
		if (write(b->fd, text, 66) != 66)
			return 1;
	}
	return 0;
}

/* Events of a channel with level 4 that begin so and have the uid. */
static unsigned int count(const struct recorder *r, const char *name,
			  unsigned int uid, unsigned int channel)
{
	unsigned int n = 0;
	size_t i;

	for (i = 0; i < r->nr_seen; i++) {
		if (r->seen[i].channel == channel &&
		    r->seen[i].slot->uid == uid &&
		    slot_level(r->seen[i].slot) == 4 &&
		    slot_len(r->seen[i].slot) == 63 &&
		    !memcmp(slot_text(r->seen[i].slot), name, strlen(name)))
			n++;
	}
	return n;
}

/*
 * 8192 bytes at once are 73 events of 112 bytes, with 16 bytes left over. At a
 * byte a second no more come in while the test runs (it would take 96 s).
 */
FIXTURE(share)
{
	struct recorder r;
};

FIXTURE_SETUP(share)
{
	ASSERT_EQ(0, ttlog_reload("memory_per_cpu=1M keep_rate=1 keep_burst=8K"));
	ASSERT_EQ(0, pin(2));
	ASSERT_TRUE(recorder_open(&self->r));
}

FIXTURE_TEARDOWN(share)
{
	recorder_close(&self->r);
	EXPECT_EQ(0, ttlog_unload());
}

TEST_F(share, above_it_events_are_demoted)
{
	struct burst b = { .fd = self->r.fd, .nr = 100, .name = "alice" };
	struct ttlog_ledger keep, flow;

	ASSERT_EQ(0, run_as(ALICE, write_warnings, &b));
	keep = ledger_of(&self->r, 2, TTLOG_KEEP);
	flow = ledger_of(&self->r, 2, TTLOG_FLOW);
	EXPECT_EQ(73, keep.written);
	EXPECT_EQ(0, keep.demoted);
	EXPECT_EQ(27, flow.written);
	EXPECT_EQ(27, flow.demoted);
	EXPECT_EQ(100, ledger_sum(&self->r, ALL_OF_USERS).offered);
	EXPECT_EQ(0, lost_of(&keep) + lost_of(&flow));

	ASSERT_TRUE(recorder_read(&self->r));
	EXPECT_EQ(73, count(&self->r, "alice", ALICE, TTLOG_KEEP));
	EXPECT_EQ(27, count(&self->r, "alice", ALICE, TTLOG_FLOW));
	EXPECT_EQ(27, recorder_ring(&self->r, 2, TTLOG_FLOW)->demoted);
}

/* A share is the uid's, on whatever CPU and through whatever file. */
TEST_F(share, is_one_for_all_cpus_and_files)
{
	struct burst b = { .nr = 25, .name = "alice" };
	unsigned int cpu;

	for (cpu = 0; cpu < NR_TEST_CPUS; cpu++) {
		ASSERT_EQ(0, pin(cpu));
		b.fd = open(DEVICE, O_WRONLY);
		ASSERT_LE(0, b.fd);
		ASSERT_EQ(0, run_as(ALICE, write_warnings, &b));
		close(b.fd);
	}
	EXPECT_EQ(73, ledger_sum(&self->r, TTLOG_KEEP).written);
	EXPECT_EQ(27, ledger_sum(&self->r, TTLOG_FLOW).written);
	EXPECT_EQ(27, ledger_sum(&self->r, TTLOG_FLOW).demoted);
}

static int share_of(int fd, uint32_t flags, uint64_t rate, uint64_t burst)
{
	struct ttlog_share share = { .flags = flags, .rate = rate, .burst = burst };

	return ERRNO(ioctl(fd, TTLOG_IOC_SHARE, &share));
}

/*
 * Another 73 events with a burst of twice as much. Who is 16,000 s ahead is so by eight
 * with a share of 1024 bytes a second and 8192 at once: one event each 112 ms.
 */
TEST_F(share, can_be_set)
{
	struct burst b = { .fd = self->r.fd, .nr = 100, .name = "alice" };
	const struct timespec second = { .tv_sec = 1 };
	struct ttlog_share share = {};
	uint64_t before, more;

	ASSERT_EQ(0, ioctl(self->r.fd, TTLOG_IOC_SHARE, &share));
	EXPECT_EQ(1, share.rate);
	EXPECT_EQ(8192, share.burst);
	ASSERT_EQ(0, run_as(ALICE, write_warnings, &b));
	EXPECT_EQ(73, ledger_of(&self->r, 2, TTLOG_KEEP).written);
	share = (struct ttlog_share){
		.flags = TTLOG_SHARE_SET, .rate = 1, .burst = 16384,
	};
	ASSERT_EQ(0, ioctl(self->r.fd, TTLOG_IOC_SHARE, &share));
	EXPECT_EQ(1, share.rate);
	EXPECT_EQ(16384, share.burst);
	ASSERT_EQ(0, run_as(ALICE, write_warnings, &b));
	EXPECT_EQ(146, ledger_of(&self->r, 2, TTLOG_KEEP).written);
	ASSERT_EQ(0, share_of(self->r.fd, TTLOG_SHARE_SET, 1024, 8192));
	before = mono_now();
	ASSERT_EQ(0, nanosleep(&second, NULL));
	b.nr = 80;
	ASSERT_EQ(0, run_as(ALICE, write_warnings, &b));
	more = ledger_of(&self->r, 2, TTLOG_KEEP).written - 146;
	EXPECT_LE(9, more);
	EXPECT_GE((mono_now() - before) / 109375000, more);
}

/**
 * struct at_once - a child's warnings, on a CPU of its own
 */
struct at_once {
	struct burst burst;
	unsigned int cpu;
};

static int write_at_once(void *arg)
{
	struct at_once *a = arg;

	return pin(a->cpu) || write_warnings(&a->burst);
}

/* However they come: none gets anything twice. */
TEST_F(share, is_one_for_all_cpus_at_once)
{
	struct at_once a = { .burst = { .fd = self->r.fd, .nr = 5000, .name = "alice" } };
	pid_t children[NR_TEST_CPUS];

	for (a.cpu = 0; a.cpu < NR_TEST_CPUS; a.cpu++) {
		children[a.cpu] = fork();
		ASSERT_LE(0, children[a.cpu]);
		if (!children[a.cpu])
			_exit(become(ALICE) ? 255 : write_at_once(&a));
	}
	for (a.cpu = 0; a.cpu < NR_TEST_CPUS; a.cpu++)
		EXPECT_EQ(0, end_of(children[a.cpu]));
	EXPECT_EQ(73, ledger_sum(&self->r, TTLOG_KEEP).written);
	EXPECT_EQ(NR_TEST_CPUS * 5000 - 73, ledger_sum(&self->r, TTLOG_FLOW).demoted);
}

static int set_share(void *fd)
{
	return share_of(*(int *)fd, TTLOG_SHARE_SET, 1, 8192);
}

TEST_F(share, refuses_what_it_does_not_know)
{
	struct ttlog_share share = {};

	EXPECT_EQ(EINVAL, share_of(self->r.fd, 2, 1, 8192));
	EXPECT_EQ(EINVAL, share_of(self->r.fd, TTLOG_SHARE_SET, 0, 8192));
	EXPECT_EQ(EINVAL, share_of(self->r.fd, TTLOG_SHARE_SET, (1 << 30) + 1, 8192));
	EXPECT_EQ(EINVAL, share_of(self->r.fd, TTLOG_SHARE_SET, 1, 4159));
	EXPECT_EQ(EINVAL, share_of(self->r.fd, TTLOG_SHARE_SET, 1, (1 << 30) + 1));
	EXPECT_EQ(EPERM, run_as(ALICE, set_share, &self->r.fd));
	ASSERT_EQ(0, ioctl(self->r.fd, TTLOG_IOC_SHARE, &share));
	EXPECT_EQ(1, share.rate);
	EXPECT_EQ(8192, share.burst);
	EXPECT_EQ(0, share_of(self->r.fd, TTLOG_SHARE_SET, 1, 4160));
	EXPECT_EQ(0, share_of(self->r.fd, TTLOG_SHARE_SET, 1 << 30, 1 << 30));
}

TEST_F(share, others_have_their_own)
{
	struct burst alice = { .fd = self->r.fd, .nr = 100, .name = "alice" };
	struct burst bob = { .fd = self->r.fd, .nr = 100, .name = "bob" };

	ASSERT_EQ(0, run_as(ALICE, write_warnings, &alice));
	ASSERT_EQ(0, run_as(BOB, write_warnings, &bob));
	ASSERT_TRUE(recorder_read(&self->r));
	EXPECT_EQ(73, count(&self->r, "alice", ALICE, TTLOG_KEEP));
	EXPECT_EQ(73, count(&self->r, "bob", BOB, TTLOG_KEEP));
	EXPECT_EQ(27, count(&self->r, "alice", ALICE, TTLOG_FLOW));
	EXPECT_EQ(27, count(&self->r, "bob", BOB, TTLOG_FLOW));
}

/* Its other levels don't count, and it isn't used up by them. */
TEST_F(share, is_of_warnings_only)
{
	struct burst b = { .fd = self->r.fd, .nr = 73, .name = "alice" };
	char text[4000];
	pid_t pid;
	int i;

	memset(text, 'x', sizeof(text));
	pid = fork();
	if (!pid) {
		if (become(ALICE))
			_exit(1);
		for (i = 0; i < 10; i++)
			if (write(self->r.fd, text, sizeof(text)) != 4000)
				_exit(2);
		_exit(write_warnings(&b));
	}
	ASSERT_EQ(0, end_of(pid));
	EXPECT_EQ(73, ledger_of(&self->r, 2, TTLOG_KEEP).written);
	EXPECT_EQ(0, ledger_of(&self->r, 2, TTLOG_FLOW).demoted);
}

#define FIRST_SUBUID	100000
#define NR_SUBUIDS	40

/**
 * struct many - a user namespace, its uids, and whoever maps them
 * @burst: what each uid writes
 * @owner: who makes the namespace
 * @made: tells that it is there
 * @mapped: tells that its uids are mapped
 */
struct many {
	struct burst *burst;
	unsigned int owner;
	int made[2];
	int mapped[2];
};

/* Each uid of the namespace; every second in another one within. */
static int write_as_many(const struct many *m)
{
	unsigned int uid;
	char byte = 0;
	pid_t pid;

	if ((m->owner && become(m->owner)) || unshare(CLONE_NEWUSER) ||
	    write(m->made[1], &byte, 1) != 1 || read(m->mapped[0], &byte, 1) != 1)
		return 1;
	for (uid = 0; uid < NR_SUBUIDS; uid++) {
		pid = fork();
		if (!pid) {
			/* Only who is mapped may make a namespace. */
			if (setresgid(uid, uid, uid) ||
			    setresuid(uid, uid, uid) ||
			    (uid % 2 && unshare(CLONE_NEWUSER)))
				_exit(2);
			_exit(write_warnings(m->burst));
		}
		if (end_of(pid))
			return 3;
	}
	return 0;
}

static bool map_ids(pid_t pid, const char *file)
{
	char path[64], map[64];
	bool ok;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	snprintf(map, sizeof(map), "0 %u %u\n", FIRST_SUBUID, NR_SUBUIDS);
	fd = open(path, O_WRONLY);
	ok = write(fd, map, strlen(map)) == (ssize_t)strlen(map);
	close(fd);
	return ok;
}

/* As the owner of a namespace with uids that only root can give it. */
static int run_as_many(unsigned int owner, struct burst *burst)
{
	struct many m = { .burst = burst, .owner = owner };
	bool ok = false;
	char byte = 0;
	pid_t pid;

	if (pipe(m.made) || pipe(m.mapped))
		return -1;
	pid = fork();
	if (!pid)
		_exit(write_as_many(&m));
	if (read(m.made[0], &byte, 1) == 1)
		ok = map_ids(pid, "uid_map") && map_ids(pid, "gid_map");
	if (write(m.mapped[1], &byte, 1) != 1)
		ok = false;
	close(m.made[0]);
	close(m.made[1]);
	close(m.mapped[0]);
	close(m.mapped[1]);
	return end_of(pid) || !ok ? -1 : 0;
}

/* However many uids a user has in namespaces: they have its one share. */
TEST_F(share, of_a_namespace_is_its_owners)
{
	struct burst alice = { .fd = self->r.fd, .nr = 10, .name = "alice" };
	struct burst many = { .fd = self->r.fd, .nr = 10, .name = "many" };
	struct burst bob = { .fd = self->r.fd, .nr = 73, .name = "bob" };
	unsigned int kept = 0, flow = 0, uid;

	ASSERT_EQ(0, run_as(ALICE, write_warnings, &alice));
	ASSERT_EQ(0, run_as_many(ALICE, &many));
	ASSERT_EQ(0, run_as(ALICE, write_warnings, &alice));
	ASSERT_EQ(0, run_as(BOB, write_warnings, &bob));
	ASSERT_TRUE(recorder_read(&self->r));
	EXPECT_EQ(10, count(&self->r, "alice", ALICE, TTLOG_KEEP));
	EXPECT_EQ(10, count(&self->r, "alice", ALICE, TTLOG_FLOW));
	/* First come, first served; each event has the uid that wrote it. */
	for (uid = FIRST_SUBUID; uid < FIRST_SUBUID + NR_SUBUIDS; uid++) {
		kept += count(&self->r, "many", uid, TTLOG_KEEP);
		flow += count(&self->r, "many", uid, TTLOG_FLOW);
	}
	EXPECT_EQ(63, kept);
	EXPECT_EQ(400 - 63, flow);
	EXPECT_EQ(3, count(&self->r, "many", FIRST_SUBUID + 6, TTLOG_KEEP));
	EXPECT_EQ(7, count(&self->r, "many", FIRST_SUBUID + 6, TTLOG_FLOW));
	/* It costs nobody else. */
	EXPECT_EQ(73, count(&self->r, "bob", BOB, TTLOG_KEEP));
	EXPECT_EQ(73 + 73, ledger_of(&self->r, 2, TTLOG_KEEP).written);
	EXPECT_EQ(10 + 337, ledger_of(&self->r, 2, TTLOG_FLOW).demoted);
}

/* Root made it for a container, whose users are one, but not root. */
TEST_F(share, of_a_namespace_that_root_made)
{
	struct burst many = { .fd = self->r.fd, .nr = 10, .name = "many" };
	struct burst alice = { .fd = self->r.fd, .nr = 73, .name = "alice" };

	ASSERT_EQ(0, run_as_many(0, &many));
	ASSERT_EQ(0, run_as(ALICE, write_warnings, &alice));
	ASSERT_TRUE(recorder_read(&self->r));
	EXPECT_EQ(73 + 73, ledger_of(&self->r, 2, TTLOG_KEEP).written);
	EXPECT_EQ(400 - 73, ledger_of(&self->r, 2, TTLOG_FLOW).demoted);
	EXPECT_EQ(73, count(&self->r, "alice", ALICE, TTLOG_KEEP));
}

/* 10 events more: what 1,120 bytes a second earn in a second. */
TEST_F(share, comes_back_with_time)
{
	struct burst b = { .fd = -1, .nr = 200, .name = "alice" };
	uint64_t before, after, kept;

	recorder_close(&self->r);
	ASSERT_EQ(0, ttlog_reload("memory_per_cpu=1M keep_rate=1120 keep_burst=8K"));
	ASSERT_TRUE(recorder_open(&self->r));
	b.fd = self->r.fd;
	before = mono_now();
	ASSERT_EQ(0, run_as(ALICE, write_warnings, &b));
	usleep(1500000);
	b.nr = 200;
	ASSERT_EQ(0, run_as(ALICE, write_warnings, &b));
	after = mono_now();
	kept = ledger_of(&self->r, 2, TTLOG_KEEP).written;
	EXPECT_LE(73 + 15, kept);
	EXPECT_GE((8192 + (after - before) * 1120 / 1000000000) / 112, kept);
	EXPECT_EQ(400 - kept, ledger_of(&self->r, 2, TTLOG_FLOW).demoted);
}

/* The rings as they are by default. */
TEST_F(channels, one_users_flood_leaves_anothers_warnings)
{
	struct burst early = { .fd = self->r.fd, .nr = 10, .name = "early" };
	struct burst flood = { .fd = self->r.fd, .nr = 20000, .name = "flood" };
	struct burst late = { .fd = self->r.fd, .nr = 10, .name = "late" };
	struct ttlog_ledger keep, flow;

	ASSERT_EQ(0, run_as(BOB, write_warnings, &early));
	ASSERT_EQ(0, run_as(ALICE, write_warnings, &flood));
	ASSERT_EQ(0, run_as(BOB, write_warnings, &late));
	ASSERT_TRUE(recorder_read(&self->r));
	EXPECT_EQ(10, count(&self->r, "early", BOB, TTLOG_KEEP));
	EXPECT_EQ(10, count(&self->r, "late", BOB, TTLOG_KEEP));
	keep = ledger_of(&self->r, 2, TTLOG_KEEP);
	flow = ledger_of(&self->r, 2, TTLOG_FLOW);
	EXPECT_EQ(20020, keep.written + flow.written);
	EXPECT_EQ(flow.written, flow.demoted);
	EXPECT_EQ(0, lost_of(&keep) + lost_of(&flow));
	EXPECT_EQ(0, recorder_ring(&self->r, 2, TTLOG_KEEP)->overwritten);
	EXPECT_EQ(keep.written - 20,
		  count(&self->r, "flood", ALICE, TTLOG_KEEP));
}

FIXTURE(mask)
{
	struct recorder r;
};

FIXTURE_SETUP(mask)
{
	ASSERT_EQ(0, ttlog_reload("memory_per_cpu=64K level=warning"));
	ASSERT_EQ(0, pin(2));
	ASSERT_TRUE(recorder_open(&self->r));
}

FIXTURE_TEARDOWN(mask)
{
	recorder_close(&self->r);
	EXPECT_EQ(0, ttlog_unload());
}

TEST_F(mask, is_set_by_parameter)
{
	EXPECT_EQ(0x1f, self->r.info.level_mask);
	EXPECT_EQ(5, write(self->r.fd, "<5>no", 5));
	EXPECT_EQ(6, write(self->r.fd, "<4>yes", 6));
	EXPECT_EQ(1, ledger_of(&self->r, 2, TTLOG_FLOW).lost[TTLOG_LOST_FILTERED]);
	EXPECT_EQ(0, ledger_of(&self->r, 2, TTLOG_KEEP).lost[TTLOG_LOST_FILTERED]);
	ASSERT_TRUE(recorder_read(&self->r));
	ASSERT_EQ(1, self->r.nr_seen);
	EXPECT_NE(NULL, find_text(&self->r, "yes"));
}

/* Levels 3 and 6 alone: each event is counted where it would have gone. */
TEST_F(mask, is_set_by_ioctl)
{
	struct ttlog_levels levels = { .flags = TTLOG_LEVELS_SET, .mask = 0x48 };
	struct iovec v[] = { { "<7>", 3 }, { "no", 2 } };
	char text[] = "<0>0";
	int i;

	ASSERT_EQ(0, ioctl(self->r.fd, TTLOG_IOC_LEVELS, &levels));
	EXPECT_EQ(0x48, levels.mask);
	EXPECT_EQ(1, levels.generation);
	for (i = 0; i < 8; i++) {
		text[1] = '0' + i;
		text[3] = '0' + i;
		EXPECT_EQ(4, write(self->r.fd, text, 4));
	}
	EXPECT_EQ(5, writev(self->r.fd, v, 2));
	EXPECT_EQ(4, ledger_of(&self->r, 2, TTLOG_KEEP).lost[TTLOG_LOST_FILTERED]);
	EXPECT_EQ(5, ledger_of(&self->r, 2, TTLOG_KEEP).offered);
	EXPECT_EQ(3, ledger_of(&self->r, 2, TTLOG_FLOW).lost[TTLOG_LOST_FILTERED]);
	EXPECT_EQ(4, ledger_of(&self->r, 2, TTLOG_FLOW).offered);
	ASSERT_TRUE(recorder_read(&self->r));
	ASSERT_EQ(2, self->r.nr_seen);
	EXPECT_NE(NULL, find_text(&self->r, "3"));
	EXPECT_NE(NULL, find_text(&self->r, "6"));
}

TEST_F(mask, is_seen_through_the_control_page)
{
	struct ttlog_levels levels = { .flags = TTLOG_LEVELS_SET, .mask = 0xff };
	const volatile struct ttlog_control *control;
	int fd;

	fd = ioctl(self->r.fd, TTLOG_IOC_CONTROL, 0);
	ASSERT_LE(0, fd);
	control = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, (void *)control);
	close(fd);
	EXPECT_EQ(TTLOG_ABI_MAJOR, control->abi_major);
	EXPECT_EQ(0x1f, control->level_mask);
	EXPECT_EQ(0, control->generation);
	ASSERT_EQ(0, ioctl(self->r.fd, TTLOG_IOC_LEVELS, &levels));
	EXPECT_EQ(0xff, control->level_mask);
	EXPECT_EQ(1, control->generation);
	/* Reading it changes nothing. */
	levels = (struct ttlog_levels){};
	ASSERT_EQ(0, ioctl(self->r.fd, TTLOG_IOC_LEVELS, &levels));
	EXPECT_EQ(0xff, levels.mask);
	EXPECT_EQ(1, levels.generation);
	EXPECT_EQ(1, control->generation);
	munmap((void *)control, PAGE);
}

TEST_HARNESS_MAIN
