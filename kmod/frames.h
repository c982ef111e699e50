/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_FRAMES_H
#define TTLOG_FRAMES_H

#include <linux/types.h>

struct page;
struct vm_area_struct;

/**
 * struct frames - memory that readers map, and that is found by its page frames
 * @memory: all of it, mapped; NULL: none
 * @pages: its pages, in order; NULL: it is in reserved memory
 * @first: frame of the first page there
 * @nr: pages
 * @node: NUMA node that was asked
 */
struct frames {
	void *memory;
	struct page **pages;
	u64 first;
	unsigned int nr;
	int node;
};

int ttlog_frames_take(struct frames *f, u64 size, int node);
void ttlog_frames_free(struct frames *f);
u64 ttlog_frames_name(const struct frames *f, u64 page);
int ttlog_frames_mmap(const struct frames *f, struct vm_area_struct *vma);

#endif
