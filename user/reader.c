// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading a mapped ring: the other half of kmod/ring.c, where the algorithm is
 * told. The labels read:A to read:F are those of the table in ttlog.h.
 *
 * Nothing in the mapping is trusted: what is used twice is copied first, sizes
 * and positions are checked before they are used, and a block counts only if its
 * start is the same after the copy as before.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "barrier.h"
#include "reader.h"
#include "../kmod/abi.h"

#define SLOT_MIN ((TTLOG_EVENT_SIZE + TTLOG_ALIGN - 1) & ~(TTLOG_ALIGN - 1))

/**
 * struct reading - a ring that is being read
 * @shared: the mapping
 * @blocks: its first block
 * @key: of the tags
 * @block_size: checked copy
 * @nr_blocks: checked copy
 * @nr_spare: checked copy
 * @range: what is wanted
 * @oldest: start of the first block that is part of what the ring holds
 * @next: number of the first event that is not accounted for yet
 * @open: number of the first one that is wanted and isn't committed
 * @lapped: blocks were passed over because the writer had lapped them
 * @head: index of the block that was being filled
 * @head_start: its start
 * @end: position of the first free byte
 * @last: the last accepted block, or NULL
 * @last_from: entries of out->events before that block's
 * @room: entries that out->events has room for
 * @out: the result
 */
struct reading {
	const struct ttlog_ring *shared;
	const uint8_t *blocks;
	uint64_t key;
	uint32_t block_size;
	uint32_t nr_blocks;
	uint32_t nr_spare;
	const struct reader_range *range;
	uint64_t oldest;
	uint64_t next;
	uint64_t open;
	bool lapped;
	uint32_t head;
	uint64_t head_start;
	uint64_t end;
	const struct ttlog_block *last;
	size_t last_from;
	size_t room;
	struct reader_ring *out;
};

static bool check_head(struct reading *rd, size_t size)
{
	const struct ttlog_ring *s = rd->shared;
	uint64_t data = load_once(&s->data_offset);

	rd->block_size = load_once(&s->block_size);
	rd->nr_blocks = load_once(&s->nr_blocks);
	rd->nr_spare = load_once(&s->nr_spare);
	if (load_once(&s->magic) != TTLOG_RING_MAGIC ||
	    load_once(&s->layout) != TTLOG_LAYOUT ||
	    rd->block_size < 8192 || rd->block_size > 65536 ||
	    rd->block_size & (rd->block_size - 1) || rd->nr_blocks < 2 ||
	    rd->nr_blocks > 1U << TTLOG_HEAD_BLOCK_BITS ||
	    rd->nr_spare > rd->nr_blocks - 2 ||
	    data < sizeof(*s) || data % TTLOG_ALIGN || data > size ||
	    (uint64_t)rd->nr_blocks * rd->block_size > size - data)
		return false;
	rd->blocks = (const uint8_t *)s + data;
	rd->out->cpu = load_once(&s->cpu);
	rd->out->channel = load_once(&s->channel);
	return true;
}

static uint64_t tag_of(const struct reading *rd, uint64_t position, size_t size)
{
	return rd->key ^ ((uint64_t)(size / TTLOG_ALIGN) <<
			  TTLOG_TAG_SIZE_SHIFT |
			  (position & TTLOG_TAG_POSITION_MASK));
}

/* Bytes of the slot at offset, 0 if none was begun there. */
static size_t slot_size(const struct reading *rd, uint64_t tag, uint64_t start,
			size_t offset)
{
	size_t size = ((tag ^ rd->key) >> TTLOG_TAG_SIZE_SHIFT) * TTLOG_ALIGN;

	if (size < SLOT_MIN || size > rd->block_size - offset ||
	    (tag & ~TTLOG_TAG_COMMITTED) !=
	    (tag_of(rd, start + offset, size) & ~TTLOG_TAG_COMMITTED))
		return 0;
	return size;
}

static int add_event(struct reading *rd, const struct reader_event *event)
{
	struct reader_ring *out = rd->out;
	struct reader_event *events;
	size_t room;

	if (out->nr_events == rd->room) {
		room = rd->room ? rd->room * 2 : 256;
		events = reallocarray(out->events, room, sizeof(*events));
		if (!events)
			return -ENOMEM;
		out->events = events;
		rd->room = room;
	}
	out->events[out->nr_events++] = *event;
	return 0;
}

/*
 * Walk the tags of a block and note the committed slots, which are copied later.
 * Returns the bytes to copy, or -ENOMEM. Sets slots to the number of begun ones.
 */
