// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ioctls: who may, the sizes of their structs, what they answer.
 */
#include <kselftest_harness.h>
#include <poll.h>
#include "ttlog_test.h"

/*
 * 256 KiB a CPU, half of it for KEEP, in blocks of 16 KiB: 128 KiB hold 7 of
 * them and a page. 15 per cent, 39321 bytes, for PROBE hold 2 and a page; what is
 * left, 104 KiB, holds 6 and a page. 192 KiB for KLOG hold 11 and a page.
 */
#define PARAMS		"memory=1M klog_size=192K block_size=16K keep_share=50 level=info"
#define SIZE(blocks)	(4096 + (blocks) * 16384)
#define KLOG_SIZE	SIZE(11)
#define CPU_SIZE	(SIZE(7) + SIZE(6) + SIZE(2))
#define STRIDE		KLOG_SIZE
#define MAP_SIZE	57344

static const unsigned int blocks_of[TTLOG_NR_CHANNELS] = {
	[TTLOG_KEEP] = 7, [TTLOG_FLOW] = 6, [TTLOG_PROBE] = 2, [TTLOG_KLOG] = 11,
};

FIXTURE(ioctl)
{
	int fd;
	int reader;
	int writer;
	uint64_t before;
	uint64_t after;
};

FIXTURE_SETUP(ioctl)
{
	self->before = mono_now();
	ASSERT_EQ(0, ttlog_reload(PARAMS));
	self->after = mono_now();
	self->fd = open(DEVICE, O_RDWR);
	self->reader = open(DEVICE, O_RDONLY);
	self->writer = open(DEVICE, O_WRONLY);
	ASSERT_LE(0, self->fd);
	ASSERT_LE(0, self->reader);
	ASSERT_LE(0, self->writer);
}

FIXTURE_TEARDOWN(ioctl)
{
	close(self->fd);
	close(self->reader);
	close(self->writer);
	EXPECT_EQ(0, ttlog_unload());
}

/**
 * struct call - an ioctl as the ABI describes it
 * @cmd: its number
 * @size: of its struct
 * @first: of the first version of its struct
 * @mode: the only mode of opening that it works with, or O_RDWR: any does
 * @ret: errno that it ends with on zeroes
 */
struct call {
	unsigned long cmd;
	size_t size;
	size_t first;
	int mode;
	int ret;
};

static const struct call calls[] = {
	{ TTLOG_IOC_INFO, 120, 120, O_RDWR, 0 },
	{ TTLOG_IOC_RING, 56, 56, O_RDWR, 0 },
	{ TTLOG_IOC_LEDGER, 96, 96, O_RDONLY, 0 },
	{ TTLOG_IOC_SERVICE, 40, 40, O_WRONLY, EINVAL },
	{ TTLOG_IOC_LEVELS, 24, 16, O_RDWR, 0 },
	{ TTLOG_IOC_REQUEST, 56, 56, O_RDONLY, EINVAL },
	{ TTLOG_IOC_TAKE, 80, 72, O_RDONLY, EPERM },
	{ TTLOG_IOC_DONE, 24, 24, O_RDONLY, EINVAL },
	{ TTLOG_IOC_BOOT, 16, 16, O_RDONLY, EPERM },
	{ TTLOG_IOC_PREVIOUS, 32, 32, O_RDONLY, ENOENT },
	{ TTLOG_IOC_FILTER, 208, 208, O_RDONLY, 0 },
	{ TTLOG_IOC_SHARE, 24, 24, O_RDONLY, 0 },
};

/* The same number for a struct of another size. */
static unsigned long sized(unsigned long cmd, size_t size)
{
	return _IOC(_IOC_DIR(cmd), _IOC_TYPE(cmd), _IOC_NR(cmd), size);
}

