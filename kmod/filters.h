/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_FILTERS_H
#define TTLOG_FILTERS_H

#include <linux/compiler.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include "uapi/ttlog.h"

/**
 * struct filter_name - a service's name
 * @word: its bytes, padded with NULs
 */
struct filter_name {
	u64 word[TTLOG_SERVICE_LEN / sizeof(u64)];
};

/**
 * struct filter_counts - what a filter counts on a CPU, by level
 * @left: of events to leave out until the next one is sampled
 * @paid: when those are paid for that were let through, mono, ns: as in share.c
 * @lost: events that it left out, by cause
 */
struct filter_counts {
	u32 left[TTLOG_NR_LEVELS];
	u64 paid[TTLOG_NR_LEVELS];
	u64 lost[TTLOG_NR_LOST];
};

/**
 * struct filter_limit - a rate
 * @rate: events a second, or TTLOG_FILTER_NO_LIMIT, or TTLOG_FILTER_INHERIT
 * @burst: events at once
 * @cost: of an event, ns
 * @ahead: how far who pays may be ahead of now, ns
 */
struct filter_limit {
	u32 rate;
	u32 burst;
	u64 cost;
	u64 ahead;
};

/**
 * struct filter - what is recorded of a service
 * @name: the service; none: all
 * @says: those levels of which this says whether they are recorded, FILTER_SAYS() of
 *	them, and of these those that are: together, as one without the other is wrong
 * @sample: by level, as in struct ttlog_filter
 * @limit: likewise
 * @counts: of this filter
 */
struct filter {
	struct filter_name name;
	u32 says;
	u32 sample[TTLOG_NR_LEVELS];
	struct filter_limit limit[TTLOG_NR_LEVELS];
	struct filter_counts __percpu *counts;
};

/* Of struct filter.says. */
#define FILTER_SAYS(levels)	((u32)(levels) << TTLOG_NR_LEVELS)
#define FILTER_RECORDS(levels)	((u32)(levels))
#define FILTER_ALL_LEVELS	((1U << TTLOG_NR_LEVELS) - 1)
#define FILTER_LEVELS(says)	((says) >> TTLOG_NR_LEVELS)
#define FILTER_RECORDED(says)	((says) & FILTER_ALL_LEVELS)

extern struct mutex ttlog_filters_lock;
extern struct filter ttlog_filter_for_all;
extern u32 ttlog_filters_end;

/* The level mask of the filter for all. Context: any. */
static __always_inline u32 ttlog_filter_levels(void)
{
	return FILTER_RECORDED(READ_ONCE(ttlog_filter_for_all.says));
}

/* Has any service a filter of its own? Context: any. */
static __always_inline bool ttlog_filters_any(void)
{
	return READ_ONCE(ttlog_filters_end) > 1;
}

struct filter *ttlog_filters_find(const struct filter_name *name);
struct filter *ttlog_filters_at(u32 index);
int ttlog_filters_index(const struct filter_name *name);
int ttlog_filters_next(u32 index);
int ttlog_filters_add(const struct filter_name *name);
struct filter *ttlog_filters_take(u32 index);
void ttlog_filters_free(struct filter *f);
int ttlog_filters_init(void);
void ttlog_filters_exit(void);

#endif
