// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hold: what the rings have when something breaks isn't overwritten until it
 * is copied. How a ring does that is told in ring.c; here is when, and how long.
 *
 * Whoever sets the hold may be in any context, so its state is one word that is
 * moved by cmpxchg: only one sets it, and only when there is none. Everything
 * after that (releases, the end) is under ttlog_trigger_lock.
 */
#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/kprobes.h>
#include <linux/timekeeping.h>
#include "auto.h"
#include "hold.h"
#include "rings.h"

#define STALL_NS	(2ULL * NSEC_PER_SEC)	/* without progress */
#define LONGEST_NS	(10ULL * NSEC_PER_SEC)	/* in all */
#define PAUSE		9	/* times its length there is none after it */

enum { NONE, SETTING, ACTIVE };

static atomic_t state = ATOMIC_INIT(NONE);
static u64 last_id;		/* of the hold that is, or was last */
static u64 since;		/* mono: set */
static u64 progress;		/* mono: last progress */
static u64 not_before;		/* mono: when the next may be set */
static u64 stalled_id;		/* of the last one that nobody made progress with */

/**
 * ttlog_hold_set() - hold all rings as they are now
 *
 * Context: any.
 * Return: the hold's id; 0: there is one already, or it is too soon after it.
 */
notrace u64 ttlog_hold_set(void)
{
	u64 now = ktime_get_mono_fast_ns();
	struct ring *r;
	u32 cpu, ch;
	u64 id;

	/* Pairs with the release of the last hold's end: hold-end.litmus, hold-soon.litmus */
	if (atomic_cmpxchg(&state, NONE, SETTING) != NONE)
		return 0;
	if (now < READ_ONCE(not_before)) {
		atomic_set(&state, NONE);
		return 0;
	}
	id = READ_ONCE(last_id) + 1;
	WRITE_ONCE(last_id, id);
	WRITE_ONCE(since, now);
	WRITE_ONCE(progress, now);
	for_each_possible_cpu(cpu) {
		for (ch = 0; ch < TTLOG_NR_CHANNELS; ch++) {
			r = ttlog_rings_get(cpu, ch);
			if (r)
				ttlog_ring_hold(r);
		}
	}
	/* Pairs with the acquire in is_active(): hold-set.litmus */
	atomic_set_release(&state, ACTIVE);
	return id;
}
NOKPROBE_SYMBOL(ttlog_hold_set);

static __always_inline bool is_active(void)
{
	/* Pairs with the release in ttlog_hold_set(), hold-set.litmus: its words are there. */
	return atomic_read_acquire(&state) == ACTIVE;
}

/**
 * ttlog_hold_is() - is this the hold that is on the rings?
 * @id: from ttlog_hold_set(), or 0
 *
 * Context: task, under ttlog_trigger_lock.
 * Return: true if it is.
 */
bool ttlog_hold_is(u64 id)
{
	return id && is_active() && last_id == id;
}

/**
 * ttlog_hold_stalled() - did this hold end because nobody made progress?
 * @id: from ttlog_hold_set(), or 0
 *
 * Context: task, under ttlog_trigger_lock.
 * Return: true if it did.
 */
bool ttlog_hold_stalled(u64 id)
{
	return id && id == stalled_id;
}

/**
 * ttlog_hold_progress() - who reads for it is at work
 *
 * Context: task, under ttlog_trigger_lock.
 */
void ttlog_hold_progress(void)
{
	WRITE_ONCE(progress, ktime_get_mono_fast_ns());
}

/**
 * ttlog_hold_lost() - an event was lost: if to a hold, see to it that this ends
 *
 * It ends by itself, unless the CPU that set it hangs and hasn't got the engine
 * going. Then those do that whom the hold hurts.
 *
 * Context: any.
 */
notrace void ttlog_hold_lost(void)
{
	u64 now;

	if (!is_active())
		return;
	now = ktime_get_mono_fast_ns();
	if (now > READ_ONCE(since) + LONGEST_NS)
		ttlog_auto_rekick(now);
}
NOKPROBE_SYMBOL(ttlog_hold_lost);

/* Has each ring been released whole? */
static bool all_released(void)
{
	struct ring *r;
	u32 cpu, ch;

	for_each_possible_cpu(cpu) {
		for (ch = 0; ch < TTLOG_NR_CHANNELS; ch++) {
			r = ttlog_rings_get(cpu, ch);
			if (r && READ_ONCE(r->shared->hold) != TTLOG_NO_HOLD)
				return false;
		}
	}
	return true;
}

/**
 * ttlog_hold_release() - blocks of a ring are copied
 * @release: which
 *
 * Context: task, under ttlog_trigger_lock.
 * Return: 0, -EINVAL: no such CPU or channel, -ENXIO: no such ring, -ENOENT: it
 * isn't held.
 */
int ttlog_hold_release(struct ttlog_release *release)
{
	struct ring *r;

	if (!ttlog_rings_valid(&release->cpu, &release->channel))
		return -EINVAL;
	r = ttlog_rings_get(release->cpu, release->channel);
	if (!r)
		return -ENXIO;
	if (!is_active() || !ttlog_ring_release(r, release->position))
		return -ENOENT;
	ttlog_hold_progress();
	if (release->position == TTLOG_NO_HOLD && all_released())
		ttlog_hold_end();
	return 0;
}

/**
 * ttlog_hold_end() - let all rings go, if they are held
 *
 * Context: task, under ttlog_trigger_lock.
 */
void ttlog_hold_end(void)
{
	struct ring *r;
	u32 cpu, ch;
	u64 now;

	if (!is_active())
		return;
	for_each_possible_cpu(cpu) {
		for (ch = 0; ch < TTLOG_NR_CHANNELS; ch++) {
			r = ttlog_rings_get(cpu, ch);
			if (r)
				ttlog_ring_release(r, TTLOG_NO_HOLD);
		}
	}
	now = ktime_get_mono_fast_ns();
	WRITE_ONCE(not_before, now + PAUSE * (now - since));
	/* Pairs with the cmpxchg in ttlog_hold_set(): hold-end.litmus */
	atomic_set_release(&state, NONE);
}

/**
 * ttlog_hold_check() - end a hold that is over its time
 * @now: mono
 *
 * Context: task, under ttlog_trigger_lock.
 * Return: when to look at everything again, @now if it has ended; U64_MAX: there
 * is no hold.
 */
u64 ttlog_hold_check(u64 now)
{
	u64 until;

	if (!is_active())
		return U64_MAX;
	until = min(progress + STALL_NS, since + LONGEST_NS);
	if (now < until)
		return until;
	if (now >= progress + STALL_NS)
		stalled_id = last_id;
	ttlog_hold_end();
	return now;
}
