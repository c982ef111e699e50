// SPDX-License-Identifier: GPL-2.0-only
/*
 * ring_reader: readers of the rings in the kernel, where KCSAN sees them. A write to
 * /dev/ring_reader of
 *
 *	"all"	reads all rings as user space does, by the very same source
 *	"held"	holds the rings, and reads what is held as if nobody else were there:
 *		by plain loads, without looking afterwards whether they were right
 *
 * The first may race with writers by design, and what it accepts is looked at; the
 * second must not race at all: a committed event is whole, and what is held isn't
 * overwritten. EAGAIN: another hold is on the rings, or was just now.
 */
#include <linux/cpumask.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "../../kmod/event.h"
#include "../../kmod/hold.h"
#include "../../kmod/map.h"
#include "../../kmod/rings.h"
#include "../../kmod/trigger.h"
#include "../../user/reader.h"
#include "text.h"

#define TARGET	"race_target"

static DEFINE_MUTEX(counts_lock);
static ulong rings, events, checked, lapped, open, bad;
static ulong holds, held_blocks, held_events;
module_param(rings, ulong, 0444);
module_param(events, ulong, 0444);
module_param(checked, ulong, 0444);
module_param(lapped, ulong, 0444);
module_param(open, ulong, 0444);
module_param(bad, ulong, 0444);
module_param(holds, ulong, 0444);
module_param(held_blocks, ulong, 0444);
module_param(held_events, ulong, 0444);

/* The event that is looked at while the rings are held; under ttlog_trigger_lock. */
static u64 held_event[TTLOG_EVENT_MAX / sizeof(u64)];

static const u8 *text_of(const struct ttlog_event *e)
{
	if (e->cgroup_hi & TTLOG_EVENT_SERVICE)
		return e->body + 1;
	if (e->cgroup_hi & TTLOG_EVENT_LEADER)
		return e->body + TTLOG_COMM_LEN;
	return e->body;
}

/* As race_text_check(): a hit of the function that ring_writer calls. */
static int check_hit(const struct ttlog_event *e, size_t len)
{
	const struct ttlog_probe_body *body = (const void *)e->body;
	u32 id = body->id[0] | body->id[1] << 8;
	const struct ttlog_probe_name *name;
	u64 values[3] = {};

	/* Pairs with the release of add_id(). */
	if (id >= smp_load_acquire(&ttlog_map->nr_probes))
		return 0;
	name = &ttlog_map->probe[id];
	if (len != TTLOG_PROBE_BODY_SIZE + name->nr_args * sizeof(u64))
		return 0;
	if (strcmp(name->symbol, TARGET) || !name->nr_args)
		return -1;
	memcpy(values, body->values,
	       min(len - TTLOG_PROBE_BODY_SIZE, sizeof(values)));
	if (name->flags & TTLOG_PROBE_RETURN)
		return values[0] & 1;
	return values[1] == 2 * values[0] && values[2] == ~values[0];
}

/* As race_text_check(): an event in private memory. */
static int check_event(const struct ttlog_event *e, size_t size)
{
	size_t len = e->ids >> TTLOG_IDS_LEN_SHIFT & TTLOG_IDS_LEN_MASK;
	u32 kind = e->ids >> TTLOG_IDS_KIND_SHIFT;
	const u8 *text = text_of(e);
	const u8 *nul;

	if (text + len > (const u8 *)e + size ||
	    ALIGN(text + len - (const u8 *)e, TTLOG_ALIGN) != size)
		return 0;
	if (kind == TTLOG_KIND_PROBE)
		return check_hit(e, len);
	nul = memchr(text, '\0', len);
	return race_text_check(text, nul ? nul - text : len);
}

/* What is wrong is told: the log is looked through for it. */
static void complain(const struct ring *r, u64 position,
		     const struct ttlog_event *e)
{
	pr_err("race_reader: CPU %u, channel %u, position %llu: not what was written\n",
	       r->shared->cpu, r->shared->channel, position);
	print_hex_dump(KERN_ERR, "race_reader: ", DUMP_PREFIX_OFFSET, 32, 1, e,
		       128, true);
}