TEST_F(ioctl, numbers_and_sizes)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(calls); i++)
		EXPECT_EQ(calls[i].size, _IOC_SIZE(calls[i].cmd));
	EXPECT_EQ(0xc078c700, TTLOG_IOC_INFO);
	EXPECT_EQ(0xc038c701, TTLOG_IOC_RING);
	EXPECT_EQ(0xc060c702, TTLOG_IOC_LEDGER);
	EXPECT_EQ(0xc028c703, TTLOG_IOC_SERVICE);
	EXPECT_EQ(0xc018c704, TTLOG_IOC_LEVELS);
	EXPECT_EQ(0x0000c705, TTLOG_IOC_CONTROL);
	EXPECT_EQ(0xc038c706, TTLOG_IOC_REQUEST);
	EXPECT_EQ(0x0000c707, TTLOG_IOC_HELPER);
	EXPECT_EQ(0xc050c708, TTLOG_IOC_TAKE);
	EXPECT_EQ(0xc018c709, TTLOG_IOC_DONE);
	EXPECT_EQ(0x0000c70a, TTLOG_IOC_SYNC);
	EXPECT_EQ(0x0000c70b, TTLOG_IOC_ONCE);
	EXPECT_EQ(0xc010c70c, TTLOG_IOC_RELEASE);
	EXPECT_EQ(0xc058c70d, TTLOG_IOC_PROGRESS);
	EXPECT_EQ(0xc0c8c70e, TTLOG_IOC_PROBE_ADD);
	EXPECT_EQ(0xc008c70f, TTLOG_IOC_PROBE_DEL);
	EXPECT_EQ(0xc120c710, TTLOG_IOC_PROBE_STAT);
	EXPECT_EQ(0xc010c711, TTLOG_IOC_BOOT);
	EXPECT_EQ(0xc020c712, TTLOG_IOC_PREVIOUS);
	EXPECT_EQ(0xc0d0c713, TTLOG_IOC_FILTER);
	EXPECT_EQ(0xc018c714, TTLOG_IOC_SHARE);
}

TEST_F(ioctl, permission_by_mode)
{
	char arg[256];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		memset(arg, 0, sizeof(arg));
		EXPECT_EQ(calls[i].ret, ERRNO(ioctl(self->fd, calls[i].cmd, arg)))
			TH_LOG("ioctl %u", i);
		memset(arg, 0, sizeof(arg));
		EXPECT_EQ(calls[i].mode == O_WRONLY ? EBADF : calls[i].ret,
			  ERRNO(ioctl(self->reader, calls[i].cmd, arg)))
			TH_LOG("ioctl %u", i);
		memset(arg, 0, sizeof(arg));
		EXPECT_EQ(calls[i].mode == O_RDONLY ? EBADF : calls[i].ret,
			  ERRNO(ioctl(self->writer, calls[i].cmd, arg)))
			TH_LOG("ioctl %u", i);
	}
	EXPECT_EQ(EBADF, ERRNO(ioctl(self->reader, TTLOG_IOC_CONTROL, 0)));
	EXPECT_EQ(EBADF, ERRNO(ioctl(self->writer, TTLOG_IOC_HELPER, 0)));
	EXPECT_EQ(EBADF, ERRNO(ioctl(self->writer, TTLOG_IOC_SYNC, 0)));
	EXPECT_EQ(0, ioctl(self->reader, TTLOG_IOC_SYNC, 0));
	close(ioctl(self->writer, TTLOG_IOC_CONTROL, 0));
	EXPECT_EQ(0, ioctl(self->reader, TTLOG_IOC_HELPER, 0));
}

TEST_F(ioctl, larger_struct)
{
	unsigned long cmd;
	char arg[8192];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		cmd = sized(calls[i].cmd, calls[i].size + 8);
		memset(arg, 0, sizeof(arg));
		EXPECT_EQ(calls[i].ret, ERRNO(ioctl(self->fd, cmd, arg)))
			TH_LOG("ioctl %u", i);
		memset(arg, 0, sizeof(arg));
		arg[calls[i].size + 7] = 1;
		EXPECT_EQ(E2BIG, ERRNO(ioctl(self->fd, cmd, arg)))
			TH_LOG("ioctl %u", i);
		/* What isn't known isn't written either. */
		EXPECT_EQ(1, arg[calls[i].size + 7]);
		memset(arg, 0, sizeof(arg));
		cmd = sized(calls[i].cmd, sizeof(arg));
		EXPECT_EQ(calls[i].ret, ERRNO(ioctl(self->fd, cmd, arg)))
			TH_LOG("ioctl %u", i);
		arg[sizeof(arg) - 1] = 1;
		EXPECT_EQ(E2BIG, ERRNO(ioctl(self->fd, cmd, arg)))
			TH_LOG("ioctl %u", i);
	}
}

TEST_F(ioctl, smaller_struct)
{
	unsigned int i, k;
	char arg[256];

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		memset(arg, 0, sizeof(arg));
		/* As an older program knows it, and not a byte behind that. */
		memset(arg + calls[i].first, 0x5a, sizeof(arg) - calls[i].first);
		EXPECT_EQ(calls[i].ret, ERRNO(ioctl(self->fd,
						    sized(calls[i].cmd,
							  calls[i].first),
						    arg)))
			TH_LOG("ioctl %u", i);
		for (k = calls[i].first; k < sizeof(arg); k++)
			ASSERT_EQ(0x5a, arg[k]);
		EXPECT_EQ(EINVAL, ERRNO(ioctl(self->fd, sized(calls[i].cmd,
							      calls[i].first - 1),
					      arg)));
		EXPECT_EQ(EINVAL, ERRNO(ioctl(self->fd, sized(calls[i].cmd, 0),
					      arg)));
	}
}

