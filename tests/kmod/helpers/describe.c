// SPDX-License-Identifier: GPL-2.0-only
/*
 * Print what the module says of itself and its rings, one name=value a line, for
 * tests that are scripts. A ring's value is its bytes, blocks and spare blocks.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <ttlog.h>

static const char * const channel_names[] = {
	"keep", "flow", "probe", "klog",
};

static int describe_ring(int fd, unsigned int cpu, unsigned int channel)
{
	struct ttlog_ring_info ring = { .cpu = cpu, .channel = channel };
	const char *name = channel_names[channel];
	const struct ttlog_ring *shared;

	if (ioctl(fd, TTLOG_IOC_RING, &ring)) {
		printf("cpu%u_%s=%s\n", cpu, name, strerror(errno));
		return errno == ENXIO ? 0 : -1;
	}
	shared = mmap(NULL, ring.size, PROT_READ, MAP_SHARED, fd, ring.offset);
	if (shared == MAP_FAILED)
		return -1;
	printf("cpu%u_%s=%llu/%u/%u\n", cpu, name, (unsigned long long)ring.size,
	       ring.nr_blocks, shared->nr_spare);
	munmap((void *)shared, ring.size);
	return 0;
}

int main(void)
{
	struct ttlog_info info = {};
	unsigned int cpu, channel;
	int fd;

	fd = open("/dev/ttlog", O_RDONLY);
	if (fd < 0 || ioctl(fd, TTLOG_IOC_INFO, &info)) {
		perror("/dev/ttlog");
		return 1;
	}
	printf("nr_cpus=%u\nblock_size=%u\nmemory=%llu\nlevel_mask=%#x\n",
	       info.nr_cpus, info.block_size, (unsigned long long)info.memory,
	       info.level_mask);
	for (cpu = 0; cpu < info.nr_cpus; cpu++)
		for (channel = 0; channel < info.nr_channels; channel++)
			if (describe_ring(fd, cpu, channel))
				return 1;
	return 0;
}
