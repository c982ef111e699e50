// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel says of an event: who, where, when, and how much room that
 * takes.
 */
#include <kselftest_harness.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include "ttlog_test.h"

#define CGROUP	"/sys/fs/cgroup/ttlog-test"

FIXTURE(stamps)
{
	struct recorder r;
};

FIXTURE_SETUP(stamps)
{
	ASSERT_EQ(0, ttlog_reload("memory_per_cpu=64K"));
	ASSERT_TRUE(recorder_open(&self->r));
}

FIXTURE_TEARDOWN(stamps)
{
	recorder_close(&self->r);
	EXPECT_EQ(0, ttlog_unload());
}

/* The only event; its text must be this. */
static const struct ttlog_event *only(struct recorder *r, const char *text)
{
	if (!recorder_read(r) || r->nr_seen != 1 ||
	    !slot_is(r->seen[0].slot, text, strlen(text)))
		return NULL;
	return r->seen[0].slot;
}

TEST_F(stamps, pid_and_tid_of_the_first_thread)
{
	const struct ttlog_event *e;

	ASSERT_EQ(1, write(self->r.fd, "x", 1));
	e = only(&self->r, "x");
	ASSERT_NE(NULL, e);
	EXPECT_EQ(getpid(), slot_pid(e));
	EXPECT_EQ(getpid(), slot_tid(e));
	EXPECT_EQ(0, e->uid);
}

/**
 * struct thread - one that writes, and where it says who it is
 */
struct thread {
	int fd;
	const char *name;
	const char *text;
	pid_t tid;
	bool wrote;
};

static void *write_in_thread(void *arg)
{
	struct thread *t = arg;

	if (t->name)
		prctl(PR_SET_NAME, t->name);
	t->tid = syscall(SYS_gettid);
	t->wrote = write(t->fd, t->text, strlen(t->text)) ==
		   (ssize_t)strlen(t->text);
	return NULL;
}

static bool in_thread(struct thread *t)
{
	pthread_t thread;

	return !pthread_create(&thread, NULL, write_in_thread, t) &&
	       !pthread_join(thread, NULL) && t->wrote;
}

TEST_F(stamps, pid_and_tid_of_another_thread)
{
	struct thread t = { .fd = self->r.fd, .text = "x" };
	const struct ttlog_event *e;

	ASSERT_TRUE(in_thread(&t));
	e = only(&self->r, "x");
	ASSERT_NE(NULL, e);
	EXPECT_EQ(getpid(), slot_pid(e));
	EXPECT_EQ(t.tid, slot_tid(e));
	EXPECT_NE(getpid(), t.tid);
}

static int write_x(void *arg)
{
	return write(*(int *)arg, "x", 1) == 1 ? 0 : 1;
}

TEST_F(stamps, uid_of_a_user)
{
	const struct ttlog_event *e;

	ASSERT_EQ(0, run_as(ALICE, write_x, &self->r.fd));
	e = only(&self->r, "x");
	ASSERT_NE(NULL, e);
	EXPECT_EQ(ALICE, e->uid);
}

TEST_F(stamps, uid_is_the_effective_one)
{
	const struct ttlog_event *e;

	ASSERT_EQ(0, setresuid(ALICE, BOB, 0));
	EXPECT_EQ(1, write(self->r.fd, "x", 1));
	ASSERT_EQ(0, setresuid(0, 0, 0));
	e = only(&self->r, "x");
	ASSERT_NE(NULL, e);
	EXPECT_EQ(BOB, e->uid);
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t done;

	if (fd < 0)
		return -1;
	done = write(fd, text, strlen(text));
	close(fd);
	return done == (ssize_t)strlen(text) ? 0 : -1;
}

/**
 * struct inside - what a task in namespaces of its own is to tell
 */
struct inside {
	int fd;
	int pipe[2];
};

/* As the first process and root of namespaces of its own. */
static int write_inside(void *arg)
{
	struct inside *inside = arg;
	int status;
	pid_t pid;

	if (unshare(CLONE_NEWUSER | CLONE_NEWPID))
		return 1;
	/* Ours, as we stay in the initial pid namespace. */
	pid = fork();
	if (pid < 0)
		return 2;
	if (!pid) {
		/* The change of uid took our files in /proc from us. */
		prctl(PR_SET_DUMPABLE, 1);
		if (write_file("/proc/self/uid_map", "0 1001 1"))
			_exit(3);
		if (setresuid(0, 0, 0) || geteuid() || getpid() != 1)
			_exit(4);
		_exit(write(inside->fd, "inside", 6) == 6 ? 0 : 5);
	}
	status = end_of(pid);
	if (write(inside->pipe[1], &pid, sizeof(pid)) != sizeof(pid))
		return 6;
	return status;
}

