// SPDX-License-Identifier: GPL-2.0-only
/*
 * What may be mapped and how, and what is to be seen there.
 */
#include <kselftest_harness.h>
#include <signal.h>
#include <sys/utsname.h>
#include "ttlog_test.h"

FIXTURE(map)
{
	struct recorder r;
	struct ttlog_ring_info info;	/* of a ring that is mapped by hand */
	uint64_t before;
	uint64_t after;
};

/*
 * 128 KiB a CPU in blocks of 8 KiB, each ring with a page in front: 3 in KEEP, as
 * few as can be in PROBE, and 9 in what is left for FLOW. 23 in KLOG, of which 8
 * are spare, which is 64 KiB.
 */
#define PARAMS		"memory_per_cpu=128K klog_size=192K"
#define SIZE(blocks)	(4096 + (blocks) * 8192)
#define KEEP_SIZE	SIZE(3)
#define FLOW_SIZE	SIZE(9)
#define PROBE_SIZE	SIZE(2)
#define KLOG_SIZE	SIZE(23)
#define CPU_SIZE	(KEEP_SIZE + FLOW_SIZE + PROBE_SIZE)
#define STRIDE		KLOG_SIZE
#define MAP_SIZE	57344	/* struct ttlog_map in whole pages */

#define PLACE(cpu, ch)	((cpu) * TTLOG_NR_CHANNELS + (ch))
#define OFFSET(cpu, ch)	(MAP_SIZE + PLACE(cpu, ch) * (uint64_t)STRIDE)

static const struct {
	unsigned int blocks;
	unsigned int spare;
} rings[TTLOG_NR_CHANNELS] = {
	[TTLOG_KEEP] = { 3, 0 },
	[TTLOG_FLOW] = { 9, 1 },
	[TTLOG_PROBE] = { 2, 0 },
	[TTLOG_KLOG] = { 23, 8 },
};

FIXTURE_SETUP(map)
{
	self->before = mono_now();
	ASSERT_EQ(0, ttlog_reload(PARAMS));
	self->after = mono_now();
	ASSERT_TRUE(recorder_open(&self->r));
	self->info.cpu = 1;
	self->info.channel = TTLOG_FLOW;
	ASSERT_EQ(0, ioctl(self->r.fd, TTLOG_IOC_RING, &self->info));
}

FIXTURE_TEARDOWN(map)
{
	recorder_close(&self->r);
	EXPECT_EQ(0, ttlog_unload());
}

/* errno of a mapping; what could be mapped is taken away again. */
static int try_map(int fd, uint64_t size, int prot, int flags, uint64_t offset)
{
	void *at = mmap(NULL, size, prot, flags, fd, offset);

	if (at == MAP_FAILED)
		return errno;
	munmap(at, size);
	return 0;
}

TEST_F(map, read_only)
{
	int flags[] = { MAP_SHARED, MAP_PRIVATE };
	unsigned int i;

	for (i = 0; i < 2; i++) {
		EXPECT_EQ(0, try_map(self->r.fd, MAP_SIZE, PROT_READ, flags[i], 0));
		EXPECT_EQ(0, try_map(self->r.fd, self->info.size, PROT_READ,
				     flags[i], self->info.offset));
		/* The beginning alone, too. */
		EXPECT_EQ(0, try_map(self->r.fd, PAGE, PROT_READ, flags[i],
				     self->info.offset));
	}
}

TEST_F(map, not_writable_nor_executable)
{
	int prots[] = {
		PROT_WRITE, PROT_READ | PROT_WRITE, PROT_EXEC,
		PROT_READ | PROT_EXEC, PROT_READ | PROT_WRITE | PROT_EXEC,
	};
	int flags[] = { MAP_SHARED, MAP_PRIVATE };
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(prots); i++) {
		for (k = 0; k < 2; k++) {
			EXPECT_EQ(EPERM, try_map(self->r.fd, MAP_SIZE, prots[i],
						 flags[k], 0));
			EXPECT_EQ(EPERM, try_map(self->r.fd, self->info.size,
						 prots[i], flags[k],
						 self->info.offset));
		}
	}
}

