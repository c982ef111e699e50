/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kselftest's harness, with the time limits of its tests scaled: a kernel that checks
 * itself is many times as slow (tests/vm/run says how many), and so is what counts
 * (tests/coverage/run).
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

#ifdef COVERAGE
/* A test ends its process with _exit(), which forgets what was counted. */
void __gcov_dump(void);
#define _exit(status) (__gcov_dump(), (_exit)(status))
#endif

#define alarm scaled_alarm
#include_next <kselftest_harness.h>
#undef alarm

#endif
