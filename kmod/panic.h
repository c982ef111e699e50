/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_PANIC_H
#define TTLOG_PANIC_H

#include <linux/types.h>

void ttlog_panic_init(u32 console_events);
void ttlog_panic_exit(void);

#endif
