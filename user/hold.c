// SPDX-License-Identifier: GPL-2.0-only
#include <sys/ioctl.h>

#include "hold.h"

/*
 * Whatever fails here, the hold ends by itself or with the trigger. It fails, too,
 * for a ring that came after the hold: that says nothing of the others.
 */
static void release(struct hold *hold, uint64_t position)
{
	if (hold->over)
		return;
	hold->at.position = position;
	hold->over = ioctl(hold->fd, TTLOG_IOC_RELEASE, &hold->at);
}

static void copied(void *arg, uint64_t position)
{
	release(arg, position);
}

/* Rings are read one after the other: when one is chosen the last was read. */
void hold_choose(void *arg, uint32_t cpu, uint32_t channel,
		 struct reader_range *range)
{
	struct hold *hold = arg;

	hold_end(hold);
	hold->over = false;
	hold->reading = true;
	hold->at.cpu = cpu;
	hold->at.channel = channel;
	range->copied = copied;
	range->arg = hold;
}

void hold_end(struct hold *hold)
{
	if (hold->reading)
		release(hold, TTLOG_NO_HOLD);
	hold->reading = false;
}