TEST_F(map, not_made_writable_later)
{
	const void *maps[] = {
		self->r.map, self->r.at[PLACE(1, TTLOG_FLOW)],
	};
	unsigned int i;

	for (i = 0; i < 2; i++) {
		void *at = (void *)maps[i];

		EXPECT_EQ(EACCES, ERRNO(mprotect(at, PAGE, PROT_WRITE)));
		EXPECT_EQ(EACCES, ERRNO(mprotect(at, PAGE,
						 PROT_READ | PROT_WRITE)));
		EXPECT_EQ(EACCES, ERRNO(mprotect(at, PAGE, PROT_EXEC)));
		EXPECT_EQ(EACCES, ERRNO(mprotect(at, PAGE,
						 PROT_READ | PROT_EXEC)));
	}
}

/* What root can do to a private mapping of an ordinary file. */
TEST_F(map, not_written_through_proc_mem)
{
	uint64_t magic = 0, bad = ~TTLOG_RING_MAGIC;
	const void *copy;
	int mem;

	copy = mmap(NULL, self->info.size, PROT_READ, MAP_PRIVATE, self->r.fd,
		    self->info.offset);
	ASSERT_NE(MAP_FAILED, copy);
	mem = open("/proc/self/mem", O_RDWR);
	ASSERT_LE(0, mem);
	EXPECT_EQ(EIO, ERRNO(pwrite(mem, &bad, sizeof(bad), (uintptr_t)copy)));
	EXPECT_EQ(EIO, ERRNO(pwrite(mem, &bad, sizeof(bad),
				    (uintptr_t)self->r.map)));
	ASSERT_EQ(sizeof(magic), pread(mem, &magic, sizeof(magic),
				       (uintptr_t)copy));
	EXPECT_EQ(TTLOG_RING_MAGIC, magic);
	close(mem);
	munmap((void *)copy, self->info.size);
}

TEST_F(map, does_not_grow)
{
	EXPECT_EQ(EFAULT, ERRNO(mremap((void *)self->r.map, MAP_SIZE,
				       2 * MAP_SIZE, MREMAP_MAYMOVE)));
	EXPECT_EQ(EFAULT, ERRNO(mremap((void *)self->r.at[PLACE(1, TTLOG_FLOW)],
				       FLOW_SIZE, FLOW_SIZE + PAGE,
				       MREMAP_MAYMOVE)));
}

/* The signal that ends a child of ours which reads there; 0 for none. */
static int signal_of_reading(const volatile void *at)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		(void)*(const volatile char *)at;
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

/*
 * A reader's child may give up its privileges: it must not see what it could not
 * open, and what it doesn't know of must not keep the module.
 */
TEST_F(map, not_inherited)
{
	const char *private;
	unsigned int i;
	pid_t pid;

	private = mmap(NULL, self->info.size, PROT_READ, MAP_PRIVATE, self->r.fd,
		       self->info.offset);
	ASSERT_NE(MAP_FAILED, (void *)private);
	EXPECT_EQ(0, memcmp(private, "ttlogRNG", 8));
	EXPECT_EQ(0, memcmp(self->r.map, "ttlogMAP", 8));
	EXPECT_EQ(SIGSEGV, signal_of_reading(private));
	EXPECT_EQ(SIGSEGV, signal_of_reading(self->r.map));
	EXPECT_EQ(SIGSEGV, signal_of_reading((const char *)self->r.map +
					     MAP_SIZE - 1));
	for (i = 0; i < self->r.nr; i++) {
		if (!self->r.at[i])
			continue;
		EXPECT_EQ(SIGSEGV, signal_of_reading(self->r.at[i]));
		EXPECT_EQ(SIGSEGV, signal_of_reading((const char *)self->r.at[i] +
						     self->r.size[i] - 1));
	}
	/* What is the child's own can be read there, and the parent's still here. */
	pid = fork();
	if (!pid) {
		private = mmap(NULL, MAP_SIZE, PROT_READ, MAP_SHARED, self->r.fd, 0);
		_exit(private == MAP_FAILED ? 1 : memcmp(private, "ttlogMAP", 8));
	}
	EXPECT_EQ(0, end_of(pid));
	EXPECT_EQ(0, memcmp(private, "ttlogRNG", 8));
	munmap((void *)private, self->info.size);
}

TEST_F(map, not_by_writers)
{
	int fd = open(DEVICE, O_WRONLY);

	ASSERT_LE(0, fd);
	EXPECT_EQ(EACCES, try_map(fd, MAP_SIZE, PROT_READ, MAP_SHARED, 0));
	EXPECT_EQ(EACCES, try_map(fd, self->info.size, PROT_READ, MAP_PRIVATE,
				  self->info.offset));
	close(fd);
}

