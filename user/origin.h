/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the events of a file are from. A file says it behind its events.
 */
#ifndef TTLOG_ORIGIN_H
#define TTLOG_ORIGIN_H

#include "summary.h"

/**
 * struct origin - as far as a file says it, in the form that it is to have; else all 0
 * @boot_id: 32 hexadecimal digits, or ""
 * @hostname: of the machine, or NULL; from malloc()
 * @mono: CLOCK_MONOTONIC at the snapshot, ns
 * @real: CLOCK_REALTIME then, ns; 0: the clocks aren't known
 */
struct origin {
	char boot_id[33];
	char *hostname;
	uint64_t mono;
	uint64_t real;
};

/* Take it from what a file says; what isn't needed any longer is left to @summary. */
void origin_take(struct origin *origin, struct summary *summary);

/**
 * origin_mono() - when an event was by CLOCK_MONOTONIC
 * @time: by the wall clock
 *
 * As if the machine hadn't been suspended since.
 *
 * Return: ns, 0 at least.
 */
uint64_t origin_mono(const struct origin *origin, uint64_t time);

void origin_free(struct origin *origin);

#endif
