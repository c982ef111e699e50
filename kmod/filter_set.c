// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading, setting and removing filters: what the ioctl gives is checked as a whole
 * before anything of it is in force.
 */
#include <linux/bits.h>
#include <linux/bitops.h>
#include <linux/capability.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/percpu.h>
#include <linux/string.h>
#include <linux/time64.h>
#include "control.h"
#include "filter.h"
#include "filters.h"

#define SET_FLAGS	(TTLOG_FILTER_LEVELS | TTLOG_FILTER_LEVELS_INHERIT | \
			 TTLOG_FILTER_SAMPLE | TTLOG_FILTER_RATE)

static u32 mask_at_load;

/* Levels of which a filter lets everything through. */
static u32 lets_all_through(const struct filter *f)
{
	u32 mask = FILTER_RECORDED(f->says), i;

	mask |= FILTER_ALL_LEVELS & ~FILTER_LEVELS(f->says);
	for (i = 0; i < TTLOG_NR_LEVELS; i++) {
		if (f->sample[i] > 1 ||
		    (f->limit[i].rate != TTLOG_FILTER_INHERIT &&
		     f->limit[i].rate != TTLOG_FILTER_NO_LIMIT))
			mask &= ~BIT(i);
	}
	return mask;
}

/* Have events, and who asks, know what holds now. Caller holds ttlog_filters_lock. */
static void show(void)
{
	u32 some = 0, plain = FILTER_ALL_LEVELS, i;
	const struct filter *f;

	for (i = 0; i < TTLOG_NR_FILTERS; i++) {
		f = ttlog_filters_at(i);
		if (!f)
			continue;
		some |= FILTER_RECORDED(f->says);
		plain &= lets_all_through(f);
	}
	ttlog_control_show(some, plain);
}

static void say(struct filter *f, u32 levels, u32 record)
{
	WRITE_ONCE(f->says, FILTER_SAYS(levels) | FILTER_RECORDS(record));
}

static void clear_for_all(void)
{
	int i;

	say(&ttlog_filter_for_all, FILTER_ALL_LEVELS, mask_at_load);
	for (i = 0; i < TTLOG_NR_LEVELS; i++) {
		WRITE_ONCE(ttlog_filter_for_all.sample[i], 1);
		WRITE_ONCE(ttlog_filter_for_all.limit[i].rate, TTLOG_FILTER_NO_LIMIT);
		WRITE_ONCE(ttlog_filter_for_all.limit[i].burst, 0);
	}
}

/**
 * ttlog_filter_init() - have the filter for all
 * @level_mask: bit N set: level N is recorded
 *
 * Context: task, at load; ttlog_control_init() has the same mask.
 * Return: 0 or -ENOMEM.
 */
int ttlog_filter_init(u32 level_mask)
{
	int ret = ttlog_filters_init();

	if (ret)
		return ret;
	mask_at_load = level_mask;
	clear_for_all();
	return 0;
}

/**
 * ttlog_filter_exit() - free the filters
 *
 * Context: task, at unload, when nobody writes any more.
 */
void ttlog_filter_exit(void)
{
	ttlog_filters_exit();
}

/**
 * ttlog_filter_set_levels() - set the level mask of the filter for all
 * @mask: bit N set: level N is recorded
 *
 * Context: task.
 */
void ttlog_filter_set_levels(u32 mask)
{
	mutex_lock(&ttlog_filters_lock);
	say(&ttlog_filter_for_all, FILTER_ALL_LEVELS, mask);
	show();
	mutex_unlock(&ttlog_filters_lock);
}

static void set_levels(struct filter *f, const struct ttlog_filter *to)
{
	u32 levels = FILTER_LEVELS(f->says);
	u32 record = FILTER_RECORDED(f->says) & ~to->levels;

	if (to->flags & TTLOG_FILTER_LEVELS)
		say(f, levels | to->levels, record | (to->record & to->levels));
	else
		say(f, levels & ~to->levels, record);
}

/* An event that comes in between may be asked by half of it. */
static void set_limit(struct filter_limit *limit, u32 rate, u32 burst)
{
	u64 cost;

	if (rate != TTLOG_FILTER_INHERIT && rate != TTLOG_FILTER_NO_LIMIT) {
		cost = DIV_ROUND_UP(NSEC_PER_SEC, rate);
		WRITE_ONCE(limit->cost, cost);
		WRITE_ONCE(limit->ahead, cost * burst);
	}
	WRITE_ONCE(limit->burst, burst);
	WRITE_ONCE(limit->rate, rate);
}

static void set_filter(struct filter *f, const struct ttlog_filter *to)
{
	u32 i;

	if (to->flags & (TTLOG_FILTER_LEVELS | TTLOG_FILTER_LEVELS_INHERIT))
		set_levels(f, to);
	for (i = 0; i < TTLOG_NR_LEVELS; i++) {
		if (!(to->levels & BIT(i)))
			continue;
		if (to->flags & TTLOG_FILTER_SAMPLE)
			WRITE_ONCE(f->sample[i], to->sample[i]);
		if (to->flags & TTLOG_FILTER_RATE)
			set_limit(&f->limit[i], to->rate[i], to->burst[i]);
	}
}