TEST_F(ioctl, unknown)
{
	char arg[256] = {};

	EXPECT_EQ(ENOTTY, ERRNO(ioctl(self->fd, _IOWR(0xc7, 21, char[128]), arg)));
	EXPECT_EQ(ENOTTY, ERRNO(ioctl(self->fd, _IOWR(0xc7, 255, char[128]), arg)));
	EXPECT_EQ(ENOTTY, ERRNO(ioctl(self->fd, _IOWR(0xc6, 0, char[120]), arg)));
	/* Another direction is another ioctl. */
	EXPECT_EQ(ENOTTY, ERRNO(ioctl(self->fd, _IOR(0xc7, 0, char[120]), arg)));
	EXPECT_EQ(ENOTTY, ERRNO(ioctl(self->fd, _IOW(0xc7, 0, char[120]), arg)));
	EXPECT_EQ(ENOTTY, ERRNO(ioctl(self->fd, _IO(0xc7, 0), arg)));
	EXPECT_EQ(ENOTTY, ERRNO(ioctl(self->fd, _IOWR(0xc7, 5, char[8]), arg)));
	EXPECT_EQ(ENOTTY, ERRNO(ioctl(self->fd, 0x5401 /* TCGETS */, arg)));
}

/* An ioctl without a struct has no size: with one it is none of ours. */
TEST_F(ioctl, size_where_there_is_no_struct)
{
	unsigned long cmds[] = {
		TTLOG_IOC_CONTROL, TTLOG_IOC_HELPER, TTLOG_IOC_SYNC,
	};
	size_t sizes[] = { 1, 8, 16, sizeof(struct ttlog_control), 16383 };
	static char arg[16384];
	struct ttlog_info info = {};
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(cmds); i++) {
		for (k = 0; k < ARRAY_SIZE(sizes); k++) {
			EXPECT_EQ(ENOTTY, ERRNO(ioctl(self->fd,
						      sized(cmds[i], sizes[k]),
						      arg)))
				TH_LOG("%#lx, %zu bytes", cmds[i], sizes[k]);
		}
	}
	ASSERT_EQ(0, ioctl(self->fd, TTLOG_IOC_INFO, &info));
	EXPECT_EQ(0, info.helper);
	/* As they should be, they work; their argument is nothing to them. */
	EXPECT_EQ(0, close(ioctl(self->fd, TTLOG_IOC_CONTROL, arg)));
	EXPECT_EQ(0, ioctl(self->fd, TTLOG_IOC_HELPER, arg));
	EXPECT_EQ(0, ioctl(self->fd, TTLOG_IOC_SYNC, arg));
}

TEST_F(ioctl, bad_pointer)
{
	char *page = mmap(NULL, 2 * PAGE, PROT_READ,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned int i;

	ASSERT_EQ(0, mprotect(page + PAGE, PAGE, PROT_NONE));
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		EXPECT_EQ(EFAULT, ERRNO(ioctl(self->fd, calls[i].cmd, NULL)));
		EXPECT_EQ(EFAULT, ERRNO(ioctl(self->fd, calls[i].cmd,
					      0xffffffff81000000)));
		/* Its second half isn't there. */
		EXPECT_EQ(EFAULT, ERRNO(ioctl(self->fd, calls[i].cmd,
					      page + PAGE - calls[i].size / 2)))
			TH_LOG("ioctl %u", i);
	}
	/* It can be read, the answer can't be written. */
	EXPECT_EQ(EFAULT, ERRNO(ioctl(self->fd, TTLOG_IOC_INFO, page)));
	EXPECT_EQ(EFAULT, ERRNO(ioctl(self->fd, TTLOG_IOC_RING, page)));
	EXPECT_EQ(EFAULT, ERRNO(ioctl(self->fd, TTLOG_IOC_LEDGER, page)));
	EXPECT_EQ(EFAULT, ERRNO(ioctl(self->fd, TTLOG_IOC_LEVELS, page)));
}

