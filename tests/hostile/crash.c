// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls that nobody makes by mistake. Each ends with one of the errors that the ABI
 * names, and nothing else happens: crash SECONDS for the part that is random.
 */
#include <kselftest_harness.h>
#include <sys/file.h>
#include <sys/sendfile.h>
#include "user.h"

#define KERNEL_TEXT	0xffffffff81000000UL
#define NOT_CANONICAL	0x8000000000000000UL

/* For calls as a 32-bit program makes them; elsewhere there are none. */
#ifndef MAP_32BIT
#define MAP_32BIT	0
#endif

FIXTURE(crash)
{
	struct user user;
	char *pages;	/* one to write to, one to read, one that isn't there */
};

FIXTURE_SETUP(crash)
{
	self->pages = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	ASSERT_NE(MAP_FAILED, self->pages);
	memset(self->pages, 0, 2 * PAGE);
	ASSERT_EQ(0, mprotect(self->pages + PAGE, PAGE, PROT_READ));
	ASSERT_EQ(0, munmap(self->pages + 2 * PAGE, PAGE));
	ASSERT_TRUE(user_open(&self->user, ALICE));
}

FIXTURE_TEARDOWN(crash)
{
	ASSERT_TRUE(recorder_read(&self->user.r));
	EXPECT_TRUE(adds_up(&self->user.r));
	EXPECT_EQ(0, count_holes(&self->user.r));
	user_close(&self->user);
}

/* A pointer that the compiler doesn't look through. */
static void *elsewhere(uintptr_t at)
{
	volatile uintptr_t hidden = at;

	return (void *)hidden;
}

/* Write from where nothing can be read, or where only the kernel may: EFAULT. */
TEST_F(crash, pointers_of_writes)
{
	char *gone = self->pages + 2 * PAGE;
	void *bad[] = {
		elsewhere(0), elsewhere(1), gone, gone - 1, gone - 4094,
		elsewhere(KERNEL_TEXT), elsewhere(NOT_CANONICAL),
		elsewhere(0x7ffffffff000UL - 1), elsewhere(~0UL - 4095),
	};
	struct iovec v[2];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(EFAULT, ERRNO(write(self->user.fd, bad[i], 4096)));
		v[0] = (struct iovec){ self->pages, 1 };
		v[1] = (struct iovec){ bad[i], 4095 };
		EXPECT_EQ(EFAULT, ERRNO(writev(self->user.fd, v, 2)));
	}
	EXPECT_EQ(EFAULT, ERRNO(writev(self->user.fd, (void *)(gone - 8), 2)));
	EXPECT_EQ(EFAULT, ERRNO(writev(self->user.fd, elsewhere(KERNEL_TEXT), 2)));
}

/* Lengths beyond all bounds: EMSGSIZE, or what the kernel says before: EFAULT, EINVAL. */
TEST_F(crash, lengths_of_writes)
{
	static const size_t large[] = {
		4097, 8192, 1UL << 31, (1UL << 31) - 1, 1UL << 32, (1UL << 32) + 5,
		(1UL << 63) - 1,
	};
	struct iovec v[2];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(large); i++) {
		int err = ERRNO(syscall(SYS_write, self->user.fd, self->pages,
					large[i]));

		/* Where it would end in the kernel's half: refused before us. */
		EXPECT_TRUE(err == EMSGSIZE || (i > 3 && err == EFAULT));
	}
	EXPECT_EQ(EFAULT, ERRNO(syscall(SYS_write, self->user.fd, self->pages, -1L)));
	v[0] = (struct iovec){ self->pages, -1L };
	EXPECT_EQ(EINVAL, ERRNO(writev(self->user.fd, v, 1)));
	v[0] = (struct iovec){ self->pages, 4096 };
	v[1] = (struct iovec){ self->pages, 1 };
	EXPECT_EQ(EMSGSIZE, ERRNO(writev(self->user.fd, v, 2)));
	EXPECT_EQ(EINVAL, ERRNO(syscall(SYS_writev, self->user.fd, v, -1L)));
}

/* All other calls that a file may be given to. */
TEST_F(crash, other_calls)
{
	struct iovec v = { self->pages, 4 };
	int in[2], fd = self->user.fd;
	char byte;

	ASSERT_EQ(0, pipe(in));
	ASSERT_EQ(4, write(in[1], "pipe", 4));
	EXPECT_EQ(ESPIPE, ERRNO(lseek(fd, 0, SEEK_SET)));
	EXPECT_EQ(ESPIPE, ERRNO(pwrite(fd, "x", 1, 0)));
	EXPECT_EQ(ESPIPE, ERRNO(pwritev(fd, &v, 1, 5)));
	EXPECT_EQ(EINVAL, ERRNO(splice(in[0], NULL, fd, NULL, 4, 0)));
	EXPECT_EQ(EINVAL, ERRNO(sendfile(fd, self->user.r.fd, NULL, 4)));
	EXPECT_EQ(EINVAL, ERRNO(ftruncate(fd, 0)));
	EXPECT_EQ(EINVAL, ERRNO(fsync(fd)));
	EXPECT_EQ(ENODEV, ERRNO(fallocate(fd, 0, 0, 1)));
	EXPECT_EQ(EINVAL, ERRNO(fcntl(fd, F_SETFL, O_DIRECT)));
	EXPECT_EQ(0, flock(fd, LOCK_EX | LOCK_NB));
	EXPECT_EQ(EOPNOTSUPP, ERRNO(pwritev2(fd, &v, 1, -1, 1 << 30)));
	EXPECT_EQ(4, pwritev2(fd, &v, 1, -1, RWF_APPEND | RWF_SYNC | RWF_DSYNC));
	EXPECT_EQ(EBADF, ERRNO(read(fd, &byte, 1)));
	close(in[0]);
	close(in[1]);
}

