// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is recorded of users' events: levels, one of so many, so many a second; for
 * all services and for each that has a filter of its own.
 *
 * Most levels of most machines have none of this. Which these are stands in one word
 * (control.c), the only thing that their events look at. The others ask here: they
 * look for their service's filter, whose words are set one by one and read once each,
 * as none of them needs another to be right. Counts are the CPU's, so that no CPU
 * writes what another one does; only tasks write events, with preemption off, so
 * nothing comes on top.
 */
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/kprobes.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include "compat.h"
#include "event.h"
#include "filter.h"
#include "filters.h"
#include "map.h"

/* The service of what the running task writes. */
static __always_inline struct filter_name name_of(int service)
{
	const char *comm = READ_ONCE(current->group_leader)->comm;
	struct filter_name name = {};

	if (service != TTLOG_SERVICE_NONE) {
		BUILD_BUG_ON(sizeof(name) != sizeof(ttlog_map->service[0].name));
		memcpy(&name, ttlog_map->service[service].name, sizeof(name));
		return name;
	}
	name.word[0] = comm_word(comm, 0);
	name.word[1] = comm_word(comm, 8);
	return name;
}

/* Is it the first of so many? What is left may be of another number than now. */
static __always_inline bool is_sampled(u32 *left, u32 sample)
{
	u32 n = READ_ONCE(*left);
	bool is = !n || n >= sample;

	WRITE_ONCE(*left, (is ? sample : n) - 1);
	return is;
}

/*
 * Is there room for it? Who is further ahead than may be had another limit until
 * now, and begins anew.
 */
static __always_inline bool is_within(u64 *paid, const struct filter_limit *limit,
				      u64 now)
{
	u64 ahead = READ_ONCE(limit->ahead), cost = READ_ONCE(limit->cost);
	u64 from = READ_ONCE(*paid);

	if (from < now || from - now > ahead)
		from = now;
	if (from - now + cost > ahead)
		return false;
	WRITE_ONCE(*paid, from + cost);
	return true;
}

/* Each of these: who leaves it out, the service's filter or that for all; or NULL. */

static __always_inline struct filter *left_out_by_level(struct filter *own, u32 level)
{
	u32 says = own ? READ_ONCE(own->says) : 0;
	struct filter *f = own;

	if (!(says & FILTER_SAYS(BIT(level)))) {
		f = &ttlog_filter_for_all;
		says = READ_ONCE(f->says);
	}
	return says & FILTER_RECORDS(BIT(level)) ? NULL : f;
}

static __always_inline struct filter *left_out_by_sample(struct filter *own, u32 level)
{
	u32 sample = own ? READ_ONCE(own->sample[level]) : TTLOG_FILTER_INHERIT;
	struct filter *f = own;

	if (sample == TTLOG_FILTER_INHERIT) {
		f = &ttlog_filter_for_all;
		sample = READ_ONCE(f->sample[level]);
	}
	if (sample == 1 || is_sampled(&this_cpu_ptr(f->counts)->left[level], sample))
		return NULL;
	return f;
}

static __always_inline struct filter *left_out_by_rate(struct filter *own, u32 level)
{
	u32 rate = own ? READ_ONCE(own->limit[level].rate) : TTLOG_FILTER_INHERIT;
	struct filter *f = own;

	if (rate == TTLOG_FILTER_INHERIT) {
		f = &ttlog_filter_for_all;
		rate = READ_ONCE(f->limit[level].rate);
	}
	if (rate == TTLOG_FILTER_NO_LIMIT ||
	    is_within(&this_cpu_ptr(f->counts)->paid[level], &f->limit[level],
		      ktime_get_mono_fast_ns()))
		return NULL;
	return f;
}

static __always_inline u32 count(struct filter *f, u32 cause)
{
	u64 *lost = &this_cpu_ptr(f->counts)->lost[cause];

	WRITE_ONCE(*lost, READ_ONCE(*lost) + 1);
	return cause;
}

/**
 * ttlog_filter_ask() - is an event to be recorded?
 * @level: TTLOG_EMERG to TTLOG_DEBUG
 * @service: id of its service, or TTLOG_SERVICE_NONE
 *
 * Counts it with the filter that leaves it out, and as sampled and let through.
 *
 * Context: task; preemption off.
 * Return: TTLOG_FILTER_PASSES, or why not: TTLOG_LOST_*.
 */
notrace u32 ttlog_filter_ask(u32 level, int service)
{
	struct filter *own = NULL, *by;
	struct filter_name name;

	if (ttlog_filters_any()) {
		name = name_of(service);
		own = ttlog_filters_find(&name);
	}
	by = left_out_by_level(own, level);
	if (by)
		return count(by, TTLOG_LOST_FILTERED);
	by = left_out_by_sample(own, level);
	if (by)
		return count(by, TTLOG_LOST_SAMPLED);
	by = left_out_by_rate(own, level);
	if (by)
		return count(by, TTLOG_LOST_LIMITED);
	return TTLOG_FILTER_PASSES;
}
NOKPROBE_SYMBOL(ttlog_filter_ask);
