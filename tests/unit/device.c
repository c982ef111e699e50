// SPDX-License-Identifier: GPL-2.0-only
/* What a device says that makes no sense, and what changes while it is open. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "device.h"
#include "tap.h"

#define RING_AT	(1 << 20)

static uint64_t memory;

/* CPU 1 has a ring, of one page. */
static bool ring;

int __wrap_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...)
{
	struct ttlog_ring_info *info;
	va_list args;
	void *arg;

	(void)fd;
	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	if (request == TTLOG_IOC_INFO)
		((struct ttlog_info *)arg)->memory = memory;
	if (request != TTLOG_IOC_RING)
		return 0;
	info = arg;
	info->offset = RING_AT;
	info->size = 4096;
	errno = EINVAL;
	return ring && info->cpu == 1 ? 0 : -1;
}

static int mapped;

void *__real_mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset);
void *__wrap_mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset);
void *__wrap_mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset)
{
	mapped++;
	return __real_mmap(at, size, prot, flags, fd, offset);
}

int __real_munmap(void *at, size_t size);
int __wrap_munmap(void *at, size_t size);
int __wrap_munmap(void *at, size_t size)
{
	mapped--;
	return __real_munmap(at, size);
}

/* Read with a map of this magic and layout. Returns the status. */
static int read_with(struct device *device, uint64_t magic, uint32_t layout)
{
	struct ttlog_map map = { .magic = magic, .layout = layout };
	struct contents contents;
	int status;

	if (pwrite(device->fd, &map, sizeof(map), 0) != sizeof(map))
		perror("device");
	status = device_read(device, NULL, &contents);
	contents_free(&contents);
	return status;
}

static void refuse(struct device *device)
{
	int i;

	for (i = 1; i <= 2; i++) {
		tap_ok(read_with(device, 5, TTLOG_LAYOUT) == EXIT_VERSION && !mapped,
		       "a map of another magic: refused, time %d", i);
		tap_ok(read_with(device, TTLOG_MAP_MAGIC, 1) == EXIT_VERSION && !mapped,
		       "a map of another layout: refused, time %d", i);
	}
}

/* What shows in a ring's head, in its memory or the map's. */
static void moves(void)
{
	struct device device = { .fd = memfd_create("device", 0), .info = {
		.nr_cpus = 2, .nr_channels = 1, .map_size = sizeof(struct ttlog_map) } };
	uint64_t seen[DEVICE_SEEN(2)] = { 0 }, value = 5;
	static const struct {
		off_t at;
		bool moves;
		const char *what;
	} words[] = {
		{ RING_AT + offsetof(struct ttlog_ring, head), true, "an event" },
		{ RING_AT + offsetof(struct ttlog_ring, lost[0]), true, "a loss" },
		{ RING_AT + offsetof(struct ttlog_ring, lost[7]), true, "another" },
		{ RING_AT + offsetof(struct ttlog_ring, demoted), false, "nothing of that" },
		{ offsetof(struct ttlog_map, generation), true, "a ring that appears" },
	};
	size_t i;

	tap_ok(device_nr_rings(&device) == 2, "two rings at most");
	tap_ok(device_moved(&device, seen) && device_moved(&device, seen),
	       "what was never read may have moved");
	if (ftruncate(device.fd, RING_AT + 4096))
		perror("device");
	ring = true;
	tap_ok(read_with(&device, TTLOG_MAP_MAGIC, TTLOG_LAYOUT) == EXIT_OK && mapped == 2,
	       "read: a ring that makes no sense");
	tap_ok(!device_moved(&device, seen), "nothing moves");
	for (i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (pwrite(device.fd, &value, sizeof(value), words[i].at) != sizeof(value))
			perror("device");
		tap_ok(device_moved(&device, seen) == words[i].moves &&
		       !device_moved(&device, seen), "%s moves it, once", words[i].what);
	}
	device_close(&device);
	ring = false;
}

int main(void)
{
	struct device device = {
		.fd = memfd_create("device", 0),
		.info = {
			.nr_cpus = 2, .nr_channels = 1,
			.map_size = sizeof(struct ttlog_map), .memory = 1 << 16,
		},
	};
	int i;

	refuse(&device);
	for (i = 17; i < 19; i++) {
		memory = 1ULL << i;
		tap_ok(read_with(&device, TTLOG_MAP_MAGIC, TTLOG_LAYOUT) == EXIT_OK &&
		       device.info.memory == 1ULL << i && mapped == 1,
		       "read: the rings take %d KiB by now", 1 << (i - 10));
	}
	device_close(&device);
	/* A module of ABI minor 1 has less of a map. */
	device = (struct device) { .fd = memfd_create("device", 0), .info = {
		.nr_cpus = 2, .nr_channels = 1, .memory = 1 << 16,
		.map_size = offsetof(struct ttlog_map, host) } };
	tap_ok(read_with(&device, TTLOG_MAP_MAGIC, TTLOG_LAYOUT) == EXIT_OK &&
	       mapped == 1, "read: the map of an older module");
	device_close(&device);
	device.map = NULL;
	device.rings = NULL;
	device.info.map_size--;
	tap_ok(read_with(&device, TTLOG_MAP_MAGIC, TTLOG_LAYOUT) == EXIT_OTHER &&
	       !mapped, "one that is smaller is refused");
	device_close(&device);
	moves();
	tap_ok(!mapped, "closed: nothing is left mapped");
	return tap_done();
}