TEST_F(map, nothing_between_or_behind)
{
	uint64_t keep = OFFSET(1, TTLOG_KEEP), flow = OFFSET(1, TTLOG_FLOW);
	uint64_t klog = OFFSET(0, TTLOG_KLOG), end = OFFSET(NR_TEST_CPUS, 0);
	int fd = self->r.fd;

	EXPECT_EQ(flow, self->info.offset);
	EXPECT_EQ(FLOW_SIZE, self->info.size);
	/* The map header: a page too many, not from its beginning. */
	EXPECT_EQ(0, try_map(fd, MAP_SIZE, PROT_READ, MAP_SHARED, 0));
	EXPECT_EQ(EINVAL, try_map(fd, MAP_SIZE + PAGE, PROT_READ, MAP_SHARED, 0));
	EXPECT_EQ(EINVAL, try_map(fd, PAGE, PROT_READ, MAP_SHARED, PAGE));
	/* A ring likewise. */
	EXPECT_EQ(0, try_map(fd, KEEP_SIZE, PROT_READ, MAP_SHARED, keep));
	EXPECT_EQ(EINVAL, try_map(fd, KEEP_SIZE + PAGE, PROT_READ, MAP_SHARED,
				  keep));
	EXPECT_EQ(EINVAL, try_map(fd, FLOW_SIZE + PAGE, PROT_READ, MAP_SHARED,
				  flow));
	EXPECT_EQ(EINVAL, try_map(fd, PAGE, PROT_READ, MAP_SHARED, flow + PAGE));
	EXPECT_EQ(EINVAL, try_map(fd, PAGE, PROT_READ, MAP_SHARED, flow - PAGE));
	EXPECT_EQ(0, try_map(fd, KLOG_SIZE, PROT_READ, MAP_SHARED, klog));
	EXPECT_EQ(EINVAL, try_map(fd, KLOG_SIZE + PAGE, PROT_READ, MAP_SHARED,
				  klog));
	/* The last ring, the place of one that no CPU but the first has, behind it. */
	EXPECT_EQ(0, try_map(fd, PROBE_SIZE, PROT_READ, MAP_SHARED,
			     end - 2 * STRIDE));
	EXPECT_EQ(EINVAL, try_map(fd, PROBE_SIZE + PAGE, PROT_READ, MAP_SHARED,
				  end - 2 * STRIDE));
	EXPECT_EQ(ENXIO, try_map(fd, KLOG_SIZE, PROT_READ, MAP_SHARED,
				 end - STRIDE));
	EXPECT_EQ(EINVAL, try_map(fd, PAGE, PROT_READ, MAP_SHARED, end));
	EXPECT_EQ(EINVAL, try_map(fd, PAGE, PROT_READ, MAP_SHARED, end + STRIDE));
	EXPECT_EQ(EINVAL, try_map(fd, PAGE, PROT_READ, MAP_SHARED, 1ULL << 50));
	EXPECT_EQ(EINVAL, try_map(fd, PAGE, PROT_READ, MAP_SHARED,
				  0x7ffffffffffff000));
}

/* Where the kernel says that a page of ours is in memory; 0: nowhere. */
static uint64_t frame_of(int pagemap, const void *at)
{
	uint64_t entry;

	if (pread(pagemap, &entry, sizeof(entry),
		  (uintptr_t)at / PAGE * sizeof(entry)) != sizeof(entry) ||
	    !(entry >> 63))
		return 0;
	return entry & ((1ULL << 55) - 1);
}

TEST_F(map, frame_tables_name_the_pages)
{
	const struct ttlog_ring *ring;
	const uint64_t *table;
	unsigned int i, k;
	int pagemap;

	pagemap = open("/proc/self/pagemap", O_RDONLY);
	ASSERT_LE(0, pagemap);
	ASSERT_EQ(16, self->r.nr);
	for (i = 0; i < self->r.nr; i++) {
		ring = self->r.at[i];
		if (!ring)
			continue;
		table = (const uint64_t *)((const char *)ring +
					   ring->frames_offset);
		ASSERT_EQ(self->r.size[i] / PAGE, ring->nr_frames);
		for (k = 0; k < ring->nr_frames; k++) {
			ASSERT_NE(0, table[k]);
			ASSERT_EQ(frame_of(pagemap, (const char *)ring +
					   k * PAGE), table[k]);
		}
	}
	close(pagemap);
}

