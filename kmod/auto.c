// SPDX-License-Identifier: GPL-2.0-only
/*
 * Automatic triggers: those that come from the kernel itself.
 *
 * There is one struct ttlog_auto for each reason. Raising it is all that happens
 * where the trigger strikes, in whatever context: it is counted, the rings are held
 * if this is the one that begins a snapshot, and an irq_work gets the engine going.
 * The engine, a work item, does the rest under trigger_lock:
 *
 *	IDLE		nothing, or raised too soon after the one before: deferred
 *	GATHERING	waiting for the end of the evidence (the text of an oops)
 *	READY		waiting to be taken
 *	TAKEN		a helper is at it; one that has stopped there loses it again
 *
 * What is raised while GATHERING is in the same snapshot. What is raised later is
 * in the next, which begins STORM_NS after the one before at the earliest.
 *
 * A CPU that oopses may hang while it tells so, with an irq_work that never runs.
 * So each CPU has one of its own: any that is alive gets the engine going.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/irq_work.h>
#include <linux/kprobes.h>
#include <linux/limits.h>
#include <linux/list.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>
#include "auto.h"
#include "compat.h"
#include "hold.h"
#include "once.h"
#include "oops.h"
#include "trigger.h"

#define STORM_NS	(30ULL * NSEC_PER_SEC)	/* between two of one reason */
#define EVIDENCE_NS	(1ULL * NSEC_PER_SEC)	/* for an oops to be told */
#define TAKE_NS		(2ULL * NSEC_PER_SEC)	/* for a helper to take it */
#define SERVE_NS	(60ULL * NSEC_PER_SEC)	/* and to be done with it */
#define SHORT_NS	(250ULL * NSEC_PER_MSEC)	/* timers are exact enough */
#define RAISED_MAX	(INT_MAX / 2)		/* more aren't counted */
#define LATE_NS		(1ULL * NSEC_PER_SEC)	/* by so much its timer never is */
#define REKICK_NS	(10ULL * NSEC_PER_MSEC)	/* between kicks just in case */

enum state { IDLE, GATHERING, READY, TAKEN };

/**
 * struct ttlog_auto - the automatic trigger of one reason
 * @list: in autos
 * @refs: who may raise it
 * @trigger: what the helper is told; its id is of this READY
 * @raised: how often, beyond what @trigger stands for
 * @known: @time and @pid are those of the first of these
 * @time: mono
 * @pid: who ran then
 * @not_before: mono, when the next snapshot may begin
 * @begun: a snapshot began when it was raised
 * @begun_hold: the hold that was set then; 0: none
 * @hold: that of the snapshot the engine is at; 0: none
 * @state: the engine's
 * @deadline: mono, when GATHERING ends, or READY or TAKEN is overdue
 * @taker: in TAKEN
 */
struct ttlog_auto {
	struct list_head list;
	unsigned int refs;
	struct ttlog_trigger trigger;
	atomic_t raised;
	bool known;
	u64 time;
	u32 pid;
	atomic64_t not_before;
	bool begun;
	u64 begun_hold;
	u64 hold;
	enum state state;
	u64 deadline;
	struct file *taker;
};

static LIST_HEAD(autos);	/* under ttlog_trigger_lock */
static unsigned int nr_autos;
static struct workqueue_struct *queue;
static struct delayed_work engine;
static DEFINE_PER_CPU(struct irq_work, kick);
static bool is_due;		/* kicked, and the engine hasn't begun since */
static u64 look_at = U64_MAX;	/* mono: when it is to look again by itself */
static u64 rekicked;		/* mono: last kick just in case */

static void kick_now(struct irq_work *work)
{
	mod_delayed_work(queue, &engine, 0);
}

/**
 * ttlog_auto_kick() - let the engine look at everything
 *
 * A CPU that goes down or comes up would keep an irq_work, and with it all others
 * that are queued there, until it goes down again. One that hangs keeps it, too: see
 * ttlog_auto_late().
 *
 * Context: any, between init and exit.
 */
