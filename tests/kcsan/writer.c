// SPDX-License-Identifier: GPL-2.0-only
/*
 * ring_writer: call a function that is probed, and print lines, from all contexts on
 * all CPUs at once:
 *
 *	task, softirq, hardirq	a write to /dev/ring_writer, and on top of it
 *	hardirq, softirq	a timer of each CPU, on top of whatever runs
 *	NMI			breakpoints: on a word that the write stores to, and on
 *				words that a writer of the first two CPUs' rings stores
 *				to in the middle of its work
 *
 * A write of "alone" instead records events and calls the function in this task alone,
 * by what a write to /dev/ttlog ends in, and KCSAN watches nothing but that; from then on
 * the timers come seldom.
 */
#include <linux/cpu.h>
#include <linux/fs.h>
#include <linux/hrtimer.h>
#include <linux/hw_breakpoint.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/kernel.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "../../kmod/chardev.h"
#include "../../kmod/cpu.h"
#include "../../kmod/event.h"
#include "../../kmod/rings.h"
#include "skip.h"
#include "text.h"

#define ROUNDS		20	/* a write */
#define ALONE		24	/* events a write */
#define ACCESSES	64	/* that are a writer's way through the ring, and more */
#define PADDING		1000	/* bytes behind the text of some: blocks are full sooner */
#define SELDOM_NS	(100 * NSEC_PER_MSEC)
#define LINES_EACH	512	/* calls */
#define NR_BREAKPOINTS	3	/* of the four that a CPU has */

static u64 period_ns = 2 * NSEC_PER_MSEC;	/* of the timers */

static DEFINE_PER_CPU(u64, calls);
static DEFINE_PER_CPU(struct tasklet_struct, tasklet);
static DEFINE_PER_CPU(struct irq_work, hard);
static DEFINE_PER_CPU(struct hrtimer, timer);
static struct perf_event * __percpu *breakpoints[NR_BREAKPOINTS];
static u64 word;		/* what the first is on */
static atomic64_t in_task, in_softirq, in_hardirq, in_nmis;

u64 race_target(u64 number, u64 twice, u64 inverse);

/* Not static: nothing of it may be taken apart. */
noinline u64 race_target(u64 number, u64 twice, u64 inverse)
{
	OPTIMIZER_HIDE_VAR(number);
	return number + twice + inverse;
}

/* Caller stays on its CPU. */
static void call(void)
{
	unsigned int cpu = raw_smp_processor_id();
	u64 number = this_cpu_inc_return(calls);
	char text[RACE_TEXT_MAX];

	race_target(number, 2 * number, ~number);
	if (number % LINES_EACH)
		return;
	race_text(text, RACE_KERNEL + cpu, number);
	pr_info("%s\n", text);
}

static void call_softirq(struct tasklet_struct *unused)
{
	call();
	atomic64_inc(&in_softirq);
}

static void call_hardirq(struct irq_work *unused)
{
	call();
	atomic64_inc(&in_hardirq);
}

static void call_nmi(struct perf_event *event, struct perf_sample_data *data,
		     struct pt_regs *regs)
{
	call();
	atomic64_add(!!in_nmi(), &in_nmis);
}

static enum hrtimer_restart tick(struct hrtimer *t)
{
	call();
	atomic64_inc(&in_hardirq);
	tasklet_schedule(this_cpu_ptr(&tasklet));
	hrtimer_forward_now(t, ns_to_ktime(READ_ONCE(period_ns)));
	return HRTIMER_RESTART;
}

static void all_once(void)
{
	get_cpu();
	call();
	atomic64_inc(&in_task);
	WRITE_ONCE(word, 1);
	irq_work_queue(this_cpu_ptr(&hard));
	local_bh_disable();
	tasklet_schedule(this_cpu_ptr(&tasklet));
	/* It runs here, on top of us. */
	local_bh_enable();
	put_cpu();
}

/* "<N>text" and, behind a NUL, what nobody looks at. */
static size_t make_text(u8 *text, u64 number)
{
	size_t len;

	memcpy(text, number % 3 ? "<6>" : "<4>", 3);
	len = 3 + race_text(text + 3, RACE_ALONE, number);
	if (number % 3 != 1)
		return len;
	memset(text + len + 1, 'x', PADDING);
	return len + 1 + PADDING;
}

static void write_alone(u64 number)
{
	static const struct ttlog_file file = { .service = TTLOG_SERVICE_NONE };
	struct ttlog_cpu *cpu = get_cpu_ptr(&ttlog_cpu);
	size_t len = make_text(cpu->scratch, number);

	race_skip(number % ACCESSES);
	ttlog_event_write(cpu, len, &file, 0);
	race_skip(number % ACCESSES);
	race_target(number, 2 * number, ~number);
	race_skip(SKIP_ALL);
	put_cpu_ptr(&ttlog_cpu);
}

