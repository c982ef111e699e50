/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_REQUEST_H
#define TTLOG_REQUEST_H

#include "uapi/ttlog.h"

int ttlog_request(struct ttlog_request *request);
bool ttlog_request_waits(void);
bool ttlog_request_take(struct ttlog_trigger *trigger);
bool ttlog_request_done(u64 id, int error, char *path);
void ttlog_request_end_all(void);

#endif
