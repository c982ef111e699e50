/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_ONCE_H
#define TTLOG_ONCE_H

#include <linux/types.h>

u64 ttlog_once_start(u64 now);
void ttlog_once_served(void);
void ttlog_once_init(const char *path);
void ttlog_once_exit(void);

#endif
