// SPDX-License-Identifier: GPL-2.0-only
/* What is released, and when, while held rings are copied. */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>

#include "hold.h"
#include "tap.h"

static struct ttlog_release said[16];
static int nr_said, fail_at = -1;

int __wrap_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list args;

	va_start(args, request);
	if (fd == 4711 && request == TTLOG_IOC_RELEASE && nr_said < 16)
		said[nr_said] = *va_arg(args, struct ttlog_release *);
	va_end(args);
	if (nr_said++ != fail_at)
		return 0;
	errno = ENOENT;
	return -1;
}

static bool is(int i, uint32_t cpu, uint32_t channel, uint64_t position)
{
	return said[i].cpu == cpu && said[i].channel == channel &&
	       said[i].position == position;
}

/* Two rings, the first of two blocks, the other of one, as the reader does it. */
static void read_two(struct hold *hold)
{
	struct reader_range range = READER_ALL;

	nr_said = 0;
	hold_choose(hold, 1, TTLOG_KEEP, &range);
	tap_ok(range.from == 0 && !range.closed && range.passed == READER_NONE,
	       "all of a ring is wanted");
	range.copied(range.arg, 8192);
	range.copied(range.arg, 16384);
	range = READER_ALL;
	hold_choose(hold, 0, TTLOG_KLOG, &range);
	range.copied(range.arg, 65536);
	hold_end(hold);
}

int main(void)
{
	struct hold hold = { .fd = 4711 };

	read_two(&hold);
	tap_ok(nr_said == 5, "released five times");
	tap_ok(is(0, 1, TTLOG_KEEP, 8192) && is(1, 1, TTLOG_KEEP, 16384),
	       "each block that was copied");
	tap_ok(is(2, 1, TTLOG_KEEP, TTLOG_NO_HOLD),
	       "and the whole ring before the next");
	tap_ok(is(3, 0, TTLOG_KLOG, 65536) && is(4, 0, TTLOG_KLOG, TTLOG_NO_HOLD),
	       "the last one too");
	hold_end(&hold);
	tap_ok(nr_said == 5, "nothing twice");
	fail_at = 1;
	hold = (struct hold){ .fd = 4711 };
	read_two(&hold);
	tap_ok(nr_said == 4 && is(2, 0, TTLOG_KLOG, 65536) &&
	       is(3, 0, TTLOG_KLOG, TTLOG_NO_HOLD),
	       "no more is said of a ring without hold, but of the others");
	hold = (struct hold){ .fd = 4711 };
	nr_said = 0;
	hold_end(&hold);
	tap_ok(nr_said == 0, "no ring was read: nothing to release");
	return tap_done();
}
