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

static uint64_t memory;

int __wrap_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list args;

	(void)fd;
	va_start(args, request);
	if (request == TTLOG_IOC_INFO)
		va_arg(args, struct ttlog_info *)->memory = memory;
	va_end(args);
	/* No ring is there to be read. */
	errno = EINVAL;
	return request == TTLOG_IOC_RING ? -1 : 0;
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
	tap_ok(!mapped, "closed: nothing is left mapped");
	return tap_done();
}
