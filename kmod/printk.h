/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_PRINTK_H
#define TTLOG_PRINTK_H

#include <linux/types.h>

bool ttlog_printk_init(void (*printed)(void));
void ttlog_printk_exit(void);
bool ttlog_printk_timed(void);

#endif