static void check_ring(const struct ring *r, const struct reader_ring *read)
{
	ulong good = 0, wrong = 0;
	size_t i;
	int ret;

	for (i = 0; i < read->nr_events; i++) {
		ret = check_event(read->events[i].slot, read->events[i].size);
		if (!ret)
			complain(r, read->events[i].position,
				 read->events[i].slot);
		good += ret > 0;
		wrong += !ret;
	}
	if (read->to - read->from !=
	    read->nr_events + read->overwritten + read->holes)
		wrong++;
	mutex_lock(&counts_lock);
	rings++;
	events += read->nr_events;
	checked += good;
	lapped += read->overwritten;
	open += read->open;
	bad += wrong;
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

/* Bytes of the committed slot there; 0: nothing more to be read in this block. */
static __always_inline size_t held_slot(const struct ring *r, u64 position,
					u64 tag)
{
	size_t size = ((tag ^ r->key) >> TTLOG_TAG_SIZE_SHIFT) * TTLOG_ALIGN;

	if (size < TTLOG_EVENT_SIZE || size > TTLOG_EVENT_MAX ||
	    tag != (ring_tag(r, position, size) ^ TTLOG_TAG_COMMITTED))
		return 0;
	return size;
}

/* Plain loads, and inline for the reason that read_held() has. */
static __always_inline void read_held_block(const struct ring *r,
					    const struct ttlog_block *block,
					    u64 start)
{
	size_t offset = sizeof(*block), size, i;
	const u64 *from;

	while (offset + TTLOG_EVENT_SIZE <= r->block_size) {
		from = (const u64 *)((const u8 *)block + offset);
		/* Pairs with slot:C of ring_commit(). */
		size = held_slot(r, start + offset, smp_load_acquire(from));
		if (!size)
			break;
		for (i = 1; i < size / sizeof(u64); i++)
			held_event[i] = from[i];
		if (!check_event((struct ttlog_event *)held_event, size)) {
			complain(r, start + offset,
				 (struct ttlog_event *)held_event);
			bad++;
		}
		held_events++;
		offset += size;
	}
	/* The head of a block that is ready is whole. */
	if (block->first + held_events < held_events || block->mono > block->boot)
		bad++;
	held_blocks++;
}

static __always_inline void read_held_ring(const struct ring *r)
{
	u64 hold = READ_ONCE(r->shared->hold), start, ready;
	const struct ttlog_block *block;
	u32 i;

	for (i = 0; hold != TTLOG_NO_HOLD && i < r->nr_blocks; i++) {
		block = ring_block(r, i);
		/* As read:B of user/reader.c. */
		start = smp_load_acquire(&block->start);
		/* As read:C. */
		ready = smp_load_acquire(&block->ready);
		if (start >= hold && ready ==
		    (ring_tag(r, start, sizeof(*block)) ^ TTLOG_TAG_COMMITTED))
			read_held_block(r, block, start);
	}
}

/*
 * One function reads and ends the hold, so that KCSAN also sees what could be read
 * after that for want of a barrier: it lets loads be late until their function
 * returns. The end of a hold is under the lock that we have, so it is on until then.
 */
static noinline int read_held(void)
{
	struct ring *r;
	u32 cpu, ch;

	mutex_lock(&ttlog_trigger_lock);
	if (!ttlog_hold_set()) {
		mutex_unlock(&ttlog_trigger_lock);
		return -EAGAIN;
	}
	mutex_lock(&counts_lock);
	for_each_possible_cpu(cpu) {
		for (ch = 0; ch < TTLOG_NR_CHANNELS; ch++) {
			r = ttlog_rings_get(cpu, ch);
			if (r)
				read_held_ring(r);
		}
	}
	holds++;
	ttlog_hold_end();
	mutex_unlock(&counts_lock);
	mutex_unlock(&ttlog_trigger_lock);
	return 0;
}

static ssize_t reader_write(struct file *file, const char __user *buf,
			    size_t size, loff_t *pos)
{
	char what[8] = {};
	int ret = -EINVAL;

	if (size >= sizeof(what))
		return -EINVAL;
	if (copy_from_user(what, buf, size))
		return -EFAULT;
	if (!strcmp(what, "all"))
		ret = read_all();
	else if (!strcmp(what, "held"))
		ret = read_held();
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
