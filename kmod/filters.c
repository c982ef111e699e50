// SPDX-License-Identifier: GPL-2.0-only
/*
 * The filters: that for all, and those of services, by name. Events look for the
 * latter with preemption off, so who takes one away waits for a grace period.
 */
#include <linux/errno.h>
#include <linux/kprobes.h>
#include <linux/lockdep.h>
#include <linux/nospec.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include "filters.h"

/* Of changes, and of reading a filter as a whole. */
DEFINE_MUTEX(ttlog_filters_lock);
/* At index 0. */
struct filter ttlog_filter_for_all;
/* No filter has this index or a higher one. */
u32 ttlog_filters_end = 1;
/* By index: key_of() the name; 0: there is none, or it is that for all. */
static u64 keys[TTLOG_NR_FILTERS];

static struct filter __rcu *filters[TTLOG_NR_FILTERS] = {
	RCU_INITIALIZER(&ttlog_filter_for_all),
};

/* A number that few names have in common, and not 0. */
static __always_inline u64 key_of(const struct filter_name *name)
{
	u64 key = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(name->word); i++)
		key = (key ^ name->word[i]) * 0x9e3779b97f4a7c15ULL;
	return key | 1;
}

static __always_inline bool is_same(const struct filter_name *a, const struct filter_name *b)
{
	u64 differ = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(a->word); i++)
		differ |= a->word[i] ^ b->word[i];
	return !differ;
}

/**
 * ttlog_filters_find() - the filter of a service
 * @name: its name
 *
 * Context: preemption off, as long as the filter is used.
 * Return: the filter, or NULL: it has none of its own.
 */
notrace struct filter *ttlog_filters_find(const struct filter_name *name)
{
	u64 key = key_of(name);
	struct filter *f;
	u32 i, nr = READ_ONCE(ttlog_filters_end);

	for (i = 1; i < nr; i++) {
		if (likely(READ_ONCE(keys[i]) != key))
			continue;
		/* Pairs with the assignment in ttlog_filters_add(): filter.litmus */
		f = rcu_dereference_sched(filters[i]);
		if (f && is_same(&f->name, name))
			return f;
	}
	return NULL;
}
NOKPROBE_SYMBOL(ttlog_filters_find);

/**
 * ttlog_filters_at() - the filter with an index
 * @index: below TTLOG_NR_FILTERS
 *
 * Context: task; caller holds ttlog_filters_lock, as for all that follows.
 * Return: the filter, or NULL.
 */
struct filter *ttlog_filters_at(u32 index)
{
	return rcu_dereference_protected(filters[index],
					 lockdep_is_held(&ttlog_filters_lock));
}

/**
 * ttlog_filters_index() - where the filter of a service is
 * @name: its name; none: all
 *
 * Return: its index, or -ENOENT.
 */
int ttlog_filters_index(const struct filter_name *name)
{
	u32 i;

	for (i = 0; i < TTLOG_NR_FILTERS; i++)
		if (ttlog_filters_at(i) &&
		    is_same(&ttlog_filters_at(i)->name, name))
			return i;
	return -ENOENT;
}

/**
 * ttlog_filters_next() - where the next filter is
 * @index: from there on, any number
 *
 * Return: its index, or -ENOENT.
 */
int ttlog_filters_next(u32 index)
{
	if (index >= TTLOG_NR_FILTERS)
		return -ENOENT;
	/* It is a user's. */
	index = array_index_nospec(index, TTLOG_NR_FILTERS);
	while (index < TTLOG_NR_FILTERS && !ttlog_filters_at(index))
		index++;
	return index < TTLOG_NR_FILTERS ? index : -ENOENT;
}

/**
 * ttlog_filters_add() - have a filter that says nothing
 * @name: of the service, which has none
 *
 * Return: its index, -ENOSPC or -ENOMEM.
 */
int ttlog_filters_add(const struct filter_name *name)
{
	struct filter *f;
	u32 i;

	for (i = 1; i < TTLOG_NR_FILTERS && ttlog_filters_at(i); i++)
		;
	if (i == TTLOG_NR_FILTERS)
		return -ENOSPC;
	f = kzalloc(sizeof(*f), GFP_KERNEL);
	if (!f)
		return -ENOMEM;
	f->counts = alloc_percpu(struct filter_counts);
	if (!f->counts) {
		kfree(f);
		return -ENOMEM;
	}
	f->name = *name;
	/* Who finds it finds it whole: filter.litmus */
	rcu_assign_pointer(filters[i], f);
	WRITE_ONCE(keys[i], key_of(name));
	if (i >= ttlog_filters_end)
		WRITE_ONCE(ttlog_filters_end, i + 1);
	return i;
}

/**
 * ttlog_filters_take() - take a service's filter away
 * @index: of a filter that is there, not 0
 *
 * Return: the filter, for ttlog_filters_free().
 */
struct filter *ttlog_filters_take(u32 index)
{
	struct filter *f = ttlog_filters_at(index);
	u32 end = ttlog_filters_end;

	WRITE_ONCE(keys[index], 0);
	RCU_INIT_POINTER(filters[index], NULL);
	while (end > 1 && !ttlog_filters_at(end - 1))
		end--;
	WRITE_ONCE(ttlog_filters_end, end);
	return f;
}

static void free_filter(struct filter *f)
{
	free_percpu(f->counts);
	kfree(f);
}

/**
 * ttlog_filters_free() - free what was taken, once nobody uses it
 * @f: the filter
 *
 * Context: task; sleeps. No lock is needed.
 */
void ttlog_filters_free(struct filter *f)
{
	/* Who found it has preemption off: filter-freed.litmus */
	synchronize_rcu();
	free_filter(f);
}

/**
 * ttlog_filters_init() - have the filter for all
 *
 * Context: task, at load.
 * Return: 0 or -ENOMEM.
 */
int ttlog_filters_init(void)
{
	ttlog_filter_for_all.counts = alloc_percpu(struct filter_counts);
	return ttlog_filter_for_all.counts ? 0 : -ENOMEM;
}

/**
 * ttlog_filters_exit() - free all filters
 *
 * Context: task, at unload: open files hold the module, so nobody uses them.
 */
void ttlog_filters_exit(void)
{
	u32 i;

	for (i = 1; i < TTLOG_NR_FILTERS; i++)
		if (rcu_access_pointer(filters[i]))
			free_filter(rcu_dereference_raw(filters[i]));
	free_percpu(ttlog_filter_for_all.counts);
}
