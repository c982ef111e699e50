// SPDX-License-Identifier: GPL-2.0-only
/* What a user writes that is to be taken for something else. */
#include <kselftest_harness.h>
#include <linux/io_uring.h>
#include <signal.h>
#include "user.h"

FIXTURE(forge)
{
	struct user user;
};

FIXTURE_SETUP(forge)
{
	ASSERT_TRUE(user_open(&self->user, ALICE));
	ASSERT_EQ(0, pin(1));
}

FIXTURE_TEARDOWN(forge)
{
	ASSERT_TRUE(recorder_read(&self->user.r));
	EXPECT_TRUE(adds_up(&self->user.r));
	user_close(&self->user);
}

/* All events of this process are as it wrote them: spray or nothing. */
static bool only_spray(const struct recorder *r, const uint8_t *spray, size_t len)
{
	size_t i;

	for (i = 0; i < r->nr_seen; i++) {
		const struct ttlog_event *e = r->seen[i].slot;

		if (slot_pid(e) != (uint32_t)getpid())
			continue;
		if (e->uid != ALICE || !slot_is(e, spray, len) ||
		    slot_kind(e) != TTLOG_KIND_LOG || e->time > mono_now())
			return false;
	}
	return true;
}

/* Write this over the whole ring of this CPU, more than twice. */
static bool lap(const struct user *user, const void *bytes, size_t len)
{
	size_t i, size = user->r.size[TTLOG_NR_CHANNELS + TTLOG_FLOW];

	for (i = 0; i < 5 * size / 2; i += len)
		if (write(user->fd, bytes, len) != (ssize_t)len)
			return false;
	return true;
}

/*
 * Have a reader take text for slots: words that are a committed slot's tag, with the
 * secret known, at each place where the next lap may put a slot. Read as text only.
 */
TEST_F(forge, tags_of_slots)
{
	uint64_t head = *(volatile uint64_t *)
		((char *)self->user.r.at[TTLOG_NR_CHANNELS + TTLOG_FLOW] + 128);
	uint64_t key = self->user.r.map->key, words[500], i;

	for (i = 0; i < 500; i++)
		words[i] = ((uint64_t)8 << TTLOG_TAG_SIZE_SHIFT |
			    ((head + i * 8) & (TTLOG_TAG_POSITION_MASK & ~7ULL)) |
			    TTLOG_TAG_COMMITTED) ^ key;
	/* Not a level, nor a newline that is dropped. */
	((uint8_t *)words)[0] = 'x';
	((uint8_t *)words)[sizeof(words) - 1] = 'x';
	ASSERT_TRUE(lap(&self->user, words, sizeof(words)));
	ASSERT_TRUE(recorder_read(&self->user.r));
	EXPECT_TRUE(only_spray(&self->user.r, (uint8_t *)words, sizeof(words)));
	EXPECT_EQ(0, count_holes(&self->user.r));
}

/* Heads of maps, rings and blocks in text, as a scan of memory looks for. Text only. */
TEST_F(forge, heads_of_blocks)
{
	const struct ttlog_map *map = self->user.r.map;
	struct ttlog_block block = {
		.magic = TTLOG_BLOCK_MAGIC,
		.layout = TTLOG_LAYOUT,
		.cpu = 1,
		.channel = TTLOG_KLOG,
		.start = 8192,
		.first = 1,
		.ready = 1,
	};
	uint8_t text[sizeof(block) + 16];

	memcpy(block.boot_id, map->boot_id, sizeof(block.boot_id));
	memcpy(text, &block, sizeof(block));
	memcpy(text + sizeof(block), &map->magic, 8);
	memcpy(text + sizeof(block) + 8, "ttlogRNG", 8);
	ASSERT_TRUE(lap(&self->user, text, sizeof(text)));
	ASSERT_TRUE(recorder_read(&self->user.r));
	EXPECT_TRUE(only_spray(&self->user.r, text, sizeof(text)));
	EXPECT_EQ(0, count_holes(&self->user.r));
}

/* The event of this process whose text it is. */
static const struct ttlog_event *mine(struct user *user, const char *text)
{
	const struct seen *seen;

	if (!recorder_read(&user->r))
		return NULL;
	seen = find_text(&user->r, text);
	return seen ? seen->slot : NULL;
}

