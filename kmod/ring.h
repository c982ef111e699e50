/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ring's writer. The algorithm is told at the top of ring.c. User space
 * compiles both files unmodified behind tests/unit/shim.
 */
#ifndef TTLOG_RING_H
#define TTLOG_RING_H

#include <linux/types.h>
#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <asm/barrier.h>
#include <asm/cmpxchg.h>
#include <asm/local.h>
#include "uapi/ttlog.h"

/**
 * struct ring - what a writer needs of its ring
 * @shared: the ring's head in mapped memory; NULL: there is no ring
 * @blocks: the first block
 * @key: this boot's secret, XORed into each tag
 * @block_size: bytes a block
 * @block_shift: log2 of it
 * @nr_blocks: blocks
 * @outer_task: whom the outermost of the nested writers runs for
 */
struct ring {
	struct ttlog_ring *shared;
	u8 *blocks;
	u64 key;
	u32 block_size;
	u32 block_shift;
	u32 nr_blocks;
	struct task_struct *outer_task;
};

/**
 * struct slot - a reserved record, between ring_reserve() and ring_commit()
 * @event: where to write; NULL: nothing was reserved, and it is counted
 * @tag: the tag of the begun slot
 */
struct slot {
	struct ttlog_event *event;
	u64 tag;
};

/**
 * struct ring_geometry - where things are in a ring's memory
 * @size: bytes of it all, whole pages
 * @data_offset: of the first block
 * @frames_offset: of the frame table
 * @nr_frames: pages of the ring
 * @block_size: bytes a block
 * @nr_blocks: blocks
 * @nr_spare: of these, how many take what comes while the others are held
 */
struct ring_geometry {
	u64 size;
	u64 data_offset;
	u64 frames_offset;
	u64 nr_frames;
	u32 block_size;
	u32 nr_blocks;
	u32 nr_spare;
};

#define RING_BLOCK_SIZE_MIN	8192
#define RING_BLOCK_SIZE_MAX	65536
#define RING_BLOCKS_MIN		2
#define RING_BLOCKS_MAX		BIT(TTLOG_HEAD_BLOCK_BITS)

#define RING_NUMBER_ONE		BIT_ULL(TTLOG_HEAD_NUMBER_SHIFT)

/* One block in so many is spare, one at least; but none of fewer than these. */
#define RING_SPARE_PART		8
#define RING_SPARE_FROM		4

/*
 * A magic as a value that the module's own image doesn't contain, so that a
 * scan of a memory dump finds rings only.
 */
#define RING_MAGIC(magic) ({				\
	static const u64 __inverted = ~(magic);		\
	~READ_ONCE(__inverted);				\
})

static __always_inline u32 ring_head_offset(u64 head)
{
	return (head & ((1U << TTLOG_HEAD_OFFSET_BITS) - 1)) * TTLOG_ALIGN;
}

static __always_inline u32 ring_head_block(u64 head)
{
	return (u32)head >> TTLOG_HEAD_OFFSET_BITS;
}

static __always_inline struct ttlog_block *ring_block(const struct ring *r,
						      u32 block)
{
	return (struct ttlog_block *)(r->blocks +
				      ((size_t)block << r->block_shift));
}

/*
 * What a slot of this many bytes, a multiple of TTLOG_ALIGN, adds to the reservation
 * word. The tag's size is in it: the number is shifted out.
 */
static __always_inline u64 ring_step(size_t size)
{
	return RING_NUMBER_ONE + size / TTLOG_ALIGN;
}

static __always_inline u64 ring_tag_step(const struct ring *r, u64 position,
					 u64 step)
{
	return r->key ^ (step << TTLOG_TAG_SIZE_SHIFT |
			 (position & TTLOG_TAG_POSITION_MASK));
}

static __always_inline u64 ring_tag(const struct ring *r, u64 position,
				    size_t size)
{
	return ring_tag_step(r, position, size / TTLOG_ALIGN);
}

/*
 * Count on this CPU; whatever interrupts us may count as well. The counters are
 * __u64 for the ABI and local_t for the instruction.
 */
static __always_inline void ring_count(__u64 *counter)
{
	local_inc((local_t *)counter);
}

static __always_inline void ring_leave(struct ring *r)
{
	struct ttlog_ring *shared = r->shared;

	WRITE_ONCE(shared->depth, READ_ONCE(shared->depth) - 1);
}

u64 ttlog_ring_reserve_slow(struct ring *r, size_t size);

/* Turn the head that a reservation found into its slot, and begin it. */
static __always_inline struct slot ring_begin(struct ring *r, u64 head,
					      u64 step)
{
	struct ttlog_block *block = ring_block(r, ring_head_block(head));
	u32 offset = ring_head_offset(head);
	struct slot slot;

	slot.event = (struct ttlog_event *)((u8 *)block + offset);
	/* No lap can pass a block with an open slot: start is ours. */
	slot.tag = ring_tag_step(r, READ_ONCE(block->start) + offset, step);
	WRITE_ONCE(slot.event->tag, slot.tag);			/* slot:A */
	/* So that callers' checks for NULL cost nothing here. */
	if (!slot.event)
		__builtin_unreachable();
	return slot;
}