notrace void ttlog_auto_kick(void)
{
	/* What it is for, then the kick. Pairs with run_engine(): late.litmus */
	smp_mb();
	WRITE_ONCE(is_due, true);
	if (likely(cpu_online(raw_smp_processor_id())))
		irq_work_queue(raw_cpu_ptr(&kick));
}
NOKPROBE_SYMBOL(ttlog_auto_kick);

/**
 * ttlog_auto_late() - kick for a CPU that couldn't, or that hangs with what was to
 *	get the engine going: a kick, or the engine's timer
 *
 * Context: any, on a CPU that is up; now and then.
 */
void ttlog_auto_late(void)
{
	if (READ_ONCE(is_due) ||
	    ktime_get_mono_fast_ns() - LATE_NS > READ_ONCE(look_at))
		ttlog_auto_kick();
}

/**
 * ttlog_auto_rekick() - as ttlog_auto_kick(), by who comes again and again
 * @now: mono
 *
 * A probe may be where a kick itself leads: in the workqueue's code, say. Each kick
 * would be a hit, which would kick again, and the CPU came to nothing else.
 *
 * Context: any, between init and exit.
 */
notrace void ttlog_auto_rekick(u64 now)
{
	if ((s64)(now - READ_ONCE(rekicked)) < (s64)REKICK_NS)
		return;
	WRITE_ONCE(rekicked, now);
	ttlog_auto_kick();
}
NOKPROBE_SYMBOL(ttlog_auto_rekick);

/* May a snapshot begin now? Only one of those that ask is told so. */
static notrace bool may_begin(struct ttlog_auto *a, u64 now)
{
	u64 before = atomic64_read(&a->not_before);

	/* For the engine: it sees of what raised it all that was before: deferred.litmus */
	return now >= before &&
	       atomic64_cmpxchg(&a->not_before, before, now + STORM_NS) == before;
}
NOKPROBE_SYMBOL(may_begin);

/**
 * ttlog_auto_raise() - the trigger has struck
 * @a: from ttlog_auto_get()
 *
 * The engine knows of it already, unless it is the first or begins a snapshot. It is
 * kicked all the same: the CPU that did so may hang.
 *
 * Context: any.
 */
notrace void ttlog_auto_raise(struct ttlog_auto *a)
{
	u64 now = ktime_get_mono_fast_ns();
	bool news = false;

	/* Pairs with the engine's may_begin(), if that is what begins: deferred.litmus */
	if (atomic_read(&a->raised) < RAISED_MAX && atomic_inc_return(&a->raised) == 1) {
		WRITE_ONCE(a->time, now);
		WRITE_ONCE(a->pid, current->tgid);
		/* Pairs with the acquire in end_gathering(): known.litmus */
		smp_store_release(&a->known, true);
		news = true;
	}
	if (may_begin(a, now)) {
		WRITE_ONCE(a->begun_hold, ttlog_hold_set());
		/* Pairs with the acquire in run_idle(): begun.litmus */
		smp_store_release(&a->begun, true);
		news = true;
	}
	if (news)
		ttlog_auto_kick();
	else
		ttlog_auto_rekick(now);
}
NOKPROBE_SYMBOL(ttlog_auto_raise);

/* Raised, and it is the time for it? Otherwise sets when to look again. */
static bool run_idle(struct ttlog_auto *a, u64 now, u64 *next)
{
	u64 before = atomic64_read(&a->not_before);
	/* Pairs with the release in ttlog_auto_raise(): begun.litmus */
	bool begun = smp_load_acquire(&a->begun);

	if (begun)
		WRITE_ONCE(a->begun, false);
	/* Who has begun may be in a snapshot already that was gathering then. */
	if (!atomic_read(&a->raised))
		return false;
	if (!begun && !may_begin(a, now)) {
		*next = min(*next, before);
		return false;
	}
	a->hold = begun ? READ_ONCE(a->begun_hold) : 0;
	/* It was deferred until now, or its hold has ended while it waited. */
	if (!ttlog_hold_is(a->hold))
		a->hold = ttlog_hold_set();
	a->state = GATHERING;
	a->deadline = now + EVIDENCE_NS;
	return true;
}

