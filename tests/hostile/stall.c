// SPDX-License-Identifier: GPL-2.0-only
/* A writer that stops in the middle, so that others or readers have to wait for it. */
#include <kselftest_harness.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include "user.h"

#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif

FIXTURE(stall)
{
	struct user user;
	int uffd;	/* root's, of this process's memory */
	char *page;	/* one that isn't there */
};

FIXTURE_SETUP(stall)
{
	struct uffdio_api api = { .api = UFFD_API };

	/* Before the user is no longer root. */
	self->uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (self->uffd >= 0)
		ASSERT_EQ(0, ioctl(self->uffd, UFFDIO_API, &api));
	self->page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_TRUE(user_open(&self->user, ALICE));
}

FIXTURE_TEARDOWN(stall)
{
	ASSERT_TRUE(recorder_read(&self->user.r));
	EXPECT_TRUE(adds_up(&self->user.r));
	EXPECT_EQ(0, count_holes(&self->user.r));
	user_close(&self->user);
}

static bool watch_page(int uffd, void *page)
{
	struct uffdio_register reg = {
		.range = { (uintptr_t)page, PAGE },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	return !ioctl(uffd, UFFDIO_REGISTER, &reg);
}

/* Write for ever on CPU 1. */
static pid_t flood(int fd)
{
	pid_t pid = fork();

	if (!pid && pin(1))
		_exit(1);
	while (!pid)
		if (write(fd, "flood", 5) != 5)
			_exit(1);
	return pid;
}

/* What was begun and isn't there of the flood's; all rings would take a while. */
static uint64_t holes_of_flood(const struct recorder *r)
{
	unsigned int i = TTLOG_NR_CHANNELS + TTLOG_FLOW;
	struct reader_ring ring = {};
	uint64_t holes;

	if (reader_ring_read(r->at[i], r->size[i], r->map->key, &READER_ALL,
			     &ring))
		return UINT64_MAX;
	holes = ring.holes;
	reader_ring_free(&ring);
	return holes;
}

/* Be stopped in the midst of writes, 50 times: never while a slot is open. */
TEST_F(stall, stopped_by_a_signal)
{
	pid_t pid = flood(self->user.fd);
	int i;

	ASSERT_LT(0, pid);
	for (i = 0; i < 50; i++) {
		usleep(2000 + i * 17);
		ASSERT_EQ(0, kill(pid, SIGSTOP));
		ASSERT_EQ(pid, waitpid(pid, NULL, WUNTRACED));
		ASSERT_EQ(0, holes_of_flood(&self->user.r));
		ASSERT_EQ(0, kill(pid, SIGCONT));
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Be traced and stopped at each write's entry and exit: no slot is open at either. */
TEST_F(stall, stopped_by_a_tracer)
{
	pid_t pid;
	int i;

	/* Who changed its ids isn't to be traced, and its children neither. */
	ASSERT_EQ(0, prctl(PR_SET_DUMPABLE, 1));
	pid = flood(self->user.fd);
	ASSERT_LT(0, pid);
	ASSERT_EQ(0, ptrace(PTRACE_ATTACH, pid, 0, 0));
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
	for (i = 0; i < 50; i++) {
		ASSERT_EQ(0, ptrace(PTRACE_SYSCALL, pid, 0, 0));
		ASSERT_EQ(pid, waitpid(pid, NULL, 0));
		ASSERT_EQ(0, holes_of_flood(&self->user.r));
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Be killed anywhere, 200 times. */
TEST_F(stall, killed)
{
	pid_t pid;
	int i;

	for (i = 0; i < 200; i++) {
		pid = flood(self->user.fd);
		ASSERT_LT(0, pid);
		usleep(i * 7);
		kill(pid, SIGKILL);
		ASSERT_EQ(pid, waitpid(pid, NULL, 0));
	}
	ASSERT_TRUE(recorder_read(&self->user.r));
	EXPECT_EQ(0, count_holes(&self->user.r));
}

/* Make the kernel wait for a page that the user brings: EPERM, else EFAULT. */
TEST_F(stall, page_that_a_user_handles)
{
	struct uffdio_api api = { .api = UFFD_API };
	int fd;

	EXPECT_EQ(EPERM, ERRNO(syscall(SYS_userfaultfd, 0)));
	fd = syscall(SYS_userfaultfd, UFFD_USER_MODE_ONLY);
	if (fd < 0)
		SKIP(return, "no userfaultfd for users here");
	ASSERT_EQ(0, ioctl(fd, UFFDIO_API, &api));
	ASSERT_TRUE(watch_page(fd, self->page));
	EXPECT_EQ(EFAULT, ERRNO(write(self->user.fd, self->page, 100)));
	close(fd);
}

/**
 * struct waiting - a thread that writes from a page that doesn't come
 */
struct waiting {
	int fd;
	const char *page;
	ssize_t ret;
};

static void *write_page(void *arg)
{
	struct waiting *w = arg;

	w->ret = write(w->fd, w->page, 10);
	return NULL;
}

static int write_and_end(void *arg)
{
	write_page(arg);
	return 0;
}

/*
 * The same where it is allowed, as with a file on a disk that doesn't answer: that
 * thread waits, before anything is reserved. Others write and read as ever; when the
 * page comes the event is whole.
 */
TEST_F(stall, page_that_does_not_come)
{
	struct waiting w = { self->user.fd, self->page, -1 };
	struct uffd_msg fault;
	struct uffdio_copy copy;
	char content[PAGE];
	pthread_t thread;
	int i;

	if (self->uffd < 0)
		SKIP(return, "no userfaultfd here");
	ASSERT_TRUE(watch_page(self->uffd, self->page));
	ASSERT_EQ(0, pthread_create(&thread, NULL, write_page, &w));
	ASSERT_EQ(sizeof(fault), read(self->uffd, &fault, sizeof(fault)));
	for (i = 0; i < 1000; i++)
		ASSERT_TRUE(say(self->user.fd, "meanwhile"));
	ASSERT_TRUE(recorder_read(&self->user.r));
	EXPECT_EQ(0, count_holes(&self->user.r));
	EXPECT_LE(1000, count_texts(&self->user.r, "meanwhile"));
	EXPECT_EQ(0, count_texts(&self->user.r, "late page"));
	EXPECT_EQ(-1, w.ret);
	memcpy(content, "late page\n", 10);
	copy = (struct uffdio_copy){
		.dst = (uintptr_t)self->page,
		.src = (uintptr_t)content,
		.len = PAGE,
	};
	ASSERT_EQ(0, ioctl(self->uffd, UFFDIO_COPY, &copy));
	pthread_join(thread, NULL);
	EXPECT_EQ(10, w.ret);
	ASSERT_TRUE(recorder_read(&self->user.r));
	EXPECT_EQ(1, count_texts(&self->user.r, "late page"));
}

/* Wait like that for ever, and be killed: it ends at once, and leaves nothing. */
TEST_F(stall, killed_while_a_page_does_not_come)
{
	static char stack[65536] __attribute__((aligned(16)));
	struct waiting w = { self->user.fd, self->page, -1 };
	struct uffd_msg fault;
	int status;
	pid_t pid;

	if (self->uffd < 0)
		SKIP(return, "no userfaultfd here");
	ASSERT_TRUE(watch_page(self->uffd, self->page));
	/* A process with the same memory: that of a fork isn't watched. */
	pid = clone(write_and_end, stack + sizeof(stack), CLONE_VM | SIGCHLD, &w);
	ASSERT_LT(0, pid);
	ASSERT_EQ(sizeof(fault), read(self->uffd, &fault, sizeof(fault)));
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(-1, w.ret);
}

/* Hang pages on each write: one iovec for each byte, and one too many of them. */
TEST_F(stall, long_vectors)
{
	static struct iovec v[1025];
	char text[] = "vvvvvvvv";
	int i;

	for (i = 0; i < 1025; i++)
		v[i] = (struct iovec){ text + i % 8, 1 };
	EXPECT_EQ(1024, writev(self->user.fd, v, 1024));
	EXPECT_EQ(EINVAL, ERRNO(writev(self->user.fd, v, 1025)));
	for (i = 0; i < 1024; i++)
		v[i].iov_len = 8;
	EXPECT_EQ(EMSGSIZE, ERRNO(writev(self->user.fd, v, 1024)));
	for (i = 0; i < 1024; i++)
		v[i].iov_len = 0;
	EXPECT_EQ(0, writev(self->user.fd, v, 1024));
}

/* Wait on the device in all ways, to be woken for nothing: a writer never waits. */
TEST_F(stall, storms_of_waiting)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLPRI | EPOLLET }, got;
	struct pollfd p = { .fd = self->user.fd, .events = POLLIN | POLLPRI };
	int i, epfd = epoll_create1(EPOLL_CLOEXEC);

	EXPECT_EQ(0, epoll_ctl(epfd, EPOLL_CTL_ADD, self->user.fd, &event));
	for (i = 0; i < 20000; i++) {
		ASSERT_EQ(0, poll(&p, 1, 0));
		ASSERT_EQ(0, epoll_wait(epfd, &got, 1, 0));
	}
	close(epfd);
}

/* What the kernel itself uses of memory in small pieces, in KiB. */
static long slab_kib(int meminfo)
{
	char text[4096] = "", *at;

	if (pread(meminfo, text, sizeof(text) - 1, 0) <= 0)
		return -1;
	at = strstr(text, "Slab:");
	return at ? atol(at + 5) : -1;
}

/* What a file may take; KASAN puts red zones around each piece. */
static long file_limit(void)
{
	struct utsname kernel;

	return !uname(&kernel) && strstr(kernel.release, "-kasan-") ? 4096 : 1024;
}

/*
 * Open as many files as a process may, to use memory up: each takes less than a KiB
 * with the kernel's own part, charged to the user's cgroup, and then it is EMFILE.
 */
TEST_F(stall, thousands_of_files)
{
	int meminfo = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
	struct rlimit limit;
	long before, after;
	int n = 0;

	ASSERT_EQ(0, getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = limit.rlim_max < 20000 ? limit.rlim_max : 20000;
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	before = slab_kib(meminfo);
	while (open(DEVICE, O_WRONLY) >= 0)
		n++;
	EXPECT_EQ(EMFILE, errno);
	after = slab_kib(meminfo);
	printf("# %d files, %ld bytes each\n", n, (after - before) * 1024 / n);
	EXPECT_LE(1000, n);
	EXPECT_GT(file_limit(), (after - before) * 1024 / n);
	EXPECT_TRUE(say(self->user.fd, "still here"));
}

TEST_HARNESS_MAIN
