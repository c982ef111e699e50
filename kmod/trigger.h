/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_TRIGGER_H
#define TTLOG_TRIGGER_H

#include <linux/wait.h>
#include "uapi/ttlog.h"

struct file;

extern wait_queue_head_t ttlog_trigger_queue;

void ttlog_trigger_wake(void);
int ttlog_trigger_attach(struct file *file);
void ttlog_trigger_detach(struct file *file);
bool ttlog_trigger_attached(void);
bool ttlog_trigger_waits(struct file *file);
int ttlog_trigger_request(struct ttlog_request *request);
int ttlog_trigger_take(struct file *file, struct ttlog_trigger *trigger);
int ttlog_trigger_done(struct file *file, const struct ttlog_done *done);

#endif
