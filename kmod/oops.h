/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_OOPS_H
#define TTLOG_OOPS_H

#include <linux/types.h>

bool ttlog_oops_in_progress(void);
void ttlog_oops_give_up(void);
int ttlog_oops_init(void);
void ttlog_oops_exit(void);

#endif
