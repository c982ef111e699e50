/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_PREVIOUS_H
#define TTLOG_PREVIOUS_H

#include <linux/types.h>
#include "uapi/ttlog.h"

struct file;
struct vm_area_struct;

void ttlog_previous_find(void);
bool ttlog_previous_is_left(unsigned int half);
void ttlog_previous_clear(unsigned int half);
int ttlog_previous(struct ttlog_previous *previous, const struct file *helper);
void ttlog_previous_let_go(const struct file *file);
int ttlog_previous_mmap(struct vm_area_struct *vma, u64 offset);

#endif
