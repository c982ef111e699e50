/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For modules of tests: have a function called when a word is stored to or, if asked
 * for, read; on x86 behind that in NMI context, by a hardware breakpoint.
 *
 * On arm64 the access is still to come then, and the kernel steps over it for those
 * alone that are content with its own handler; for others it would strike for ever. So a
 * kprobe sees the event on its way there. It comes at any instruction, as an NMI does,
 * and is made one in name too.
 */
#ifndef TESTS_WATCH_H
#define TESTS_WATCH_H

#include <linux/err.h>
#include <linux/hw_breakpoint.h>
#include <linux/kprobes.h>
#include <linux/perf_event.h>
#include <linux/preempt.h>

static void (*watch_touched)(void);

static inline void watch_overflow(struct perf_event *event,
				  struct perf_sample_data *data, struct pt_regs *regs)
{
	watch_touched();
}

#ifdef CONFIG_ARM64
static int watch_seen(struct kprobe *kprobe, struct pt_regs *regs)
{
	__preempt_count_add(NMI_OFFSET + HARDIRQ_OFFSET);
	watch_touched();
	__preempt_count_sub(NMI_OFFSET + HARDIRQ_OFFSET);
	return 0;
}

static struct kprobe watch_events = {
	.symbol_name = "perf_bp_event",
	.pre_handler = watch_seen,
};

static inline int watch_init(void (*touched)(void))
{
	watch_touched = touched;
	return register_kprobe(&watch_events);
}

static inline void watch_exit(void)
{
	unregister_kprobe(&watch_events);
}
#else
static inline int watch_init(void (*touched)(void))
{
	watch_touched = touched;
	return 0;
}

static inline void watch_exit(void)
{
}
#endif

/**
 * watch() - begin to watch a word, on all CPUs
 * @word: its address
 * @len: HW_BREAKPOINT_LEN_*
 * @type: HW_BREAKPOINT_W or HW_BREAKPOINT_RW
 * @event: what unregister_wide_hw_breakpoint() takes to end it
 *
 * Return: 0 or an error.
 */
static inline int watch(const void *word, u64 len, u32 type,
			struct perf_event * __percpu **event)
{
	struct perf_event * __percpu *breakpoint;
	struct perf_event_attr attr;

	hw_breakpoint_init(&attr);
	attr.bp_addr = (unsigned long)word;
	attr.bp_len = len;
	attr.bp_type = type;
	breakpoint = register_wide_hw_breakpoint(&attr, IS_ENABLED(CONFIG_ARM64) ?
						 NULL : watch_overflow, NULL);
	if (IS_ERR_VALUE((unsigned long __force)breakpoint))
		return (long __force)breakpoint;
	*event = breakpoint;
	return 0;
}

#endif
