// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where timer snapshots go on: what the module keeps for helpers to come, by two
 * steps, and that an error changes nothing.
 */
#include <kselftest_harness.h>
#include <signal.h>
#include "helper.h"

#define NR	(3 * NR_TEST_CPUS + 1)	/* rings: of each CPU, and the kernel's log */
#define ROOM	64

FIXTURE(progress)
{
	int helper;
	int writer;
	struct ttlog_end end[ROOM];
};

FIXTURE_SETUP(progress)
{
	ASSERT_EQ(0, ttlog_reload("memory_per_cpu=64K helper="));
	self->helper = open(DEVICE, O_RDONLY | O_CLOEXEC);
	self->writer = open(DEVICE, O_WRONLY | O_CLOEXEC);
	ASSERT_LE(0, self->writer);
	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	ASSERT_EQ(0, pin(1));
}

FIXTURE_TEARDOWN(progress)
{
	close(self->helper);
	close(self->writer);
	EXPECT_EQ(0, ttlog_unload());
}

static int progress(int fd, uint32_t op, uint32_t nr, struct ttlog_end *end,
		    struct ttlog_progress *p)
{
	p->op = op;
	p->nr = nr;
	p->ends = (uintptr_t)end;
	return ERRNO(ioctl(fd, TTLOG_IOC_PROGRESS, p));
}

/* Prepare the end of one ring, with a cookie of such bytes. */
static int prepare(int fd, uint32_t cpu, uint32_t channel, uint64_t number,
		   int cookie)
{
	struct ttlog_end end = {
		.cpu = cpu, .channel = channel, .number = number,
		.open_since = number * 10,
	};
	struct ttlog_progress p = {};

	memset(p.cookie, cookie, sizeof(p.cookie));
	return progress(fd, TTLOG_PROGRESS_PREPARE, 1, &end, &p);
}

static int finish_it(int fd, uint32_t op)
{
	struct ttlog_progress p = {};

	return progress(fd, op, 0, NULL, &p);
}

/* What is saved of a ring; all ones: nothing can be read. */
static struct ttlog_end saved(int fd, uint32_t cpu, uint32_t channel)
{
	struct ttlog_progress p = {};
	struct ttlog_end end[ROOM];
	uint32_t i;

	if (!progress(fd, TTLOG_PROGRESS_READ, ROOM, end, &p))
		for (i = 0; i < p.nr; i++)
			if (end[i].cpu == cpu && end[i].channel == channel)
				return end[i];
	memset(&end[0], 0xff, sizeof(end[0]));
	return end[0];
}

/* Is what is prepared that with such a cookie; -1: nothing is? */
static bool is_prepared(int fd, int cookie)
{
	struct ttlog_progress p = {};
	unsigned int i;

	memset(p.cookie, 0x55, sizeof(p.cookie));
	p.prepared = 77;
	if (progress(fd, TTLOG_PROGRESS_READ, 0, NULL, &p))
		return false;
	for (i = 0; i < sizeof(p.cookie); i++)
		if (p.cookie[i] != (cookie < 0 ? 0 : cookie))
			return false;
	return p.prepared == (cookie >= 0);
}

static bool write_some(int fd, unsigned int nr)
{
	while (nr--)
		if (!strike(fd, TTLOG_INFO))
			return false;
	return true;
}

TEST_F(progress, at_first)
{
	struct ttlog_progress p = {};
	unsigned int i;

	EXPECT_EQ(0, progress(self->helper, TTLOG_PROGRESS_READ, ROOM, self->end, &p));
	ASSERT_EQ(NR, p.nr);
	EXPECT_EQ(0, p.prepared);
	EXPECT_EQ(0, p.pad);
	for (i = 0; i < NR; i++) {
		EXPECT_EQ(0, self->end[i].number);
		EXPECT_EQ(0, self->end[i].open_since);
		/* By CPU and channel; each once. */
		if (i)
			EXPECT_LT(self->end[i - 1].cpu * 4 + self->end[i - 1].channel,
				  self->end[i].cpu * 4 + self->end[i].channel);
	}
	EXPECT_EQ(TTLOG_KLOG, self->end[3].channel);
	EXPECT_EQ(TTLOG_KLOG_CPU, self->end[3].cpu);
	EXPECT_TRUE(is_prepared(self->helper, -1));
	EXPECT_EQ(ENOENT, finish_it(self->helper, TTLOG_PROGRESS_COMMIT));
	EXPECT_EQ(ENOENT, finish_it(self->helper, TTLOG_PROGRESS_DISCARD));
	EXPECT_EQ(EINVAL, finish_it(self->helper, TTLOG_PROGRESS_DISCARD + 1));
	EXPECT_EQ(EINVAL, finish_it(self->helper, ~0U));
}

