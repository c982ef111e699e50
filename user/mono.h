/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The clock by which the helper waits: CLOCK_MONOTONIC.
 */
#ifndef TTLOG_MONO_H
#define TTLOG_MONO_H

#include <stdint.h>
#include <time.h>

static inline uint64_t mono_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000ULL + now.tv_nsec / 1000;
}

static inline uint64_t mono_ms(void)
{
	return mono_us() / 1000;
}

#endif
