// SPDX-License-Identifier: GPL-2.0-only
/*
 * klog_print: print from the context that is written to the parameter "from":
 *
 *	task softirq hardirq	from there
 *	nmi			from NMI context: a hardware breakpoint's handler
 *	nested			the same, on top of printk itself, while it reads what
 *				it prints: before it reserved the record, and after
 *				that where it reads it twice (not on 5.10)
 *	parts			a line in parts, then other contents of a line
 *	levels			a line of each level
 *	flood N			N lines from each CPU, with interrupts off on all of
 *				them, so that nobody can drain
 *	storm			print from a thread a CPU until "calm"
 *	masked N, open N	the cycles that each of N lines takes, with interrupts
 *				off or on
 */
#define pr_fmt(fmt) "klog_print: " fmt

#include <linux/cpumask.h>
#include <linux/hw_breakpoint.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/irqflags.h>
#include <linux/kern_levels.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/perf_event.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/timex.h>
#include "../../kmod/compat.h"

static int seen_in_nmi;
module_param(seen_in_nmi, int, 0444);
static u64 cycles;
module_param(cycles, ullong, 0444);

static char watched[8] __aligned(8) = "nested";
static unsigned int hits, every;	/* which hits of the breakpoint print */
static struct task_struct **threads;
static unsigned int nr_threads;

static const char *context(void)
{
	return in_nmi() ? "nmi" : in_hardirq() ? "hardirq" :
	       in_serving_softirq() ? "softirq" : "task";
}

/* As printk(), whose format begins with the level. */
static __printf(2, 3) void print_at(int level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprintk_emit(0, level, NULL, format, args);
	va_end(args);
}

static void say(void)
{
	pr_info("from %s\n", context());
}

static void from_softirq(struct tasklet_struct *unused)
{
	say();
}

static void from_hardirq(struct irq_work *unused)
{
	say();
}

static void from_nmi(struct perf_event *event, struct perf_sample_data *data,
		     struct pt_regs *regs)
{
	if (hits++ % every)
		return;
	seen_in_nmi += !!in_nmi();
	say();
	pr_err("a second\n");
}

/*
 * Call @run with the handler waiting for who touches the word. On arm64 the kernel steps
 * over the access for its own handler alone: another is called for ever.
 */
static int with_breakpoint(void (*run)(void), unsigned int print_every)
{
	struct perf_event * __percpu *breakpoint;
	struct perf_event_attr attr;

	if (IS_ENABLED(CONFIG_ARM64))
		return -EOPNOTSUPP;
	hw_breakpoint_init(&attr);
	hits = 0;
	every = print_every;
	attr.bp_addr = (unsigned long)watched;
	attr.bp_len = HW_BREAKPOINT_LEN_8;
	attr.bp_type = HW_BREAKPOINT_RW;
	breakpoint = register_wide_hw_breakpoint(&attr, from_nmi, NULL);
	if (IS_ERR_VALUE((unsigned long __force)breakpoint))
		return (long __force)breakpoint;
	run();
	unregister_wide_hw_breakpoint(breakpoint);
	return 0;
}

static void store(void)
{
	WRITE_ONCE(watched[0], 'n');
}

static void nested(void)
{
	pr_info("%s in\n", watched);
}

static void parts(void)
{
	static char text[3000];

	pr_info("one");
	print_at(LOGLEVEL_DEFAULT, KERN_CONT " two");
	print_at(LOGLEVEL_DEFAULT, KERN_CONT " three\n");
	pr_info("unfinished");
	pr_info("the next\n");
	print_at(LOGLEVEL_DEFAULT, KERN_CONT "without a beginning\n");
	pr_info("a NUL%cseq:=7 in it\n", 0);
	pr_info("\n");
	pr_info("two\nlines\n");
	memset(text, 'y', sizeof(text) - 1);
	pr_info("%s\n", text);
	/* That one was cut, its newline as well, so it isn't finished. */
	pr_info("the last\n");
}

static void levels(void)
{
	int level;

	for (level = LOGLEVEL_EMERG; level <= LOGLEVEL_DEBUG; level++)
		print_at(level, pr_fmt("level %d\n"), level);
}