TEST_F(progress, two_steps)
{
	ASSERT_TRUE(write_some(self->writer, 10));
	EXPECT_EQ(0, prepare(self->helper, 1, TTLOG_FLOW, 7, 'c'));
	/* Beside what is in force. */
	EXPECT_EQ(0, saved(self->helper, 1, TTLOG_FLOW).number);
	EXPECT_TRUE(is_prepared(self->helper, 'c'));
	EXPECT_EQ(0, finish_it(self->helper, TTLOG_PROGRESS_COMMIT));
	EXPECT_EQ(7, saved(self->helper, 1, TTLOG_FLOW).number);
	EXPECT_EQ(70, saved(self->helper, 1, TTLOG_FLOW).open_since);
	EXPECT_TRUE(is_prepared(self->helper, -1));
	EXPECT_EQ(ENOENT, finish_it(self->helper, TTLOG_PROGRESS_COMMIT));
	EXPECT_EQ(7, saved(self->helper, 1, TTLOG_FLOW).number);
	/* Or not. */
	EXPECT_EQ(0, prepare(self->helper, 1, TTLOG_FLOW, 9, 'd'));
	EXPECT_EQ(0, finish_it(self->helper, TTLOG_PROGRESS_DISCARD));
	EXPECT_EQ(7, saved(self->helper, 1, TTLOG_FLOW).number);
	EXPECT_TRUE(is_prepared(self->helper, -1));
	EXPECT_EQ(ENOENT, finish_it(self->helper, TTLOG_PROGRESS_COMMIT));
	/* The later one counts, and what it doesn't name stays as it is in force. */
	EXPECT_EQ(0, prepare(self->helper, 1, TTLOG_FLOW, 10, 'e'));
	EXPECT_EQ(0, prepare(self->helper, 0, TTLOG_FLOW, 0, 'f'));
	EXPECT_TRUE(is_prepared(self->helper, 'f'));
	EXPECT_EQ(0, finish_it(self->helper, TTLOG_PROGRESS_COMMIT));
	EXPECT_EQ(7, saved(self->helper, 1, TTLOG_FLOW).number);
	EXPECT_EQ(0, prepare(self->helper, 1, TTLOG_FLOW, 8, 'g'));
	EXPECT_EQ(0, finish_it(self->helper, TTLOG_PROGRESS_COMMIT));
	EXPECT_EQ(8, saved(self->helper, 1, TTLOG_FLOW).number);
	EXPECT_EQ(80, saved(self->helper, 1, TTLOG_FLOW).open_since);
	EXPECT_EQ(0, saved(self->helper, 0, TTLOG_FLOW).number);
}

TEST_F(progress, numbers)
{
	ASSERT_TRUE(write_some(self->writer, 10));
	EXPECT_EQ(EINVAL, prepare(self->helper, 1, TTLOG_FLOW, 11, 'a'));
	EXPECT_EQ(EINVAL, prepare(self->helper, 1, TTLOG_FLOW, ~0ULL, 'a'));
	EXPECT_EQ(EINVAL, prepare(self->helper, 1, TTLOG_KEEP, 1, 'a'));
	EXPECT_TRUE(is_prepared(self->helper, -1));
	EXPECT_EQ(0, prepare(self->helper, 1, TTLOG_FLOW, 10, 'a'));
	EXPECT_EQ(0, finish_it(self->helper, TTLOG_PROGRESS_COMMIT));
	EXPECT_EQ(EINVAL, prepare(self->helper, 1, TTLOG_FLOW, 9, 'b'));
	EXPECT_EQ(EINVAL, prepare(self->helper, 1, TTLOG_FLOW, 0, 'b'));
	EXPECT_EQ(EINVAL, prepare(self->helper, 1, TTLOG_FLOW, 11, 'b'));
	/* On the spot is fine. */
	EXPECT_EQ(0, prepare(self->helper, 1, TTLOG_FLOW, 10, 'b'));
	ASSERT_TRUE(write_some(self->writer, 1));
	EXPECT_EQ(0, prepare(self->helper, 1, TTLOG_FLOW, 11, 'c'));
	EXPECT_EQ(0, finish_it(self->helper, TTLOG_PROGRESS_COMMIT));
	EXPECT_EQ(11, saved(self->helper, 1, TTLOG_FLOW).number);
}

