// SPDX-License-Identifier: GPL-2.0-only
/*
 * The newest events of all CPUs, for who can't leave that to a reader in user space: a
 * panic. The kernel's own lines are left out, as who asks has just printed them.
 *
 * It is a reader as any other: it takes nothing, trusts no more than what the tags and
 * the blocks' starts prove, and a writer that is still at work only makes it find less.
 * It needs no memory but what the caller gives, and its time is bounded by what the
 * rings hold: of each ring it walks blocks from the newest back, until a block was
 * opened before all that was found.
 */
#include <linux/cpumask.h>
#include <linux/string.h>
#include <asm/barrier.h>
#include "event.h"
#include "newest.h"
#include "ring.h"
#include "rings.h"

#define SLOT_MIN	ALIGN(TTLOG_EVENT_SIZE, TTLOG_ALIGN)

/**
 * struct search - what is found so far
 * @found: in the order of time, the oldest first
 * @nr: entries of @found
 * @wanted: most entries
 */
struct search {
	struct newest *found;
	unsigned int nr;
	unsigned int wanted;
};

/* Is something from this time too old to be among them? */
static bool too_old(const struct search *s, u64 time)
{
	return s->nr == s->wanted && time <= s->found[0].time;
}

/* Among the ones of the same time those that are looked at first come first. */
static void add(struct search *s, const struct newest *n)
{
	unsigned int at = s->nr;

	while (at && s->found[at - 1].time > n->time)
		at--;
	if (s->nr < s->wanted) {
		memmove(&s->found[at + 1], &s->found[at],
			(s->nr - at) * sizeof(*n));
		s->nr++;
	} else {
		/* The oldest gives way. */
		at--;
		memmove(&s->found[0], &s->found[1], at * sizeof(*n));
	}
	s->found[at] = *n;
}

/* Bytes of the slot that has this tag; 0 if none was begun there. */
static u32 slot_size(const struct ring *r, u64 tag, u64 start, u32 offset)
{
	u64 size = ((tag ^ r->key) >> TTLOG_TAG_SIZE_SHIFT) * TTLOG_ALIGN;

	if (size < SLOT_MIN || size > r->block_size - offset ||
	    (tag | TTLOG_TAG_COMMITTED) !=
	    (ring_tag(r, start + offset, size) | TTLOG_TAG_COMMITTED))
		return 0;
	return size;
}

static bool is_committed(const struct ring *r, u64 tag)
{
	return (tag ^ r->key) & TTLOG_TAG_COMMITTED;
}

static void search_block(struct search *s, struct newest n)
{
	const struct ring *r = n.ring;
	const u8 *block = (const u8 *)ring_block(r, n.block);
	const struct ttlog_event *e;
	u64 tag;

	for (n.offset = sizeof(struct ttlog_block);
	     n.offset + SLOT_MIN <= r->block_size; n.offset += n.size) {
		e = (const struct ttlog_event *)(block + n.offset);
		/* read:D: slot.litmus */
		tag = smp_load_acquire(&e->tag);
		n.size = slot_size(r, tag, n.start, n.offset);
		if (!n.size)
			return;
		n.time = READ_ONCE(e->time);
		if (is_committed(r, tag) && n.size <= TTLOG_EVENT_MAX &&
		    !too_old(s, n.time))
			add(s, &n);
	}
}

static void search_ring(struct search *s, const struct ring *r, u32 cpu, u32 channel)
{
	struct newest n = { .ring = r, .cpu = cpu, .channel = channel };
	const struct ttlog_block *block;
	u64 head_start;
	u32 head, i;

	/* read:A: the block that it names has its start: head.litmus */
	head = ring_head_block(smp_load_acquire(&r->shared->head));
	head_start = READ_ONCE(ring_block(r, head)->start);
	for (i = 0; i < r->nr_blocks; i++) {
		n.block = (head + r->nr_blocks - i) % r->nr_blocks;
		block = ring_block(r, n.block);
		/* read:B */
		n.start = READ_ONCE(block->start);
		/* Another lap's: it wasn't filled yet, or is being filled again. */
		if (n.start + (u64)i * r->block_size != head_start)
			return;
		search_block(s, n);
		/* read:C, ready.litmus: a head that isn't written yet tells no time. */
		if (smp_load_acquire(&block->ready) ==
		    (ring_tag(r, n.start, sizeof(*block)) ^ TTLOG_TAG_COMMITTED) &&
		    too_old(s, READ_ONCE(block->mono)))
			return;
	}
}

/**
 * ttlog_newest_find() - find the newest events of users and probes
 * @found: filled in, in the order of time, the newest last
 * @wanted: entries of @found, at most TTLOG_NEWEST_MAX
 *
 * Context: any; for crashes. Takes up to some milliseconds a MiB of rings.
 * Return: how many there are.
 */
unsigned int ttlog_newest_find(struct newest *found, unsigned int wanted)
{
	struct search s = { .found = found, .wanted = wanted };
	const struct ring *r;
	unsigned int cpu, ch;

	if (!wanted)
		return 0;
	for_each_possible_cpu(cpu) {
		for (ch = 0; ch < TTLOG_CPU_CHANNELS; ch++) {
			r = ttlog_rings_get(cpu, ch);
			if (r)
				search_ring(&s, r, cpu, ch);
		}
	}
	return s.nr;
}

/**
 * ttlog_newest_copy() - copy an event that was found
 * @n: from ttlog_newest_find()
 * @to: room for TTLOG_EVENT_MAX bytes
 *
 * Context: any.
 * Return: false if it was overwritten meanwhile.
 */
bool ttlog_newest_copy(const struct newest *n, struct ttlog_event *to)
{
	const struct ttlog_block *block = ring_block(n->ring, n->block);

	/* read:E */
	memcpy(to, (const u8 *)block + n->offset, n->size);
	/* Pairs with the smp_wmb between open:A and open:B: lap.litmus */
	smp_rmb();
	return READ_ONCE(block->start) == n->start;	/* read:F */
}