/*
 * Whatever the reason, an oops that is being told is evidence, and comes first. Who
 * raised it first is known at once, and kicks the engine after that.
 */
static bool end_gathering(struct ttlog_auto *a, u64 now, u64 *next)
{
	if (ttlog_oops_in_progress()) {
		if (now < a->deadline) {
			*next = min(*next, a->deadline);
			return false;
		}
		ttlog_oops_give_up();
	}
	/* Pairs with the release in ttlog_auto_raise(): known.litmus */
	if (!smp_load_acquire(&a->known))
		return false;
	a->trigger.time = READ_ONCE(a->time);
	a->trigger.pid = READ_ONCE(a->pid);
	WRITE_ONCE(a->known, false);
	/* Only now may another one be the first: raised.litmus */
	a->trigger.count = atomic_xchg(&a->raised, 0);
	a->trigger.id = ttlog_trigger_id();
	a->state = READY;
	a->deadline = now + TAKE_NS;
	if (ttlog_hold_is(a->hold))
		ttlog_hold_progress();
	ttlog_trigger_wake();
	return true;
}

/* Nobody takes it? Then the module starts a helper of its own. */
static bool run_ready(struct ttlog_auto *a, u64 now, u64 *next)
{
	u64 again;

	if (ttlog_trigger_attached() && now < a->deadline) {
		*next = min(*next, a->deadline);
		return false;
	}
	/* Now the one-shot may take it: it may be there and wait. */
	ttlog_trigger_wake();
	again = ttlog_once_start(now);
	*next = min(*next, again);
	return false;
}

/* Who took it has stopped in the middle of it? Then another one may take it. */
static bool run_taken(struct ttlog_auto *a, u64 now, u64 *next)
{
	if (!ttlog_hold_stalled(a->hold) && now < a->deadline) {
		*next = min(*next, a->deadline);
		return false;
	}
	if (!ttlog_hold_is(a->hold))
		a->hold = 0;
	a->taker = NULL;
	a->state = READY;
	a->deadline = now;
	a->trigger.id = ttlog_trigger_id();
	return true;
}

static bool step(struct ttlog_auto *a, u64 now, u64 *next)
{
	switch (a->state) {
	case IDLE:
		return run_idle(a, now, next);
	case GATHERING:
		return end_gathering(a, now, next);
	case READY:
		return run_ready(a, now, next);
	case TAKEN:
		return run_taken(a, now, next);
	}
	return false;
}

/*
 * A timer may be late by an eighth of its time. So a long one is set for earlier, and
 * what is left then is short.
 */
static void look_again_at(u64 next, u64 now)
{
	u64 wait = next > now ? next - now : 0;

	if (wait > SHORT_NS)
		wait -= wait / 8;
	/* A kick in between has queued it already, and sooner. */
	queue_delayed_work(queue, &engine, nsecs_to_jiffies(wait) + 1);
}

static void run_engine(struct work_struct *work)
{
	struct ttlog_auto *a, *other;
	u64 now, next = U64_MAX;

	mutex_lock(&ttlog_trigger_lock);
	WRITE_ONCE(is_due, false);
	/* Whose kick is forgotten by this, his news is seen: late.litmus */
	smp_mb();
	now = ktime_get_mono_fast_ns();
	list_for_each_entry_safe(a, other, &autos, list) {
		/* At most four lead from TAKEN to a helper's being started. */
		while (step(a, now, &next))
			;
		if (!a->refs && a->state == IDLE && !atomic_read(&a->raised)) {
			list_del(&a->list);
			nr_autos--;
			kfree(a);
		}
	}
	/* Last, as a helper that is started prolongs the hold. */
	next = min(next, ttlog_hold_check(now));
	WRITE_ONCE(look_at, next);
	mutex_unlock(&ttlog_trigger_lock);
	if (next != U64_MAX)
		look_again_at(next, now);
}

/**
 * ttlog_auto_get() - the trigger of a reason, to be raised
 * @kind: TTLOG_TRIGGER_*
 * @reason: [A-Za-z0-9_-]{1,32}
 *
 * Context: task.
 * Return: the trigger, for ttlog_auto_put(); ERR_PTR of -EINVAL: not a reason,
 * -ENOSPC: too many different ones, -ENOMEM.
 */