TEST_F(progress, no_such_ring)
{
	EXPECT_EQ(EINVAL, prepare(self->helper, NR_TEST_CPUS, TTLOG_FLOW, 0, 'a'));
	EXPECT_EQ(EINVAL, prepare(self->helper, ~0U, TTLOG_FLOW, 0, 'a'));
	EXPECT_EQ(EINVAL, prepare(self->helper, 0, TTLOG_NR_CHANNELS, 0, 'a'));
	EXPECT_EQ(EINVAL, prepare(self->helper, 0, ~0U, 0, 'a'));
	EXPECT_EQ(EINVAL, prepare(self->helper, 1, TTLOG_KLOG, 0, 'a'));
	EXPECT_EQ(0, prepare(self->helper, 0, TTLOG_KLOG, 0, 'a'));
}

/* Of all that is bad nothing is kept, and what was prepared stays. */
TEST_F(progress, errors_change_nothing)
{
	struct ttlog_progress p = { .cookie = "bad" };
	struct ttlog_end *end;
	char *page;

	ASSERT_TRUE(write_some(self->writer, 10));
	ASSERT_EQ(0, prepare(self->helper, 1, TTLOG_FLOW, 5, 'k'));
	/* Readable up to the third entry. */
	page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)page);
	ASSERT_EQ(0, munmap(page + PAGE, PAGE));
	end = (struct ttlog_end *)(page + PAGE) - 2;
	end[0] = (struct ttlog_end){ .cpu = 1, .channel = TTLOG_FLOW, .number = 9 };
	end[1] = (struct ttlog_end){ .cpu = 0, .channel = TTLOG_FLOW, .number = 0 };
	EXPECT_EQ(EFAULT, progress(self->helper, TTLOG_PROGRESS_PREPARE, 3, end, &p));
	EXPECT_TRUE(is_prepared(self->helper, 'k'));
	EXPECT_EQ(EFAULT, progress(self->helper, TTLOG_PROGRESS_PREPARE, 1,
				   (void *)8, &p));
	EXPECT_TRUE(is_prepared(self->helper, 'k'));
	end[1].number = 1;
	EXPECT_EQ(EINVAL, progress(self->helper, TTLOG_PROGRESS_PREPARE, 2, end, &p));
	EXPECT_TRUE(is_prepared(self->helper, 'k'));
	EXPECT_EQ(EINVAL, progress(self->helper, TTLOG_PROGRESS_PREPARE, ~0U, end, &p));
	EXPECT_TRUE(is_prepared(self->helper, 'k'));
	EXPECT_EQ(EINVAL, finish_it(self->helper, 4));
	/* Nor by reading to where nothing can be written. */
	EXPECT_EQ(EFAULT, progress(self->helper, TTLOG_PROGRESS_READ, 3, end, &p));
	EXPECT_EQ(EFAULT, progress(self->helper, TTLOG_PROGRESS_READ, 1, NULL, &p));
	EXPECT_TRUE(is_prepared(self->helper, 'k'));
	EXPECT_EQ(0, finish_it(self->helper, TTLOG_PROGRESS_COMMIT));
	EXPECT_EQ(5, saved(self->helper, 1, TTLOG_FLOW).number);
	EXPECT_EQ(0, saved(self->helper, 0, TTLOG_FLOW).number);
}

TEST_F(progress, less_room_than_there_are)
{
	struct ttlog_progress p = {};

	ASSERT_TRUE(write_some(self->writer, 3));
	ASSERT_EQ(0, prepare(self->helper, 1, TTLOG_FLOW, 3, 'x'));
	ASSERT_EQ(0, finish_it(self->helper, TTLOG_PROGRESS_COMMIT));
	memset(self->end, 0x77, sizeof(self->end));
	EXPECT_EQ(0, progress(self->helper, TTLOG_PROGRESS_READ, 6, self->end, &p));
	EXPECT_EQ(NR, p.nr);
	EXPECT_EQ(1, self->end[5].cpu);
	EXPECT_EQ(TTLOG_FLOW, self->end[5].channel);
	EXPECT_EQ(3, self->end[5].number);
	EXPECT_EQ(0x7777777777777777ULL, self->end[6].number);
	EXPECT_EQ(0, progress(self->helper, TTLOG_PROGRESS_READ, 0, NULL, &p));
	EXPECT_EQ(NR, p.nr);
}