/* Be another: what the kernel stamps is as it is, whatever the fields say. */
TEST_F(forge, stamps_by_fields)
{
	static const char text[] = "forged\0pid:=1\0uid:=0\0kind=klog\0comm=init\0cpu:=9";
	const struct ttlog_event *e;
	size_t i;

	ASSERT_EQ(sizeof(text) - 1, write(self->user.fd, text, sizeof(text) - 1));
	ASSERT_TRUE(recorder_read(&self->user.r));
	for (i = 0, e = NULL; i < self->user.r.nr_seen; i++)
		if (slot_is(self->user.r.seen[i].slot, text,
			    sizeof(text) - 1))
			e = self->user.r.seen[i].slot;
	ASSERT_NE(NULL, e);
	EXPECT_EQ(getpid(), slot_pid(e));
	EXPECT_EQ(ALICE, e->uid);
	EXPECT_EQ(TTLOG_KIND_LOG, slot_kind(e));
	EXPECT_EQ(TTLOG_INFO, slot_level(e));
}

/* Be another by the process's name: name and service are that, the rest isn't. */
TEST_F(forge, name_of_the_process)
{
	const struct ttlog_event *e;

	ASSERT_EQ(0, prctl(PR_SET_NAME, "kernel"));
	ASSERT_TRUE(say(self->user.fd, "<2>I am the kernel"));
	e = mine(&self->user, "I am the kernel");
	ASSERT_NE(NULL, e);
	EXPECT_STREQ("kernel", (const char *)e->comm);
	EXPECT_EQ(TTLOG_KIND_LOG, slot_kind(e));
	EXPECT_EQ(ALICE, e->uid);
	EXPECT_EQ(getpid(), slot_pid(e));
}

/* What the kernel says then, behind its name and pid. */
#ifdef __aarch64__
#define DEATH	"]: unhandled exception: "
#else
#define DEATH	"]: segfault at 1 "
#endif