static bool all_zero(const void *at, size_t size)
{
	const uint8_t *byte = at;
	size_t i;

	for (i = 0; i < size; i++)
		if (byte[i])
			return false;
	return true;
}

TEST_F(map, header_of_the_map)
{
	const struct ttlog_map *m = self->r.map;
	size_t table;

	EXPECT_EQ(0, memcmp(m, "ttlogMAP", 8));
	EXPECT_EQ(2, m->layout);
	EXPECT_EQ(NR_TEST_CPUS, m->nr_cpus);
	EXPECT_NE(0, m->key);
	EXPECT_FALSE(all_zero(m->boot_id, sizeof(m->boot_id)));
	EXPECT_EQ(8192, m->block_size);
	EXPECT_EQ(4, m->nr_channels);
	EXPECT_EQ(NR_TEST_CPUS, m->generation);
	EXPECT_EQ(0, m->nr_services);
	EXPECT_LE(self->before, m->created);
	EXPECT_GE(self->after, m->created);
	EXPECT_EQ(0, m->nr_probes);
	EXPECT_EQ(MAP_SIZE, m->size);
	EXPECT_LE(sizeof(*m), m->frames_offset);
	EXPECT_EQ(MAP_SIZE / PAGE, m->nr_frames);
	table = m->frames_offset + m->nr_frames * sizeof(uint64_t);
	ASSERT_GE(MAP_SIZE, table);
	/* Nothing of the kernel's is between and behind what it has. */
	EXPECT_TRUE(all_zero(m->reserved, offsetof(struct ttlog_map, host) -
			     offsetof(struct ttlog_map, reserved)));
	EXPECT_TRUE(all_zero(m + 1, m->frames_offset - sizeof(*m)));
	EXPECT_TRUE(all_zero((const char *)m + table, MAP_SIZE - table));
}

/* By the one page that its head names, as who has the memory alone finds it. */
TEST_F(map, frame_table_of_the_map)
{
	const struct ttlog_map *m = self->r.map;
	const uint64_t *table = (const void *)((const char *)m + m->frames_offset);
	int pagemap = open("/proc/self/pagemap", O_RDONLY);
	unsigned int i;

	ASSERT_LE(0, pagemap);
	ASSERT_EQ(m->frames_offset / PAGE,
		  (m->frames_offset + m->nr_frames * sizeof(*table) - 1) / PAGE);
	EXPECT_EQ(m->frames_page, table[m->frames_offset / PAGE]);
	for (i = 0; i < m->nr_frames; i++) {
		ASSERT_NE(0, table[i]);
		ASSERT_EQ(frame_of(pagemap, (const char *)m + i * PAGE), table[i]);
	}
	close(pagemap);
}

/* The machine and its kernel; the boot is what a helper says that it is. */
TEST_F(map, host)
{
	static struct ttlog_boot boot = { "0123456789abcdef" };
	const struct ttlog_host *host = &self->r.map->host;
	struct utsname name;

	ASSERT_EQ(0, uname(&name));
	EXPECT_STREQ(name.nodename, host->nodename);
	EXPECT_STREQ(name.release, host->release);
	EXPECT_STREQ(name.version, host->version);
	EXPECT_STREQ(name.machine, host->machine);
	EXPECT_EQ(TTLOG_ABI_MAJOR, host->abi_major);
	EXPECT_EQ(TTLOG_ABI_MINOR, host->abi_minor);
	EXPECT_TRUE(all_zero(host->kernel_boot_id, sizeof(host->kernel_boot_id)));
	EXPECT_EQ(TTLOG_STATE_RUNS, host->state);
	EXPECT_TRUE(all_zero(&host->pad, sizeof(*host) -
			     offsetof(struct ttlog_host, pad)));
	EXPECT_EQ(EPERM, ERRNO(ioctl(self->r.fd, TTLOG_IOC_BOOT, &boot)));
	ASSERT_EQ(0, ioctl(self->r.fd, TTLOG_IOC_HELPER, 0));
	ASSERT_EQ(0, sethostname("another", 7));
	EXPECT_EQ(0, ioctl(self->r.fd, TTLOG_IOC_BOOT, &boot));
	ASSERT_EQ(0, sethostname(name.nodename, strlen(name.nodename)));
	EXPECT_EQ(0, memcmp(&boot, host->kernel_boot_id, sizeof(boot)));
	EXPECT_STREQ("another", host->nodename);
}

