/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_CPU_H
#define TTLOG_CPU_H

#include <linux/percpu.h>
#include "ring.h"

/* Channels of which each CPU has a ring. */
#define TTLOG_CPU_CHANNELS	TTLOG_KLOG

/**
 * struct ttlog_cpu - what a writer finds on its CPU
 * @scratch: TTLOG_SCRATCH_SIZE bytes for one task with preemption off; NULL
 *	until this CPU's rings are there, and published after them
 * @ring: by channel
 * @no_ring: events that came while @scratch was NULL
 */
struct ttlog_cpu {
	u8 *scratch;
	struct ring ring[TTLOG_CPU_CHANNELS];
	u64 no_ring;
};

#define TTLOG_SCRATCH_SIZE	TTLOG_TEXT_MAX

DECLARE_PER_CPU(struct ttlog_cpu, ttlog_cpu);

#endif