static ssize_t walk(struct reading *rd, const uint8_t *from, uint8_t *copy,
		    uint64_t start, uint64_t *slots)
{
	/* A slot's number is told from its place, once first is copied. */
	struct reader_event e = { .block = (struct ttlog_block *)copy };
	size_t offset = sizeof(struct ttlog_block), size;
	uint64_t tag;

	*slots = 0;
	while (offset + SLOT_MIN <= rd->block_size) {
		/* read:D: slot.litmus */
		tag = load_tag((const uint64_t *)(from + offset));
		size = slot_size(rd, tag, start, offset);
		if (!size)
			break;
		e.slot = (struct ttlog_event *)(copy + offset);
		e.size = size;
		e.position = start + offset;
		e.number = (*slots)++;
		if ((tag ^ rd->key) & TTLOG_TAG_COMMITTED && add_event(rd, &e))
			return -ENOMEM;
		offset += size;
	}
	return offset;
}

/* Events of these numbers are not committed, up to but not including end. */
static void note_open(struct reading *rd, uint64_t number, uint64_t end)
{
	if (number < rd->range->from)
		number = rd->range->from;
	if (number < end && number < rd->open && number != rd->range->passed)
		rd->open = number;
}

/* Slots of these numbers were begun and aren't committed: each hides itself only. */
static void note_begun(struct reading *rd, uint64_t number, uint64_t end)
{
	if (number < rd->range->from)
		number = rd->range->from;
	if (number == rd->range->passed)
		number++;
	note_open(rd, number, end);
}

/* Events that are missing up to a number: overwritten, or hidden by a hole. */
static void account_gap(struct reading *rd, uint64_t number)
{
	uint64_t from = rd->next > rd->range->from ? rd->next : rd->range->from;

	if (!rd->lapped)
		note_open(rd, rd->next, number);
	/* What is behind the end isn't of this interval. */
	else if (number > from &&
		 !(rd->range->closed && rd->open != READER_NONE))
		rd->out->overwritten += number - from;
	rd->next = number;
}

/*
 * The block after the last one says how many events that one has. What was found
 * behind these is none, though its tag was right: who knows the key could write
 * so into a block's unused end.
 */
static void drop_surplus(struct reading *rd, uint64_t first, size_t nr_before)
{
	struct reader_ring *out = rd->out;
	size_t nr = nr_before;

	while (nr > rd->last_from && out->events[nr - 1].number >= first)
		nr--;
	if (rd->open >= first)
		rd->open = READER_NONE;
	rd->next = first;
	memmove(&out->events[nr], &out->events[nr_before],
		(out->nr_events - nr_before) * sizeof(*out->events));
	out->nr_events -= nr_before - nr;
}

/* Give the events of an accepted block their numbers; drop those after the end. */
static void accept(struct reading *rd, const struct ttlog_block *block,
		   size_t nr_before, uint64_t slots)
{
	struct reader_ring *out = rd->out;
	uint64_t end = block->first + slots, expected = block->first;
	size_t i;

	if (block->first < rd->next) {
		i = out->nr_events;
		drop_surplus(rd, block->first, nr_before);
		nr_before -= i - out->nr_events;
	}
	if (rd->lapped)
		out->oldest = block->mono;
	account_gap(rd, block->first);
	rd->lapped = false;
	rd->last = block;
	rd->last_from = nr_before;
	for (i = nr_before; i < out->nr_events; i++) {
		out->events[i].number += block->first;
		if (out->events[i].number >= out->to)
			break;
		note_begun(rd, expected, out->events[i].number);
		expected = out->events[i].number + 1;
	}
	out->nr_events = i;
	if (end > out->to)
		end = out->to;
	note_begun(rd, expected, end);
	rd->next = end;
}

/*
 * A block that gives nothing: if its start is the one that this lap has there,
 * what it held is just not to be seen yet, otherwise it is gone.
 */
static int pass_over(struct reading *rd, uint32_t index, uint64_t start)
{
	uint64_t behind = (rd->head + rd->nr_blocks - index) % rd->nr_blocks;

	if (start != rd->head_start - behind * rd->block_size)
		rd->lapped = true;
	return 0;
}

/* Does the block's first number fit what was read so far, and the end? */
static bool in_order(const struct reading *rd, const struct ttlog_block *block)
{
	uint64_t least = rd->next;

	if (rd->last && block->start == rd->last->start + rd->block_size)
		least = rd->last->first;
	return block->first >= least && block->first < rd->out->to;
}

