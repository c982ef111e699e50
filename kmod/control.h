/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_CONTROL_H
#define TTLOG_CONTROL_H

#include <linux/compiler.h>
#include "uapi/ttlog.h"

extern struct ttlog_control *ttlog_control;

/* The level mask that holds now. Context: any. */
static __always_inline u32 ttlog_control_mask(void)
{
	return READ_ONCE(ttlog_control->level_mask);
}

int ttlog_control_init(u32 level_mask);
void ttlog_control_exit(void);
void ttlog_control_levels(struct ttlog_levels *levels);
int ttlog_control_open(void);

#endif
