/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user/barrier.h for the kernel, by the kernel's own primitives, so that KCSAN knows
 * what they order.
 */
#ifndef TTLOG_BARRIER_H
#define TTLOG_BARRIER_H

#include <linux/compiler.h>
#include <asm/barrier.h>

#define load_once(p)	READ_ONCE(*(p))
/* What each pairs with is told where it is used. */
#define load_acquire(p)	smp_load_acquire(p)

/*
 * What is read where a slot may begin, or copied, may be overwritten by the next lap
 * meanwhile, by stores that aren't marked. That race is intended: who reads looks at
 * the block's start afterwards, and throws away what he has if it changed.
 */
#define load_tag(p)	data_race(smp_load_acquire(p))

static inline void copy_then_fence(void *to, const void *from, size_t size)
{
	const u64 *f = from;
	u64 *t = to;
	size_t i;

	for (i = 0; i < size / sizeof(*t); i++)
		/* As with load_tag(). */
		t[i] = data_race(READ_ONCE(f[i]));
	/* read:E, as user space's fence: what comes next isn't older. */
	smp_rmb();
}

#endif
