// SPDX-License-Identifier: GPL-2.0-only
/*
 * Probes: functions of the kernel whose calls, or returns, are events.
 *
 * A hit is stamped as a write is and goes to TTLOG_PROBE of its CPU, a ring that
 * no user writes to. Its handler runs in any context: in a task, in an interrupt,
 * in an NMI (which is what a breakpoint counts as), on top of a writer or of
 * another probe's hit. So it takes no lock, waits for nothing, and is made of code
 * that can't be probed.
 *
 * The kernel does the rest: a probe that is hit within a probe is passed over and
 * counted, and who removes one waits until no handler runs.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/nospec.h>
#include <linux/percpu.h>
#include <linux/ptrace.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <linux/timekeeping.h>
#include "auto.h"
#include "compat.h"
#include "cpu.h"
#include "filters.h"
#include "hold.h"
#include "map.h"
#include "probe.h"
#include "rings.h"
#include "stamp.h"

#define LIMIT_TRIES	4	/* at the account that all CPUs use */

/* Tasks that may be in a function at the same time whose return is probed. */
#define RETURNS_MIN	256
#define RETURNS_A_CPU	16

/* Where all instructions are of one size, each begins at a multiple of it. */
#define INSTRUCTION_ALIGN	(IS_ENABLED(CONFIG_ARM64) ? 4 : 1)

/* Where the body's words begin: with the last byte of comm, then the id. */
#define FIRST_WORD	(TTLOG_EVENT_SIZE - 1)
#define VALUES		(TTLOG_EVENT_SIZE + TTLOG_PROBE_BODY_SIZE)

/**
 * struct counts - what became of the hits on one CPU
 * @recorded: got a slot
 * @turns: hits that sampling chose from
 * @lost: got none, by cause
 */
struct counts {
	__u64 recorded;
	__u64 turns;
	__u64 lost[TTLOG_NR_LOST];
};

/**
 * struct probe - a probe that is set
 * @at: the kernel's; of one that isn't TTLOG_PROBE_RETURN its @kp alone
 * @counts: by CPU
 * @ids: bits of struct ttlog_event.ids that all its events have
 * @first_word: id and padding of the body, from FIRST_WORD on
 * @step: ring_step() of @size
 * @size: bytes of each event, a multiple of TTLOG_ALIGN
 * @level_bit: its level, as in the level mask
 * @nr: values of each event
 * @special: it is sampled, has a rate, or is a trigger
 * @interval: ns from one to the next at the rate, 0: there is none
 * @ahead: how far @paid may be ahead of now
 * @trigger: raised by what is recorded, or NULL
 * @what: as it was asked for
 * @paid: mono, when what was recorded will have been paid for
 */
struct probe {
	struct kretprobe at;
	struct counts __percpu *counts;
	u64 ids;
	u64 first_word;
	u64 step;
	u32 size;
	u32 level_bit;
	u32 nr;
	bool special;
	u64 interval;
	u64 ahead;
	struct ttlog_auto *trigger;
	struct ttlog_probe what;
	u64 paid ____cacheline_aligned_in_smp;
};

static DEFINE_MUTEX(probe_lock);	/* of what follows, and of the map's names */
static struct probe *probes[TTLOG_NR_PROBES];

/* Pay for a hit, as a uid does for warnings (share.c). */
static notrace bool pay(struct probe *p, u64 now)
{
	u64 old, from;
	int i;

	for (i = 0; i < LIMIT_TRIES; i++) {
		old = READ_ONCE(p->paid);
		from = max(old, now);
		if (from + p->interval - now > p->ahead)
			return false;
		if (cmpxchg_relaxed(&p->paid, old, from + p->interval) == old)
			return true;
	}
	return false;
}
NOKPROBE_SYMBOL(pay);

/* Count a hit that gets no slot. Without a ring that is the cause. */
static notrace noinline void lose(struct probe *p, unsigned int cause)
{
	struct ttlog_cpu *cpu = this_cpu_ptr(&ttlog_cpu);

	if (!READ_ONCE(cpu->scratch)) {
		ring_count(&cpu->no_ring);
		cause = TTLOG_LOST_NO_RING;
	} else {
		ttlog_ring_lose(&cpu->ring[TTLOG_PROBE], cause);
	}
	this_cpu_inc(p->counts->lost[cause]);
}
NOKPROBE_SYMBOL(lose);

