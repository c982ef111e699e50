// SPDX-License-Identifier: GPL-2.0-only
/*
 * ring_reader: readers of the rings in the kernel, where KCSAN sees them. A write to
 * /dev/ring_reader of
 *
 *	"all"		reads all rings as user space does, by the very same source: it
 *			may race with writers by design, and what it accepts is looked at
 *	"held"		reads what is held, see held.c; EAGAIN: there may be no hold now
 *	"follow"	likewise, of the first CPU's rings in turn, as events come
 */
#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "../../kmod/map.h"
#include "../../kmod/rings.h"
#include "../../user/reader.h"
#include "check.h"
#include "held.h"

static DEFINE_MUTEX(counts_lock);
static ulong rings, events, checked, lapped, open;
module_param(rings, ulong, 0444);
module_param(events, ulong, 0444);
module_param(checked, ulong, 0444);
module_param(lapped, ulong, 0444);
module_param(open, ulong, 0444);

static void check_ring(const struct ring *r, const struct reader_ring *read)
{
	const struct reader_event *e = read->events;
	ulong good = 0;
	size_t i;

	for (i = 0; i < read->nr_events; i++)
		good += race_check(r, e[i].position, e[i].slot, e[i].size) > 0;
	if (read->to - read->from !=
	    read->nr_events + read->overwritten + read->holes)
		race_count_bad(r, read->position, "numbers that don't add up");
	mutex_lock(&counts_lock);
	rings++;
	events += read->nr_events;
	checked += good;
	lapped += read->overwritten;
	open += read->open;
	mutex_unlock(&counts_lock);
}

static int read_ring(const struct ring *r, bool closed)
{
	struct reader_range range = READER_ALL;
	struct reader_ring read;
	int ret;

	range.closed = closed;
	ret = reader_ring_read(r->shared, r->shared->size, r->key, &range, &read);
	if (ret)
		return ret;
	check_ring(r, &read);
	reader_ring_free(&read);
	return 0;
}

static int read_all(void)
{
	static atomic_t times;
	bool closed = atomic_inc_return(&times) & 1;
	struct ring *r;
	u32 cpu, ch;
	int ret = 0;

	for_each_possible_cpu(cpu) {
		for (ch = 0; !ret && ch < TTLOG_NR_CHANNELS; ch++) {
			r = ttlog_rings_get(cpu, ch);
			if (r)
				ret = read_ring(r, closed);
		}
	}
	return ret;
}

static ssize_t reader_write(struct file *file, const char __user *buf,
			    size_t size, loff_t *pos)
{
	char what[8] = {};
	int ret = 0;

	if (size >= sizeof(what))
		return -EINVAL;
	if (copy_from_user(what, buf, size))
		return -EFAULT;
	if (!strcmp(what, "all"))
		ret = read_all();
	else if (!strcmp(what, "held"))
		ret = race_read_held();
	else if (!strcmp(what, "follow"))
		race_follow(0);
	else
		ret = -EINVAL;
	return ret ?: size;
}

static const struct file_operations reader_fops = {
	.owner = THIS_MODULE,
	.write = reader_write,
};

static struct miscdevice reader_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "ring_reader",
	.fops = &reader_fops,
};

module_misc_device(reader_device);

MODULE_DESCRIPTION("Test of ttlog: readers of its rings in the kernel");
MODULE_LICENSE("GPL");
