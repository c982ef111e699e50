/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_HOST_H
#define TTLOG_HOST_H

#include "uapi/ttlog.h"

void ttlog_host_init(struct ttlog_host *host);
void ttlog_host_boot(struct ttlog_host *host, const struct ttlog_boot *boot);
void ttlog_host_end(struct ttlog_host *host, u32 state);

#endif