TEST_F(stamps, initial_ids_from_inside_namespaces)
{
	struct inside inside = { .fd = self->r.fd };
	const struct ttlog_event *e;
	pid_t pid;

	ASSERT_EQ(0, pipe(inside.pipe));
	ASSERT_EQ(0, run_as(ALICE, write_inside, &inside));
	ASSERT_EQ(sizeof(pid), read(inside.pipe[0], &pid, sizeof(pid)));
	ASSERT_LT(1, pid);
	e = only(&self->r, "inside");
	ASSERT_NE(NULL, e);
	EXPECT_EQ(pid, slot_pid(e));
	EXPECT_EQ(pid, slot_tid(e));
	EXPECT_EQ(ALICE, e->uid);
}

static bool comm_is(const struct ttlog_event *e, const char *name)
{
	char comm[TTLOG_COMM_LEN] = {};

	memcpy(comm, name, strlen(name));
	return !memcmp(e->comm, comm, sizeof(comm));
}

TEST_F(stamps, comm_of_fifteen_bytes)
{
	const struct ttlog_event *e;

	ASSERT_EQ(0, prctl(PR_SET_NAME, "fifteen-bytes-x-and-more"));
	ASSERT_EQ(1, write(self->r.fd, "x", 1));
	e = only(&self->r, "x");
	ASSERT_NE(NULL, e);
	EXPECT_TRUE(comm_is(e, "fifteen-bytes-x"));
}

/* Nothing of the longer name before it is left. */
TEST_F(stamps, comm_is_padded)
{
	const struct ttlog_event *e;

	ASSERT_EQ(0, prctl(PR_SET_NAME, "fifteen-bytes-x"));
	ASSERT_EQ(0, prctl(PR_SET_NAME, "two"));
	ASSERT_EQ(1, write(self->r.fd, "x", 1));
	e = only(&self->r, "x");
	ASSERT_NE(NULL, e);
	EXPECT_TRUE(comm_is(e, "two"));
}

/* The id by which open_by_handle_at() would find the folder. */
static uint64_t handle_of(const char *path)
{
	struct {
		struct file_handle head;
		uint64_t id;
	} handle = { .head.handle_bytes = sizeof(uint64_t) };
	int mount;

	if (name_to_handle_at(AT_FDCWD, path, &handle.head, &mount, 0))
		return 0;
	return handle.id;
}

TEST_F(stamps, cgroup)
{
	const struct ttlog_event *e;
	struct stat st, root;
	char pid[16];
	uint64_t id;

	snprintf(pid, sizeof(pid), "%d", getpid());
	rmdir(CGROUP);
	ASSERT_EQ(0, mkdir(CGROUP, 0755));
	ASSERT_EQ(0, write_file(CGROUP "/cgroup.procs", pid));
	EXPECT_EQ(6, write(self->r.fd, "inside", 6));
	id = handle_of(CGROUP);
	EXPECT_EQ(0, stat(CGROUP, &st));
	ASSERT_EQ(0, write_file("/sys/fs/cgroup/cgroup.procs", pid));
	EXPECT_EQ(7, write(self->r.fd, "outside", 7));
	ASSERT_EQ(0, stat("/sys/fs/cgroup", &root));
	ASSERT_EQ(0, rmdir(CGROUP));

	ASSERT_TRUE(recorder_read(&self->r));
	ASSERT_NE(NULL, find_text(&self->r, "inside"));
	ASSERT_NE(NULL, find_text(&self->r, "outside"));
	e = find_text(&self->r, "inside")->slot;
	EXPECT_EQ(st.st_ino, slot_cgroup(e));
	EXPECT_EQ(id, slot_cgroup(e));
	e = find_text(&self->r, "outside")->slot;
	EXPECT_EQ(root.st_ino, slot_cgroup(e));
	EXPECT_NE(root.st_ino, st.st_ino);
}

TEST_F(stamps, time_is_that_of_the_write)
{
	uint64_t before[20], after[20];
	const struct ttlog_event *e;
	char text[2] = {};
	int i;

	for (i = 0; i < 20; i++) {
		before[i] = mono_now();
		text[0] = 'a' + i;
		EXPECT_EQ(1, write(self->r.fd, text, 1));
		after[i] = mono_now();
	}
	ASSERT_TRUE(recorder_read(&self->r));
	ASSERT_EQ(20, self->r.nr_seen);
	for (i = 0; i < 20; i++) {
		e = self->r.seen[i].slot;
		text[0] = 'a' + i;
		EXPECT_TRUE(slot_is(e, text, 1));
		EXPECT_LE(before[i], e->time);
		EXPECT_GE(after[i], e->time);
	}
}

TEST_F(stamps, cpu_is_that_of_the_ring)
{
	unsigned int cpu;
	char text[2] = {};

	for (cpu = 0; cpu < NR_TEST_CPUS; cpu++) {
		ASSERT_EQ(0, pin(cpu));
		text[0] = '0' + cpu;
		ASSERT_EQ(1, write(self->r.fd, text, 1));
	}
	ASSERT_TRUE(recorder_read(&self->r));
	ASSERT_EQ(NR_TEST_CPUS, self->r.nr_seen);
	for (cpu = 0; cpu < NR_TEST_CPUS; cpu++) {
		text[0] = '0' + cpu;
		ASSERT_NE(NULL, find_text(&self->r, text));
		EXPECT_EQ(cpu, find_text(&self->r, text)->cpu);
		EXPECT_EQ(TTLOG_FLOW, find_text(&self->r, text)->channel);
		EXPECT_EQ(1, ledger_of(&self->r, cpu, TTLOG_FLOW).written);
	}
}