/* Is this what an ioctl may end with? */
static bool expected(int err)
{
	switch (err) {
	case 0:
	case ENOTTY:
	case EINVAL:
	case EFAULT:
	case EBADF:
	case EPERM:
	case E2BIG:
	case ENXIO:
	case EAGAIN:
	case ESRCH:
	case ENOENT:
	case EDQUOT:
	case ENOSPC:
		return true;
	}
	return false;
}

#ifdef __x86_64__
/* As a 32-bit program calls it. */
static int compat_ioctl(int fd, unsigned int cmd, void *arg)
{
	int ret;

	asm volatile("int $0x80"
		     : "=a" (ret)
		     : "a" (54), "b" (fd), "c" (cmd), "d" (arg)
		     : "memory", "r8", "r9", "r10", "r11");
	return ret == -ENOSYS ? 0 : ret;
}
#else
/* There is none here: once more as before. */
static int compat_ioctl(int fd, unsigned int cmd, void *arg)
{
	int ret = ioctl(fd, cmd, arg);

	return ret < 0 ? -errno : ret;
}
#endif

/* Both ways; false if one ended as none may. What it opened is closed. */
static bool try_ioctl(int fd, unsigned int cmd, void *arg)
{
	int ret = ioctl(fd, cmd, arg), err = ret < 0 ? errno : 0, other;

	if (ret > 2)
		close(ret);
	other = compat_ioctl(fd, cmd, arg);
	if (other > 2)
		close(other);
	if (expected(err) && expected(other < 0 ? -other : 0))
		return true;
	printf("# ioctl %#x of %p: %d, 32 bits: %d\n", cmd, arg, err, other);
	return false;
}

/* Each number, direction and many sizes, from pointers of all kinds. */
TEST_F(crash, ioctls)
{
	static const unsigned int sizes[] = {
		0, 1, 7, 8, 12, 16, 24, 40, 56, 72, 88, 96, 120, 200, 288, 4096,
		8192, 16383,
	};
	char *pages = self->pages;
	void *at[] = {
		NULL, elsewhere(1), pages, pages + 3, pages + PAGE,
		pages + PAGE - 8, pages + 2 * PAGE, pages + 2 * PAGE - 8,
		elsewhere(KERNEL_TEXT), elsewhere(NOT_CANONICAL), elsewhere(~0UL),
	};
	unsigned int nr, dir, size, i, cmd, calls = 0;

	for (nr = 0; nr < 24; nr++)
		for (dir = 0; dir < 4; dir++)
			for (size = 0; size < ARRAY_SIZE(sizes); size++) {
				cmd = _IOC(dir, TTLOG_IOC_MAGIC, nr, sizes[size]);
				for (i = 0; i < ARRAY_SIZE(at); i++, calls += 2) {
					ASSERT_TRUE(try_ioctl(self->user.fd, cmd, at[i]));
					ASSERT_TRUE(try_ioctl(self->user.r.fd, cmd, at[i]));
				}
			}
	printf("# %u ioctls\n", 2 * calls);
}

static const unsigned int known[] = {
	TTLOG_IOC_INFO, TTLOG_IOC_RING, TTLOG_IOC_LEDGER, TTLOG_IOC_LEVELS,
	TTLOG_IOC_CONTROL, TTLOG_IOC_REQUEST, TTLOG_IOC_TAKE, TTLOG_IOC_DONE,
	TTLOG_IOC_SYNC, TTLOG_IOC_RELEASE, TTLOG_IOC_PROGRESS, TTLOG_IOC_PROBE_ADD,
	TTLOG_IOC_PROBE_DEL, TTLOG_IOC_PROBE_STAT, TTLOG_IOC_BOOT,
	TTLOG_IOC_PREVIOUS, TTLOG_IOC_FILTER, TTLOG_IOC_SHARE,
};

/* A struct of few words that may mean something, at random. */
static void fill(uint64_t *words, size_t nr, const char *pages)
{
	const uint64_t some[] = {
		0, 1, 2, 8, 255, 256, 4096, 1ULL << 31, 1ULL << 32, ~0ULL,
		(uintptr_t)pages, (uintptr_t)pages + PAGE, KERNEL_TEXT,
		0x6e6f73616572ULL,
	};
	size_t i;

	for (i = 0; i < nr; i++)
		words[i] = random() % 4 ? some[random() % ARRAY_SIZE(some)] :
			   (uint64_t)random() << 32 | random();
}

/* Structs, lengths and places at random, by both files, for some seconds. */
TEST_F_TIMEOUT(crash, at_random, 36000)
{
	const char *seconds = getenv("SECONDS_AT_RANDOM");
	uint64_t end = mono_now() + atoi(seconds ?: "2") * 1000000000ULL;
	unsigned int seed = mono_now(), calls = 0, cmd;
	int fds[] = { self->user.fd, self->user.r.fd };

	printf("# seed %u\n", seed);
	srandom(seed);
	for (; mono_now() < end; calls++) {
		size_t off = random() % (PAGE - 600);

		fill((uint64_t *)self->pages, PAGE / 8, self->pages);
		cmd = known[random() % ARRAY_SIZE(known)];
		ASSERT_TRUE(try_ioctl(fds[random() % 2], cmd, self->pages + off));
		ASSERT_LE(-1, write(self->user.fd, self->pages + off,
				    random() % 5000));
	}
	printf("# %u calls\n", calls);
}

TEST_HARNESS_MAIN