/*
 * Sampling: every so many of a CPU's. What interrupts us takes a turn of its own,
 * so that the share is exact.
 */
static __always_inline bool is_turn(const struct probe *p)
{
	u64 turn = this_cpu_inc_return(p->counts->turns);

	return turn % p->what.sample == 0;
}

/* One after the other, as a loop over a register's number takes longer. */
static __always_inline void store_arguments(u64 *to, struct pt_regs *regs,
					    u32 nr)
{
	if (!nr)
		return;
	to[0] = regs_get_kernel_argument(regs, 0);
	if (nr == 1)
		return;
	to[1] = regs_get_kernel_argument(regs, 1);
	if (nr == 2)
		return;
	to[2] = regs_get_kernel_argument(regs, 2);
	if (nr == 3)
		return;
	to[3] = regs_get_kernel_argument(regs, 3);
	if (nr == 4)
		return;
	to[4] = regs_get_kernel_argument(regs, 4);
	if (nr == 5)
		return;
	to[5] = regs_get_kernel_argument(regs, 5);
	BUILD_BUG_ON(TTLOG_PROBE_ARGS != 6);
}

static __always_inline void fill(const struct probe *p, struct pt_regs *regs,
				 struct ttlog_event *event, u64 now,
				 bool is_return)
{
	u64 *values = (u64 *)((u8 *)event + VALUES);

	/* Before comm, whose last byte it has as well. */
	*(u64 *)((u8 *)event + FIRST_WORD) = p->first_word;
	stamp_event(event, now, stamp_cgroup(), 0, p->ids);
	if (is_return)
		*values = regs_return_value(regs);
	else
		store_arguments(values, regs, p->nr);
}

/* Whatever record() leaves. The level is one that is recorded. */
static notrace noinline void record_slow(struct probe *p, struct pt_regs *regs,
					 bool is_return)
{
	struct ttlog_cpu *cpu = this_cpu_ptr(&ttlog_cpu);
	struct ring *ring = &cpu->ring[TTLOG_PROBE];
	struct slot slot;
	u64 now;

	if (!READ_ONCE(cpu->scratch))
		return lose(p, TTLOG_LOST_NO_RING);
	if (p->what.sample > 1 && !is_turn(p))
		return lose(p, TTLOG_LOST_SAMPLED);
	now = ktime_get_mono_fast_ns();
	if (p->interval && !pay(p, now))
		return lose(p, TTLOG_LOST_LIMITED);
	if (ttlog_rings_suspending())
		ttlog_ring_after_sleep(ring);
	slot = ring_reserve(ring, p->size);
	if (unlikely(!slot.event)) {
		this_cpu_inc(p->counts->lost[TTLOG_LOST_HELD]);
		ttlog_hold_lost();
		return;
	}
	fill(p, regs, slot.event, now, is_return);
	ring_commit(ring, slot);
	this_cpu_inc(p->counts->recorded);
	if (p->trigger)
		ttlog_auto_raise(p->trigger);
}
NOKPROBE_SYMBOL(record_slow);

/*
 * Most probes are neither sampled nor limited, and no trigger; most hits find the
 * ring free. For these each instruction counts. So there is but one call here, little
 * is kept over it, and what is rare is left to record_slow(), at the end.
 */
static __always_inline void record(struct probe *p, struct pt_regs *regs,
				   bool is_return)
{
	struct ring *ring;
	struct slot slot;
	u64 now;

	if (unlikely(!(ttlog_filter_levels() & p->level_bit)))
		return lose(p, TTLOG_LOST_FILTERED);
	if (unlikely(p->special))
		return record_slow(p, regs, is_return);
	now = ktime_get_mono_fast_ns();
	ring = &this_cpu_ptr(&ttlog_cpu)->ring[TTLOG_PROBE];
	/* No ring, no scratch: both come before the CPU is up. */
	if (unlikely(!ring->shared || ttlog_rings_suspending()))
		return record_slow(p, regs, is_return);
	slot = ring_reserve_alone(ring, p->size, p->step);
	if (unlikely(!slot.event))
		return record_slow(p, regs, is_return);
	fill(p, regs, slot.event, now, is_return);
	ring_commit_alone(ring, slot);
	this_cpu_inc(p->counts->recorded);
}

static notrace int hit(struct kprobe *kp, struct pt_regs *regs)
{
	probe_preempt_disable();
	record(container_of(kp, struct probe, at.kp), regs, false);
	probe_preempt_enable();
	return 0;
}
NOKPROBE_SYMBOL(hit);

