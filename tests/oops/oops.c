// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module that breaks the kernel on purpose. What is written to /dev/oops says how:
 *
 *	null		a task takes NULL for an address
 *	bug		BUG()
 *	kthread		a kernel thread does
 *	work		an item of an unbound workqueue does
 *	meet		as null, but two at the same time: waits for the second
 *	hang		as null; then, in the middle of it, the CPU hangs for 13 s
 *	reserve TEXT	a ttlog writer does, with a slot reserved and not committed;
 *			descriptor 3 is /dev/ttlog
 *	probe		set a kprobe at oops_probed()
 *	call		call oops_probed()
 *	stumble		call it, and the kprobe's handler does
 *	drain		the caller will, when it next asks for lines of the kernel's log
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/cgroup.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/irqflags.h>
#include <linux/kdebug.h>
#include <linux/kprobes.h>
#include <linux/kthread.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/nmi.h>
#include <linux/notifier.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

#define TTLOG_FD	3
#define HANG_NS		(13ULL * NSEC_PER_SEC)

static atomic_t met;
static struct task_struct *hanging;
static struct task_struct *writer;
static struct css_set *its_groups;	/* those that @writer really has */
static bool probed;
static bool armed;
static struct task_struct *drainer;

static noinline void null(void)
{
	int *nowhere = NULL;

	/* So that the compiler can't know it. */
	OPTIMIZER_HIDE_VAR(nowhere);
	*nowhere = 1;
}

static int null_thread(void *unused)
{
	null();
	return 0;
}

static void null_item(struct work_struct *work)
{
	null();
}

static DECLARE_WORK(item, null_item);

static void null_together(void)
{
	int mine = atomic_inc_return(&met);

	while (mine % 2 && atomic_read(&met) == mine)
		cpu_relax();
	null();
}

static void null_and_hang(void)
{
	hanging = current;
	null();
}

static int null_in_thread(void)
{
	struct task_struct *thread = kthread_run(null_thread, NULL, "oops_thread");

	return PTR_ERR_OR_ZERO(thread);
}

/*
 * Make the write fault where a writer looks for its cgroup: with a slot reserved.
 * Until on_die() has put that right nothing else may look at it.
 */
static ssize_t null_in_writer(const char __user *text, size_t count)
{
	struct file *file = fget(TTLOG_FD);
	struct css_set *bad;
	loff_t pos = 0;

	if (!file)
		return -EBADF;
	/* It is the task's, and goes with it. */
	fput(file);
	bad = kmemdup(rcu_access_pointer(current->cgroups), sizeof(*bad),
		      GFP_KERNEL);
	if (!bad)
		return -ENOMEM;
	bad->dfl_cgrp = NULL;
	local_irq_disable();
	writer = current;
	its_groups = rcu_access_pointer(current->cgroups);
	rcu_assign_pointer(current->cgroups, bad);
	return file->f_op->write(file, text, count, &pos);
}

/* The function that probes are set on; the module's caller comes through here. */
noinline int oops_probed(int value);
noinline int oops_probed(int value)
{
	barrier_data(&value);
	return value + 1;
}

static int null_handler(struct kprobe *probe, struct pt_regs *regs)
{
	if (xchg(&armed, false))
		null();
	return 0;
}

static struct kprobe probe = {
	.symbol_name = "oops_probed",
	.pre_handler = null_handler,
};

static int call_probed(void)
{
	return oops_probed(41) == 42 ? 0 : -EIO;
}

static int stumble(void)
{
	armed = true;
	return call_probed();
}

static int set_probe(void)
{
	int ret = register_kprobe(&probe);

	probed = !ret;
	return ret;
}

/* Behind the probe: a handler that dies leaves its CPU a probe that may be gone later. */
static int null_in_drain(struct kprobe *unused, struct pt_regs *regs)
{
	if (current != READ_ONCE(drainer) || !in_task())
		return 0;
	WRITE_ONCE(drainer, NULL);
	instruction_pointer_set(regs, (unsigned long)null);
	return 1;
}

static struct kprobe drain_probe = {
	.symbol_name = "kmsg_dump_get_line",
	.pre_handler = null_in_drain,
};

static int set_drain_probe(void)
{
	int ret = register_kprobe(&drain_probe);

	if (!ret)
		WRITE_ONCE(drainer, current);
	return ret;
}

static ssize_t oops_write(struct file *file, const char __user *buf, size_t count,
			  loff_t *pos)
{
	char how[16] = "";
	int ret = 0;

	if (copy_from_user(how, buf, min(count, sizeof(how) - 1)))
		return -EFAULT;
	strim(how);
	if (!strcmp(how, "null"))
		null();
	else if (!strcmp(how, "bug"))
		BUG();
	else if (!strcmp(how, "kthread"))
		ret = null_in_thread();
	else if (!strcmp(how, "work"))
		queue_work(system_unbound_wq, &item);
	else if (!strcmp(how, "meet"))
		null_together();
	else if (!strcmp(how, "hang"))
		null_and_hang();
	else if (!strncmp(how, "reserve ", 8))
		return null_in_writer(buf + 8, count - 8);
	else if (!strcmp(how, "probe"))
		ret = set_probe();
	else if (!strcmp(how, "call"))
		ret = call_probed();
	else if (!strcmp(how, "stumble"))
		ret = stumble();
	else if (!strcmp(how, "drain"))
		ret = set_drain_probe();
	else
		ret = -EINVAL;
	return ret ?: count;
}

/* By the clock: where the delay loop was measured badly it may take half as long. */
static void hang(void)
{
	u64 until = ktime_get_mono_fast_ns() + HANG_NS;

	while (ktime_get_mono_fast_ns() < until) {
		mdelay(10);
		touch_nmi_watchdog();
	}
}

static int on_die(struct notifier_block *nb, unsigned long event, void *data)
{
	if (event != DIE_OOPS)
		return NOTIFY_DONE;
	if (current == writer) {
		kfree(rcu_access_pointer(current->cgroups));
		rcu_assign_pointer(current->cgroups, its_groups);
		writer = NULL;
	}
	if (current == hanging) {
		hanging = NULL;
		hang();
	}
	return NOTIFY_DONE;
}

/* After all others, the recorder among them. */
static struct notifier_block die_notifier = {
	.notifier_call = on_die,
	.priority = -1000,
};

static const struct file_operations oops_fops = {
	.owner = THIS_MODULE,
	.write = oops_write,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "oops",
	.mode = 0200,
	.fops = &oops_fops,
};

static int __init load(void)
{
	int ret = register_die_notifier(&die_notifier);

	if (ret)
		return ret;
	ret = misc_register(&device);
	if (ret)
		unregister_die_notifier(&die_notifier);
	return ret;
}

static void __exit unload(void)
{
	misc_deregister(&device);
	if (probed)
		unregister_kprobe(&probe);
	/* Does nothing where it isn't set. */
	unregister_kprobe(&drain_probe);
	unregister_die_notifier(&die_notifier);
}

module_init(load);
module_exit(unload);

MODULE_DESCRIPTION("Breaks the kernel on purpose, for tests of ttlog");
MODULE_LICENSE("GPL");
