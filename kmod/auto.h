/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_AUTO_H
#define TTLOG_AUTO_H

#include <linux/types.h>
#include "uapi/ttlog.h"

struct file;
struct ttlog_auto;

struct ttlog_auto *ttlog_auto_get(u32 kind, const char *reason);
void ttlog_auto_put(struct ttlog_auto *a);
void ttlog_auto_raise(struct ttlog_auto *a);

void ttlog_auto_kick(void);
void ttlog_auto_rekick(u64 now);
void ttlog_auto_late(void);
bool ttlog_auto_waits(bool once);
bool ttlog_auto_all_served(void);
bool ttlog_auto_take(struct file *file, bool once,
		     struct ttlog_trigger *trigger);
bool ttlog_auto_done(struct file *file, u64 id);
bool ttlog_auto_holds(struct file *file);
void ttlog_auto_gone(struct file *file);
int ttlog_auto_init(void);
void ttlog_auto_exit(void);

#endif