static uint64_t now_by(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static void expect_info(struct __test_metadata *_metadata,
			const struct _test_data_ioctl *self,
			const struct ttlog_info *info)
{
	EXPECT_EQ(1, info->abi_major);
	EXPECT_EQ(4, info->abi_minor);
	EXPECT_EQ(2, info->layout);
	EXPECT_EQ(4096, info->page_size);
	EXPECT_EQ(NR_TEST_CPUS, info->nr_cpus);
	EXPECT_EQ(4, info->nr_channels);
	EXPECT_EQ(16384, info->block_size);
	EXPECT_EQ(4096, info->text_max);
	EXPECT_EQ(MAP_SIZE, info->map_size);
	EXPECT_EQ(NR_TEST_CPUS, info->generation);
	EXPECT_EQ(NR_TEST_CPUS * CPU_SIZE + KLOG_SIZE, info->memory);
	EXPECT_LE(self->before, info->created);
	EXPECT_GE(self->after, info->created);
	EXPECT_EQ(0x7f, info->level_mask);
	EXPECT_EQ(0, info->helper);
	EXPECT_EQ(0, info->services);
	EXPECT_EQ(0, info->pad);
}

TEST_F(ioctl, info)
{
	struct ttlog_info info = {};
	const struct ttlog_map *map;
	uint64_t mono, boot, real;

	mono = now_by(CLOCK_MONOTONIC);
	boot = now_by(CLOCK_BOOTTIME);
	real = now_by(CLOCK_REALTIME);
	ASSERT_EQ(0, ioctl(self->writer, TTLOG_IOC_INFO, &info));
	expect_info(_metadata, self, &info);
	EXPECT_LE(mono, info.mono);
	EXPECT_GE(now_by(CLOCK_MONOTONIC), info.mono);
	EXPECT_LE(boot, info.boot);
	EXPECT_GE(now_by(CLOCK_BOOTTIME), info.boot);
	EXPECT_LE(real, info.real);
	EXPECT_GE(now_by(CLOCK_REALTIME), info.real);

	map = mmap(NULL, MAP_SIZE, PROT_READ, MAP_SHARED, self->reader, 0);
	ASSERT_NE(MAP_FAILED, (void *)map);
	EXPECT_EQ(0, memcmp(map->boot_id, info.boot_id, 16));
	EXPECT_EQ(map->created, info.created);
	EXPECT_EQ(map->generation, info.generation);
	munmap((void *)map, MAP_SIZE);
}

TEST_F(ioctl, info_of_what_changes)
{
	struct ttlog_levels levels = { .flags = TTLOG_LEVELS_SET, .mask = 0x81 };
	struct ttlog_service_name name = { .name = "a" };
	struct ttlog_info info = {};
	int helper = open(DEVICE, O_RDONLY);

	ASSERT_EQ(0, ioctl(self->fd, TTLOG_IOC_LEVELS, &levels));
	ASSERT_EQ(0, ioctl(self->fd, TTLOG_IOC_SERVICE, &name));
	ASSERT_EQ(0, ioctl(helper, TTLOG_IOC_HELPER, 0));
	ASSERT_EQ(0, ioctl(self->writer, TTLOG_IOC_INFO, &info));
	EXPECT_EQ(0x81, info.level_mask);
	EXPECT_EQ(1, info.services);
	EXPECT_EQ(1, info.helper);
	close(helper);
	ASSERT_EQ(0, ioctl(self->writer, TTLOG_IOC_INFO, &info));
	EXPECT_EQ(0, info.helper);
}

TEST_F(ioctl, ring)
{
	unsigned int cpu, channel;

	for (cpu = 0; cpu < NR_TEST_CPUS; cpu++) {
		for (channel = 0; channel < TTLOG_NR_CHANNELS; channel++) {
			struct ttlog_ring_info info = {
				.cpu = cpu, .channel = channel,
			};

			/* One for the whole machine. */
			if (channel == TTLOG_KLOG && cpu) {
				EXPECT_EQ(ENXIO, ERRNO(ioctl(self->writer,
							     TTLOG_IOC_RING,
							     &info)));
				continue;
			}
			ASSERT_EQ(0, ioctl(self->writer, TTLOG_IOC_RING, &info));
			EXPECT_EQ(cpu, info.cpu);
			EXPECT_EQ(channel, info.channel);
			EXPECT_EQ(MAP_SIZE + (cpu * 4 + channel) *
				  (uint64_t)STRIDE, info.offset);
			EXPECT_EQ(SIZE(blocks_of[channel]), info.size);
			EXPECT_EQ(4096, info.data_offset);
			EXPECT_EQ(320, info.frames_offset);
			EXPECT_EQ(1 + 4 * blocks_of[channel], info.nr_frames);
			EXPECT_EQ(blocks_of[channel], info.nr_blocks);
			EXPECT_EQ(channel == TTLOG_KLOG ? -1 : 0, info.node);
		}
	}
}

TEST_F(ioctl, no_such_ring)
{
	const struct { uint32_t cpu, channel; } bad[] = {
		{ 0, 4 }, { 4, 0 }, { 4, 3 }, { 0, ~0U }, { ~0U, 0 },
		{ 0x80000000, 0 },
	};
	struct ttlog_ledger ledger = {};
	struct ttlog_ring_info info = {};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		info.cpu = bad[i].cpu;
		info.channel = bad[i].channel;
		EXPECT_EQ(EINVAL, ERRNO(ioctl(self->fd, TTLOG_IOC_RING, &info)));
		ledger.cpu = bad[i].cpu;
		ledger.channel = bad[i].channel;
		EXPECT_EQ(EINVAL, ERRNO(ioctl(self->fd, TTLOG_IOC_LEDGER,
					      &ledger)));
	}
}

