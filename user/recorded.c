// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "device.h"
#include "levels.h"
#include "recorded.h"

int recorded_read(int fd, struct recorded *all)
{
	struct ttlog_filter next;
	uint32_t index;

	all->nr = 0;
	for (index = 0; index < TTLOG_NR_FILTERS; index = next.index + 1) {
		next = (struct ttlog_filter) {
			.flags = TTLOG_FILTER_NEXT, .index = index,
		};
		if (ioctl(fd, TTLOG_IOC_FILTER, &next))
			return errno == ENOENT ? 0 : -errno;
		/* Never the same index twice, whoever answers. */
		if (next.index < index || next.index >= TTLOG_NR_FILTERS)
			next.index = index;
		next.service[TTLOG_SERVICE_LEN - 1] = '\0';
		/* Nor a service, that was removed and made again meanwhile. */
		if (!recorded_find(all, next.service))
			all->filters[all->nr++] = next;
	}
	return 0;
}

const struct ttlog_filter *recorded_find(const struct recorded *all,
					 const char *service)
{
	size_t i;

	for (i = 0; i < all->nr; i++) {
		if (!strcmp(all->filters[i].service, service))
			return &all->filters[i];
	}
	return NULL;
}

int recorded_change(int fd, const struct ttlog_filter *change)
{
	struct ttlog_filter filter = *change;

	return ioctl(fd, TTLOG_IOC_FILTER, &filter) ? -errno : 0;
}

bool recorded_default(const struct ttlog_filter *filter)
{
	int i;

	for (i = 0; i < TTLOG_NR_LEVELS; i++) {
		if (filter->sample[i] != 1 || filter->rate[i] != TTLOG_FILTER_NO_LIMIT)
			return false;
	}
	return filter->levels == LEVELS_ALL && filter->record == LEVELS_ALL;
}

int recorded_share(int fd, struct ttlog_share *share)
{
	return ioctl(fd, TTLOG_IOC_SHARE, share) ? -errno : 0;
}

static int too_old(const struct device *device, const char *doing)
{
	warnx("cannot %s: that needs a module of ABI 1.4 or newer, the one that is loaded is %u.%u",
	      doing, device->info.abi_major, device->info.abi_minor);
	return EXIT_VERSION;
}

int recorded_failed(const struct device *device, const char *service, int err,
		    const char *doing)
{
	switch (-err) {
	case EPERM:
		warnx("no permission to %s: it takes CAP_SYS_ADMIN", doing);
		return EXIT_PERMISSION;
	case ENOENT:
		warnx("service '%s': there is no filter for it: see 'ttlog filter'",
		      service);
		return EXIT_OTHER;
	case ENOSPC:
		warnx("service '%s': there are %d filters already, as many as there can be: see 'ttlog filter'",
		      service, TTLOG_NR_FILTERS);
		return EXIT_OTHER;
	case ENOTTY:
		return too_old(device, doing);
	}
	errno = -err;
	return device_failed(doing);
}
