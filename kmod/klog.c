// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's own log: every line that printk has, once, goes to the one ring of
 * TTLOG_KLOG.
 *
 * Lines are pulled, not pushed: printk keeps them under sequence numbers, and an
 * iterator of ours goes through them, from the oldest that is there at load. So
 * they come in order and once, whatever context they were printed in, and what
 * printk had overwritten before it was pulled is known by its numbers and counted
 * (TTLOG_LOST_MISSED). What dmesg -C cleared is not given out by printk either: at
 * load it isn't there, later it counts as missed if it wasn't pulled before.
 *
 * One drains at a time, whoever has drain_lock; its holder is the ring's writer.
 * Interrupts are off, and an NMI on top can't get the lock, so nobody nests in that
 * ring, and the unlock of one holder and the lock of the next order what they do
 * to it.
 *
 * Who drains:
 *   an irq_work   queued by the hook in printk (printk.c), on the CPU that printed;
 *                 a few lines at most, and it waits for nobody
 *   a work item   what the irq_work leaves: all there is, a few lines at a time
 *   a timer       each second, where the hook wasn't called; doesn't wake a CPU unless
 *                 there is no hook. Its CPU may hang: what else it does, others do then
 *   a reader      TTLOG_IOC_SYNC
 *   a crash       ttlog_klog_drain()
 *
 * No line is forgotten: the irq_work runs on the CPU that printed, after the line
 * became readable; if it finds the lock taken or leaves something, it queues the
 * work item, which waits for the lock. (Not for ever: who dies in a drain, of a probe
 * of somebody else, say, keeps it. Then no more lines are recorded, and no CPU is
 * lost to that. Where one was taken for dead who isn't, the timer does the rest.)
 * Queueing one that is about to run already is ordered by the workqueue: it then sees
 * what was there before.
 *
 * Nothing here prints.
 */
#include <linux/compiler.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/irq_work.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/kmsg_dump.h>
#include <linux/kprobes.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/timer.h>
#include <linux/workqueue.h>
#include "auto.h"
#include "compat.h"
#include "control.h"
#include "hold.h"
#include "klog.h"
#include "line.h"
#include "oops.h"
#include "printk.h"
#include "ring.h"
#include "rings.h"

/* A message has at most 1 KiB, and all of it may be newlines: a prefix each. */
#define RECORD_MAX	(1024 * 48)

/* Lines while interrupts are off. */
#define LINES_A_HOLD	16

/* How often the work item takes the lock before it queues itself again. */
#define HOLDS_A_RUN	64

/* How long one has the lock before he is taken for dead (ns); between tries (us). */
#define LOCK_WAIT	(250 * NSEC_PER_MSEC)
#define LOCK_PAUSE_US	100

/* Lines in a crash: more than wait where the hook is, and some tens of ms. */
#define LINES_A_CRASH	16384

/* How often the last one tries to have the lock, and how long it waits in between. */
#define LAST_TRIES	100
#define LAST_PAUSE_US	100

/* The second's timer is lost if it was to come so long ago (ns). */
#define LATE		(2 * NSEC_PER_SEC)

/* What clocks of two CPUs may differ by (ns). */
#define CLOCK_SKEW	(10 * NSEC_PER_MSEC)

/* No CPU. */
#define NOBODY	(-1)

/* How long a sync goes on among lines that don't say when they were printed (ns). */
#define SYNC_MAX	(5 * NSEC_PER_SEC)

/* A line that isn't finished may keep those behind it back for so long (ms). */
#define UNFINISHED_MAX	100

static DEFINE_RAW_SPINLOCK(drain_lock);	/* of the following, and of the ring */
static int drainer = NOBODY;		/* the CPU that has it */
static u32 holds;			/* of it, so far */
static u32 stuck;			/* the one that was waited for in vain; 0: none */
static struct kmsg_dump_iter iter = KMSG_DUMP_ITER_INIT;
static u64 next_seq;			/* of the line after the last; 0: none yet */
static bool may_trigger;		/* what was said before the load may not */
static bool ended;			/* nothing more is recorded */
static char record_bytes[RECORD_MAX];

static void drain_irq_work(struct irq_work *unused);
static void drain_all(struct work_struct *unused);
static void drain_late(struct timer_list *unused);

static DEFINE_PER_CPU(struct irq_work, irq_work);
static DECLARE_WORK(work, drain_all);
static struct timer_list timer;
static u64 last_late;			/* mono: do_late(). Jiffies may stand still, too */

/**
 * struct moment - one moment by two clocks
 * @mono: CLOCK_MONOTONIC
 * @local: printk's
 */
struct moment {
	u64 mono;
	u64 local;
};

/* What comes between the readings, an NMI or a host, is seen and tried again. */
static notrace struct moment take_moment(void)
{
	struct moment moment = {};
	u64 before, mono, after, best = U64_MAX;
	int tries;

	for (tries = 0; tries < 3 && best > NSEC_PER_USEC; tries++) {
		before = local_clock();
		mono = ktime_get_mono_fast_ns();
		after = local_clock();
		if (after - before >= best)
			continue;
		best = after - before;
		moment.mono = mono;
		moment.local = before + best / 2;
	}
	return moment;
}
NOKPROBE_SYMBOL(take_moment);

/* When it was printed, by CLOCK_MONOTONIC; now, where that isn't known. */
static notrace u64 time_of(const struct line *line)
{
	struct moment now = take_moment();
	s64 age = now.local - line->us * NSEC_PER_USEC;

	if (!line->timed || age < 0)
		return now.mono;
	return (u64)age < now.mono ? now.mono - age : 0;
}
NOKPROBE_SYMBOL(time_of);

/* The fields behind the message, as in a write. */
static notrace size_t put_fields(char *to, size_t size, const struct line *line,
				 u64 seq)
{
	size_t len = scnprintf(to, size, "%cseq:=%llu", 0, seq);

	if (line->timed)
		len += scnprintf(to + len, size - len, "%cus:=%llu", 0,
				 line->us);
	if (line->facility)
		len += scnprintf(to + len, size - len, "%cfacility:=%u", 0,
				 line->facility);
	if (line->caller_len)
		len += scnprintf(to + len, size - len, "%ccaller=%.*s", 0,
				 (int)min_t(size_t, line->caller_len, 16),
				 line->caller);
	return len;
}
NOKPROBE_SYMBOL(put_fields);

/*
 * Does this line ask for a snapshot? Those of an oops don't, as that is a trigger
 * itself. Ours don't either: they tell of snapshots that failed.
 */
static notrace bool is_trigger(const struct line *line)
{
	static const char own[] = KBUILD_MODNAME ": ";

	return READ_ONCE(may_trigger) && ttlog_control_is_trigger(line->level) &&
	       !ttlog_oops_in_progress() &&
	       (line->len < sizeof(own) - 1 ||
		memcmp(line->text, own, sizeof(own) - 1));
}
NOKPROBE_SYMBOL(is_trigger);

/* A line becomes an event. Caller holds drain_lock. */
static notrace void record(const struct line *line, u64 seq)
{
	static const char comm[TTLOG_COMM_LEN] = "kernel";
	struct ring *ring = &ttlog_klog_ring;
	struct ttlog_event *e;
	size_t len, fields_len;
	struct slot slot;
	char fields[128];

	fields_len = put_fields(fields, sizeof(fields), line, seq);
	len = min_t(size_t, line->len, TTLOG_TEXT_MAX - fields_len);
	ttlog_ring_after_sleep(ring);
	slot = ring_reserve(ring, TTLOG_EVENT_SIZE + len + fields_len);
	e = slot.event;
	if (unlikely(!e)) {
		ttlog_hold_lost();
		return;
	}
	e->time = time_of(line);
	e->ids = (u64)(len + fields_len) << TTLOG_IDS_LEN_SHIFT |
		 (u64)line->level << TTLOG_IDS_LEVEL_SHIFT |
		 (u64)TTLOG_KIND_KLOG << TTLOG_IDS_KIND_SHIFT;
	e->uid = 0;
	e->cgroup_lo = 0;
	e->cgroup_hi = 0;
	memcpy(e->comm, comm, sizeof(comm));
	/* Bound: the slot was reserved for len and fields_len bytes of body. */
	memcpy(e->body, line->text, len);
	memcpy(e->body + len, fields, fields_len);
	ring_commit(ring, slot);
	if (unlikely(is_trigger(line)))
		ttlog_control_raise();
}
NOKPROBE_SYMBOL(record);

/*
 * The next record into record_bytes, and whether printk put the time in front. If
 * that was switched meanwhile, once more. Caller holds drain_lock.
 */
static notrace bool get_record(size_t *len, bool *timed)
{
	u64 from = iter.cur_seq;
	int tries;

	for (tries = 0; tries < 3; tries++) {
		iter.cur_seq = from;
		*timed = ttlog_printk_timed();
		if (!kmsg_dump_get_line(&iter, true, record_bytes,
					sizeof(record_bytes), len))
			return false;
		if (*timed == ttlog_printk_timed())
			break;
	}
	return true;
}
NOKPROBE_SYMBOL(get_record);

/* Lines that were overwritten before we came. Caller holds drain_lock. */
static notrace void count_missed(u64 lines)
{
	__u64 *missed = &ttlog_klog_ring.shared->lost[TTLOG_LOST_MISSED];

	WRITE_ONCE(*missed, READ_ONCE(*missed) + lines);
}
NOKPROBE_SYMBOL(count_missed);

/* Why a drain ended. */
enum end {
	END_BOUND,	/* there may be more lines */
	END_EMPTY,	/* there is none, or it isn't finished */
	END_LATER,	/* those that follow were printed later than asked for */
	END_LOCKED,	/* it hasn't begun: another one never ends */
};

/*
 * Record some lines: at most @lines, and none behind one that was printed after
 * @until by printk's clock. Caller holds drain_lock.
 */
static notrace enum end drain(unsigned int lines, u64 until)
{
	struct line line;
	size_t len;
	bool timed;
	u64 seq;

	while (lines--) {
		if (READ_ONCE(ended) || !get_record(&len, &timed))
			return END_EMPTY;
		seq = iter.cur_seq - 1;
		/* What was gone before the first one isn't ours to miss. */
		if (next_seq && seq > next_seq)
			count_missed(seq - next_seq);
		next_seq = seq + 1;
		line = ttlog_line_parse(record_bytes, len, timed,
					IS_ENABLED(CONFIG_PRINTK_CALLER));
		record(&line, seq);
		if (line.timed && line.us * NSEC_PER_USEC > until)
			return END_LATER;
	}
	return END_BOUND;
}
NOKPROBE_SYMBOL(drain);

/* Never waits: its holder may be who we have interrupted. */
static notrace bool try_lock(unsigned long *flags)
{
	local_irq_save(*flags);
	if (!raw_spin_trylock(&drain_lock)) {
		local_irq_restore(*flags);
		return false;
	}
	/* Sparse has no word for who may have taken a lock. */
	__release(&drain_lock);
	WRITE_ONCE(holds, holds + 1);
	WRITE_ONCE(drainer, raw_smp_processor_id());
	return true;
}
NOKPROBE_SYMBOL(try_lock);

static notrace void unlock(unsigned long flags)
{
	__acquire(&drain_lock);
	WRITE_ONCE(drainer, NOBODY);
	raw_spin_unlock_irqrestore(&drain_lock, flags);
}
NOKPROBE_SYMBOL(unlock);

/*
 * For who can wait. False: its holder has died, it seems, which is to be found out once;
 * or others are always quicker.
 */
static bool wait_lock(unsigned long *flags)
{
	u32 hold, last = READ_ONCE(holds);
	u64 now, begun = ktime_get_mono_fast_ns(), since = begun;

	while (!try_lock(flags)) {
		/* In this order, as each may be long after the one before. */
		now = ktime_get_mono_fast_ns();
		hold = READ_ONCE(holds);
		if (hold != last) {
			last = hold;
			since = ktime_get_mono_fast_ns();
		} else if (now - since > LOCK_WAIT) {
			WRITE_ONCE(stuck, hold);
		}
		if (hold == READ_ONCE(stuck) || now - begun > SYNC_MAX)
			return false;
		usleep_range(LOCK_PAUSE_US, 2 * LOCK_PAUSE_US);
	}
	return true;
}

/* As drain(), for who can wait for the lock. */
static enum end drain_hold(u64 until)
{
	unsigned long flags;
	enum end end;

	if (!wait_lock(&flags))
		return END_LOCKED;
	end = drain(LINES_A_HOLD, until);
	unlock(flags);
	return end;
}

/* True if all that there was is recorded. */
static notrace bool try_drain(unsigned int lines, u64 until)
{
	unsigned long flags;
	enum end end;

	if (!try_lock(&flags))
		return false;
	end = drain(lines, until);
	unlock(flags);
	return end != END_BOUND;
}
NOKPROBE_SYMBOL(try_drain);

/*
 * On no CPU of its own: the one that printed may be what is stuck, and as long as the
 * item waits there, nobody could queue it elsewhere.
 */
static void queue_drain(void)
{
	queue_work(system_dfl_wq, &work);
}

/* What is to be done each second, or so. */
static void do_late(void)
{
	WRITE_ONCE(last_late, ktime_get_mono_fast_ns());
	ttlog_rings_keep();
	ttlog_auto_late();
}

/* Does the timer's CPU hang? Or nothing has woken it. */
static bool is_timer_lost(void)
{
	return ktime_get_mono_fast_ns() > READ_ONCE(last_late) + LATE;
}

/* In place of the timer. */
static void do_late_if_lost(void)
{
	if (is_timer_lost())
		do_late();
}

/*
 * It ends even if more is printed all the time, so that it can be cancelled. A worker
 * that always finds more never sleeps, and who lets go of a trampoline, we at unload,
 * waits for each task that runs to sleep, or to say here that it is in none.
 */
static void drain_all(struct work_struct *unused)
{
	int holds;

	do_late_if_lost();
	for (holds = 0; holds < HOLDS_A_RUN; holds++) {
		if (drain_hold(U64_MAX) != END_BOUND)
			return;
		cond_resched_tasks_rcu_qs();
	}
	queue_drain();
}

/* With PREEMPT_RT a hard interrupt is no place for it. */
static void drain_irq_work(struct irq_work *unused)
{
	bool is_late = is_timer_lost();

	if (READ_ONCE(ended))
		return;
	if (IS_ENABLED(CONFIG_PREEMPT_RT) || !try_drain(LINES_A_HOLD, U64_MAX) || is_late)
		queue_drain();
	/* The item may be at work on the CPU that hangs. */
	if (is_late)
		ttlog_auto_late();
}

/* The item may be at work on a CPU that hangs. */
static void drain_late(struct timer_list *unused)
{
	if (READ_ONCE(ended))
		return;
	if (!try_drain(LINES_A_HOLD, U64_MAX))
		queue_drain();
	do_late();
	mod_timer(&timer, jiffies + HZ);
}

/*
 * Something was printed on this CPU. One that goes down would keep an irq_work
 * until it comes up again; the timer does its lines.
 */
static notrace void printed(void)
{
	if (likely(cpu_online(raw_smp_processor_id())))
		irq_work_queue(raw_cpu_ptr(&irq_work));
}
NOKPROBE_SYMBOL(printed);

/*
 * Is there a line behind one that isn't finished? Each CPU may be about to finish
 * one in a few contexts, so it is one of the next.
 */
static bool is_kept_back(void)
{
	struct kmsg_dump_iter ahead = KMSG_DUMP_ITER_INIT;
	unsigned long flags;
	u64 next;
	int i;

	if (!wait_lock(&flags))
		return false;
	next = iter.cur_seq;
	unlock(flags);
	for (i = 0; i < 64; i++) {
		ahead.cur_seq = next + i;
		if (kmsg_dump_get_line(&ahead, false, NULL, 0, NULL))
			return true;
	}
	return false;
}

/**
 * ttlog_klog_sync() - record all that was printed before the call
 *
 * What is printed meanwhile doesn't keep it from its end: lines say when they were
 * printed. Where they don't, so many may be printed that it gives up.
 *
 * Context: task.
 */
void ttlog_klog_sync(void)
{
	u64 until = local_clock() + CLOCK_SKEW;
	enum end end;
	int tries;

	do_late_if_lost();
	for (tries = 0; tries < UNFINISHED_MAX; tries++) {
		do {
			cond_resched_tasks_rcu_qs();
			end = drain_hold(until);
		} while (end == END_BOUND && local_clock() < until + SYNC_MAX);
		if (end != END_EMPTY || !is_kept_back())
			break;
		usleep_range(500, 1000);
	}
}

/**
 * ttlog_klog_drain() - record what was printed, as far as that can be done now
 *
 * Waits for nobody: where another has the lock, or there is too much, the rest
 * follows when interrupts are on again.
 *
 * Context: any, NMI included; for crashes.
 */
notrace void ttlog_klog_drain(void)
{
	if (!compat_can_read_log() || !try_drain(LINES_A_CRASH, local_clock() + CLOCK_SKEW))
		printed();
}
NOKPROBE_SYMBOL(ttlog_klog_drain);

/**
 * ttlog_klog_died() - what this CPU was at was an oops's end
 *
 * If that was a drain, who does it on top would die of the same, and on some machines that
 * is the end of all: arm64 panics with a lock held that its second oops takes.
 *
 * Context: any, NMI included; for an oops, before the panic that comes of it.
 */
notrace void ttlog_klog_died(void)
{
	if (READ_ONCE(drainer) == raw_smp_processor_id())
		WRITE_ONCE(drainer, NOBODY);
}
NOKPROBE_SYMBOL(ttlog_klog_died);

/* Caller holds drain_lock, or is on top of its holder, who will never go on. */
static notrace void drain_last(void)
{
	/* Who dies of that as well isn't to come here again; and a trigger would hold. */
	WRITE_ONCE(drainer, NOBODY);
	WRITE_ONCE(may_trigger, false);
	WRITE_ONCE(ttlog_klog_ring.shared->hold, TTLOG_NO_HOLD);
	drain(LINES_A_CRASH, U64_MAX);
}
NOKPROBE_SYMBOL(drain_last);

/**
 * ttlog_klog_last() - record what was printed, as nothing can follow later
 *
 * Who drains on another CPU is given a moment to end. What is held gives way: nobody
 * comes any more to copy it, and how the kernel ended is worth more than the oldest
 * lines. No clock is asked, as CPUs' may differ.
 *
 * Context: any, NMI included; for panics.
 */
notrace void ttlog_klog_last(void)
{
	unsigned long flags;
	int tries;

	if (!compat_can_read_log())
		return;
	for (tries = 0; tries < LAST_TRIES; tries++) {
		if (try_lock(&flags)) {
			drain_last();
			unlock(flags);
			return;
		}
		udelay(LAST_PAUSE_US);
	}
}
NOKPROBE_SYMBOL(ttlog_klog_last);

/**
 * ttlog_klog_end() - ttlog_klog_last(), and no more of it
 *
 * Nothing that is printed from here on becomes an event: a panic prints events.
 *
 * Who drained on this CPU (the panic is in an NMI, or he called it) never goes on, so
 * it is done on top of him: the line that he was at may be missing. Not if an oops was
 * his end. It may die all the same, so it is for the notifier alone, not for a crash
 * kernel's start.
 *
 * Context: any, NMI included; for panics.
 */
notrace void ttlog_klog_end(void)
{
	if (COMPAT_LOCKLESS_LOG && READ_ONCE(drainer) == raw_smp_processor_id())
		drain_last();
	else
		ttlog_klog_last();
	WRITE_ONCE(ended, true);
}
NOKPROBE_SYMBOL(ttlog_klog_end);

/**
 * ttlog_klog_stop() - no more of it, as what was left has been the end of who drained it
 *
 * Context: any, NMI included; for panics.
 */
notrace void ttlog_klog_stop(void)
{
	WRITE_ONCE(ended, true);
}
NOKPROBE_SYMBOL(ttlog_klog_stop);

/**
 * ttlog_klog_init() - begin to record the kernel's log, with what is there
 *
 * Context: task, at load, after ttlog_rings_init().
 */
void ttlog_klog_init(void)
{
	unsigned int cpu;

	/* Here: a module's initialised per-CPU data can't have pointers. */
	for_each_possible_cpu(cpu) {
		struct irq_work *own = per_cpu_ptr(&irq_work, cpu);

		*own = IRQ_WORK_INIT_HARD(drain_irq_work);
	}
	/* A CPU that sleeps is woken only where there is nothing but the timer. */
	if (ttlog_printk_init(printed))
		timer_setup(&timer, drain_late, TIMER_DEFERRABLE);
	else
		timer_setup(&timer, drain_late, 0);
	WRITE_ONCE(last_late, ktime_get_mono_fast_ns());
	mod_timer(&timer, jiffies + HZ);
	ttlog_klog_sync();
	WRITE_ONCE(may_trigger, true);
}

/**
 * ttlog_klog_exit() - record no more of it
 *
 * Context: task, at unload: nobody calls ttlog_klog_sync() or ttlog_klog_drain()
 * any more.
 */
void ttlog_klog_exit(void)
{
	unsigned int cpu;

	/* A panic may still drain, and then there is nobody to tell. */
	WRITE_ONCE(may_trigger, false);
	ttlog_printk_exit();
	for_each_possible_cpu(cpu)
		irq_work_sync(per_cpu_ptr(&irq_work, cpu));
	timer_delete_sync(&timer);
	cancel_work_sync(&work);
}
