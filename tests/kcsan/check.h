/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RACE_CHECK_H
#define RACE_CHECK_H

#include <linux/types.h>

struct ring;
struct ttlog_event;

int race_check(const struct ring *r, u64 position, const struct ttlog_event *e,
	       size_t size);
void race_count_bad(const struct ring *r, u64 position, const char *what);

#endif
