/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user/barrier.h for the kernel, by the kernel's own primitives, so that KCSAN knows
 * what they order.
 */
#ifndef TTLOG_BARRIER_H
#define TTLOG_BARRIER_H

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <asm/barrier.h>
#include <ttlog.h>

#define load_once(p)	READ_ONCE(*(p))
/* What each pairs with is told where it is used. */
#define load_acquire(p)	smp_load_acquire(p)

/*
 * What is read where a slot may begin, or copied, may be overwritten by the next lap
 * meanwhile, by stores that aren't marked. That race is intended: who reads looks at
 * the block's start afterwards, and throws away what he has if it changed.
 */
#define load_tag(p)	data_race(smp_load_acquire(p))

/*
 * One copy in so many stops in the middle until the next lap has come to its block, as
 * that of a reader may who isn't run for a while. Half of what it has is from another
 * lap then.
 */
#define STOP_EACH	7
#define STOP_LONGEST	(HZ / 4)

static inline void wait_for_lap(const struct ttlog_block *block)
{
	static atomic_t copies;
	unsigned long until = jiffies + STOP_LONGEST;
	u64 start = READ_ONCE(block->start);

	if (atomic_inc_return(&copies) % STOP_EACH)
		return;
	while (READ_ONCE(block->start) == start && time_before(jiffies, until))
		usleep_range(1000, 2000);
}

static inline void copy_then_fence(void *to, const void *from, size_t size)
{
	const u64 *f = from;
	u64 *t = to;
	size_t i;

	for (i = 0; i < size / sizeof(*t); i++) {
		if (i == size / sizeof(*t) / 2)
			wait_for_lap(from);
		/* As with load_tag(). */
		t[i] = data_race(READ_ONCE(f[i]));
	}
	/* read:E, as user space's fence: what comes next isn't older. */
	smp_rmb();
}

#endif
