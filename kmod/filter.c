// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is recorded of users' events: levels, one of so many, so many a second; for
 * all services and for each that has a filter of its own.
 *
 * Most levels of most machines have none of this. Which these are stands in one word
 * (control.c), the only thing that their events look at. The others ask here: they
 * look for their service's filter, whose words are set one by one, as none of them
 * needs another to be right. Counts are the CPU's, so that no CPU writes what another
 * one does; only tasks write events, with preemption off, so nothing comes on top.
 */
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/kprobes.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/string.h>
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

static __always_inline u32 leave_out(struct filter_counts *counts, u32 cause)
{
	WRITE_ONCE(counts->lost[cause], READ_ONCE(counts->lost[cause]) + 1);
	return cause;
}

/**
 * ttlog_filter_ask() - is an event to be recorded?
 * @level: TTLOG_EMERG to TTLOG_DEBUG
 * @service: id of its service, or TTLOG_SERVICE_NONE
 * @now: mono, ns
 *
 * Counts it with the filter that leaves it out, and as sampled and let through.
 *
 * Context: task; preemption off.
 * Return: TTLOG_FILTER_PASSES, or why not: TTLOG_LOST_*.
 */
notrace u32 ttlog_filter_ask(u32 level, int service, u64 now)
{
	struct filter *own = NULL, *says;
	struct filter_counts *counts;
	struct filter_name name;
	u32 sample, rate;

	if (ttlog_filters_any()) {
		name = name_of(service);
		own = ttlog_filters_find(&name);
	}
	says = own && READ_ONCE(own->levels) & BIT(level) ? own : &ttlog_filter_for_all;
	if (!(READ_ONCE(says->record) & BIT(level)))
		return leave_out(this_cpu_ptr(says->counts),
				 TTLOG_LOST_FILTERED);

	says = own && READ_ONCE(own->sample[level]) ? own : &ttlog_filter_for_all;
	counts = this_cpu_ptr(says->counts);
	sample = READ_ONCE(says->sample[level]);
	if (sample > 1 && !is_sampled(&counts->left[level], sample))
		return leave_out(counts, TTLOG_LOST_SAMPLED);

	says = own && READ_ONCE(own->limit[level].rate) ? own : &ttlog_filter_for_all;
	counts = this_cpu_ptr(says->counts);
	rate = READ_ONCE(says->limit[level].rate);
	if (rate != TTLOG_FILTER_NO_LIMIT &&
	    !is_within(&counts->paid[level], &says->limit[level], now))
		return leave_out(counts, TTLOG_LOST_LIMITED);
	return TTLOG_FILTER_PASSES;
}
NOKPROBE_SYMBOL(ttlog_filter_ask);
