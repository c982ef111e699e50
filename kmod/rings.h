/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_RINGS_H
#define TTLOG_RINGS_H

#include "params.h"

struct vm_area_struct;

extern struct ring ttlog_klog_ring;

extern bool ttlog_suspending;

/* Might the machine sleep, or have slept, unseen? Context: any. */
static __always_inline bool ttlog_rings_suspending(void)
{
	return READ_ONCE(ttlog_suspending);
}

int ttlog_rings_init(const struct ttlog_config *config);
void ttlog_rings_exit(void);
u64 ttlog_rings_stride(void);
u64 ttlog_rings_window(void);
struct ring *ttlog_rings_get(u32 cpu, u32 channel);
bool ttlog_rings_valid(u32 *cpu, u32 *channel);
u64 ttlog_rings_memory(void);
void ttlog_rings_keep(void);
int ttlog_rings_info(struct ttlog_ring_info *info);
int ttlog_rings_mmap(struct vm_area_struct *vma, u64 offset);
int ttlog_rings_ledger(struct ttlog_ledger *ledger);

#endif
