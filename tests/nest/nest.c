// SPDX-License-Identifier: GPL-2.0-only
/*
 * ring_nest: let a writer of the shipped ring.c be interrupted in NMI context
 * right after a chosen store; on arm64, right before it. A hardware breakpoint
 * watches the word.
 */
#include <linux/fs.h>
#include <linux/hw_breakpoint.h>
#include <linux/kprobes.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/perf_event.h>
#include <linux/preempt.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include "../unit/ring-event.h"
#include "nest.h"

#define MEMORY	(64 * NEST_BLOCK)

static DEFINE_MUTEX(lock);
static struct ring ring;
static struct ring_geometry geometry;
static struct nest_result *result;	/* the ring's memory lies a page behind */
static u32 burst;
static u32 left;			/* times that it may strike yet */
static int home;			/* CPU that writes */

static void *memory(void)
{
	return (u8 *)result + PAGE_SIZE;
}

static void write_one(u32 writer)
{
	if (test_event_write(&ring, writer, result->written[writer]))
		result->written[writer]++;
	else
		result->held++;
}

static void strike(void)
{
	u32 i;

	if (raw_smp_processor_id() != home || !left)
		return;
	left--;
	result->hits++;
	result->in_nmi += !!in_nmi();
	for (i = 0; i < burst; i++)
		write_one(1);
}

static void overflow(struct perf_event *event, struct perf_sample_data *data,
		     struct pt_regs *regs)
{
	strike();
}

/*
 * On arm64 the store is still to come, and the kernel steps over it for those alone
 * that are content with its own handler; for others it would strike for ever. So a
 * probe sees the event on its way there. It comes at any instruction, as an NMI does,
 * and is made one in name too.
 */
static int event_seen(struct kprobe *kprobe, struct pt_regs *regs)
{
	__preempt_count_add(NMI_OFFSET + HARDIRQ_OFFSET);
	strike();
	__preempt_count_sub(NMI_OFFSET + HARDIRQ_OFFSET);
	return 0;
}

static struct kprobe events = {
	.symbol_name = "perf_bp_event",
	.pre_handler = event_seen,
};

static struct perf_event * __percpu *watch(struct perf_event_attr *attr)
{
	if (!IS_ENABLED(CONFIG_ARM64))
		return register_wide_hw_breakpoint(attr, overflow, NULL);
	return register_wide_hw_breakpoint(attr, NULL, NULL);
}

/* The word that the next write stores to, and how wide it is. */
static u64 watched(u32 target, u64 *len)
{
	struct ttlog_ring *shared = ring.shared;
	u32 block = ring_head_block(shared->head);
	u32 next = (block + 1) % ring.nr_blocks;

	*len = HW_BREAKPOINT_LEN_8;
	switch (target) {
	case NEST_OUTER:
		return (u64)&shared->outer;
	case NEST_DEPTH:
		*len = HW_BREAKPOINT_LEN_4;
		return (u64)&shared->depth;
	case NEST_HEAD:
		return (u64)&shared->head;
	case NEST_TAG:
		return (u64)ring_block(&ring, block) +
		       ring_head_offset(shared->head);
	case NEST_START:
		return (u64)&ring_block(&ring, next)->start;
	case NEST_FIRST:
		return (u64)&ring_block(&ring, next)->first;
	default:
		return (u64)&ring_block(&ring, next)->ready;
	}
}

/*
 * Before the reservation, each strike makes it fail: it is tried again, and struck
 * again, until the ring is full.
 */
static u32 most_strikes(u32 target)
{
	return IS_ENABLED(CONFIG_ARM64) && target == NEST_HEAD ? 2 : U32_MAX;
}

static int run(const struct nest_run *r)
{
	static const u8 boot_id[16] = "ring_nest";
	struct perf_event * __percpu *breakpoint;
	struct perf_event_attr attr;
	u64 len;
	u32 i;

	memset(result, 0, PAGE_SIZE + MEMORY + PAGE_SIZE);
	ttlog_ring_geometry((u64)r->blocks * NEST_BLOCK + PAGE_SIZE, NEST_BLOCK,
			    PAGE_SIZE, 0, &geometry);
	ttlog_ring_init(&ring, memory(), &geometry, 0, TTLOG_FLOW, NEST_KEY,
			boot_id);
	result->size = geometry.size;
	burst = r->burst;
	left = most_strikes(r->target);

	preempt_disable();
	for (i = 0; i < r->before; i++)
		write_one(0);
	preempt_enable();

	hw_breakpoint_init(&attr);
	attr.bp_addr = watched(r->target, &len);
	attr.bp_len = len;
	attr.bp_type = HW_BREAKPOINT_W;
	breakpoint = watch(&attr);
	if (IS_ERR_VALUE((unsigned long __force)breakpoint))
		return (long __force)breakpoint;
	preempt_disable();
	home = smp_processor_id();
	write_one(0);
	home = -1;
	preempt_enable();
	unregister_wide_hw_breakpoint(breakpoint);
	return 0;
}

static ssize_t nest_write(struct file *file, const char __user *buf, size_t size,
			  loff_t *pos)
{
	struct nest_run r;
	int ret;

	if (size != sizeof(r))
		return -EINVAL;
	if (copy_from_user(&r, buf, sizeof(r)))
		return -EFAULT;
	if (r.target >= NEST_TARGETS || r.blocks < RING_BLOCKS_MIN ||
	    r.blocks > MEMORY / NEST_BLOCK || r.before > 10000 || r.burst > 10000)
		return -EINVAL;
	mutex_lock(&lock);
	ret = run(&r);
	mutex_unlock(&lock);
	return ret ?: size;
}

static ssize_t nest_read(struct file *file, char __user *buf, size_t size,
			 loff_t *pos)
{
	size_t all;
	ssize_t ret = -EINVAL;

	mutex_lock(&lock);
	all = sizeof(*result) + result->size;
	if (size >= all)
		ret = copy_to_user(buf, result, sizeof(*result)) ||
		      copy_to_user(buf + sizeof(*result), memory(), result->size) ?
		      -EFAULT : (ssize_t)all;
	mutex_unlock(&lock);
	return ret;
}

static const struct file_operations nest_fops = {
	.owner = THIS_MODULE,
	.read = nest_read,
	.write = nest_write,
};

static struct miscdevice nest_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "ring_nest",
	.fops = &nest_fops,
};

static int __init nest_init(void)
{
	int ret;

	result = vzalloc(PAGE_SIZE + MEMORY + PAGE_SIZE);
	if (!result)
		return -ENOMEM;
	if (IS_ENABLED(CONFIG_ARM64)) {
		ret = register_kprobe(&events);
		if (ret)
			goto free_result;
	}
	ret = misc_register(&nest_device);
	if (ret)
		goto unregister_kprobe;
	return 0;

unregister_kprobe:
	if (IS_ENABLED(CONFIG_ARM64))
		unregister_kprobe(&events);
free_result:
	vfree(result);
	return ret;
}

static void __exit nest_exit(void)
{
	misc_deregister(&nest_device);
	if (IS_ENABLED(CONFIG_ARM64))
		unregister_kprobe(&events);
	vfree(result);
}

module_init(nest_init);
module_exit(nest_exit);
MODULE_DESCRIPTION("Test of ttlog's ring: writers nested in NMI context");
MODULE_LICENSE("GPL");
