// SPDX-License-Identifier: GPL-2.0-only
/* What a device says that changes while it is open. */
#include <errno.h>
#include <stdarg.h>
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

int main(void)
{
	static const struct ttlog_map map = {
		.magic = TTLOG_MAP_MAGIC,
		.layout = TTLOG_LAYOUT,
	};
	struct device device = {
		.fd = memfd_create("device", 0),
		.info = {
			.nr_cpus = 2, .nr_channels = 1,
			.map_size = sizeof(map), .memory = 1 << 16,
		},
	};
	struct contents contents;
	int i;

	if (write(device.fd, &map, sizeof(map)) != sizeof(map))
		return 1;
	for (i = 17; i < 19; i++) {
		memory = 1ULL << i;
		tap_ok(device_read(&device, NULL, &contents) == EXIT_OK &&
		       device.info.memory == 1ULL << i,
		       "read: the rings take %d KiB by now", 1 << (i - 10));
		contents_free(&contents);
	}
	device_close(&device);
	return tap_done();
}
