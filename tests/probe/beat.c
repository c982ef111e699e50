// SPDX-License-Identifier: GPL-2.0-only
/*
 * The part of probe_target that calls all the time, on all CPUs, on top of whatever
 * runs there. Writing "US NR" to the parameter "beat" has a thread for each CPU
 * that, every so many microseconds,
 *
 *	calls		in task context, wherever it runs
 *	interrupts	its CPU, if that is online, which calls in hard interrupt, in
 *			softirq and in NMI context (a hardware breakpoint's handler)
 *
 * Each NRth call also prints, from there. "0" ends that, and when the write returns
 * nobody calls any more. CPUs may come and go; one that came back has NMIs again
 * from the next write on.
 *
 * Writing N to the parameter "wake" ends a suspend to idle each N milliseconds, until 0
 * is written: timers go on there, and QEMU's clock wakes nobody from it. One that
 * comes while the machine only begins to go to sleep is forgotten, or prevents it.
 *
 * Reading "beat" gives a line for each CPU and context: calls so far, of them in
 * the wrong context. Calls are numbered by CPU and context, from 1 on.
 */
#define pr_fmt(fmt) "probe_target: " fmt

#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/suspend.h>
#include <linux/workqueue.h>
#include "target.h"

enum { TASK, SOFTIRQ, HARDIRQ, NMI, CONTEXTS };

static const char *const context_names[] = { "task", "softirq", "hardirq", "nmi" };

/**
 * struct beats - what a CPU did
 * @calls: by context
 * @wrong: of these, so many that were in another context
 */
struct beats {
	u64 calls[CONTEXTS];
	u64 wrong[CONTEXTS];
};

static DEFINE_PER_CPU(struct beats, beats);
static DEFINE_PER_CPU(call_single_data_t, kick);
static DEFINE_PER_CPU(struct irq_work, interrupt);
static DEFINE_PER_CPU(struct tasklet_struct, tasklet);
static struct perf_event * __percpu *breakpoint;
static u64 word;			/* what it is on */
static struct task_struct **threads;	/* by CPU; NULL: nobody calls */
static unsigned int interval, every;	/* as they were written */

void probe_target_beat(u64 cpu, u64 context, u64 number);

/* Not static: nothing of it may be taken apart. */
noinline void probe_target_beat(u64 cpu, u64 context, u64 number)
{
	OPTIMIZER_HIDE_VAR(number);
	if (every && number % every == 0)
		pr_info("beat %llu %s %llu\n", cpu, context_names[context],
			number);
}

static bool is_in(unsigned int context)
{
	switch (context) {
	case TASK:
		return in_task();
	case SOFTIRQ:
		return in_serving_softirq() && !in_hardirq() && !in_nmi();
	case HARDIRQ:
		return in_hardirq() && !in_nmi();
	}
	return in_nmi();
}

/* Caller has preemption off. */
static void beat(unsigned int context)
{
	u64 number = this_cpu_inc_return(beats.calls[context]);

	if (!is_in(context))
		this_cpu_inc(beats.wrong[context]);
	probe_target_beat(smp_processor_id(), context, number);
}

static void from_softirq(struct tasklet_struct *unused)
{
	beat(SOFTIRQ);
}

static void from_hardirq(struct irq_work *unused)
{
	beat(HARDIRQ);
	tasklet_schedule(this_cpu_ptr(&tasklet));
	WRITE_ONCE(word, 1);
}

static void from_nmi(struct perf_event *event, struct perf_sample_data *data,
		     struct pt_regs *regs)
{
	beat(NMI);
}

/* What comes from another CPU need not be an interrupt: an idle one is asked. */
static void kicked(void *unused)
{
	irq_work_queue(this_cpu_ptr(&interrupt));
}

/* Caller has preemption off, so that who is online stays so. */
static void interrupt_cpu(unsigned int cpu)
{
	if (cpu == smp_processor_id())
		kicked(NULL);
	else if (cpu_online(cpu))
		smp_call_function_single_async(cpu, per_cpu_ptr(&kick, cpu));
}