static notrace int hit_return(struct kretprobe_instance *instance,
			      struct pt_regs *regs)
{
	struct kretprobe *at = get_kretprobe(instance);

	/* NULL: it is being removed. */
	if (likely(at))
		record(container_of(at, struct probe, at), regs, true);
	return 0;
}
NOKPROBE_SYMBOL(hit_return);

static bool is_return(const struct ttlog_probe *what)
{
	return what->flags & TTLOG_PROBE_RETURN;
}

static bool valid_symbol(const char *symbol)
{
	size_t i, len = strnlen(symbol, TTLOG_SYMBOL_LEN);

	for (i = 0; i < len; i++)
		if (symbol[i] < 0x21 || symbol[i] > 0x7e)
			return false;
	return len && len < TTLOG_SYMBOL_LEN;
}

static bool valid(const struct ttlog_probe *what)
{
	size_t reason = strnlen(what->reason, sizeof(what->reason));

	if (what->flags & ~(TTLOG_PROBE_RETURN | TTLOG_PROBE_TRIGGER) ||
	    !valid_symbol(what->symbol) || what->level > TTLOG_DEBUG ||
	    what->nr_args > TTLOG_PROBE_ARGS ||
	    !what->sample || what->sample > TTLOG_PROBE_NUMBER_MAX ||
	    what->rate > TTLOG_PROBE_NUMBER_MAX)
		return false;
	if (what->nr_args && (what->offset || is_return(what)))
		return false;
	if (what->offset && is_return(what))
		return false;
	return what->flags & TTLOG_PROBE_TRIGGER ?
	       reason && reason <= TTLOG_REASON_MAX : !reason;
}

static void set_kernel_part(struct probe *p)
{
	p->at.kp.symbol_name = p->what.symbol;
	p->at.kp.offset = p->what.offset;
	p->at.kp.flags = KPROBE_FLAG_DISABLED;
	if (is_return(&p->what)) {
		p->at.handler = hit_return;
		p->at.maxactive = max_t(int, RETURNS_MIN, RETURNS_A_CPU *
					num_possible_cpus());
	} else {
		p->at.kp.pre_handler = hit;
	}
}

static void free_probe(struct probe *p)
{
	if (p->trigger)
		ttlog_auto_put(p->trigger);
	free_percpu(p->counts);
	kfree(p);
}

static struct probe *make_probe(const struct ttlog_probe *what)
{
	struct probe *p = kzalloc(sizeof(*p), GFP_KERNEL);
	struct ttlog_auto *trigger;

	if (!p)
		return ERR_PTR(-ENOMEM);
	p->what = *what;
	p->nr = is_return(what) ? 1 : what->nr_args;
	BUILD_BUG_ON(VALUES % TTLOG_ALIGN);
	p->size = VALUES + p->nr * sizeof(u64);
	p->step = ring_step(p->size);
	p->ids = stamp_ids(p->size - TTLOG_EVENT_SIZE, what->level,
			   TTLOG_KIND_PROBE);
	p->level_bit = BIT(what->level);
	p->special = what->sample > 1 || what->rate ||
		     what->flags & TTLOG_PROBE_TRIGGER;
	if (what->rate) {
		p->interval = DIV_ROUND_UP(NSEC_PER_SEC, what->rate);
		p->ahead = p->interval * what->rate;
	}
	set_kernel_part(p);
	p->counts = alloc_percpu(struct counts);
	if (!p->counts) {
		kfree(p);
		return ERR_PTR(-ENOMEM);
	}
	if (!(what->flags & TTLOG_PROBE_TRIGGER))
		return p;
	trigger = ttlog_auto_get(TTLOG_TRIGGER_PROBE, what->reason);
	if (IS_ERR(trigger)) {
		free_probe(p);
		return ERR_CAST(trigger);
	}
	p->trigger = trigger;
	return p;
}

static int register_probe(struct probe *p)
{
	int ret = is_return(&p->what) ? register_kretprobe(&p->at) :
					register_kprobe(&p->at.kp);

	if (ret != -EINVAL)
		return ret;
	/* That is how the kernel says that it doesn't want a probe there. */
	return p->what.offset % INSTRUCTION_ALIGN ? -EILSEQ : -EOPNOTSUPP;
}