/* Read one block. Returns 0 or -ENOMEM. */
static int read_block(struct reading *rd, uint32_t index)
{
	struct reader_ring *out = rd->out;
	size_t place = (size_t)index * rd->block_size;
	const uint8_t *from = rd->blocks + place;
	uint8_t *copy = (uint8_t *)out->copy + place;
	const struct ttlog_block *shared = (const struct ttlog_block *)from;
	const struct ttlog_block *block = (const struct ttlog_block *)copy;
	size_t nr_before = out->nr_events;
	uint64_t start, slots;
	ssize_t size;

	start = load_once(&shared->start);			/* read:B */
	/* read:C: ready.litmus */
	if (start < rd->oldest || start % rd->block_size ||
	    start / rd->block_size % rd->nr_blocks != index ||
	    load_acquire(&shared->ready) !=
	    (tag_of(rd, start, sizeof(*block)) ^ TTLOG_TAG_COMMITTED))
		return pass_over(rd, index, start);	/* not opened, or now */

	size = walk(rd, from, copy, start, &slots);
	if (size < 0)
		return size;
	copy_then_fence(copy, from, size);	/* read:E: lap.litmus */
	if (load_once(&shared->start) != start) {		/* read:F */
		out->nr_events = nr_before;
		rd->lapped = true;
	} else if (in_order(rd, block)) {
		accept(rd, block, nr_before, slots);
	} else {
		out->nr_events = nr_before;
		/* Opened after the head was read, or not to be believed. */
		rd->lapped |= index != rd->head || start != rd->head_start;
	}
	return 0;
}

/*
 * Has the writer left the block of this head since, or even come back to it? Going
 * round takes at least an event a block.
 */
static bool has_left(const struct reading *rd, uint64_t head)
{
	uint64_t now = load_once(&rd->shared->head);

	return (uint32_t)now >> TTLOG_HEAD_OFFSET_BITS != rd->head ||
	       (uint32_t)(now >> TTLOG_HEAD_NUMBER_SHIFT) -
	       (uint32_t)(head >> TTLOG_HEAD_NUMBER_SHIFT) >= rd->nr_blocks;
}

/* Where to begin, and up to which event. */
static bool read_head(struct reading *rd)
{
	const struct ttlog_ring *s = rd->shared;
	uint64_t head, base;
	int i, tries = 0;

	/*
	 * Head and start of one moment: it is announced for the next lap only after
	 * the head has left it (open:B). The base doesn't tell, as nested writers can
	 * have opened a whole ring of small blocks before the first of them moves it.
	 */
	do {
		head = load_acquire(&s->head);	/* read:A: head.litmus */
		rd->head = (uint32_t)head >> TTLOG_HEAD_OFFSET_BITS;
		if (rd->head >= rd->nr_blocks)
			return false;
		/* Pairs with the smp_mb before open:A: moment.litmus */
		rd->head_start = load_acquire(&((const struct ttlog_block *)
			(rd->blocks + (size_t)rd->head * rd->block_size))->start);
	} while (has_left(rd, head) && ++tries < 1000);
	rd->end = rd->head_start + TTLOG_ALIGN *
		  (head & ((1U << TTLOG_HEAD_OFFSET_BITS) - 1));
	base = load_once(&s->base);
	rd->out->to = base + (int32_t)((uint32_t)(head >> TTLOG_HEAD_NUMBER_SHIFT) -
				       (uint32_t)base);
	for (i = 0; i < TTLOG_NR_LOST; i++)
		rd->out->lost[i] = load_once(&s->lost[i]);
	rd->out->demoted = load_once(&s->demoted);
	return true;
}

/*
 * Where what the ring holds begins: as it is now, or as it was when a hold was set,
 * of which the spare blocks have taken what came since.
 */
static void find_oldest(struct reading *rd)
{
	uint64_t kept = (uint64_t)(rd->nr_blocks - rd->nr_spare - 1) *
			rd->block_size;
	uint64_t hold = load_once(&rd->shared->hold);

	rd->oldest = rd->head_start > kept ? rd->head_start - kept : 0;
	if (hold < rd->oldest)
		rd->oldest = hold;
}

/* Are all events of this block known to be before the first that is wanted? */
static bool is_before(const struct reading *rd, uint32_t index)
{
	const struct ttlog_block *next = (const struct ttlog_block *)
		(rd->blocks + (size_t)((index + 1) % rd->nr_blocks) *
		 rd->block_size);
	uint64_t start;

	if (index == rd->head)
		return false;
	start = load_once(&next->start);			/* read:B */
	/* read:C, and read:E as in look_at(): look.litmus */
	return load_acquire(&next->ready) ==
	       (tag_of(rd, start, sizeof(*next)) ^ TTLOG_TAG_COMMITTED) &&
	       load_acquire(&next->first) <= rd->range->from &&
	       load_once(&next->start) == start;		/* read:F */
}

static int read_blocks(struct reading *rd)
{
	uint32_t i, index;
	uint64_t behind;
	int err;

	for (i = 1; i <= rd->nr_blocks; i++) {
		index = (rd->head + i) % rd->nr_blocks;
		if (is_before(rd, index))
			continue;
		err = read_block(rd, index);
		if (err)
			return err;
		behind = (uint64_t)(rd->nr_blocks - i) * rd->block_size;
		if (rd->range->copied && behind && rd->head_start >= behind)
			rd->range->copied(rd->range->arg, rd->head_start -
					  behind + rd->block_size);
	}
	return 0;
}