struct ttlog_auto *ttlog_auto_get(u32 kind, const char *reason)
{
	struct ttlog_auto *a, *new, *found = ERR_PTR(-ENOSPC);

	if (!ttlog_trigger_reason(reason))
		return ERR_PTR(-EINVAL);
	/* Before the lock, which the end of a hold waits for. */
	new = kzalloc(sizeof(*new), GFP_KERNEL);
	if (!new)
		return ERR_PTR(-ENOMEM);
	mutex_lock(&ttlog_trigger_lock);
	list_for_each_entry(a, &autos, list) {
		if (a->trigger.kind == kind &&
		    !strcmp(a->trigger.reason, reason)) {
			a->refs++;
			found = a;
			goto unlock;
		}
	}
	if (nr_autos == TTLOG_NR_REASONS)
		goto unlock;
	new->refs = 1;
	new->trigger.kind = kind;
	strscpy(new->trigger.reason, reason, sizeof(new->trigger.reason));
	list_add_tail(&new->list, &autos);
	nr_autos++;
	found = new;
	new = NULL;
unlock:
	mutex_unlock(&ttlog_trigger_lock);
	kfree(new);
	return found;
}

/**
 * ttlog_auto_put() - it will not be raised any more by this caller
 * @a: from ttlog_auto_get()
 *
 * What was raised before still becomes a snapshot.
 *
 * Context: task.
 */
void ttlog_auto_put(struct ttlog_auto *a)
{
	mutex_lock(&ttlog_trigger_lock);
	a->refs--;
	mutex_unlock(&ttlog_trigger_lock);
	ttlog_auto_kick();
}

/* Oopses first, then what waits longest. Caller holds ttlog_trigger_lock. */
static struct ttlog_auto *first_ready(bool once)
{
	u64 now = ktime_get_mono_fast_ns();
	struct ttlog_auto *a, *first = NULL;

	list_for_each_entry(a, &autos, list) {
		if (a->state != READY ||
		    (once && ttlog_trigger_attached() && now < a->deadline))
			continue;
		if (a->trigger.kind == TTLOG_TRIGGER_OOPS)
			return a;
		if (!first || a->trigger.id < first->trigger.id)
			first = a;
	}
	return first;
}

/**
 * ttlog_auto_waits() - is there one to take?
 * @once: for the one-shot helper
 *
 * Context: task, under ttlog_trigger_lock.
 * Return: true if there is.
 */
bool ttlog_auto_waits(bool once)
{
	return first_ready(once);
}

/**
 * ttlog_auto_all_served() - is none raised, waiting, or being served?
 *
 * One that comes too soon after another of its reason waits unseen by helpers.
 *
 * Context: task, under ttlog_trigger_lock.
 * Return: true if helpers are done with all.
 */
bool ttlog_auto_all_served(void)
{
	struct ttlog_auto *a;

	list_for_each_entry(a, &autos, list)
		if (a->state != IDLE || atomic_read(&a->raised))
			return false;
	return true;
}

/*
 * There is one hold at a time, and what is taken first needs it first: one that was
 * set for a trigger that waits does for this one as well.
 */
static void claim_hold(struct ttlog_auto *a)
{
	struct ttlog_auto *other;

	list_for_each_entry(other, &autos, list) {
		if (other->state != READY || !ttlog_hold_is(other->hold))
			continue;
		swap(a->hold, other->hold);
		return;
	}
}

/**
 * ttlog_auto_take() - hand one to a helper
 * @file: the helper's
 * @once: it is the one-shot helper
 * @trigger: filled in
 *
 * Context: task, under ttlog_trigger_lock.
 * Return: false if there is none.
 */
bool ttlog_auto_take(struct file *file, bool once,
		     struct ttlog_trigger *trigger)
{
	struct ttlog_auto *a = first_ready(once);

