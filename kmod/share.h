/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_SHARE_H
#define TTLOG_SHARE_H

#include <linux/types.h>

struct ttlog_share;

void ttlog_share_init(u64 rate, u64 burst);
int ttlog_share(struct ttlog_share *share);
u32 ttlog_share_payer(void);
bool ttlog_share_take(u32 opener, u32 bytes, u64 now);

#endif
