// SPDX-License-Identifier: GPL-2.0-only
/*
 * As sd_watchdog_enabled(3) describes it.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "mono.h"
#include "notify.h"
#include "watchdog.h"

/* ms; @half: of what it waits; 0: it doesn't. @due: when it is told next */
static uint64_t half, due;

static bool get_number(const char *name, uint64_t *number)
{
	const char *text = getenv(name);
	char *end;

	if (!text || *text < '0' || *text > '9')
		return false;
	errno = 0;
	*number = strtoull(text, &end, 10);
	return !*end && !errno;
}

void watchdog_open(void)
{
	uint64_t interval, pid;

	half = 0;
	if (getenv("WATCHDOG_PID") &&
	    (!get_number("WATCHDOG_PID", &pid) || pid != (uint64_t)getpid()))
		return;
	if (get_number("WATCHDOG_USEC", &interval))
		half = interval / 2000;
	due = 0;
}

void watchdog_alive(void)
{
	uint64_t now;

	if (!half)
		return;
	now = mono_ms();
	if (now < due)
		return;
	notify("WATCHDOG=1");
	due = now + half;
}

uint64_t watchdog_due(void)
{
	return half ? due : 0;
}