/* Without reserved memory no earlier boot has left anything. */
TEST_F(map, previous)
{
	static const struct {
		struct ttlog_previous previous;
		int error;
	} tries[] = {
		{ { .index = 0 }, ENOENT },
		{ { .index = 1 }, ENOENT },
		{ { .index = 2 }, EINVAL },
		{ { .index = ~0U }, EINVAL },
		{ { .flags = 2 }, EINVAL },
		{ { .flags = 3 }, EINVAL },
		{ { .flags = TTLOG_PREVIOUS_SAVED }, EPERM },
	};
	const struct ttlog_info *info = &self->r.info;
	struct ttlog_previous previous;
	struct ttlog_ring_info ring;
	uint64_t end = info->map_size, stride = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tries); i++) {
		previous = tries[i].previous;
		EXPECT_EQ(tries[i].error,
			  ERRNO(ioctl(self->r.fd, TTLOG_IOC_PREVIOUS, &previous)))
			TH_LOG("%u", i);
	}
	ASSERT_EQ(0, ioctl(self->r.fd, TTLOG_IOC_HELPER, 0));
	previous = tries[6].previous;
	EXPECT_EQ(ENOENT, ERRNO(ioctl(self->r.fd, TTLOG_IOC_PREVIOUS, &previous)));
	/* Behind the windows of the rings, where it would be. */
	for (i = 0; i < info->nr_channels; i++) {
		ring = (struct ttlog_ring_info) { .channel = i };
		ASSERT_EQ(0, ioctl(self->r.fd, TTLOG_IOC_RING, &ring));
		stride = ring.size > stride ? ring.size : stride;
	}
	end += stride * info->nr_cpus * info->nr_channels;
	EXPECT_EQ(MAP_FAILED, mmap(NULL, PAGE, PROT_READ, MAP_SHARED, self->r.fd, end));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(0, self->r.map->room);
}

TEST_F(map, key_and_boot_id_are_new_each_time)
{
	uint64_t key = self->r.map->key;
	uint8_t boot_id[16];

	memcpy(boot_id, self->r.map->boot_id, sizeof(boot_id));
	recorder_close(&self->r);
	ASSERT_EQ(0, ttlog_reload(PARAMS));
	ASSERT_TRUE(recorder_open(&self->r));
	EXPECT_NE(key, self->r.map->key);
	EXPECT_NE(0, memcmp(boot_id, self->r.map->boot_id, sizeof(boot_id)));
}

TEST_F(map, headers_of_the_rings)
{
	const struct ttlog_ring *ring;
	unsigned int i, ch, seen = 0;

	for (i = 0; i < self->r.nr; i++) {
		ring = self->r.at[i];
		ch = i % 4;
		/* One ring of KLOG for the whole machine. */
		ASSERT_EQ(ch == TTLOG_KLOG && i > 4, !ring);
		if (!ring)
			continue;
		seen++;
		EXPECT_EQ(0, memcmp(ring, "ttlogRNG", 8));
		EXPECT_EQ(2, ring->layout);
		EXPECT_EQ(i / 4, ring->cpu);
		EXPECT_EQ(ch, ring->channel);
		EXPECT_EQ(8192, ring->block_size);
		EXPECT_EQ(rings[ch].blocks, ring->nr_blocks);
		EXPECT_EQ(rings[ch].spare, ring->nr_spare);
		EXPECT_EQ(0, memcmp(ring->boot_id, self->r.map->boot_id, 16));
		EXPECT_EQ(SIZE(rings[ch].blocks), ring->size);
		EXPECT_EQ(4096, ring->data_offset);
		EXPECT_EQ(320, ring->frames_offset);
		EXPECT_EQ(1 + 2 * rings[ch].blocks, ring->nr_frames);
		EXPECT_LE(self->r.map->created, ring->created);
		EXPECT_GE(self->after, ring->created);
		EXPECT_EQ(0, ring->pad1);
		EXPECT_EQ(~0ULL, ring->hold);
		EXPECT_TRUE(all_zero(ring->reserved0, sizeof(ring->reserved0)));
		EXPECT_EQ(0, ring->pad2);
		EXPECT_TRUE(all_zero(ring->reserved1, sizeof(ring->reserved1)));
		/* Between the frame table and the blocks. */
		EXPECT_TRUE(all_zero((const char *)ring + 320 + 8 * ring->nr_frames,
				     4096 - 320 - 8 * ring->nr_frames));
		/* The kernel may have said something already. */
		if (ch == TTLOG_KLOG)
			continue;
		/* An empty ring: behind the first block's head, number 0. */
		EXPECT_EQ(152 / 8, ring->head);
		EXPECT_EQ(0, ring->base);
		EXPECT_EQ(0, ring->outer);
		EXPECT_EQ(0, ring->depth);
		EXPECT_EQ(0, ring->intent);
		EXPECT_TRUE(all_zero(&ring->mark, sizeof(*ring) -
				     offsetof(struct ttlog_ring, mark)));
	}
	/* Three of each CPU, and that one. */
	EXPECT_EQ(13, seen);
}

