// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ring: one writer CPU, any number of readers, overwriting the oldest.
 *
 * Data structure
 * --------------
 * A ring is an array of blocks of equal size. A block has a head and, behind it,
 * slots; no slot crosses a block. Blocks are filled in order and, when the last
 * is full, from the first again: a lap. The position of a byte is the number of
 * bytes before it since the ring was made, so a block's start grows by the size
 * of the ring each lap.
 *
 * One word, the reservation word (struct ttlog_ring.head), says which block is
 * being filled, up to where, and how many events were reserved so far. It alone
 * decides who owns which bytes.
 *
 * Writers
 * -------
 * All writers of a ring run on its CPU with preemption off: tasks, softirqs, hard
 * interrupts, NMIs. So two writers are never at work side by side, but one may
 * interrupt another at any instruction, and is done before the other goes on.
 *
 *   reserve  move the reservation word by a local cmpxchg. It fails only when a
 *            nested writer moved it, so each retry is another writer's success.
 *   begin    store the slot's tag: its size and its position, under the key.
 *   fill     nothing can fault or return early here.
 *   commit   store the tag with the committed bit, with release.
 *
 * A writer that finds no room in the block opens the next one: it announces the
 * lap in the block's start, then moves the reservation word there, its own slot
 * included. Whoever moved the word is the opener and writes the block's head.
 * Until its ready word is stored the head is not to be believed; nested writers
 * don't wait for it, as they need start alone.
 *
 * The announcement comes before the move so that nothing of the new lap, from
 * whatever writer, reaches the block before readers can know that the old lap is
 * gone. It is idempotent: two writers, one nested in the other, that both decide
 * to open this block announce the same start, as the block before can't have
 * begun another lap in between (see below). All else in the head is not, which is
 * why only the one that won the move writes it.
 *
 * Nesting and laps
 * ----------------
 * A nested writer must not lap the slot of a writer that it interrupted, or the
 * latter would go on writing into the next lap. The outermost writer leaves the
 * reservation word as it found it in outer; its slot can't lie before that. A
 * nested writer that would open the block that outer names loses its event
 * instead (TTLOG_LOST_HELD): that takes a whole ring of events within one
 * interrupted write.
 *
 * Hold
 * ----
 * A trigger may hold what the ring has (property 10). The hold is one word: blocks
 * whose start is not before it are not overwritten, and a writer that would have to
 * loses its event. Who reads for the trigger moves the word forward as it copies,
 * and TTLOG_NO_HOLD ends it.
 *
 * The newest nr_blocks - nr_spare blocks are what a ring has; the rest are spare,
 * and take what is written while those are held.
 *
 * Opener and marker agree as two do who each store, then look at what the other
 * stored: an opener publishes the block that it is about to open, then reads the
 * hold; a marker sets the hold, then reads what openers intend. At least one sees
 * the other. If it is the marker, that block is outside the hold: whoever opened
 * it may not have seen the hold, so the marker moves the hold behind it.
 *
 * The intent can go back, when a nested writer opened blocks before the one that
 * it interrupted published its own. By then they are in the reservation word,
 * which the marker reads after the intent.
 *
 * If a writer dies between reserve and commit (an oops in an interrupt handler
 * on top of it, say), depth stays raised. In a task nobody else can be in the
 * ring unless it is this very task, so a nested writer that finds itself in
 * another one knows that the ring was abandoned, and takes it over. (A task that was
 * given the dead one's task_struct is taken for it: at that block its events are lost
 * until any other task comes.)
 *
 * Readers
 * -------
 * Readers (user/reader.c) take nothing and are never waited for: they note the
 * block's start, walk the tags, copy, and look at start again. Property 5 of the
 * tags: position changes each lap and the key is unknown to writers, so nothing
 * that stands in the block from an earlier lap can be taken for a slot of this.
 *
 * Holes: begun but not committed hides itself only, as its size is known. Reserved
 * but not begun hides the rest of its block; how many events that are follows
 * from the next head's first event number.
 *
 * Memory barriers
 * ---------------
 * Each pair has a file in tools/litmus.
 *
 *   here                                 its partner
 *   open:A smp_wmb open:B  start, then   read:F  a reader that copied anything of
 *          anything of the new lap               the new lap sees the new start:
 *                                                lap.litmus, lap-klog.litmus, and
 *                                                look.litmus of a head alone
 *   open:D release of ready              read:C  a ready head is whole: ready.litmus
 *   slot:C release of the tag            read:D  a committed slot is whole:
 *                                                slot.litmus
 *   read:A acquire of head               open:B  (the smp_wmb above) a head in a
 *                                                block implies its start:
 *                                                head.litmus
 *   open:B, the smp_mb below, open:A     read:A  who saw the start of the next lap
 *          of the next block                     sees that head left: moment.litmus
 *   open:E smp_mb open:F  intent, then   hold:A smp_mb hold:B  hold, then intent:
 *          hold                                  hold.litmus
 *   open:E release of intent             hold:B  acquire of intent: the head that
 *                                                hold:C reads is not older:
 *                                                intent.litmus
 *   open:F, a branch, open:A             hold:D  release of the hold, by who has
 *                                                copied: release.litmus
 *
 * Nested writers need compiler barriers only, which READ_ONCE and WRITE_ONCE give.
 */
