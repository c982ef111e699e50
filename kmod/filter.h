/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_FILTER_H
#define TTLOG_FILTER_H

#include <linux/types.h>
#include "uapi/ttlog.h"

/* What ttlog_filter_ask() says of an event that is to be recorded. */
#define TTLOG_FILTER_PASSES	TTLOG_NR_LOST

int ttlog_filter_init(u32 level_mask);
void ttlog_filter_exit(void);
void ttlog_filter_set_levels(u32 mask);
int ttlog_filter(struct ttlog_filter *f);
u32 ttlog_filter_ask(u32 level, int service);

#endif