TEST_F(ioctl, ledger)
{
	struct ttlog_ledger ledger = { .cpu = 1, .channel = TTLOG_FLOW };
	char big[4097] = {};
	int i;

	ASSERT_EQ(0, pin(1));
	for (i = 0; i < 5; i++)
		ASSERT_EQ(1, write(self->fd, "x", 1));
	for (i = 0; i < 4; i++)
		ASSERT_EQ(4, write(self->fd, "<7>x", 4));
	for (i = 0; i < 3; i++)
		ASSERT_EQ(-1, write(self->fd, big, sizeof(big)));
	/* What an earlier call left in the answer's place doesn't matter. */
	memset(&ledger.offered, 0xff, sizeof(ledger) -
	       offsetof(struct ttlog_ledger, offered));
	ASSERT_EQ(0, ioctl(self->fd, TTLOG_IOC_LEDGER, &ledger));
	EXPECT_EQ(1, ledger.cpu);
	EXPECT_EQ(TTLOG_FLOW, ledger.channel);
	EXPECT_EQ(12, ledger.offered);
	EXPECT_EQ(5, ledger.written);
	EXPECT_EQ(4, ledger.lost[TTLOG_LOST_FILTERED]);
	EXPECT_EQ(3, ledger.lost[TTLOG_LOST_TOO_LARGE]);
	EXPECT_EQ(7, lost_of(&ledger));
	EXPECT_EQ(0, ledger.demoted);
	ledger.channel = TTLOG_KEEP;
	ASSERT_EQ(0, ioctl(self->fd, TTLOG_IOC_LEDGER, &ledger));
	EXPECT_EQ(0, ledger.offered);
}

/* What an unprivileged writer gets when it asks for the mask, and to set it. */
static int levels_as_user(void *arg)
{
	struct ttlog_levels levels = {};
	int fd = open(DEVICE, O_WRONLY);

	if (ioctl(fd, TTLOG_IOC_LEVELS, &levels) || levels.mask != 0x7f)
		return 1;
	levels.flags = TTLOG_LEVELS_SET;
	if (ERRNO(ioctl(fd, TTLOG_IOC_LEVELS, &levels)) != EPERM)
		return 2;
	/* Nor by a file that root opened. */
	if (ERRNO(ioctl(*(int *)arg, TTLOG_IOC_LEVELS, &levels)) != EPERM)
		return 3;
	/* Its own root is not the machine's. */
	if (unshare(CLONE_NEWUSER))
		return 4;
	if (ERRNO(ioctl(fd, TTLOG_IOC_LEVELS, &levels)) != EPERM)
		return 5;
	return 0;
}

TEST_F(ioctl, levels_need_the_capability)
{
	struct ttlog_levels levels = {};

	EXPECT_EQ(0, run_as(ALICE, levels_as_user, &self->fd));
	ASSERT_EQ(0, ioctl(self->reader, TTLOG_IOC_LEVELS, &levels));
	EXPECT_EQ(0x7f, levels.mask);
	EXPECT_EQ(0, levels.generation);
	/* By any mode of opening. */
	levels = (struct ttlog_levels){ .flags = 1, .mask = 0x0f };
	EXPECT_EQ(0, ioctl(self->reader, TTLOG_IOC_LEVELS, &levels));
	EXPECT_EQ(1, levels.generation);
	levels = (struct ttlog_levels){ .flags = 1, .mask = 0 };
	EXPECT_EQ(0, ioctl(self->writer, TTLOG_IOC_LEVELS, &levels));
	EXPECT_EQ(2, levels.generation);
	EXPECT_EQ(0, levels.mask);
}

