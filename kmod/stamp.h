/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel says of an event, whoever offers it: who was running, and when.
 * Inline, as each instruction counts. Callers have preemption off.
 */
#ifndef TTLOG_STAMP_H
#define TTLOG_STAMP_H

#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/sched.h>
#include <linux/uidgid.h>
#include "compat.h"
#include "uapi/ttlog.h"

#ifdef CONFIG_CGROUPS
static __always_inline u64 stamp_cgroup(void)
{
	/*
	 * Preemption is off, which is a read-side section of RCU. The kernel assigns it
	 * as in filter.litmus.
	 */
	return cgroup_id(rcu_dereference_sched(current->cgroups)->dfl_cgrp);
}
#else
static __always_inline u64 stamp_cgroup(void)
{
	return 0;
}
#endif

/* Exactly TTLOG_COMM_LEN bytes, in two words that overlap. */
static __always_inline void stamp_comm(u8 *to, const char *comm)
{
	BUILD_BUG_ON(TTLOG_COMM_LEN != 15 || TASK_COMM_LEN < 15);
	put_unaligned(comm_word(comm, 0), (u64 *)to);
	put_unaligned(comm_word(comm, 7), (u64 *)(to + 7));
}

/* What struct ttlog_event.ids has beside the pids. */
static __always_inline u64 stamp_ids(size_t len, u32 level, u32 kind)
{
	return (u64)len << TTLOG_IDS_LEN_SHIFT |
	       (u64)level << TTLOG_IDS_LEVEL_SHIFT |
	       (u64)kind << TTLOG_IDS_KIND_SHIFT;
}

/* All of an event but its tag and its body. */
static __always_inline void stamp_event(struct ttlog_event *e, u64 now,
					u64 cgroup, u16 flags, u64 ids)
{
	e->time = now;
	e->ids = (u64)current->tgid << TTLOG_IDS_PID_SHIFT |
		 (u64)current->pid << TTLOG_IDS_TID_SHIFT | ids;
	/* Two stores: to put both into a word takes longer. */
	WRITE_ONCE(e->uid, __kuid_val(current_euid()));
	WRITE_ONCE(e->cgroup_lo, cgroup);
	e->cgroup_hi = (cgroup >> 32 & TTLOG_EVENT_CGROUP_MASK) | flags;
	stamp_comm(e->comm, current->comm);
}

#endif
