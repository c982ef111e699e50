/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Being the helper: what the tests of triggers, of the hold and of the one-shot have
 * in common.
 */
#ifndef TTLOG_HELPER_H
#define TTLOG_HELPER_H

#include <linux/capability.h>
#include <poll.h>
#include "ttlog_test.h"

/* ms: long enough for anything that is to happen */
#define SOON	((int)(20000 * timeout_scale()))

static inline bool readable(int fd, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, timeout_ms) == 1 && p.revents == POLLIN;
}

static inline int take(int fd, struct ttlog_trigger *trigger)
{
	memset(trigger, 0, sizeof(*trigger));
	return ERRNO(ioctl(fd, TTLOG_IOC_TAKE, trigger));
}

static inline int finish(int fd, uint64_t id, uint32_t error, const char *path,
			 uint32_t size)
{
	struct ttlog_done done = {
		.id = id,
		.error = error,
		.path_size = size,
		.path = (uintptr_t)path,
	};

	return ERRNO(ioctl(fd, TTLOG_IOC_DONE, &done));
}

/* Take one capability out of all that we have, or leave nothing but it. */
static inline int set_capability(unsigned int cap, bool only)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];
	unsigned int i, bit;

	if (syscall(SYS_capget, &header, data))
		return -1;
	for (i = 0; i < 2; i++) {
		bit = cap / 32 == i ? 1U << cap % 32 : 0;
		data[i].permitted &= only ? bit : ~bit;
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	return syscall(SYS_capset, &header, data);
}

static inline int release(int fd, unsigned int cpu, unsigned int channel,
			  uint64_t position)
{
	struct ttlog_release release = {
		.cpu = cpu,
		.channel = channel,
		.position = position,
	};

	return ERRNO(ioctl(fd, TTLOG_IOC_RELEASE, &release));
}

/* Let this level and worse be triggers; 0 or an errno. */
static inline int set_trigger(int fd, unsigned int level)
{
	struct ttlog_levels levels = {
		.flags = TTLOG_LEVELS_TRIGGER,
		.trigger = level,
	};

	return ERRNO(ioctl(fd, TTLOG_IOC_LEVELS, &levels));
}

/* Write an event that says nothing; false unless it was taken. */
static inline bool strike(int fd, unsigned int level)
{
	char text[] = "<0>strike";

	text[1] += level;
	return write(fd, text, sizeof(text) - 1) == sizeof(text) - 1;
}

/* Sleep until that long after a moment of mono. */
static inline void sleep_until(uint64_t since, double seconds)
{
	uint64_t until = since + seconds * SECOND, now;

	while ((now = mono_now()) < until)
		usleep((until - now) / 1000 + 1);
}

#endif
