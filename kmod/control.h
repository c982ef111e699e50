/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_CONTROL_H
#define TTLOG_CONTROL_H

#include <linux/bits.h>
#include <linux/compiler.h>
#include "uapi/ttlog.h"

extern struct ttlog_control *ttlog_control;

extern u32 ttlog_control_plain;

/*
 * Is an event of this level just to be recorded, whatever its service? Otherwise a
 * filter is to be asked, or it may be a trigger. Context: any.
 */
static __always_inline bool ttlog_control_is_plain(u32 level)
{
	return READ_ONCE(ttlog_control_plain) & BIT(level);
}

bool ttlog_control_is_trigger(u32 level);
void ttlog_control_raise(void);
int ttlog_control_init(u32 level_mask, u32 trigger);
void ttlog_control_exit(void);
void ttlog_control_show(u32 some, u32 all);
void ttlog_control_levels(struct ttlog_levels *levels);
int ttlog_control_open(void);

#endif