	if (!a)
		return false;
	claim_hold(a);
	a->state = TAKEN;
	a->taker = file;
	a->deadline = ktime_get_mono_fast_ns() + SERVE_NS;
	*trigger = a->trigger;
	if (ttlog_hold_is(a->hold)) {
		trigger->flags |= TTLOG_TRIGGER_HELD;
		ttlog_hold_progress();
	} else {
		a->hold = 0;
	}
	/* The engine looks after who doesn't go on. */
	ttlog_auto_kick();
	return true;
}

static struct ttlog_auto *find_taken(struct file *file)
{
	struct ttlog_auto *a;

	list_for_each_entry(a, &autos, list)
		if (a->state == TAKEN && a->taker == file)
			return a;
	return NULL;
}

/* Is the hold on the rings this trigger's? Then it is no longer needed. */
static void drop_hold(struct ttlog_auto *a)
{
	if (ttlog_hold_is(a->hold))
		ttlog_hold_end();
	a->hold = 0;
}

/**
 * ttlog_auto_done() - a taken one is served
 * @file: who took it
 * @id: of the trigger
 *
 * Context: task, under ttlog_trigger_lock.
 * Return: false if this file took none of this id.
 */
bool ttlog_auto_done(struct file *file, u64 id)
{
	struct ttlog_auto *a;

	list_for_each_entry(a, &autos, list) {
		if (a->state != TAKEN || a->taker != file ||
		    a->trigger.id != id)
			continue;
		drop_hold(a);
		a->taker = NULL;
		a->state = IDLE;
		ttlog_auto_kick();
		return true;
	}
	return false;
}

/**
 * ttlog_auto_holds() - does this file read for the hold that is on the rings?
 * @file: a helper's
 *
 * Context: task, under ttlog_trigger_lock.
 * Return: true if it does.
 */
bool ttlog_auto_holds(struct file *file)
{
	struct ttlog_auto *a;

	list_for_each_entry(a, &autos, list)
		if (a->state == TAKEN && a->taker == file &&
		    ttlog_hold_is(a->hold))
			return true;
	return false;
}

/**
 * ttlog_auto_gone() - a helper is closed: what it had taken waits again
 * @file: the helper's
 *
 * Context: task, under ttlog_trigger_lock.
 */
void ttlog_auto_gone(struct file *file)
{
	struct ttlog_auto *a;

	while ((a = find_taken(file))) {
		a->taker = NULL;
		a->state = READY;
		a->deadline = ktime_get_mono_fast_ns() + TAKE_NS;
		ttlog_trigger_wake();
	}
	ttlog_auto_kick();
}

/**
 * ttlog_auto_init() - get the engine ready
 *
 * Context: task, at load, before anything may be raised.
 * Return: 0 or -ENOMEM.
 */
int ttlog_auto_init(void)
{
	int cpu;

	/*
	 * Not bound to a CPU whose other work may be what is stuck, and with a
	 * thread of its own where there is no memory for one more.
	 */
	queue = alloc_workqueue("ttlog", WQ_UNBOUND | WQ_MEM_RECLAIM | WQ_HIGHPRI,
				0);
	if (!queue)
		return -ENOMEM;
	INIT_DELAYED_WORK(&engine, run_engine);
	/* With PREEMPT_RT one that isn't hard waits for a thread of its CPU. */
	for_each_possible_cpu(cpu) {
		struct irq_work *own = per_cpu_ptr(&kick, cpu);

		*own = IRQ_WORK_INIT_HARD(kick_now);
	}
	return 0;
}

/**
 * ttlog_auto_exit() - stop the engine; what still waits is given up
 *
 * Context: task, at unload: nothing is raised, and there is no helper. A reboot may
 * still ask what isn't served.
 */
void ttlog_auto_exit(void)
{
	struct ttlog_auto *a, *other;
	int cpu;

	for_each_possible_cpu(cpu)
		irq_work_sync(per_cpu_ptr(&kick, cpu));
	cancel_delayed_work_sync(&engine);
	destroy_workqueue(queue);
	mutex_lock(&ttlog_trigger_lock);
	list_for_each_entry_safe(a, other, &autos, list) {
		list_del(&a->list);
		kfree(a);
	}
	nr_autos = 0;
	mutex_unlock(&ttlog_trigger_lock);
}