#include <linux/build_bug.h>
#include <linux/kprobes.h>
#include <linux/log2.h>
#include <linux/preempt.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include "ring.h"

/* Clocks read one after another may differ by this much (ns) without a suspend. */
#define CLOCK_SKEW	1000000ULL

/*
 * The 64-bit event number of a head. Base is at most a ring's worth of events
 * off, as each opener refreshes it, and a ring holds fewer than 2^31.
 */
static __always_inline u64 event_number(const struct ttlog_ring *shared,
					u64 head)
{
	u64 base = READ_ONCE(shared->base);

	return base + (s32)((u32)(head >> TTLOG_HEAD_NUMBER_SHIFT) - (u32)base);
}

/*
 * The three clocks of one moment. What comes between the readings (an interrupt,
 * a host that runs another guest) looks like a suspend since the block before;
 * then they are read again, and a real one is still there.
 */
static notrace void write_clocks(struct ttlog_block *block,
				 const struct ttlog_block *before)
{
	u64 asleep = READ_ONCE(before->boot) - READ_ONCE(before->mono);
	u64 mono, boot, real;
	int tries = 0;

	do {
		mono = ktime_get_mono_fast_ns();
		boot = ktime_get_boot_fast_ns();
		real = ktime_get_real_fast_ns();
	} while (boot - mono - asleep + CLOCK_SKEW > 2 * CLOCK_SKEW &&
		 ++tries < 4);
	WRITE_ONCE(block->mono, mono);
	WRITE_ONCE(block->boot, boot);
	WRITE_ONCE(block->real, real);
}
NOKPROBE_SYMBOL(write_clocks);

/* Caller owns the block's head: it moved the reservation word there. */
static notrace void write_head(struct ring *r, struct ttlog_block *block,
			       const struct ttlog_block *before, u64 start,
			       u64 first)
{
	int i;

	WRITE_ONCE(block->first, first);			/* open:C */
	write_clocks(block, before);
	for (i = 0; i < TTLOG_NR_LOST; i++)
		WRITE_ONCE(block->lost[i], READ_ONCE(r->shared->lost[i]));
	/* open:D, pairs with read:C: ready.litmus, look.litmus */
	smp_store_release(&block->ready,
			  ring_tag(r, start, sizeof(*block)) ^
			  TTLOG_TAG_COMMITTED);
}
NOKPROBE_SYMBOL(write_head);

static __always_inline u64 ring_bytes(const struct ring *r)
{
	return (u64)r->nr_blocks << r->block_shift;
}

/* Where the block that head is in begins. */
static __always_inline u64 block_start(const struct ring *r, u64 head)
{
	return READ_ONCE(ring_block(r, ring_head_block(head))->start);
}

/* Would opening the block with this start overwrite one that is held? */
static notrace bool is_held(struct ring *r, u64 start)
{
	struct ttlog_ring *shared = r->shared;

	/* open:E, pairs with hold:B: intent.litmus */
	smp_store_release(&shared->intent, start);
	/*
	 * Pairs with that between hold:A and hold:B, hold.litmus; for read:A it is behind
	 * the open:B of the block before, moment.litmus
	 */
	smp_mb();
	return start >= ring_bytes(r) &&
	       start - ring_bytes(r) >= READ_ONCE(shared->hold); /* open:F */
}
NOKPROBE_SYMBOL(is_held);