static void skip_all(void *accesses)
{
	race_skip((long)accesses);
}

static void all_alone(void)
{
	static atomic64_t numbers;
	int i;

	/* On a busy machine the timers would take most of the time. */
	WRITE_ONCE(period_ns, SELDOM_NS);
	on_each_cpu(skip_all, (void *)SKIP_ALL, 1);
	for (i = 0; i < ALONE; i++)
		write_alone(atomic64_inc_return(&numbers));
}

static ssize_t writer_write(struct file *file, const char __user *buf,
			    size_t size, loff_t *pos)
{
	char what[8] = {};
	int i;

	if (size >= sizeof(what))
		return -EINVAL;
	if (copy_from_user(what, buf, size))
		return -EFAULT;
	if (!strcmp(what, "alone")) {
		all_alone();
		return size;
	}
	for (i = 0; i < ROUNDS; i++)
		all_once();
	return size;
}

static ssize_t writer_read(struct file *file, char __user *buf, size_t size,
			   loff_t *pos)
{
	char text[128];
	int len = scnprintf(text, sizeof(text),
			    "task=%lld softirq=%lld hardirq=%lld nmi=%lld\n",
			    atomic64_read(&in_task), atomic64_read(&in_softirq),
			    atomic64_read(&in_hardirq), atomic64_read(&in_nmis));

	return simple_read_from_buffer(buf, size, pos, text, len);
}

static const struct file_operations writer_fops = {
	.owner = THIS_MODULE,
	.read = writer_read,
	.write = writer_write,
};

static struct miscdevice writer_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "ring_writer",
	.fops = &writer_fops,
};

static void start_timer(void *unused)
{
	hrtimer_start(this_cpu_ptr(&timer), ns_to_ktime(period_ns),
		      HRTIMER_MODE_REL_PINNED_HARD);
}

static void stop_breakpoints(void)
{
	int i;

	for (i = 0; i < NR_BREAKPOINTS; i++)
		if (breakpoints[i])
			unregister_wide_hw_breakpoint(breakpoints[i]);
}

static int start_breakpoint(int i, void *at, u64 len)
{
	struct perf_event_attr attr;

	hw_breakpoint_init(&attr);
	attr.bp_addr = (unsigned long)at;
	attr.bp_len = len;
	attr.bp_type = HW_BREAKPOINT_W;
	breakpoints[i] = register_wide_hw_breakpoint(&attr, call_nmi, NULL);
	if (!IS_ERR((void __force *)breakpoints[i]))
		return 0;
	i = PTR_ERR((void __force *)breakpoints[i]);
	return i;
}

static int start_breakpoints(void)
{
	int i, ret = start_breakpoint(0, &word, HW_BREAKPOINT_LEN_8);

	for (i = 1; !ret && i < NR_BREAKPOINTS; i++)
		ret = start_breakpoint(i, &ttlog_rings_get(i - 1, TTLOG_FLOW)->shared->depth,
				       HW_BREAKPOINT_LEN_4);
	if (ret) {
		breakpoints[i - !!i] = NULL;
		stop_breakpoints();
	}
	return ret;
}

static int __init writer_init(void)
{
	int cpu, ret;

	for_each_possible_cpu(cpu) {
		struct hrtimer *t = per_cpu_ptr(&timer, cpu);

		tasklet_setup(per_cpu_ptr(&tasklet, cpu), call_softirq);
		*per_cpu_ptr(&hard, cpu) = IRQ_WORK_INIT_HARD(call_hardirq);
		hrtimer_init(t, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
		t->function = tick;
	}
	ret = start_breakpoints();
	if (ret)
		return ret;
	ret = misc_register(&writer_device);
	if (ret) {
		stop_breakpoints();
		return ret;
	}
	on_each_cpu(start_timer, NULL, 1);
	return 0;
}

static void __exit writer_exit(void)
{
	int cpu;

	misc_deregister(&writer_device);
	for_each_possible_cpu(cpu) {
		hrtimer_cancel(per_cpu_ptr(&timer, cpu));
		irq_work_sync(per_cpu_ptr(&hard, cpu));
		tasklet_kill(per_cpu_ptr(&tasklet, cpu));
	}
	stop_breakpoints();
	if (skip_at)
		on_each_cpu(skip_all, NULL, 1);
}

module_init(writer_init);
module_exit(writer_exit);

MODULE_DESCRIPTION("Test of ttlog: a function to be probed and lines, from all contexts");
MODULE_LICENSE("GPL");
