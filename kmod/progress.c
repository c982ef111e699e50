// SPDX-License-Identifier: GPL-2.0-only
/*
 * Up to where timer snapshots have saved each ring. It is kept here, as helpers come
 * and go, and by two steps, as one may go between a file and its word for it.
 */
#include <linux/cpumask.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "progress.h"
#include "rings.h"

/**
 * struct end - where a ring's next timer snapshot begins
 * @number: of the event
 * @open_since: as in struct ttlog_end
 */
struct end {
	u64 number;
	u64 open_since;
};

static DEFINE_MUTEX(lock);	/* of all that follows */
static struct end *saved;	/* by CPU and channel */
static struct end *prepared;
static struct end *given;	/* being read: prepared, if all of it is good */
static bool is_prepared;
static u8 cookie[sizeof_field(struct ttlog_progress, cookie)];

static size_t nr_ends(void)
{
	return (size_t)nr_cpu_ids * TTLOG_NR_CHANNELS;
}

static int put_end(struct ttlog_end __user *to, size_t i)
{
	struct ttlog_end end = {
		.cpu = i / TTLOG_NR_CHANNELS,
		.channel = i % TTLOG_NR_CHANNELS,
		.number = saved[i].number,
		.open_since = saved[i].open_since,
	};

	return copy_to_user(to, &end, sizeof(end)) ? -EFAULT : 0;
}

static int read_ends(struct ttlog_progress *p)
{
	struct ttlog_end __user *to = u64_to_user_ptr(p->ends);
	u32 nr = 0;
	size_t i;

	for (i = 0; i < nr_ends(); i++) {
		if (!cpu_possible(i / TTLOG_NR_CHANNELS) ||
		    !ttlog_rings_get(i / TTLOG_NR_CHANNELS,
				     i % TTLOG_NR_CHANNELS))
			continue;
		if (nr < p->nr && put_end(&to[nr], i))
			return -EFAULT;
		nr++;
	}
	p->nr = nr;
	p->prepared = is_prepared;
	memset(p->cookie, 0, sizeof(p->cookie));
	if (is_prepared)
		memcpy(p->cookie, cookie, sizeof(p->cookie));
	return 0;
}

static int take_end(const struct ttlog_end __user *from)
{
	struct ttlog_end end;
	struct ring *r;
	size_t i;

	if (copy_from_user(&end, from, sizeof(end)))
		return -EFAULT;
	if (!ttlog_rings_valid(&end.cpu, &end.channel))
		return -EINVAL;
	r = ttlog_rings_get(end.cpu, end.channel);
	i = (size_t)end.cpu * TTLOG_NR_CHANNELS + end.channel;
	if (!r || end.number < saved[i].number ||
	    end.number > ttlog_ring_written(r))
		return -EINVAL;
	given[i] = (struct end){ end.number, end.open_since };
	return 0;
}

static int prepare(const struct ttlog_progress *p)
{
	const struct ttlog_end __user *from = u64_to_user_ptr(p->ends);
	int ret = 0;
	u32 i;

	if (p->nr > nr_ends())
		return -EINVAL;
	memcpy(given, saved, nr_ends() * sizeof(*saved));
	for (i = 0; !ret && i < p->nr; i++)
		ret = take_end(&from[i]);
	if (ret)
		return ret;
	swap(prepared, given);
	memcpy(cookie, p->cookie, sizeof(cookie));
	is_prepared = true;
	return 0;
}

static int finish(bool commit)
{
	if (!is_prepared)
		return -ENOENT;
	is_prepared = false;
	if (commit)
		swap(saved, prepared);
	return 0;
}

/**
 * ttlog_progress() - read or move the ends
 * @p: what is asked, and the answer
 *
 * Context: task.
 * Return: 0 or an error as the ABI says.
 */
int ttlog_progress(struct ttlog_progress *p)
{
	int ret = -EINVAL;

	mutex_lock(&lock);
	switch (p->op) {
	case TTLOG_PROGRESS_READ:
		ret = read_ends(p);
		break;
	case TTLOG_PROGRESS_PREPARE:
		ret = prepare(p);
		break;
	case TTLOG_PROGRESS_COMMIT:
	case TTLOG_PROGRESS_DISCARD:
		ret = finish(p->op == TTLOG_PROGRESS_COMMIT);
		break;
	}
	mutex_unlock(&lock);
	return ret;
}

/**
 * ttlog_progress_init() - nothing has been saved yet
 *
 * Context: task, at load.
 * Return: 0 or -ENOMEM.
 */
int ttlog_progress_init(void)
{
	saved = kvcalloc(nr_ends(), sizeof(*saved), GFP_KERNEL);
	prepared = kvcalloc(nr_ends(), sizeof(*prepared), GFP_KERNEL);
	given = kvcalloc(nr_ends(), sizeof(*given), GFP_KERNEL);
	if (saved && prepared && given)
		return 0;
	ttlog_progress_exit();
	return -ENOMEM;
}

/**
 * ttlog_progress_exit() - forget it
 *
 * Context: task, at unload.
 */
void ttlog_progress_exit(void)
{
	kvfree(saved);
	kvfree(prepared);
	kvfree(given);
}