/* Might the writer that we interrupted have its slot in this block? */
static notrace bool is_interrupted(struct ring *r, u32 block)
{
	struct ttlog_ring *shared = r->shared;

	if (READ_ONCE(shared->depth) == 1)
		return false;
	if (block != ring_head_block(READ_ONCE(shared->outer)))
		return false;
	if (!in_task() || READ_ONCE(r->outer_task) == current)
		return true;
	/* Abandoned: its writer died. Now we are the outermost. */
	WRITE_ONCE(shared->outer, READ_ONCE(shared->head));
	WRITE_ONCE(r->outer_task, current);
	WRITE_ONCE(shared->depth, 1);
	return false;
}
NOKPROBE_SYMBOL(is_interrupted);

/*
 * Open the block after the one that head is in, and take its first slot.
 * Returns the head that the slot begins at, or 0 if another writer came between.
 */
static notrace u64 open_block(struct ring *r, u64 head, u32 next, u64 start,
			      size_t size)
{
	struct ttlog_ring *shared = r->shared;
	struct ttlog_block *before = ring_block(r, ring_head_block(head));
	struct ttlog_block *block = ring_block(r, next);
	u64 number = head >> TTLOG_HEAD_NUMBER_SHIFT;
	u64 first = event_number(shared, head);
	u64 opened;

	WRITE_ONCE(block->start, start);			/* open:A */
	/*
	 * Pairs with the smp_rmb before read:F: lap.litmus, lap-klog.litmus, look.litmus;
	 * and with read:A: head.litmus
	 */
	smp_wmb();
	opened = number << TTLOG_HEAD_NUMBER_SHIFT |
		 (u64)next << TTLOG_HEAD_OFFSET_BITS |
		 sizeof(*block) / TTLOG_ALIGN;
	if (cmpxchg_local(&shared->head, head, opened + RING_NUMBER_ONE +
			  size / TTLOG_ALIGN) != head)		/* open:B */
		return 0;
	WRITE_ONCE(shared->base, first);
	write_head(r, block, before, start, first);
	return opened;
}
NOKPROBE_SYMBOL(open_block);

/**
 * ttlog_ring_reserve_slow() - reserve where the block is full or a nested writer
 *	came between
 * @r: ring of this CPU, entered by ring_reserve()
 * @size: bytes, a multiple of TTLOG_ALIGN
 *
 * The loop ends: each further round means that a nested writer got its slot.
 *
 * Context: any, preemption off.
 * Return: the reservation word at the start of the slot; 0 if the event is lost
 * (counted).
 */
notrace u64 ttlog_ring_reserve_slow(struct ring *r, size_t size)
{
	struct ttlog_ring *shared = r->shared;
	u64 old, opened, start;
	u32 next;

	for (;;) {
		old = READ_ONCE(shared->head);
		if (ring_head_offset(old) + size <= r->block_size) {
			if (cmpxchg_local(&shared->head, old,
					  old + RING_NUMBER_ONE +
					  size / TTLOG_ALIGN) != old)
				continue;
			return old;
		}
		next = ring_head_block(old) + 1;
		if (next == r->nr_blocks)
			next = 0;
		start = block_start(r, old) + r->block_size;
		if (is_interrupted(r, next) || is_held(r, start)) {
			ring_count(&shared->lost[TTLOG_LOST_HELD]);
			return 0;
		}
		opened = open_block(r, old, next, start, size);
		if (opened)
			return opened;
	}
}
NOKPROBE_SYMBOL(ttlog_ring_reserve_slow);

/**
 * ttlog_ring_lose() - count an event that gets no slot
 * @r: ring of this CPU
 * @cause: TTLOG_LOST_*
 *
 * Context: any, preemption off.
 */
notrace void ttlog_ring_lose(struct ring *r, unsigned int cause)
{
	ring_count(&r->shared->lost[cause]);
}
NOKPROBE_SYMBOL(ttlog_ring_lose);

/**
 * ttlog_ring_written() - events that got a slot since the ring was made
 * @r: any CPU's ring
 *
 * Context: any.
 * Return: their number.
 */
u64 ttlog_ring_written(const struct ring *r)
{
	return event_number(r->shared, READ_ONCE(r->shared->head));
}

/**
 * ttlog_ring_close_block() - let the next event open a new block
 * @r: ring of this CPU
 *
 * After a resume: a block's clocks hold for the whole block.
 *
 * Context: any with preemption off on the ring's CPU; or while it is down.
 */
