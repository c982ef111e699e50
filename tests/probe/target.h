/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the module probe_target share. */
#ifndef PROBE_TARGET_H
#define PROBE_TARGET_H

#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include "../../kmod/compat.h"

/*
 * Have @handler called, in NMI context, when any CPU stores to @word. On arm64 there is
 * nothing of the kind: it would be called for ever, as the kernel steps over the store
 * for its own handler alone; and what gets round that is a probe (tests/nest), within
 * which others are passed over.
 */
static inline struct perf_event * __percpu *
target_watch(u64 *word, perf_overflow_handler_t handler)
{
	struct perf_event_attr attr;

	if (IS_ENABLED(CONFIG_ARM64))
		/* ERR_PTR() has another address space, which newer compilers hold apart. */
		return (void __percpu __force *)(unsigned long)-EOPNOTSUPP;
	hw_breakpoint_init(&attr);
	attr.bp_addr = (unsigned long)word;
	attr.bp_len = HW_BREAKPOINT_LEN_8;
	attr.bp_type = HW_BREAKPOINT_W;
	return register_wide_hw_breakpoint(&attr, handler, NULL);
}

void target_beat_exit(void);

#endif