TEST_F(map, heads_of_the_blocks)
{
	const struct ttlog_block *block;
	const struct ttlog_ring *ring;
	unsigned int i, k;

	for (i = 0; i < self->r.nr; i++) {
		ring = self->r.at[i];
		/* The kernel may have filled its own. */
		if (i % 4 == TTLOG_KLOG)
			continue;
		for (k = 0; k < ring->nr_blocks; k++) {
			block = (const void *)((const char *)ring + 4096 + k * 8192);
			EXPECT_EQ(0, memcmp(block, "ttlogBLK", 8));
			EXPECT_EQ(2, block->layout);
			EXPECT_EQ(i / 4, block->cpu);
			EXPECT_EQ(i % 4, block->channel);
			EXPECT_EQ(0, block->pad);
			EXPECT_EQ(0, memcmp(block->boot_id, self->r.map->boot_id,
					    16));
			EXPECT_EQ(0, block->start);
			EXPECT_EQ(0, block->first);
			EXPECT_TRUE(all_zero(block->lost, sizeof(block->lost)));
			/* Only the first is open: 152 bytes at position 0. */
			EXPECT_EQ(k ? 0 : self->r.map->key ^ (19ULL << 53 | 1),
				  block->ready);
			EXPECT_TRUE(all_zero(block + 1, 8192 - sizeof(*block)));
		}
		block = (const void *)((const char *)ring + 4096);
		EXPECT_LE(self->before, block->mono);
		EXPECT_GE(self->after, block->mono);
		EXPECT_LE(block->mono, block->boot);
	}
}

FIXTURE(absent)
{
	struct recorder r;
};

FIXTURE_SETUP(absent)
{
	ttlog_unload();
	ASSERT_EQ(0, cpu_online(3, false));
	ASSERT_EQ(0, ttlog_reload(PARAMS));
	ASSERT_TRUE(recorder_open(&self->r));
}

FIXTURE_TEARDOWN(absent)
{
	EXPECT_EQ(0, cpu_online(3, true));
	recorder_close(&self->r);
	EXPECT_EQ(0, ttlog_unload());
}

TEST_F(absent, ring_of_a_cpu_that_was_never_up)
{
	uint64_t keep = OFFSET(3, TTLOG_KEEP), flow = OFFSET(3, TTLOG_FLOW);
	uint64_t probe = OFFSET(3, TTLOG_PROBE);
	struct ttlog_ring_info info = { .cpu = 3, .channel = TTLOG_FLOW };
	int fd = self->r.fd;

	EXPECT_EQ(3, self->r.map->generation);
	EXPECT_EQ(3 * CPU_SIZE + KLOG_SIZE, self->r.info.memory);
	EXPECT_EQ(ENXIO, ERRNO(ioctl(fd, TTLOG_IOC_RING, &info)));
	EXPECT_EQ(ENXIO, try_map(fd, KEEP_SIZE, PROT_READ, MAP_SHARED, keep));
	EXPECT_EQ(ENXIO, try_map(fd, FLOW_SIZE, PROT_READ, MAP_SHARED, flow));
	EXPECT_EQ(ENXIO, try_map(fd, PROBE_SIZE, PROT_READ, MAP_SHARED, probe));
	EXPECT_EQ(EINVAL, try_map(fd, KEEP_SIZE + PAGE, PROT_READ, MAP_SHARED,
				  keep));

	ASSERT_EQ(0, cpu_online(3, true));
	EXPECT_EQ(4, self->r.map->generation);
	ASSERT_EQ(0, ioctl(fd, TTLOG_IOC_RING, &info));
	EXPECT_EQ(flow, info.offset);
	EXPECT_EQ(0, try_map(fd, KEEP_SIZE, PROT_READ, MAP_SHARED, keep));
	EXPECT_EQ(0, try_map(fd, FLOW_SIZE, PROT_READ, MAP_SHARED, flow));
	EXPECT_EQ(0, try_map(fd, PROBE_SIZE, PROT_READ, MAP_SHARED, probe));
	ASSERT_TRUE(recorder_map(&self->r));
	ASSERT_EQ(0, pin(3));
	ASSERT_EQ(4, write(fd, "late", 4));
	ASSERT_TRUE(recorder_read(&self->r));
	ASSERT_NE(NULL, find_text(&self->r, "late"));
	EXPECT_EQ(3, find_text(&self->r, "late")->cpu);
}