notrace void ttlog_ring_close_block(struct ring *r)
{
	u64 mask = (1ULL << TTLOG_HEAD_OFFSET_BITS) - 1;
	u64 full = r->block_size / TTLOG_ALIGN;
	u64 head;

	/* Ends as in ttlog_ring_reserve_slow(). */
	do {
		head = READ_ONCE(r->shared->head);
	} while (cmpxchg_local(&r->shared->head, head,
			       (head & ~mask) | full) != head);
}
NOKPROBE_SYMBOL(ttlog_ring_close_block);

/**
 * ttlog_ring_after_sleep() - close the block if the machine slept since it was
 *	opened
 * @r: ring of this CPU
 *
 * Context: any, preemption off.
 */
notrace void ttlog_ring_after_sleep(struct ring *r)
{
	struct ttlog_block *block;
	u64 asleep, then;

	block = ring_block(r, ring_head_block(READ_ONCE(r->shared->head)));
	then = READ_ONCE(block->boot) - READ_ONCE(block->mono);
	/* In this order what comes in between makes it no longer, but shorter. */
	asleep = ktime_get_boot_fast_ns();
	asleep -= ktime_get_mono_fast_ns();
	if ((s64)(asleep - then) > (s64)(5 * CLOCK_SKEW))
		ttlog_ring_close_block(r);
}
NOKPROBE_SYMBOL(ttlog_ring_after_sleep);

/* What comes before this position isn't among what the ring holds. */
static __always_inline u64 oldest_kept(const struct ring *r, u64 start)
{
	u64 kept = ring_bytes(r) -
		   ((u64)(r->shared->nr_spare + 1) << r->block_shift);

	return start > kept ? start - kept : 0;
}

/* The first position that opening the block with this start leaves alone. */
static __always_inline u64 behind_opened(const struct ring *r, u64 start)
{
	start += r->block_size;
	return start > ring_bytes(r) ? start - ring_bytes(r) : 0;
}

/**
 * ttlog_ring_hold() - hold what a ring has now
 * @r: any CPU's ring, with no hold on it
 *
 * A block that a writer is about to open is left out.
 *
 * Context: any. One caller at a time; not at the same time as
 * ttlog_ring_release().
 */
notrace void ttlog_ring_hold(struct ring *r)
{
	struct ttlog_ring *shared = r->shared;
	u64 from, head, hold, intent;

	/* Pairs with open:B, head.litmus: the block that it names has its start. */
	head = smp_load_acquire(&shared->head);
	WRITE_ONCE(shared->mark, event_number(shared, head));
	from = oldest_kept(r, block_start(r, head));
	WRITE_ONCE(shared->hold, from);				/* hold:A */
	smp_mb();	/* pairs with that between open:E and open:F: hold.litmus */
	/* hold:B, pairs with the release of open:E: intent.litmus */
	intent = smp_load_acquire(&shared->intent);
	/* hold:C, pairs with open:B: head.litmus */
	head = smp_load_acquire(&shared->head);
	hold = max_t(u64, behind_opened(r, intent),
		     behind_opened(r, block_start(r, head)));
	if (hold > from)
		WRITE_ONCE(shared->hold, hold);
}
NOKPROBE_SYMBOL(ttlog_ring_hold);

/**
 * ttlog_ring_release() - let blocks of a held ring be overwritten again
 * @r: any CPU's ring
 * @position: those that start before it; TTLOG_NO_HOLD: all, which ends the hold
 *
 * Context: any. One caller at a time.
 * Return: false where nothing is held.
 */
bool ttlog_ring_release(struct ring *r, u64 position)
{
	struct ttlog_ring *shared = r->shared;
	u64 hold = READ_ONCE(shared->hold);

	if (hold == TTLOG_NO_HOLD)
		return false;
	if (position <= hold)
		return true;
	/* hold:D, pairs with the branch on open:F, release.litmus: what was copied, was before. */
	smp_store_release(&shared->hold, position);
	return true;
}

static u32 spare_blocks(u64 nr_blocks, u32 block_size, u64 least)
{
	u64 spare = max_t(u64, nr_blocks / RING_SPARE_PART,
			  (least + block_size - 1) / block_size);

	if (nr_blocks < RING_SPARE_FROM)
		return 0;
	return min_t(u64, max_t(u64, spare, 1), nr_blocks - RING_BLOCKS_MIN);
}