/* On each CPU at the same time; nobody goes on before all have printed. */
static void flood(void *lines)
{
	static atomic_t done;
	unsigned int i, nr = (unsigned long)lines;
	unsigned long flags;

	local_irq_save(flags);
	for (i = 0; i < nr; i++)
		pr_info("flood %u of CPU %u: %060u\n", i, smp_processor_id(),
			0);
	atomic_inc(&done);
	while (atomic_read(&done) % num_online_cpus())
		cpu_relax();
	local_irq_restore(flags);
}

/* Up to 5.10 who waits for the others begins when these are done. */
static void flood_all(unsigned long lines)
{
	on_each_cpu(flood, (void *)lines, 0);
	/* Nobody is in it any more. */
	kick_all_cpus_sync();
}

static int storm(void *unused)
{
	unsigned int i = 0;

	/* Who never sleeps keeps ftrace from letting go of a module. */
	while (!kthread_should_stop()) {
		pr_info("storm %u\n", i++);
		if (i % 100 == 0)
			schedule_timeout_idle(1);
	}
	return 0;
}

static int start_storm(void)
{
	unsigned int cpu;

	threads = kcalloc(nr_cpu_ids, sizeof(*threads), GFP_KERNEL);
	if (!threads)
		return -ENOMEM;
	for_each_online_cpu(cpu) {
		threads[nr_threads] = kthread_create(storm, NULL, "storm");
		if (IS_ERR(threads[nr_threads]))
			break;
		kthread_bind(threads[nr_threads], cpu);
		wake_up_process(threads[nr_threads++]);
	}
	return 0;
}

static void stop_storm(void)
{
	while (nr_threads)
		kthread_stop(threads[--nr_threads]);
	kfree(threads);
	threads = NULL;
}

static void measure(unsigned int lines, bool masked)
{
	unsigned long flags = 0;
	unsigned int i;
	u64 begin;

	if (masked)
		local_irq_save(flags);
	begin = get_cycles();
	for (i = 0; i < lines; i++)
		pr_info("measured\n");
	cycles = (get_cycles() - begin) / lines;
	if (masked)
		local_irq_restore(flags);
}

static int set_from(const char *value, const struct kernel_param *param)
{
	static DECLARE_TASKLET(tasklet, from_softirq);
	static struct irq_work irq_work;
	unsigned int nr;

	if (sysfs_streq(value, "task"))
		return say(), 0;
	if (sysfs_streq(value, "softirq")) {
		tasklet_schedule(&tasklet);
		tasklet_unlock_wait(&tasklet);
		return 0;
	}
	if (sysfs_streq(value, "hardirq")) {
		irq_work = IRQ_WORK_INIT_HARD(from_hardirq);
		irq_work_queue(&irq_work);
		irq_work_sync(&irq_work);
		return 0;
	}
	if (sysfs_streq(value, "nmi"))
		return with_breakpoint(store, 1);
	if (sysfs_streq(value, "nested"))
		return with_breakpoint(nested, 2);
	if (sysfs_streq(value, "parts"))
		return parts(), 0;
	if (sysfs_streq(value, "levels"))
		return levels(), 0;
	if (sscanf(value, "flood %u", &nr) == 1)
		return flood_all(nr), 0;
	if (sysfs_streq(value, "storm"))
		return start_storm();
	if (sysfs_streq(value, "calm"))
		return stop_storm(), 0;
	if (sscanf(value, "masked %u", &nr) == 1 && nr)
		return measure(nr, true), 0;
	if (sscanf(value, "open %u", &nr) == 1 && nr)
		return measure(nr, false), 0;
	return -EINVAL;
}

static const struct kernel_param_ops from_ops = { .set = set_from };
module_param_cb(from, &from_ops, NULL, 0200);

static int __init print_init(void)
{
	return 0;
}

static void __exit print_exit(void)
{
	stop_storm();
}

module_init(print_init);
module_exit(print_exit);
MODULE_DESCRIPTION("Prints in any context");
MODULE_LICENSE("GPL");