TEST_F(ioctl, levels_bad_values)
{
	struct ttlog_levels bad[] = {
		{ .flags = 4 }, { .flags = 7, .mask = 1 }, { .flags = 0x80000000 },
		{ .flags = 2, .trigger = 9 }, { .trigger = ~0U },
		{ .flags = 1, .mask = 0x100 }, { .flags = 1, .mask = ~0U },
	};
	struct ttlog_levels levels = {};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_EQ(EINVAL, ERRNO(ioctl(self->fd, TTLOG_IOC_LEVELS,
					      &bad[i])));
	ASSERT_EQ(0, ioctl(self->fd, TTLOG_IOC_LEVELS, &levels));
	EXPECT_EQ(0x7f, levels.mask);
	EXPECT_EQ(0, levels.generation);
}

/* Name a service; its id, or an errno below 0. */
static int name_service(int fd, const char *name)
{
	struct ttlog_service_name service = { .id = 0xffffffff };
	size_t i;

	for (i = 0; i < TTLOG_SERVICE_LEN && name[i]; i++)
		service.name[i] = name[i];
	if (ioctl(fd, TTLOG_IOC_SERVICE, &service))
		return -errno;
	return service.id;
}

TEST_F(ioctl, service_names)
{
	int fd = self->writer;

	EXPECT_EQ(0, name_service(fd, "a"));
	EXPECT_EQ(1, name_service(fd, "31-bytes-are-the-most-of-a-name"));
	EXPECT_EQ(2, name_service(fd, "!~"));
	EXPECT_EQ(0, name_service(fd, "a"));
	EXPECT_EQ(3, name_service(fd, "A"));
	EXPECT_EQ(-EINVAL, name_service(fd, ""));
	EXPECT_EQ(-EINVAL, name_service(fd, "32-bytes-are-more-than-a-name-is"));
	EXPECT_EQ(-EINVAL, name_service(fd, "with space"));
	EXPECT_EQ(-EINVAL, name_service(fd, "tab\t"));
	EXPECT_EQ(-EINVAL, name_service(fd, "line\n"));
	EXPECT_EQ(-EINVAL, name_service(fd, "\x7f"));
	EXPECT_EQ(-EINVAL, name_service(fd, "\x80"));
	EXPECT_EQ(-EINVAL, name_service(fd, "\xc3\xa9"));
	EXPECT_EQ(4, name_service(fd, "b"));
}

/* 16 names, one again, the 17th; then that which it had is still there. */
static int name_as_user(void *arg)
{
	int fd = open(DEVICE, O_WRONLY), first = *(int *)arg, i;
	char name[8];

	for (i = 0; i < 16; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		if (name_service(fd, name) != first + i)
			return 1 + i;
	}
	if (name_service(fd, "s16") != -EDQUOT)
		return 20;
	if (name_service(fd, "s15") != first + 15)
		return 21;
	return 0;
}

TEST_F(ioctl, service_quota)
{
	const struct ttlog_map *map;
	int first = 0, i;

	EXPECT_EQ(0, run_as(ALICE, name_as_user, &first));
	/* The same names of another uid are others. */
	first = 16;
	EXPECT_EQ(0, run_as(BOB, name_as_user, &first));
	EXPECT_EQ(32, name_service(self->fd, "s0"));

	map = mmap(NULL, MAP_SIZE, PROT_READ, MAP_SHARED, self->reader, 0);
	ASSERT_NE(MAP_FAILED, (void *)map);
	EXPECT_EQ(33, map->nr_services);
	for (i = 0; i < 33; i++) {
		char name[8];

		snprintf(name, sizeof(name), "s%d", i % 16);
		EXPECT_STREQ(name, map->service[i].name);
		EXPECT_EQ(i < 16 ? ALICE : i < 32 ? BOB : 0, map->service[i].uid);
		EXPECT_EQ(0, map->service[i].pad);
	}
	munmap((void *)map, MAP_SIZE);
}

TEST_F(ioctl, service_table_is_full)
{
	struct ttlog_info info = {};
	char name[8];
	int i;

	for (i = 0; i < 256; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		ASSERT_EQ(i, name_service(self->fd, name));
	}
	EXPECT_EQ(-ENOSPC, name_service(self->fd, "s256"));
	EXPECT_EQ(255, name_service(self->fd, "s255"));
	ASSERT_EQ(0, ioctl(self->fd, TTLOG_IOC_INFO, &info));
	EXPECT_EQ(256, info.services);
}

/* 16 names, the first of which gets the id that is given. */
static int name_sixteen(void *arg)
{
	int fd = open(DEVICE, O_WRONLY), first = *(int *)arg, i;
	char name[8];

	for (i = 0; i < 16; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		if (name_service(fd, name) != first + i)
			return 1 + i;
	}
	return 0;
}