/* Die of SIGSEGV under this name, which the kernel then prints. */
static int die_as(const char *name)
{
	char *volatile nowhere = (char *)1;
	pid_t pid = fork();
	int status = 0;

	if (!pid) {
		prctl(PR_SET_NAME, name);
		*nowhere = 0;
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : -1;
}

/*
 * Write to the kernel's log: EACCES. Have the kernel print one's name there, with a
 * newline and printk's own sign of a level in it: that is one event, of the level
 * that the kernel gave it, and nothing else is.
 */
TEST_F(forge, lines_of_the_kernels_log)
{
	static const char *const names[] = {
		"forged", "\n<0>forged", "\001\060forged", "\001cforged",
	};
	const struct recorder *r = &self->user.r;
	unsigned int i, deaths = 0, others = 0;

	EXPECT_EQ(EACCES, ERRNO(open("/dev/kmsg", O_WRONLY)));
	for (i = 0; i < ARRAY_SIZE(names); i++)
		ASSERT_EQ(SIGSEGV, die_as(names[i]));
	ASSERT_EQ(0, ioctl(r->fd, TTLOG_IOC_SYNC, 0));
	self->user.r.klog = true;
	ASSERT_TRUE(recorder_read(&self->user.r));
	self->user.r.klog = false;
	for (i = 0; i < r->nr_seen; i++) {
		const struct ttlog_event *e = r->seen[i].slot;

		if (!memmem(slot_text(e), slot_len(e), "forged[", 7))
			continue;
		if (slot_kind(e) == TTLOG_KIND_KLOG &&
		    slot_level(e) == TTLOG_INFO &&
		    memmem(slot_text(e), slot_len(e), DEATH, strlen(DEATH)))
			deaths++;
		else
			others++;
	}
	EXPECT_EQ(ARRAY_SIZE(names), deaths);
	EXPECT_EQ(0, others);
}

/* Be another by being root of a user namespace: the uid outside is stamped. */
TEST_F(forge, root_of_a_user_namespace)
{
	const struct ttlog_event *e;
	int map;

	ASSERT_EQ(0, prctl(PR_SET_DUMPABLE, 1));
	if (unshare(CLONE_NEWUSER))
		SKIP(return, "no user namespaces for users here");
	map = open("/proc/self/uid_map", O_WRONLY | O_CLOEXEC);
	ASSERT_EQ(9, write(map, "0 1001 1\n", 9));
	close(map);
	ASSERT_EQ(0, geteuid());
	ASSERT_TRUE(say(self->user.fd, "I am root now"));
	e = mine(&self->user, "I am root now");
	ASSERT_NE(NULL, e);
	EXPECT_EQ(ALICE, e->uid);
}

static int name_service(int fd, const char *name)
{
	struct ttlog_service_name service = {};

	memcpy(service.name, name, strlen(name) + 1);
	return ERRNO(ioctl(fd, TTLOG_IOC_SERVICE, &service));
}

/*
 * Name a service as another's program, as the kernel, or so that it looks like that:
 * a name is a claim, and each uid's has an id and a uid of its own. What no line can
 * hold is refused: EINVAL.
 */
TEST_F(forge, name_of_a_service)
{
	static const char *const bad[] = {
		"", "two words", "line\nline", "esc\x1b[2J", "\xd0\xb5ternel",
		"del\x7f", "tab\t",
	};
	const struct ttlog_map *map = self->user.r.map;
	const struct ttlog_event *e;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_EQ(EINVAL, name_service(self->user.fd, bad[i]));
	ASSERT_EQ(0, name_service(self->user.fd, "ttlogd"));
	ASSERT_EQ(0, name_service(self->user.fd, "kernel"));
	ASSERT_TRUE(say(self->user.fd, "as kernel"));
	e = mine(&self->user, "as kernel");
	ASSERT_NE(NULL, e);
	ASSERT_EQ(TTLOG_EVENT_SERVICE, slot_flags(e));
	EXPECT_EQ(ALICE, map->service[e->body[0]].uid);
	EXPECT_STREQ("kernel", map->service[e->body[0]].name);
	EXPECT_EQ(ALICE, e->uid);
}

/**
 * struct uring - one whose submissions a thread of the kernel takes
 */
struct uring {
	int fd;
	struct io_uring_params params;
	uint8_t *sq;
	struct io_uring_sqe *sqe;
};

static bool uring_open(struct uring *u)
{
	u->params = (struct io_uring_params){
		.flags = IORING_SETUP_SQPOLL,
		.sq_thread_idle = 1000,
	};
	u->fd = syscall(SYS_io_uring_setup, 4, &u->params);
	if (u->fd < 0)
		return false;
	u->sq = mmap(NULL, u->params.sq_off.array + u->params.sq_entries * 4,
		     PROT_READ | PROT_WRITE, MAP_SHARED, u->fd, IORING_OFF_SQ_RING);
	u->sqe = mmap(NULL, u->params.sq_entries * sizeof(*u->sqe),
		      PROT_READ | PROT_WRITE, MAP_SHARED, u->fd, IORING_OFF_SQES);
	return u->sq != MAP_FAILED && u->sqe != MAP_FAILED;
}

static void uring_write(struct uring *u, int fd, const char *text)
{
	const struct io_sqring_offsets *sq = &u->params.sq_off;

	u->sqe[0] = (struct io_uring_sqe){
		.opcode = IORING_OP_WRITE,
		.fd = fd,
		.addr = (uintptr_t)text,
		.len = strlen(text),
	};
	((uint32_t *)(u->sq + sq->array))[0] = 0;
	__atomic_store_n((uint32_t *)(u->sq + sq->tail), 1, __ATOMIC_RELEASE);
	syscall(SYS_io_uring_enter, u->fd, 0, 0, IORING_ENTER_SQ_WAKEUP, NULL, 0);
}

/* Have a thread of the kernel write for one: it bears the user's uid, and a mark. */
TEST_F(forge, thread_of_the_kernel)
{
	static const char text[] = "<4>by a thread of io_uring";
	const struct ttlog_event *e = NULL;
	struct uring u;
	int tries;

	if (!uring_open(&u))
		SKIP(return, "no io_uring with a polling thread for users here");
	uring_write(&u, self->user.fd, text);
	for (tries = 0; tries < 100 && !e; tries++) {
		usleep(100000);
		e = mine(&self->user, text + 3);
	}
	ASSERT_NE(NULL, e);
	EXPECT_EQ(ALICE, e->uid);
	EXPECT_EQ(TTLOG_EVENT_ASYNC, slot_flags(e) & TTLOG_EVENT_ASYNC);
	EXPECT_EQ(getpid(), slot_pid(e));
	EXPECT_EQ(TTLOG_KIND_LOG, slot_kind(e));
	close(u.fd);
}

TEST_HARNESS_MAIN