#define TEXT_64	"64 bytes of text, neither fewer nor more of them, as is counted!"

TEST_F(stamps, own_name_takes_120_bytes)
{
	const struct ttlog_event *e;

	ASSERT_EQ(64, strlen(TEXT_64));
	ASSERT_EQ(64, write(self->r.fd, TEXT_64, 64));
	e = only(&self->r, TEXT_64);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(0, slot_flags(e));
	EXPECT_EQ(120, self->r.seen[0].event->size);
}

TEST_F(stamps, thread_of_the_same_name_takes_120_bytes)
{
	struct thread t = { .fd = self->r.fd, .name = "leader", .text = TEXT_64 };
	const struct ttlog_event *e;

	ASSERT_EQ(0, prctl(PR_SET_NAME, "leader"));
	ASSERT_TRUE(in_thread(&t));
	e = only(&self->r, TEXT_64);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(t.tid, slot_tid(e));
	EXPECT_TRUE(comm_is(e, "leader"));
	EXPECT_EQ(0, slot_flags(e));
	EXPECT_EQ(120, self->r.seen[0].event->size);
}

TEST_F(stamps, renamed_thread_takes_128_bytes)
{
	struct thread t = { .fd = self->r.fd, .name = "worker", .text = TEXT_64 };
	static const char leader[TTLOG_COMM_LEN] = "leader-15-bytes";
	const struct ttlog_event *e;

	ASSERT_EQ(0, prctl(PR_SET_NAME, "leader-15-bytes"));
	ASSERT_TRUE(in_thread(&t));
	e = only(&self->r, TEXT_64);
	ASSERT_NE(NULL, e);
	EXPECT_TRUE(comm_is(e, "worker"));
	EXPECT_EQ(TTLOG_EVENT_LEADER, slot_flags(e));
	EXPECT_EQ(0, memcmp((const char *)e + 49, leader, sizeof(leader)));
	EXPECT_EQ(128, self->r.seen[0].event->size);
}

/* The names differ in their last byte only. */
TEST_F(stamps, names_are_compared_to_their_end)
{
	struct thread t = { .fd = self->r.fd, .name = "leader-15-byteX", .text = "x" };
	const struct ttlog_event *e;

	ASSERT_EQ(0, prctl(PR_SET_NAME, "leader-15-bytes"));
	ASSERT_TRUE(in_thread(&t));
	e = only(&self->r, "x");
	ASSERT_NE(NULL, e);
	EXPECT_EQ(TTLOG_EVENT_LEADER, slot_flags(e));
}

static bool name_service(int fd, const char *name, uint32_t *id)
{
	struct ttlog_service_name service = {};

	strcpy(service.name, name);
	if (ioctl(fd, TTLOG_IOC_SERVICE, &service))
		return false;
	*id = service.id;
	return true;
}

TEST_F(stamps, named_service_takes_120_bytes)
{
	const struct ttlog_event *e;
	uint32_t first, second;

	ASSERT_TRUE(name_service(self->r.fd, "first", &first));
	ASSERT_TRUE(name_service(self->r.fd, "second", &second));
	EXPECT_EQ(0, first);
	EXPECT_EQ(1, second);
	ASSERT_EQ(64, write(self->r.fd, TEXT_64, 64));
	e = only(&self->r, TEXT_64);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(TTLOG_EVENT_SERVICE, slot_flags(e));
	EXPECT_EQ(second, e->body[0]);
	EXPECT_STREQ("second", self->r.map->service[e->body[0]].name);
	EXPECT_EQ(120, self->r.seen[0].event->size);
}

/* A named service stands for the leader's name, too; another file has none. */
TEST_F(stamps, service_is_the_files)
{
	struct thread t = { .fd = self->r.fd, .name = "worker", .text = "named" };
	const struct ttlog_event *e;
	uint32_t id;
	int other;

	ASSERT_TRUE(name_service(self->r.fd, "mine", &id));
	ASSERT_TRUE(in_thread(&t));
	other = open(DEVICE, O_WRONLY);
	ASSERT_EQ(5, write(other, "other", 5));
	close(other);
	ASSERT_TRUE(recorder_read(&self->r));
	ASSERT_NE(NULL, find_text(&self->r, "named"));
	ASSERT_NE(NULL, find_text(&self->r, "other"));
	e = find_text(&self->r, "named")->slot;
	EXPECT_EQ(TTLOG_EVENT_SERVICE, slot_flags(e));
	EXPECT_EQ(0, e->body[0]);
	EXPECT_TRUE(comm_is(e, "worker"));
	EXPECT_EQ(0, slot_flags(find_text(&self->r, "other")->slot));
}

TEST_HARNESS_MAIN
