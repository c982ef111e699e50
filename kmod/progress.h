/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_PROGRESS_H
#define TTLOG_PROGRESS_H

#include "uapi/ttlog.h"

int ttlog_progress(struct ttlog_progress *progress);
int ttlog_progress_init(void);
void ttlog_progress_exit(void);

#endif
