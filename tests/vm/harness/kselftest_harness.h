/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kselftest's harness, with the time limits of its tests scaled: a kernel that checks
 * itself is many times as slow (tests/vm/run says how many).
 */
#ifndef TTLOG_KSELFTEST_HARNESS_H
#define TTLOG_KSELFTEST_HARNESS_H

#include <stdlib.h>
#include <unistd.h>

/* How many times as long as on an ordinary kernel anything may take. */
static inline unsigned int timeout_scale(void)
{
	const char *scale = getenv("TIMEOUT_SCALE");

	return scale ? atoi(scale) : 1;
}

static inline unsigned int scaled_alarm(unsigned int seconds)
{
	return alarm(seconds * timeout_scale());
}

#define alarm scaled_alarm
#include_next <kselftest_harness.h>
#undef alarm

#endif
