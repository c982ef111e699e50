/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_MAP_H
#define TTLOG_MAP_H

#include <linux/types.h>
#include "uapi/ttlog.h"

struct file;
struct vm_area_struct;

extern struct ttlog_map *ttlog_map;

int ttlog_map_init(u32 block_size);
void ttlog_map_keep(void);
void ttlog_map_exit(void);
u64 ttlog_map_size(void);
u64 ttlog_map_end(void);
void ttlog_map_moved(void);
int ttlog_map_read_only(struct vm_area_struct *vma);
int ttlog_map_mmap(struct file *file, struct vm_area_struct *vma);

#endif
