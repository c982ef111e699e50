/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_REGION_H
#define TTLOG_REGION_H

#include "params.h"

struct vm_area_struct;

/**
 * struct ttlog_region - reserved memory, as it is mapped
 * @start: physical address
 * @half: bytes of each of its halves, whole pages
 * @memory: where it is mapped; NULL: there is none
 * @kept: the kernel's own pages, which a hibernation keeps
 * @foreign: somebody else uses it, too
 */
struct ttlog_region {
	u64 start;
	u64 half;
	u8 *memory;
	bool kept;
	bool foreign;
};

extern struct ttlog_region ttlog_region;

void ttlog_region_init(const struct ttlog_config *config);
int ttlog_region_start(void);
void ttlog_region_stop(void);
void ttlog_region_exit(void);
u64 ttlog_region_used(void);
void ttlog_region_leave(void);
void *ttlog_region_take(u64 size, u64 *frame);
void ttlog_region_flush(const void *from, u64 size);
void ttlog_region_keep(const void *from, u64 size);
int ttlog_region_mmap(struct vm_area_struct *vma, u64 frame);
void ttlog_region_save(void);
void ttlog_region_go_on(void);

#endif
