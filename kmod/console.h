/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_CONSOLE_H
#define TTLOG_CONSOLE_H

#include <linux/types.h>

void ttlog_console_init(u32 nr_events);
void ttlog_console_print(void);

#endif