TEST_F(map, control_page)
{
	int fd = ioctl(self->r.fd, TTLOG_IOC_CONTROL, 0);
	void *at;

	ASSERT_LE(0, fd);
	EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
	EXPECT_EQ(EPERM, try_map(fd, PAGE, PROT_EXEC | PROT_READ, MAP_SHARED, 0));
	EXPECT_EQ(EPERM, try_map(fd, PAGE, PROT_WRITE, MAP_PRIVATE, 0));
	/* It is open for reading alone: the kernel refuses this by itself. */
	EXPECT_EQ(EACCES, try_map(fd, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 0));
	EXPECT_EQ(EINVAL, try_map(fd, 2 * PAGE, PROT_READ, MAP_SHARED, 0));
	EXPECT_EQ(EINVAL, try_map(fd, PAGE, PROT_READ, MAP_SHARED, PAGE));
	EXPECT_EQ(0, try_map(fd, PAGE, PROT_READ, MAP_PRIVATE, 0));

	at = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, at);
	EXPECT_EQ(EACCES, ERRNO(mprotect(at, PAGE, PROT_READ | PROT_WRITE)));
	EXPECT_EQ(EACCES, ERRNO(mprotect(at, PAGE, PROT_READ | PROT_EXEC)));
	EXPECT_EQ(EFAULT, ERRNO(mremap(at, PAGE, 2 * PAGE, MREMAP_MAYMOVE)));
	EXPECT_TRUE(all_zero((char *)at + sizeof(struct ttlog_control),
			     PAGE - sizeof(struct ttlog_control)));
	munmap(at, PAGE);
	close(fd);
}

/* A mapping alone keeps the module, whatever it is of. */
FIXTURE(unload)
{
	int fd;
};

FIXTURE_SETUP(unload)
{
	ASSERT_EQ(0, ttlog_reload(PARAMS));
	self->fd = open(DEVICE, O_RDWR);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(unload)
{
	ttlog_unload();
}

TEST_F(unload, refused_while_the_map_is_mapped)
{
	void *at = mmap(NULL, MAP_SIZE, PROT_READ, MAP_SHARED, self->fd, 0);

	ASSERT_NE(MAP_FAILED, at);
	EXPECT_EQ(EWOULDBLOCK, ttlog_unload());
	close(self->fd);
	EXPECT_EQ(EWOULDBLOCK, ttlog_unload());
	EXPECT_EQ(0, memcmp(at, "ttlogMAP", 8));
	munmap(at, MAP_SIZE);
	EXPECT_EQ(0, ttlog_unload());
}

TEST_F(unload, refused_while_a_ring_is_mapped)
{
	void *at = mmap(NULL, KEEP_SIZE, PROT_READ, MAP_SHARED, self->fd, MAP_SIZE);

	ASSERT_NE(MAP_FAILED, at);
	close(self->fd);
	EXPECT_EQ(EWOULDBLOCK, ttlog_unload());
	/* What is left of a mapping is one. */
	munmap(at, PAGE);
	EXPECT_EQ(EWOULDBLOCK, ttlog_unload());
	munmap((char *)at + PAGE, KEEP_SIZE - PAGE);
	EXPECT_EQ(0, ttlog_unload());
}

TEST_F(unload, refused_while_the_control_page_is_there)
{
	int control = ioctl(self->fd, TTLOG_IOC_CONTROL, 0);
	void *at;

	ASSERT_LE(0, control);
	close(self->fd);
	EXPECT_EQ(EWOULDBLOCK, ttlog_unload());
	at = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, control, 0);
	ASSERT_NE(MAP_FAILED, at);
	close(control);
	EXPECT_EQ(EWOULDBLOCK, ttlog_unload());
	munmap(at, PAGE);
	EXPECT_EQ(0, ttlog_unload());
}

TEST_HARNESS_MAIN
