// SPDX-License-Identifier: GPL-2.0-only
/*
 * Readers of what is held, by plain loads, as if nobody else were there: no race may be,
 * as a committed event is whole, and what is held isn't overwritten.
 *
 * For KCSAN a load may be late until its function returns, and a store of the writer
 * until ttlog_event_write() does. So what reads is one function together with what ends
 * the hold, which sees loads that could come after that for want of a barrier; and it
 * reads an event at once when it is committed, which sees stores that could.
 */
#include <linux/cpumask.h>
#include <linux/jiffies.h>
#include <linux/kcsan-checks.h>
#include <linux/kernel.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include "../../kmod/cpu.h"
#include "../../kmod/event.h"
#include "../../kmod/hold.h"
#include "../../kmod/rings.h"
#include "../../kmod/trigger.h"
#include "check.h"
#include "held.h"
#include "skip.h"

#define LOOK	(HZ / 50)	/* a block, for so long where all rings are held, */
#define FOLLOW	(HZ / 5)	/* or one alone */
#define ACCESSES	32	/* of a hold that is set and ended */
#define MARKS	10		/* holds, one right after the other */

/* All of it under ttlog_trigger_lock. */
static ulong holds, held_blocks, held_events;
module_param(holds, ulong, 0444);
module_param(held_blocks, ulong, 0444);
module_param(held_events, ulong, 0444);

static u64 event[TTLOG_EVENT_MAX / sizeof(u64)];

/* What there is to know of a ring, where no access to it is watched. */
static __always_inline struct ring view_of(const struct ring *r)
{
	return (struct ring){
		.shared = r->shared, .blocks = r->blocks, .key = r->key,
		.block_size = r->block_size, .block_shift = r->block_shift,
		.nr_blocks = r->nr_blocks,
	};
}

/* Bytes of the committed slot there; 0: nothing more to be read in this block. */
static __always_inline size_t held_slot(const struct ring *v, u64 position,
					u64 tag)
{
	size_t size = ((tag ^ v->key) >> TTLOG_TAG_SIZE_SHIFT) * TTLOG_ALIGN;

	if (size < TTLOG_EVENT_SIZE || size > TTLOG_EVENT_MAX ||
	    tag != (ring_tag(v, position, size) ^ TTLOG_TAG_COMMITTED))
		return 0;
	return size;
}

static __always_inline struct ttlog_block *newest_block(const struct ring *v)
{
	/* Pairs with open:B: the block that it names has its start. */
	return ring_block(v, ring_head_block(smp_load_acquire(&v->shared->head)));
}

/* Nobody else has it: none of these accesses is watched, so that more of others are. */
static void check(const struct ring *r, u64 position, size_t size)
{
	kcsan_disable_current();
	race_check(r, position, (struct ttlog_event *)event, size);
	kcsan_enable_current();
}

/* Where events still come it waits for them, until then. */
static __always_inline void read_block(const struct ring *r, const struct ring *v,
				       const struct ttlog_block *block, u64 start,
				       unsigned long until)
{
	size_t offset = sizeof(*block), size, i;
	const u64 *from;

	/* The head of a block that is ready is whole. */
	if (block->mono > block->boot)
		race_count_bad(r, start, "no clocks");
	while (offset + TTLOG_EVENT_SIZE <= v->block_size) {
		from = (const u64 *)((const u8 *)block + offset);
		/* Pairs with slot:C of ring_commit(). */
		size = held_slot(v, start + offset, smp_load_acquire(from));
		if (!size && block == newest_block(v) &&
		    time_before(jiffies, until)) {
			/* No load is late any more: KCSAN has none to watch here. */
			smp_rmb();
			continue;
		}
		if (!size)
			break;
		for (i = 1; i < size / sizeof(u64); i++)
			event[i] = from[i];
		check(r, start + offset, size);
		held_events++;
		offset += size;
	}
	held_blocks++;
}