TEST_F(progress, who_may)
{
	struct ttlog_progress p = { .op = TTLOG_PROGRESS_READ };
	int other = open(DEVICE, O_RDONLY | O_CLOEXEC);

	ASSERT_LE(0, other);
	EXPECT_EQ(EBADF, ERRNO(ioctl(self->writer, TTLOG_IOC_PROGRESS, &p)));
	EXPECT_EQ(EPERM, ERRNO(ioctl(other, TTLOG_IOC_PROGRESS, &p)));
	ASSERT_EQ(0, ioctl(other, TTLOG_IOC_ONCE, 0));
	EXPECT_EQ(EPERM, ERRNO(ioctl(other, TTLOG_IOC_PROGRESS, &p)));
	EXPECT_EQ(0, ioctl(self->helper, TTLOG_IOC_PROGRESS, &p));
	close(other);
}

/* A helper dies between preparing and its word for it; the next one sees both. */
TEST_F(progress, outlives_the_helper)
{
	int ready[2], fd;
	pid_t pid;
	char byte;

	ASSERT_TRUE(write_some(self->writer, 10));
	ASSERT_EQ(0, prepare(self->helper, 1, TTLOG_FLOW, 4, 'o'));
	ASSERT_EQ(0, finish_it(self->helper, TTLOG_PROGRESS_COMMIT));
	close(self->helper);
	ASSERT_EQ(0, pipe(ready));
	pid = fork();
	if (!pid) {
		fd = open(DEVICE, O_RDONLY);
		if (ioctl(fd, TTLOG_IOC_HELPER, 0) ||
		    prepare(fd, 1, TTLOG_FLOW, 8, 0xfe) || write(ready[1], "", 1) != 1)
			_exit(1);
		pause();
	}
	ASSERT_EQ(1, read(ready[0], &byte, 1));
	ASSERT_EQ(0, kill(pid, SIGKILL));
	EXPECT_EQ(-1, end_of(pid));
	self->helper = open(DEVICE, O_RDONLY | O_CLOEXEC);
	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	EXPECT_EQ(4, saved(self->helper, 1, TTLOG_FLOW).number);
	EXPECT_EQ(40, saved(self->helper, 1, TTLOG_FLOW).open_since);
	EXPECT_TRUE(is_prepared(self->helper, 0xfe));
	EXPECT_EQ(0, finish_it(self->helper, TTLOG_PROGRESS_COMMIT));
	EXPECT_EQ(8, saved(self->helper, 1, TTLOG_FLOW).number);
}

/* A CPU that was never up has no ring, and gets its end with it. */
TEST_F(progress, rings_that_come_later)
{
	struct ttlog_progress p = {};

	close(self->helper);
	ASSERT_EQ(0, cpu_online(3, false));
	close(self->writer);
	ASSERT_EQ(0, ttlog_reload("memory_per_cpu=64K helper="));
	self->helper = open(DEVICE, O_RDONLY | O_CLOEXEC);
	self->writer = open(DEVICE, O_WRONLY | O_CLOEXEC);
	ASSERT_EQ(0, ioctl(self->helper, TTLOG_IOC_HELPER, 0));
	EXPECT_EQ(0, progress(self->helper, TTLOG_PROGRESS_READ, ROOM, self->end, &p));
	EXPECT_EQ(NR - 3, p.nr);
	EXPECT_EQ(EINVAL, prepare(self->helper, 3, TTLOG_FLOW, 0, 'a'));
	ASSERT_EQ(0, cpu_online(3, true));
	EXPECT_EQ(0, progress(self->helper, TTLOG_PROGRESS_READ, ROOM, self->end, &p));
	EXPECT_EQ(NR, p.nr);
	EXPECT_EQ(0, prepare(self->helper, 3, TTLOG_FLOW, 0, 'a'));
	/* One that goes keeps its ring and its end. */
	ASSERT_EQ(0, pin(3));
	ASSERT_TRUE(write_some(self->writer, 5));
	ASSERT_EQ(0, pin(0));
	ASSERT_EQ(0, cpu_online(3, false));
	EXPECT_EQ(0, prepare(self->helper, 3, TTLOG_FLOW, 5, 'a'));
	EXPECT_EQ(0, finish_it(self->helper, TTLOG_PROGRESS_COMMIT));
	EXPECT_EQ(5, saved(self->helper, 3, TTLOG_FLOW).number);
	ASSERT_EQ(0, cpu_online(3, true));
	EXPECT_EQ(5, saved(self->helper, 3, TTLOG_FLOW).number);
}

TEST_HARNESS_MAIN
