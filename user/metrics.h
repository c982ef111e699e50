/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Prometheus's text format, version 0.0.4. Rings are summed over CPUs: which of them it
 * was is what ttlog stat tells.
 */
#ifndef TTLOG_METRICS_H
#define TTLOG_METRICS_H

#include <stdio.h>

#include "counts.h"
#include "recorded.h"
#include "rows.h"

/**
 * struct metrics - what they are made of
 * @info: of the module
 * @rows: of all rings
 * @counts: of snapshots
 * @filters: of what is recorded; NULL: the module tells none
 */
struct metrics {
	const struct ttlog_info *info;
	const struct rows *rows;
	const struct counts *counts;
	const struct recorded *filters;
};

/**
 * metrics_print() - print all of them
 *
 * Those of each channel, cause, level, and of each trigger with its usual reason, are
 * always there, also where they are 0: what appears only when it happens has no increase
 * for who asks for that. What can't be printed is seen by ferror().
 */
void metrics_print(FILE *to, const struct metrics *metrics);

#endif
