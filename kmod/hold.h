/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_HOLD_H
#define TTLOG_HOLD_H

#include <linux/types.h>
#include "uapi/ttlog.h"

u64 ttlog_hold_set(void);
bool ttlog_hold_is(u64 id);
bool ttlog_hold_stalled(u64 id);
void ttlog_hold_progress(void);
void ttlog_hold_lost(void);
int ttlog_hold_release(struct ttlog_release *release);
void ttlog_hold_end(void);
u64 ttlog_hold_check(u64 now);

#endif