static bool is_number(u32 value)
{
	return value >= 1 && value <= TTLOG_FILTER_MAX;
}

static bool is_rate(u32 rate, u32 burst)
{
	if (rate == TTLOG_FILTER_INHERIT || rate == TTLOG_FILTER_NO_LIMIT)
		return !burst;
	return is_number(rate) && is_number(burst);
}

/* Can what is to be set be set? */
static bool can_set(const struct ttlog_filter *to, bool of_all)
{
	u32 flags = to->flags, i;

	if (!to->levels || to->levels & ~FILTER_ALL_LEVELS)
		return false;
	if (flags & TTLOG_FILTER_LEVELS && to->record & ~FILTER_ALL_LEVELS)
		return false;
	if (flags & TTLOG_FILTER_LEVELS_INHERIT &&
	    (of_all || flags & TTLOG_FILTER_LEVELS))
		return false;
	for (i = 0; i < TTLOG_NR_LEVELS; i++) {
		if (!(to->levels & BIT(i)))
			continue;
		if (flags & TTLOG_FILTER_SAMPLE && !is_number(to->sample[i]) &&
		    (of_all || to->sample[i] != TTLOG_FILTER_INHERIT))
			return false;
		if (flags & TTLOG_FILTER_RATE &&
		    (!is_rate(to->rate[i], to->burst[i]) ||
		     (of_all && to->rate[i] == TTLOG_FILTER_INHERIT)))
			return false;
	}
	return true;
}

/* A comm may have a space in it, other than a service that is named. */
static bool take_name(struct filter_name *name, const char *service)
{
	size_t i;

	*name = (struct filter_name){};
	for (i = 0; i < TTLOG_SERVICE_LEN && service[i]; i++)
		if (service[i] < 0x20 || service[i] > 0x7e)
			return false;
	if (i == TTLOG_SERVICE_LEN)
		return false;
	memcpy(name, service, i);
	return true;
}

/* Caller holds ttlog_filters_lock. */
static void answer(struct ttlog_filter *to, u32 index)
{
	const struct filter *f = ttlog_filters_at(index);
	const struct filter_counts *counts;
	int cpu, i;

	*to = (struct ttlog_filter){
		.index = index,
		.levels = FILTER_LEVELS(f->says),
		.record = FILTER_RECORDED(f->says),
	};
	memcpy(to->service, &f->name, sizeof(to->service));
	for (i = 0; i < TTLOG_NR_LEVELS; i++) {
		to->sample[i] = f->sample[i];
		to->rate[i] = f->limit[i].rate;
		to->burst[i] = f->limit[i].burst;
	}
	for_each_possible_cpu(cpu) {
		counts = per_cpu_ptr(f->counts, cpu);
		for (i = 0; i < TTLOG_NR_LOST; i++)
			to->lost[i] += READ_ONCE(counts->lost[i]);
	}
}

/* Caller holds ttlog_filters_lock. */
static int set_named(const struct ttlog_filter *to, const struct filter_name *name)
{
	int index = ttlog_filters_index(name);

	if (index < 0)
		index = ttlog_filters_add(name);
	if (index < 0)
		return index;
	set_filter(ttlog_filters_at(index), to);
	show();
	return index;
}

/* What is to be freed is put to @gone. Caller holds ttlog_filters_lock. */
static int remove_named(const struct filter_name *name, struct filter **gone)
{
	int index = ttlog_filters_index(name);

	if (index < 0)
		return index;
	if (index)
		*gone = ttlog_filters_take(index);
	else
		clear_for_all();
	show();
	return index;
}

/**
 * ttlog_filter() - read, set or remove a filter
 * @f: what is wanted, and the answer
 *
 * Context: task; sleeps.
 * Return: 0, or an error as the ABI says.
 */
int ttlog_filter(struct ttlog_filter *f)
{
	bool sets = f->flags & SET_FLAGS;
	struct filter *gone = NULL;
	struct filter_name name;
	int index;

	if (f->flags & ~(SET_FLAGS | TTLOG_FILTER_REMOVE | TTLOG_FILTER_NEXT) ||
	    hweight32(f->flags & ~SET_FLAGS) + sets > 1)
		return -EINVAL;
	if (!(f->flags & TTLOG_FILTER_NEXT) && !take_name(&name, f->service))
		return -EINVAL;
	if (sets && !can_set(f, !*f->service))
		return -EINVAL;
	if (f->flags & ~TTLOG_FILTER_NEXT && !capable(CAP_SYS_ADMIN))
		return -EPERM;

	mutex_lock(&ttlog_filters_lock);
	if (f->flags & TTLOG_FILTER_NEXT)
		index = ttlog_filters_next(f->index);
	else if (f->flags & TTLOG_FILTER_REMOVE)
		index = remove_named(&name, &gone);
	else if (sets)
		index = set_named(f, &name);
	else
		index = ttlog_filters_index(&name);
	if (index >= 0 && !(f->flags & TTLOG_FILTER_REMOVE))
		answer(f, index);
	mutex_unlock(&ttlog_filters_lock);
	if (gone)
		ttlog_filters_free(gone);
	return min(index, 0);
}
