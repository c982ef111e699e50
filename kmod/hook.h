/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_HOOK_H
#define TTLOG_HOOK_H

struct ftrace_ops;

int ttlog_hook(struct ftrace_ops *ops, const char *function);
void ttlog_unhook(struct ftrace_ops *ops);

#endif
