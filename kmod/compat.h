/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one place that knows kernel versions. The code calls the newest API; what
 * an older kernel lacks is filled in here. Oldest supported: 5.10.
 */
#ifndef TTLOG_COMPAT_H
#define TTLOG_COMPAT_H

#include <linux/version.h>
#include <linux/compiler.h>
#include <linux/ftrace.h>
#include <linux/irq_work.h>
#include <linux/kprobes.h>
#include <linux/libnvdimm.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/pagemap.h>
#include <linux/preempt.h>
#include <linux/timer.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 14, 0)
#include <linux/panic_notifier.h>
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

#ifndef CONFIG_64BIT
#error "ttlog needs a 64-bit kernel"
#endif

/* x86 alone has it, and only from 6.2 on for others to name. */
#ifndef barrier_nospec
#define barrier_nospec() do { } while (0)
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
#define ftrace_regs pt_regs
#endif

#ifndef in_hardirq
#define in_hardirq() in_irq()
#endif

/* 7.x complains of the old name; in between there are both. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 0, 0)
#define system_dfl_wq system_unbound_wq
#endif

/* 5.10 has it for itself. Without a filter there is nothing to free. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#define ftrace_free_filter(ops) ftrace_set_filter(ops, NULL, 0, 1)
#endif

static __always_inline u64 comm_bytes(const char *at)
{
	/*
	 * Others may rename a thread at any time (/proc/PID/comm), which no lock that
	 * we could take keeps them from: what is read then is some of both names.
	 */
	return data_race(get_unaligned((u64 *)at));
}

/*
 * Eight bytes of a thread's name from @at on, which is 0, 7 or 8. From 5.17 on the
 * kernel pads names with NULs; before, what a longer one has left stands behind the
 * first. The lowest 0x80 of nuls is the first NUL's.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 17, 0)
static __always_inline u64 compat_nuls(u64 word)
{
	return (word - 0x0101010101010101) & ~word & 0x8080808080808080;
}

static __always_inline u64 comm_word(const char *comm, size_t at)
{
	u64 nuls, word = comm_bytes(comm + at);

	if (at && compat_nuls(comm_bytes(comm)))
		return 0;
	nuls = compat_nuls(word);
	return nuls ? word & (((nuls & -nuls) >> 7) - 1) : word;
}
#else
static __always_inline u64 comm_word(const char *comm, size_t at)
{
	return comm_bytes(comm + at);
}
#endif

/* From 5.12 on. */
#ifndef IRQ_WORK_INIT_HARD
#define IRQ_WORK_INIT_HARD(function)				\
	((struct irq_work) {					\
		.flags = ATOMIC_INIT(IRQ_WORK_HARD_IRQ),	\
		.func = (function),				\
	})
#endif

/* The iterator was part of the dumper, and to be told that it is at work. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 13, 0)
#define kmsg_dump_iter kmsg_dumper
#define KMSG_DUMP_ITER_INIT { .active = true }
#else
#define KMSG_DUMP_ITER_INIT {}
#endif

/* Before 5.13 printk is asked for its lines under a lock. */
#define COMPAT_LOCKLESS_LOG	(LINUX_VERSION_CODE >= KERNEL_VERSION(5, 13, 0))

/* May a kernel that dies be asked for them? Who was interrupted by an NMI may hold it. */
#define compat_can_read_log()	(COMPAT_LOCKLESS_LOG || !in_nmi())

/* From 5.16 on, and in 5.15's stable releases. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 15, 37)
static inline size_t compat_fault_in_readable(const char __user *uaddr,
					      size_t size)
{
	return fault_in_pages_readable(uaddr, size) ? size : 0;
}

static inline size_t compat_fault_in_iter(const struct iov_iter *i, size_t size)
{
	return iov_iter_fault_in_readable((struct iov_iter *)i, size) ? size : 0;
}

#define fault_in_readable compat_fault_in_readable
#define fault_in_iov_iter_readable compat_fault_in_iter
#endif

/* Stable kernels from 6.1 on have it; for them it is the same. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define timer_delete_sync del_timer_sync
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static inline void compat_vm_flags_mod(struct vm_area_struct *vma,
				       unsigned long set, unsigned long clear)
{
	vma->vm_flags = (vma->vm_flags | set) & ~clear;
}

#define vm_flags_mod compat_vm_flags_mod
#endif

/* COMPAT_KMSG_DUMP(name, fn): a dumper's callback, that calls fn(reason). */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
#define COMPAT_KMSG_DUMP(name, fn)					\
	static void name(struct kmsg_dumper *dumper,			\
			 struct kmsg_dump_detail *detail)		\
	{								\
		fn(detail->reason);					\
	}
#else
#define COMPAT_KMSG_DUMP(name, fn)					\
	static void name(struct kmsg_dumper *dumper,			\
			 enum kmsg_dump_reason reason)			\
	{								\
		fn(reason);						\
	}
#endif

/* Memory that was reserved at boot under a name (reserve_mem=), from 6.12 on. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#define compat_reserve_mem reserve_mem_find_by_name
#else
static inline int compat_reserve_mem(const char *name, phys_addr_t *start,
				     phys_addr_t *size)
{
	return 0;
}
#endif

/* What the caches have of it goes to memory. Not a question of version, but of machine. */
#ifdef CONFIG_ARCH_HAS_PMEM_API
#define COMPAT_CAN_FLUSH 1
#define compat_flush(from, size) arch_wb_cache_pmem(from, size)
#else
#define COMPAT_CAN_FLUSH 0
#define compat_flush(from, size) do { } while (0)
#endif

/*
 * From 5.11 on a probe's handler has preemption off by itself, however it is
 * called.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
#define probe_preempt_disable() preempt_disable_notrace()
#define probe_preempt_enable() preempt_enable_notrace()
#define get_kretprobe(instance) ((instance)->rp)
#else
#define probe_preempt_disable() do { } while (0)
#define probe_preempt_enable() do { } while (0)
#endif

#endif