/* Waits until no handler runs. */
static void unregister_probe(struct probe *p)
{
	if (is_return(&p->what))
		unregister_kretprobe(&p->at);
	else
		unregister_kprobe(&p->at.kp);
}

/*
 * Where a function's entry is traced, that is how it is probed. One that isn't is
 * marked notrace, which also holds for the rest of it. That is known only once a
 * probe is registered there.
 */
static int check_entry(const struct kprobe *kp)
{
	if (!IS_ENABLED(CONFIG_KPROBES_ON_FTRACE) ||
	    kp->flags & KPROBE_FLAG_FTRACE)
		return 0;
	return -EOPNOTSUPP;
}

static int check_entry_of(const char *symbol)
{
	struct kprobe kp = {
		.symbol_name = symbol,
		.flags = KPROBE_FLAG_DISABLED,
	};
	int ret = register_kprobe(&kp);

	if (ret)
		return ret == -EINVAL ? -EOPNOTSUPP : ret;
	ret = check_entry(&kp);
	unregister_kprobe(&kp);
	return ret;
}

/*
 * The kernel takes any offset, and what comes after the function is another one:
 * "NAME+OFFSET/SIZE" then has another offset.
 */
static int check_offset(const struct probe *p)
{
	char *text = kmalloc(KSYM_SYMBOL_LEN, GFP_KERNEL), *plus;
	unsigned long offset;
	int ret = -EILSEQ;

	if (!text)
		return -ENOMEM;
	sprint_symbol(text, (unsigned long)p->at.kp.addr);
	plus = strrchr(text, '+');
	if (plus && sscanf(plus, "+%lx/", &offset) == 1 &&
	    offset == p->what.offset)
		ret = 0;
	kfree(text);
	return ret;
}

/*
 * Named so, it needs no registering to be refused. That reads a function that isn't
 * traced to its end, and of a module's last one the kernel takes what fills the page
 * for a part: as code, and an instruction may go on behind the page, where is nothing.
 */
static bool is_own(const char *symbol)
{
	return str_has_prefix(symbol, KBUILD_MODNAME ":");
}

/* Is it registered where it may be? */
static int check_place(const struct probe *p)
{
	int ret;

	/* Not to be probed as a whole, so that nobody need think of what of it. */
	if (within_module((unsigned long)p->at.kp.addr, THIS_MODULE))
		return -EOPNOTSUPP;
	if (!p->what.offset)
		return check_entry(&p->at.kp);
	ret = check_offset(p);
	return ret ?: check_entry_of(p->what.symbol);
}

static bool is_named(const struct ttlog_probe_name *name,
		     const struct ttlog_probe *what, u32 nr)
{
	return !strcmp(name->symbol, what->symbol) &&
	       name->offset == what->offset && name->nr_args == nr &&
	       name->flags == (what->flags & TTLOG_PROBE_RETURN);
}

/* The id of a definition, TTLOG_NR_PROBES for none. Caller holds probe_lock. */
static u32 find_id(const struct probe *p)
{
	u32 id;

	for (id = 0; id < ttlog_map->nr_probes; id++)
		if (is_named(&ttlog_map->probe[id], &p->what, p->nr))
			return id;
	return TTLOG_NR_PROBES;
}

/* Give a definition the next id, for ever. Caller holds probe_lock. */
static int add_id(const struct probe *p)
{
	u32 id = ttlog_map->nr_probes;
	struct ttlog_probe_name *name = &ttlog_map->probe[id];

	if (id == TTLOG_NR_PROBES)
		return -ENOSPC;
	strscpy(name->symbol, p->what.symbol, sizeof(name->symbol));
	name->offset = p->what.offset;
	name->flags = p->what.flags & TTLOG_PROBE_RETURN;
	name->nr_args = p->nr;
	/*
	 * Pairs with a reader's acquire, names.litmus: entries below nr_probes are
	 * whole.
	 */
	smp_store_release(&ttlog_map->nr_probes, id + 1);
	ttlog_map_keep();
	return id;
}