static __always_inline void read_if_held(const struct ring *r, const struct ring *v,
					 const struct ttlog_block *block, u64 hold,
					 unsigned long until)
{
	u64 start, ready;

	/* As read:B of user/reader.c. */
	start = smp_load_acquire(&block->start);
	/* As read:C. */
	ready = smp_load_acquire(&block->ready);
	if (start >= hold &&
	    ready == (ring_tag(v, start, sizeof(*block)) ^ TTLOG_TAG_COMMITTED))
		read_block(r, v, block, start, until);
}

static __always_inline void read_ring(const struct ring *r)
{
	const struct ring v = view_of(r);
	u64 hold = READ_ONCE(v.shared->hold);
	u32 i;

	for (i = 0; hold != TTLOG_NO_HOLD && i < v.nr_blocks; i++)
		read_if_held(r, &v, ring_block(&v, i), hold, jiffies + LOOK);
}

/* All rings as a trigger holds them. The end of a hold is under the lock. */
static noinline int read_held(void)
{
	struct ring *r;
	u32 cpu, ch;

	if (!ttlog_hold_set())
		return -EAGAIN;
	for_each_possible_cpu(cpu) {
		for (ch = 0; ch < TTLOG_NR_CHANNELS; ch++) {
			r = ttlog_rings_get(cpu, ch);
			if (r)
				read_ring(r);
		}
	}
	holds++;
	ttlog_hold_end();
	return 0;
}

/*
 * Hold this ring alone and follow who writes it, also into the block that is spare. The
 * last to be read is the one that he must have next, and gets when the hold ends.
 */
static __always_inline void follow_writer(struct ring *r, const struct ring *v)
{
	unsigned long until = jiffies + FOLLOW;
	u64 hold, head;
	u32 oldest;

	ttlog_ring_hold(r);
	hold = READ_ONCE(v->shared->hold);
	oldest = (hold >> v->block_shift) % v->nr_blocks;
	read_if_held(r, v, newest_block(v), hold, until);
	read_if_held(r, v, newest_block(v), hold, until);
	read_if_held(r, v, ring_block(v, oldest), hold, until);
	head = READ_ONCE(v->shared->head);
	ttlog_ring_release(r, TTLOG_NO_HOLD);
	until = jiffies + LOOK;
	while (READ_ONCE(v->shared->head) == head && time_before(jiffies, until))
		cpu_relax();
}

/* Then set and end holds, one after the other: who opens a block meets one. */
static noinline void follow(struct ring *r)
{
	const struct ring v = view_of(r);
	static int times;
	int i;

	race_skip(++times % ACCESSES);
	follow_writer(r, &v);
	for (i = 0; i < MARKS; i++) {
		ttlog_ring_hold(r);
		if (ttlog_ring_written(r) < READ_ONCE(v.shared->mark))
			race_count_bad(r, 0, "more events at the mark than after it");
		ttlog_ring_release(r, TTLOG_NO_HOLD);
	}
	race_skip(SKIP_ALL);
	holds++;
}

/**
 * race_read_held() - hold all rings, and read what is held
 *
 * Return: 0; -EAGAIN: another hold is on the rings, or was just now.
 */
int race_read_held(void)
{
	int ret;

	mutex_lock(&ttlog_trigger_lock);
	ret = read_held();
	mutex_unlock(&ttlog_trigger_lock);
	return ret;
}

/**
 * race_follow() - hold each ring of a CPU in turn, and follow who writes it
 * @cpu: whose
 *
 * While nothing else may hold the rings, and on one CPU.
 */
void race_follow(u32 cpu)
{
	struct ring *r;
	u32 ch;

	for (ch = 0; ch < TTLOG_CPU_CHANNELS; ch++) {
		r = ttlog_rings_get(cpu, ch);
		mutex_lock(&ttlog_trigger_lock);
		follow(r);
		mutex_unlock(&ttlog_trigger_lock);
	}
}