/*
 * When the newest block was opened. Where the last ones that were wanted are
 * overwritten that is later than all that was in these: the whole ring went by.
 */
static uint64_t newest_mono(const struct reading *rd)
{
	const struct ttlog_block *block;
	uint64_t mono, newest = 0;
	uint32_t i;

	for (i = 0; i < rd->nr_blocks; i++) {
		block = (const struct ttlog_block *)
			(rd->blocks + (size_t)i * rd->block_size);
		mono = load_once(&block->mono);
		if (mono > newest)
			newest = mono;
	}
	return newest;
}

/* Leave out what is before the first that is wanted, or from the first open one. */
static void cut(struct reading *rd)
{
	struct reader_ring *out = rd->out;
	size_t before = 0;

	if (rd->range->closed && rd->open < out->to) {
		out->to = rd->open;
		out->open = true;
	}
	while (out->nr_events && out->events[out->nr_events - 1].number >= out->to)
		out->nr_events--;
	while (before < out->nr_events &&
	       out->events[before].number < out->from)
		before++;
	out->nr_events -= before;
	if (before)
		memmove(out->events, out->events + before,
			out->nr_events * sizeof(*out->events));
	if (out->overwritten > out->to - out->from - out->nr_events)
		out->overwritten = out->to - out->from - out->nr_events;
	out->holes = out->to - out->from - out->nr_events - out->overwritten;
}

/* Believe a block's head, if that block is there and stays while it is read. */
static bool look_at(struct reading *rd, uint32_t index, uint64_t start)
{
	const struct ttlog_block *shared = (const struct ttlog_block *)
		(rd->blocks + (size_t)index * rd->block_size);
	uint64_t first, mono;

	if (start < rd->oldest || start > rd->head_start ||
	    load_once(&shared->start) != start ||		/* read:B */
	    load_acquire(&shared->ready) !=	/* read:C: look.litmus */
	    (tag_of(rd, start, sizeof(*shared)) ^ TTLOG_TAG_COMMITTED))
		return false;
	/* read:E, by acquires in place of the barrier: look.litmus */
	first = load_acquire(&shared->first);
	mono = load_acquire(&shared->mono);	/* look.litmus */
	if (load_once(&shared->start) != start ||		/* read:F */
	    first > rd->out->to)
		return false;
	rd->out->overwritten = first;
	rd->out->oldest = mono;
	return true;
}

/* What the ring holds begins with the first block that is there. */
static void look(struct reading *rd)
{
	uint64_t behind;
	uint32_t i;

	for (i = 1; i <= rd->nr_blocks; i++) {
		behind = (uint64_t)(rd->nr_blocks - i) * rd->block_size;
		if (look_at(rd, (rd->head + i) % rd->nr_blocks,
			    rd->head_start - behind))
			return;
	}
	rd->out->overwritten = rd->out->to;
	rd->out->oldest = newest_mono(rd);
}

int reader_ring_read(const void *ring, size_t size, uint64_t key,
		     const struct reader_range *range,
		     struct reader_ring *out)
{
	struct reading rd = { .shared = ring, .key = key, .out = out,
			      .range = range, .open = READER_NONE };
	int err;

	memset(out, 0, sizeof(*out));
	if (size < sizeof(*rd.shared) || !check_head(&rd, size))
		return -EBADMSG;
	if (!range->heads) {
		out->copy = malloc((size_t)rd.nr_blocks * rd.block_size);
		if (!out->copy)
			return -ENOMEM;
	}

	if (!read_head(&rd)) {
		reader_ring_free(out);
		return -EBADMSG;
	}
	out->oldest = load_once(&rd.shared->created);
	out->holds = (uint64_t)(rd.nr_blocks - rd.nr_spare - 1) * rd.block_size;
	find_oldest(&rd);
	if (range->heads) {
		out->position = rd.end;
		look(&rd);
		return 0;
	}
	out->from = range->from < out->to ? range->from : out->to;
	/* Whatever is missing before the first block was overwritten. */
	rd.lapped = true;
	err = read_blocks(&rd);
	if (err) {
		reader_ring_free(out);
		return err;
	}
	if (rd.lapped && rd.next < out->to)
		out->oldest = newest_mono(&rd);
	account_gap(&rd, out->to);
	cut(&rd);
	if (out->nr_events)
		out->position = out->events[out->nr_events - 1].position +
				out->events[out->nr_events - 1].size;
	return 0;
}

void reader_ring_free(struct reader_ring *ring)
{
	free(ring->events);
	free(ring->copy);
	ring->events = NULL;
	ring->copy = NULL;
	ring->nr_events = 0;
}