static int call_all_the_time(void *arg)
{
	unsigned int cpu = (unsigned long)arg;

	while (!kthread_should_stop()) {
		preempt_disable();
		beat(TASK);
		interrupt_cpu(cpu);
		preempt_enable();
		usleep_range(interval, interval + interval / 4);
	}
	return 0;
}

static void stop(void)
{
	unsigned int cpu;

	if (!threads)
		return;
	for_each_possible_cpu(cpu)
		if (threads[cpu])
			kthread_stop(threads[cpu]);
	/* Whoever is kicked by now has been before this. */
	kick_all_cpus_sync();
	for_each_possible_cpu(cpu)
		irq_work_sync(per_cpu_ptr(&interrupt, cpu));
	for_each_possible_cpu(cpu)
		tasklet_kill(per_cpu_ptr(&tasklet, cpu));
	if (breakpoint)
		unregister_wide_hw_breakpoint(breakpoint);
	kfree(threads);
	threads = NULL;
}

static int start(void)
{
	struct task_struct *thread;
	unsigned int cpu;

	threads = kcalloc(nr_cpu_ids, sizeof(*threads), GFP_KERNEL);
	if (!threads)
		return -ENOMEM;
	breakpoint = target_watch(&word, from_nmi);
	if ((long __force)breakpoint == -EOPNOTSUPP)
		breakpoint = NULL;
	if (IS_ERR_VALUE((unsigned long __force)breakpoint)) {
		kfree(threads);
		threads = NULL;
		return (long __force)breakpoint;
	}
	for_each_possible_cpu(cpu) {
		*per_cpu_ptr(&kick, cpu) = (call_single_data_t){ .func = kicked };
		*per_cpu_ptr(&interrupt, cpu) = IRQ_WORK_INIT_HARD(from_hardirq);
		tasklet_setup(per_cpu_ptr(&tasklet, cpu), from_softirq);
	}
	for_each_possible_cpu(cpu) {
		thread = kthread_run(call_all_the_time, (void *)(unsigned long)cpu,
				     "beat/%u", cpu);
		if (IS_ERR(thread)) {
			stop();
			return PTR_ERR(thread);
		}
		threads[cpu] = thread;
	}
	return 0;
}

static int set_beat(const char *value, const struct kernel_param *param)
{
	unsigned int us, nr = 0;

	if (sscanf(value, "%u %u", &us, &nr) < 1 || us > USEC_PER_SEC)
		return -EINVAL;
	stop();
	interval = us;
	every = nr;
	return us ? start() : 0;
}

static int get_beat(char *to, const struct kernel_param *param)
{
	unsigned int cpu, context;
	struct beats *b;
	int len = 0;

	for_each_possible_cpu(cpu) {
		b = per_cpu_ptr(&beats, cpu);
		for (context = 0; context < CONTEXTS; context++)
			len += scnprintf(to + len, PAGE_SIZE - len,
					 "%u %s %llu %llu\n", cpu,
					 context_names[context],
					 b->calls[context], b->wrong[context]);
	}
	return len;
}

static const struct kernel_param_ops beat_ops = {
	.set = set_beat,
	.get = get_beat,
};
module_param_cb(beat, &beat_ops, NULL, 0600);

static void wake_machine(struct work_struct *unused);

static DECLARE_DELAYED_WORK(wake, wake_machine);
static unsigned int wake_ms;

static void wake_machine(struct work_struct *unused)
{
	pm_system_wakeup();
	schedule_delayed_work(&wake, msecs_to_jiffies(wake_ms));
}

static int set_wake(const char *value, const struct kernel_param *param)
{
	unsigned int ms;
	int ret = kstrtouint(value, 0, &ms);

	if (ret)
		return ret;
	cancel_delayed_work_sync(&wake);
	wake_ms = ms;
	if (ms)
		schedule_delayed_work(&wake, msecs_to_jiffies(ms));
	return 0;
}

static const struct kernel_param_ops wake_ops = { .set = set_wake };
module_param_cb(wake, &wake_ops, NULL, 0200);

/* Caller is the module's exit. */
void target_beat_exit(void)
{
	cancel_delayed_work_sync(&wake);
	stop();
}