/**
 * ttlog_ring_geometry() - lay a ring out in a number of bytes
 * @bytes: bytes that may be taken
 * @block_size: bytes a block, a power of two, at least @page_size
 * @page_size: bytes a page
 * @spare: bytes that are to be spare at least, if there is room
 * @g: the layout
 *
 * Return: false if not even RING_BLOCKS_MIN blocks fit; @g then has the layout of
 * the smallest ring, so that its size can be named.
 */
bool ttlog_ring_geometry(u64 bytes, u32 block_size, u32 page_size, u64 spare,
			 struct ring_geometry *g)
{
	u64 nr_blocks = bytes / block_size;
	u64 room = page_size - sizeof(u64);	/* of a page of head, for others */
	u64 frames, head;

	nr_blocks = min_t(u64, nr_blocks, RING_BLOCKS_MAX);
	for (nr_blocks = max_t(u64, nr_blocks, RING_BLOCKS_MIN);; nr_blocks--) {
		frames = nr_blocks * block_size / page_size;
		/* The frame table also names the pages that it lies in. */
		head = sizeof(struct ttlog_ring) + frames * sizeof(u64);
		head = (head + room - 1) / room * page_size;
		g->block_size = block_size;
		g->nr_blocks = nr_blocks;
		g->nr_spare = spare_blocks(nr_blocks, block_size, spare);
		g->frames_offset = sizeof(struct ttlog_ring);
		g->data_offset = head;
		g->size = head + nr_blocks * block_size;
		g->nr_frames = g->size / page_size;
		if (g->size <= bytes)
			return true;
		if (nr_blocks == RING_BLOCKS_MIN)
			return false;
	}
}

/**
 * ttlog_ring_init() - make a ring in zeroed memory
 * @r: the ring
 * @memory: @g->size bytes, zeroed
 * @g: from ttlog_ring_geometry()
 * @cpu: CPU that will write
 * @channel: TTLOG_KEEP to TTLOG_KLOG
 * @key: this boot's secret
 * @boot_id: 16 bytes
 *
 * The frame table is the caller's to fill.
 *
 * Context: before anybody can write or read.
 */
void ttlog_ring_init(struct ring *r, void *memory,
		     const struct ring_geometry *g, u32 cpu, u32 channel,
		     u64 key, const u8 *boot_id)
{
	struct ttlog_ring *shared = memory;
	struct ttlog_block *block;
	u32 i;

	BUILD_BUG_ON(sizeof(struct ttlog_block) % TTLOG_ALIGN);
	BUILD_BUG_ON(sizeof(local_t) != sizeof(__u64));

	shared->magic = RING_MAGIC(TTLOG_RING_MAGIC);
	shared->layout = TTLOG_LAYOUT;
	shared->cpu = cpu;
	shared->channel = channel;
	shared->block_size = g->block_size;
	shared->nr_blocks = g->nr_blocks;
	shared->nr_spare = g->nr_spare;
	memcpy(shared->boot_id, boot_id, sizeof(shared->boot_id));
	shared->size = g->size;
	shared->data_offset = g->data_offset;
	shared->frames_offset = g->frames_offset;
	shared->nr_frames = g->nr_frames;
	shared->created = ktime_get_mono_fast_ns();
	shared->seal = key ^ shared->magic;
	shared->head = sizeof(*block) / TTLOG_ALIGN;
	shared->hold = TTLOG_NO_HOLD;

	r->blocks = (u8 *)memory + g->data_offset;
	r->key = key;
	r->block_size = g->block_size;
	r->block_shift = ilog2(g->block_size);
	r->nr_blocks = g->nr_blocks;
	r->outer_task = NULL;
	r->shared = shared;

	for (i = 0; i < g->nr_blocks; i++) {
		block = ring_block(r, i);
		block->magic = RING_MAGIC(TTLOG_BLOCK_MAGIC);
		block->layout = TTLOG_LAYOUT;
		block->cpu = cpu;
		block->channel = channel;
		memcpy(block->boot_id, boot_id, sizeof(block->boot_id));
	}
	/* It has clocks of 0, so these are read with care. */
	write_head(r, ring_block(r, 0), ring_block(r, 1), 0, 0);
}
