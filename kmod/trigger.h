/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_TRIGGER_H
#define TTLOG_TRIGGER_H

#include <linux/mutex.h>
#include <linux/wait.h>
#include "uapi/ttlog.h"

struct file;

extern wait_queue_head_t ttlog_trigger_queue;
extern struct mutex ttlog_trigger_lock;

void ttlog_trigger_wake(void);
u64 ttlog_trigger_id(void);
bool ttlog_trigger_reason(const char *reason);
int ttlog_trigger_attach(struct file *file, bool as_once);
void ttlog_trigger_detach(struct file *file);
bool ttlog_trigger_attached(void);
bool ttlog_trigger_is_helper(const struct file *file);
bool ttlog_trigger_all_saved(void);
bool ttlog_trigger_waits(struct file *file);
int ttlog_trigger_take(struct file *file, struct ttlog_trigger *trigger);
int ttlog_trigger_boot(struct file *file, const struct ttlog_boot *boot);
int ttlog_trigger_done(struct file *file, const struct ttlog_done *done);
int ttlog_trigger_release(struct file *file, struct ttlog_release *release);
int ttlog_trigger_progress(struct file *file, struct ttlog_progress *progress);

#endif