/* Caller holds probe_lock. */
static int set_probe(struct probe *p)
{
	u32 id = find_id(p);
	int ret;

	if (id < TTLOG_NR_PROBES && probes[id])
		return -EEXIST;
	if (is_own(p->what.symbol))
		return -EOPNOTSUPP;
	ret = register_probe(p);
	if (ret)
		return ret;
	ret = check_place(p);
	if (ret)
		goto unregister;
	if (id == TTLOG_NR_PROBES) {
		ret = add_id(p);
		if (ret < 0)
			goto unregister;
		id = ret;
	}
	p->what.id = id;
	p->first_word = (__force u64)cpu_to_le64((u64)id << 8);
	/* From here on it is hit, and readers know what by. */
	ret = enable_kprobe(&p->at.kp);
	/* Where kprobes are switched off as a whole it stays disabled, also afterwards. */
	if (!ret && kprobe_disabled(&p->at.kp))
		ret = -EBUSY;
	if (ret)
		goto unregister;
	probes[id] = p;
	return 0;

unregister:
	unregister_probe(p);
	return ret;
}

/**
 * ttlog_probe_add() - set a probe
 * @what: it; its id is put there
 *
 * Context: task. The caller has seen to it that it may.
 * Return: 0 or an error as the ABI says.
 */
int ttlog_probe_add(struct ttlog_probe *what)
{
	struct probe *p;
	int ret;

	if (!valid(what))
		return -EINVAL;
	/* Kprobes themselves don't ask. */
	if (security_locked_down(LOCKDOWN_KPROBES))
		return -EPERM;
	p = make_probe(what);
	if (IS_ERR(p))
		return PTR_ERR(p);
	mutex_lock(&probe_lock);
	ret = set_probe(p);
	if (!ret)
		what->id = p->what.id;
	mutex_unlock(&probe_lock);
	if (ret)
		free_probe(p);
	return ret;
}

/* A probe by the id that user space named, also against speculation. */
static struct probe *find_probe(u32 id)
{
	if (id >= TTLOG_NR_PROBES)
		return NULL;
	return probes[array_index_nospec(id, TTLOG_NR_PROBES)];
}

/* Caller holds probe_lock, or is alone. */
static void remove_probe(struct probe *p)
{
	probes[p->what.id] = NULL;
	unregister_probe(p);
	free_probe(p);
}

/**
 * ttlog_probe_del() - remove a probe
 * @id: its id
 *
 * Context: task. Waits until it isn't being hit any more.
 * Return: 0 or -ENOENT: no probe has this id.
 */
int ttlog_probe_del(u32 id)
{
	struct probe *p;
	int ret = -ENOENT;

	mutex_lock(&probe_lock);
	p = find_probe(id);
	if (p) {
		remove_probe(p);
		ret = 0;
	}
	mutex_unlock(&probe_lock);
	return ret;
}

/* Its module went: the kernel keeps what is left of it until it is removed. */
static bool is_gone(struct probe *p)
{
	return kprobe_gone(&p->at.kp);
}

static void describe(struct probe *p, struct ttlog_probe_stat *stat)
{
	const struct counts *counts;
	unsigned int cpu, i;

	*stat = (struct ttlog_probe_stat){
		.probe = p->what,
		.missed = p->at.kp.nmissed,
	};
	if (is_gone(p))
		stat->probe.flags |= TTLOG_PROBE_GONE;
	if (is_return(&p->what))
		stat->missed += p->at.nmissed;
	for_each_possible_cpu(cpu) {
		counts = per_cpu_ptr(p->counts, cpu);
		stat->recorded += READ_ONCE(counts->recorded);
		for (i = 0; i < TTLOG_NR_LOST; i++)
			stat->lost[i] += READ_ONCE(counts->lost[i]);
	}
	stat->hits = stat->recorded;
	for (i = 0; i < TTLOG_NR_LOST; i++)
		stat->hits += stat->lost[i];
}

/**
 * ttlog_probe_stat() - a probe and its counters
 * @stat: which, or the next; and the answer
 *
 * Context: task.
 * Return: 0 or -ENOENT: there is none.
 */
int ttlog_probe_stat(struct ttlog_probe_stat *stat)
{
	struct probe *p;
	int ret = -ENOENT;
	u32 id;

	mutex_lock(&probe_lock);
	for (id = stat->probe.id; id < TTLOG_NR_PROBES; id++) {
		p = find_probe(id);
		if (!p)
			continue;
		describe(p, stat);
		ret = 0;
		break;
	}
	mutex_unlock(&probe_lock);
	return ret;
}

/**
 * ttlog_probe_exit() - remove all probes
 *
 * Context: task, at unload: nobody sets one any more.
 */
void ttlog_probe_exit(void)
{
	u32 id;

	for (id = 0; id < TTLOG_NR_PROBES; id++)
		if (probes[id])
			remove_probe(probes[id]);
}
