/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_CONTROL_H
#define TTLOG_CONTROL_H

#include <linux/bits.h>
#include <linux/compiler.h>
#include "uapi/ttlog.h"

extern struct ttlog_control *ttlog_control;

extern u32 ttlog_control_plain;

/* The level mask that holds now. Context: any. */
static __always_inline u32 ttlog_control_mask(void)
{
	return READ_ONCE(ttlog_control->level_mask);
}

/*
 * Is an event of this level just to be recorded? Otherwise it is filtered out, or
 * may be a trigger. Context: any.
 */
static __always_inline bool ttlog_control_is_plain(u32 level)
{
	return READ_ONCE(ttlog_control_plain) & BIT(level);
}

bool ttlog_control_is_trigger(u32 level);
void ttlog_control_raise(void);
int ttlog_control_init(u32 level_mask, u32 trigger);
void ttlog_control_exit(void);
void ttlog_control_levels(struct ttlog_levels *levels);
int ttlog_control_open(void);

#endif