/* One who has no name yet. */
static int name_too_late(void *arg)
{
	(void)arg;
	return name_service(open(DEVICE, O_WRONLY), "s0") == -ENOSPC ? 0 : 1;
}

/* One who has names keeps them, and gets no other. */
static int name_again(void *arg)
{
	int fd = open(DEVICE, O_WRONLY);

	if (name_service(fd, "s15") != *(int *)arg + 15)
		return 1;
	return name_service(fd, "s16") == -ENOSPC ? 0 : 2;
}

/* However many uids a user has, 64 of the 256 names are left to root. */
TEST_F(ioctl, services_that_are_left_to_root)
{
	const struct ttlog_map *map;
	struct ttlog_info info = {};
	char name[8];
	int uid, i;

	EXPECT_EQ(64, TTLOG_ROOT_SERVICES);
	for (uid = 0; uid < 12; uid++) {
		i = uid * 16;
		ASSERT_EQ(0, run_as(2000 + uid, name_sixteen, &i))
			TH_LOG("uid %d", 2000 + uid);
	}
	EXPECT_EQ(0, run_as(2012, name_too_late, NULL));
	i = 11 * 16;
	EXPECT_EQ(0, run_as(2011, name_again, &i));
	ASSERT_EQ(0, ioctl(self->fd, TTLOG_IOC_INFO, &info));
	EXPECT_EQ(192, info.services);

	for (i = 0; i < 64; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		ASSERT_EQ(192 + i, name_service(self->fd, name));
	}
	EXPECT_EQ(-ENOSPC, name_service(self->fd, "s64"));
	EXPECT_EQ(255, name_service(self->fd, "s63"));
	EXPECT_EQ(0, run_as(2012, name_too_late, NULL));

	map = mmap(NULL, MAP_SIZE, PROT_READ, MAP_SHARED, self->reader, 0);
	ASSERT_NE(MAP_FAILED, (void *)map);
	EXPECT_EQ(256, map->nr_services);
	for (i = 0; i < 256; i++)
		EXPECT_EQ(i < 192 ? 2000 + i / 16 : 0, map->service[i].uid);
	munmap((void *)map, MAP_SIZE);
}

/*
 * Names that were root's first don't make more room for others: what counts is
 * how many are left.
 */
TEST_F(ioctl, services_that_root_had_first)
{
	char name[8];
	int i;

	for (i = 0; i < 192; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		ASSERT_EQ(i, name_service(self->fd, name));
	}
	EXPECT_EQ(0, run_as(ALICE, name_too_late, NULL));
	EXPECT_EQ(192, name_service(self->fd, "s192"));
}

#ifdef __x86_64__
/* ioctl(2) as a 32-bit program calls it; -errno where it fails. */
static int ioctl32(int fd, unsigned long cmd, void *arg)
{
	int ret;

	asm volatile("int $0x80"
		     : "=a" (ret)
		     : "a" (54), "b" (fd), "c" (cmd), "d" (arg)
		     : "memory", "r8", "r9", "r10", "r11");
	return ret;
}

