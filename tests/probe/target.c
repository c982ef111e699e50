// SPDX-License-Identifier: GPL-2.0-only
/*
 * probe_target: call a function that is probed, so often from the context that is
 * written to the parameter "call", as in "nmi 100":
 *
 *	task softirq hardirq	from there
 *	nmi			from NMI context: a hardware breakpoint's handler
 *
 * All are on top of who writes, on its CPU. "in_nmi" counts calls where in_nmi()
 * was true, "sum" is what the calls returned. Calls that go on are beat.c's.
 */
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/smp.h>
#include <linux/string.h>
#include "target.h"

static unsigned int in_nmis;
module_param_named(in_nmi, in_nmis, uint, 0444);
static u64 sum;
module_param(sum, ullong, 0444);

static u64 word;	/* what the breakpoint is on */
static u32 done;	/* calls of those that are asked for */

u64 probe_target_call(u64 number, u64 twice, u64 inverse);

/* Not static: nothing of it may be taken apart. */
noinline u64 probe_target_call(u64 number, u64 twice, u64 inverse)
{
	OPTIMIZER_HIDE_VAR(number);
	return number + twice + inverse;
}

static void call(void)
{
	u64 number = done++;

	in_nmis += !!in_nmi();
	sum += probe_target_call(number, 2 * number, ~number);
}

static void from_softirq(struct tasklet_struct *unused)
{
	call();
}

static DECLARE_TASKLET(tasklet, from_softirq);

static void from_hardirq(struct irq_work *unused)
{
	call();
}

static struct irq_work irq_work = IRQ_WORK_INIT_HARD(from_hardirq);

static void from_nmi(struct perf_event *event, struct perf_sample_data *data,
		     struct pt_regs *regs)
{
	call();
}

static void in_softirq_once(void)
{
	local_bh_disable();
	tasklet_schedule(&tasklet);
	/* It runs here, on top of us. */
	local_bh_enable();
	tasklet_unlock_wait(&tasklet);
}

static void in_hardirq_once(void)
{
	irq_work_queue(&irq_work);
	irq_work_sync(&irq_work);
}

static void in_nmi_once(void)
{
	WRITE_ONCE(word, 1);
}

/* Call @run with the handler waiting for who touches the word. */
static int with_breakpoint(void (*run)(void), u32 times)
{
	struct perf_event * __percpu *breakpoint = target_watch(&word, from_nmi);

	if (IS_ERR_VALUE((unsigned long __force)breakpoint))
		return (long __force)breakpoint;
	while (times--)
		run();
	unregister_wide_hw_breakpoint(breakpoint);
	return 0;
}

static int set_call(const char *value, const struct kernel_param *param)
{
	char context[16];
	u32 times;

	if (sscanf(value, "%15s %u", context, &times) != 2)
		return -EINVAL;
	done = 0;
	in_nmis = 0;
	sum = 0;
	if (!strcmp(context, "nmi"))
		return with_breakpoint(in_nmi_once, times);
	while (times--) {
		if (!strcmp(context, "task"))
			call();
		else if (!strcmp(context, "softirq"))
			in_softirq_once();
		else if (!strcmp(context, "hardirq"))
			in_hardirq_once();
		else
			return -EINVAL;
	}
	return 0;
}

static const struct kernel_param_ops call_ops = { .set = set_call };
module_param_cb(call, &call_ops, NULL, 0200);

static int __init target_init(void)
{
	return 0;
}

static void __exit target_exit(void)
{
	target_beat_exit();
	tasklet_kill(&tasklet);
}

module_init(target_init);
module_exit(target_exit);

MODULE_DESCRIPTION("A function to be probed, called from any context");
MODULE_LICENSE("GPL");