/**
 * ring_reserve() - get a slot
 * @r: ring of this CPU
 * @size: bytes with the tag, at most TTLOG_EVENT_SIZE + TTLOG_COMM_LEN +
 *	TTLOG_TEXT_MAX
 *
 * Context: any, NMI included; preemption off until ring_commit(). Nothing in
 * between may fault or return early.
 * Return: the slot, begun; its event is NULL where the block that is needed may
 * not be reused now (counted as TTLOG_LOST_HELD).
 */
static __always_inline struct slot ring_reserve(struct ring *r, size_t size)
{
	struct ttlog_ring *shared = r->shared;
	u32 depth = READ_ONCE(shared->depth);
	u64 head, seen;

	size = ALIGN(size, TTLOG_ALIGN);
	/*
	 * Outer before depth: who interrupts us in between is outermost itself,
	 * and leaves us an outer that is older than need be, which is safe.
	 */
	if (likely(!depth)) {
		WRITE_ONCE(shared->outer, READ_ONCE(shared->head));
		WRITE_ONCE(r->outer_task, current);
	}
	WRITE_ONCE(shared->depth, depth + 1);

	head = READ_ONCE(shared->head);
	if (likely(ring_head_offset(head) + size <= r->block_size)) {
		seen = cmpxchg_local(&shared->head, head,
				     head + ring_step(size));
		if (likely(seen == head))
			return ring_begin(r, head, ring_step(size));
	}
	head = ttlog_ring_reserve_slow(r, size);
	if (head)
		return ring_begin(r, head, ring_step(size));
	ring_leave(r);
	return (struct slot){};
}

/**
 * ring_commit() - show the slot to readers
 * @r: ring of this CPU
 * @slot: from ring_reserve(), with an event
 *
 * Context: that of ring_reserve().
 */
static __always_inline void ring_commit(struct ring *r, struct slot slot)
{
	/* slot:C, pairs with read:D: slot.litmus, service.litmus */
	smp_store_release(&slot.event->tag, slot.tag ^ TTLOG_TAG_COMMITTED);
	ring_leave(r);
}

/**
 * ring_reserve_alone() - get a slot where no other writer is in the ring
 * @r: ring of this CPU
 * @size: bytes with the tag, a multiple of TTLOG_ALIGN
 * @step: ring_step() of it
 *
 * What most writers that know the size of their events need, and little else.
 *
 * Context: that of ring_reserve().
 * Return: the slot, begun, for ring_commit_alone(). Its event is NULL where a writer
 * was interrupted in the ring, one came between, or the block is full; nothing is
 * counted then: ask ring_reserve().
 */
static __always_inline struct slot ring_reserve_alone(struct ring *r,
						      size_t size, u64 step)
{
	struct ttlog_ring *shared = r->shared;
	u64 head;

	if (unlikely(READ_ONCE(shared->depth)))
		return (struct slot){};
	head = READ_ONCE(shared->head);
	if (unlikely(ring_head_offset(head) + size > r->block_size))
		return (struct slot){};
	/* As in ring_reserve(). A head that is old by now fails the cmpxchg. */
	WRITE_ONCE(shared->outer, head);
	WRITE_ONCE(r->outer_task, current);
	WRITE_ONCE(shared->depth, 1);
	if (likely(cmpxchg_local(&shared->head, head, head + step) == head))
		return ring_begin(r, head, step);
	WRITE_ONCE(shared->depth, 0);
	return (struct slot){};
}

/**
 * ring_commit_alone() - show the slot to readers
 * @r: ring of this CPU
 * @slot: from ring_reserve_alone(), with an event
 *
 * Whoever came on top of it has left again.
 *
 * Context: that of ring_reserve().
 */
static __always_inline void ring_commit_alone(struct ring *r, struct slot slot)
{
	struct ttlog_ring *shared = r->shared;

	/* slot:C, pairs with read:D: slot.litmus, service.litmus */
	smp_store_release(&slot.event->tag, slot.tag ^ TTLOG_TAG_COMMITTED);
	WRITE_ONCE(shared->depth, 0);
}

void ttlog_ring_lose(struct ring *r, unsigned int cause);
u64 ttlog_ring_written(const struct ring *r);
void ttlog_ring_close_block(struct ring *r);
void ttlog_ring_after_sleep(struct ring *r);
void ttlog_ring_hold(struct ring *r);
bool ttlog_ring_release(struct ring *r, u64 position);
bool ttlog_ring_geometry(u64 bytes, u32 block_size, u32 page_size, u64 spare,
			 struct ring_geometry *g);
void ttlog_ring_init(struct ring *r, void *memory,
		     const struct ring_geometry *g, u32 cpu, u32 channel,
		     u64 key, const u8 *boot_id);

#endif