TEST_F(ioctl, by_32_bit_programs)
{
	struct ttlog_service_name *name;
	struct ttlog_ring_info *ring;
	struct ttlog_request *request;
	struct ttlog_levels *levels;
	struct ttlog_ledger *ledger;
	struct ttlog_info *info;
	char *low;
	int fd;

	low = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	ASSERT_NE(MAP_FAILED, low);
	info = (void *)low;
	if (ioctl32(self->fd, TTLOG_IOC_INFO, info) == -ENOSYS)
		SKIP(return, "no 32-bit system calls here");
	expect_info(_metadata, self, info);

	memset(low, 0, PAGE);
	ring = (void *)low;
	ring->cpu = 3;
	ring->channel = TTLOG_FLOW;
	ASSERT_EQ(0, ioctl32(self->fd, TTLOG_IOC_RING, ring));
	EXPECT_EQ(MAP_SIZE + 13 * STRIDE, ring->offset);
	EXPECT_EQ(SIZE(6), ring->size);
	EXPECT_EQ(6, ring->nr_blocks);

	memset(low, 0, PAGE);
	ASSERT_EQ(0, pin(2));
	ASSERT_EQ(1, write(self->fd, "x", 1));
	ledger = (void *)low;
	ledger->cpu = 2;
	ledger->channel = TTLOG_FLOW;
	ASSERT_EQ(0, ioctl32(self->fd, TTLOG_IOC_LEDGER, ledger));
	EXPECT_EQ(1, ledger->written);
	EXPECT_EQ(0, ioctl32(self->fd, TTLOG_IOC_SYNC, NULL));
	EXPECT_EQ(-EBADF, ioctl32(self->writer, TTLOG_IOC_LEDGER, ledger));

	memset(low, 0, PAGE);
	name = (void *)low;
	strcpy(name->name, "thirty-two");
	ASSERT_EQ(0, ioctl32(self->fd, TTLOG_IOC_SERVICE, name));
	EXPECT_EQ(0, name->id);

	memset(low, 0, PAGE);
	levels = (void *)low;
	levels->flags = TTLOG_LEVELS_SET;
	levels->mask = 0x55;
	ASSERT_EQ(0, ioctl32(self->fd, TTLOG_IOC_LEVELS, levels));
	EXPECT_EQ(0x55, levels->mask);
	EXPECT_EQ(1, levels->generation);

	memset(low, 0, PAGE);
	request = (void *)low;
	strcpy(request->reason, "r");
	request->timeout_ms = 1;
	request->path_size = 1;
	EXPECT_EQ(-ESRCH, ioctl32(self->fd, TTLOG_IOC_REQUEST, request));

	fd = ioctl32(self->fd, TTLOG_IOC_CONTROL, NULL);
	ASSERT_LE(0, fd);
	close(fd);
	EXPECT_EQ(-EFAULT, ioctl32(self->fd, TTLOG_IOC_INFO, NULL));
	EXPECT_EQ(-ENOTTY, ioctl32(self->fd, _IO(0xc7, 17), low));
}
#endif

static int poll_now(int fd, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT | POLLPRI };

	return poll(&p, 1, timeout_ms) < 0 ? -1 : p.revents;
}

TEST_F(ioctl, poll_says_writable)
{
	EXPECT_EQ(POLLOUT, poll_now(self->fd, 0));
	EXPECT_EQ(POLLOUT, poll_now(self->writer, 0));
	ASSERT_EQ(1, write(self->fd, "x", 1));
	EXPECT_EQ(POLLOUT, poll_now(self->fd, 0));
}

FIXTURE(hotplug)
{
	int fd;
	int other;
	int writer;
};

FIXTURE_SETUP(hotplug)
{
	ttlog_unload();
	ASSERT_EQ(0, cpu_online(3, false));
	ASSERT_EQ(0, ttlog_load(PARAMS));
	self->fd = open(DEVICE, O_RDWR);
	self->other = open(DEVICE, O_RDONLY);
	self->writer = open(DEVICE, O_WRONLY);
	ASSERT_LE(0, self->writer);
	ASSERT_LE(0, self->fd);
	ASSERT_LE(0, self->other);
}

FIXTURE_TEARDOWN(hotplug)
{
	cpu_online(3, true);
	close(self->fd);
	close(self->other);
	close(self->writer);
	EXPECT_EQ(0, ttlog_unload());
}

TEST_F(hotplug, poll_says_that_the_map_moved)
{
	struct pollfd p = { .fd = self->fd, .events = POLLPRI };
	struct ttlog_info info = {};
	pid_t pid;

	EXPECT_EQ(POLLOUT, poll_now(self->fd, 0));
	pid = fork();
	if (!pid)
		_exit(poll(&p, 1, 20000) == 1 && p.revents == POLLPRI ? 0 : 1);
	usleep(200000);
	ASSERT_EQ(0, cpu_online(3, true));
	/* Also one that slept was woken. */
	EXPECT_EQ(0, end_of(pid));
	EXPECT_EQ(POLLOUT | POLLPRI, poll_now(self->fd, 0));
	EXPECT_EQ(POLLOUT | POLLPRI, poll_now(self->other, 0));
	/* It is nothing to those who may not map. */
	EXPECT_EQ(POLLOUT, poll_now(self->writer, 0));
	ASSERT_EQ(0, ioctl(self->fd, TTLOG_IOC_INFO, &info));
	EXPECT_EQ(4, info.generation);
	EXPECT_EQ(4 * CPU_SIZE + KLOG_SIZE, info.memory);
	/* Each file for itself. */
	EXPECT_EQ(POLLOUT, poll_now(self->fd, 0));
	EXPECT_EQ(POLLOUT | POLLPRI, poll_now(self->other, 0));
	/* Its rings are there already when the CPU comes up again. */
	ASSERT_EQ(0, cpu_online(3, false));
	ASSERT_EQ(0, cpu_online(3, true));
	EXPECT_EQ(POLLOUT, poll_now(self->fd, 0));
}

TEST_HARNESS_MAIN
