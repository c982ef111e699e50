/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_PROBE_H
#define TTLOG_PROBE_H

#include "uapi/ttlog.h"

#define TTLOG_PROBE_NUMBER_MAX	1000000000	/* of sample and rate */

int ttlog_probe_add(struct ttlog_probe *what);
int ttlog_probe_del(u32 id);
int ttlog_probe_stat(struct ttlog_probe_stat *stat);
void ttlog_probe_exit(void);

int ttlog_probe_param_check(void);
void ttlog_probe_param_add(void);

#endif
