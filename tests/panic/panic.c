// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module that ends the kernel on purpose. What is written to the parameter "way" says
 * how:
 *
 *	task		a task calls panic()
 *	oops		a task takes NULL for an address
 *	irq		a hard interrupt does
 *	nmi		a handler in NMI context calls panic()
 *	lock		a task calls panic() while it holds the consoles' lock
 *	hung		a task waits for what never comes (hung_task_panic)
 *	spin		a task keeps its CPU (softlockup_panic)
 *	at FUNCTION	whoever calls this function of the kernel's next panics there
 *	dies FUNCTION	and takes NULL for an address there
 *	again FUNCTION	as "at", but each time: who is called by the panic panics as well
 *	probed N	calls panic_probed(N), and goes on
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/console.h>
#include <linux/hw_breakpoint.h>
#include <linux/irq_work.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <linux/string.h>
#include "../../kmod/compat.h"

static char watched[8] __aligned(8);

static noinline __noclone void panic_probed(unsigned long argument)
{
	/* What isn't called from elsewhere, or has no effect, is optimised away. */
	barrier();
	OPTIMIZER_HIDE_VAR(argument);
}

static noinline void null(void)
{
	int *nowhere = NULL;

	/* So that the compiler can't know it. */
	OPTIMIZER_HIDE_VAR(nowhere);
	*nowhere = 1;
}

static void in_irq_work(struct irq_work *unused)
{
	null();
}

static void from_irq(void)
{
	static struct irq_work work;

	work = IRQ_WORK_INIT_HARD(in_irq_work);
	irq_work_queue(&work);
	irq_work_sync(&work);
}

static void in_breakpoint(struct perf_event *event, struct perf_sample_data *data,
			  struct pt_regs *regs)
{
	panic("panic_test: on purpose, in_nmi %d", !!in_nmi());
}

static int from_nmi(void)
{
	struct perf_event * __percpu *breakpoint;
	struct perf_event_attr attr;

	hw_breakpoint_init(&attr);
	attr.bp_addr = (unsigned long)watched;
	attr.bp_len = HW_BREAKPOINT_LEN_8;
	attr.bp_type = HW_BREAKPOINT_RW;
	breakpoint = register_wide_hw_breakpoint(&attr, in_breakpoint, NULL);
	if (IS_ERR_VALUE((unsigned long __force)breakpoint))
		return (long __force)breakpoint;
	WRITE_ONCE(watched[0], 1);
	unregister_wide_hw_breakpoint(breakpoint);
	return 0;
}

static int sleep_for_ever(void *unused)
{
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		schedule();
	}
	return 0;
}

static int hang(void)
{
	return PTR_ERR_OR_ZERO(kthread_run(sleep_for_ever, NULL, "panic_test"));
}

static void spin(void)
{
	preempt_disable();
	for (;;)
		cpu_relax();
}

static int panic_there(struct kprobe *probe, struct pt_regs *regs)
{
	panic("panic_test: on purpose, at %s", probe->symbol_name);
	return 0;
}

static int die_there(struct kprobe *probe, struct pt_regs *regs)
{
	instruction_pointer_set(regs, (unsigned long)null);
	return 1;
}

static noinline void panic_again(void)
{
	panic("panic_test: on purpose, each time");
}

static int panic_behind(struct kprobe *probe, struct pt_regs *regs)
{
	instruction_pointer_set(regs, (unsigned long)panic_again);
	return 1;
}

/* It stays for the rest of the kernel's life. */
static int set_at(const char *function, kprobe_pre_handler_t handler)
{
	static struct kprobe probe;
	static char name[64];

	probe.pre_handler = handler;
	strscpy(name, function, sizeof(name));
	probe.symbol_name = strim(name);
	return register_kprobe(&probe);
}

static int set_way(const char *value, const struct kernel_param *param)
{
	unsigned long argument;

	if (sysfs_streq(value, "task"))
		panic("panic_test: on purpose");
	if (sysfs_streq(value, "oops"))
		return null(), 0;
	if (sysfs_streq(value, "irq"))
		return from_irq(), 0;
	if (sysfs_streq(value, "nmi"))
		return from_nmi();
	if (sysfs_streq(value, "lock")) {
		console_lock();
		panic("panic_test: on purpose, under the consoles' lock");
	}
	if (sysfs_streq(value, "hung"))
		return hang();
	if (sysfs_streq(value, "spin"))
		return spin(), 0;
	if (!strncmp(value, "at ", 3))
		return set_at(value + 3, panic_there);
	if (!strncmp(value, "dies ", 5))
		return set_at(value + 5, die_there);
	if (!strncmp(value, "again ", 6))
		return set_at(value + 6, panic_behind);
	if (sscanf(value, "probed %lu", &argument) == 1)
		return panic_probed(argument), 0;
	return -EINVAL;
}

static const struct kernel_param_ops way_ops = { .set = set_way };
module_param_cb(way, &way_ops, NULL, 0200);

static int __init panic_test_init(void)
{
	return 0;
}

static void __exit panic_test_exit(void)
{
}

module_init(panic_test_init);
module_exit(panic_test_exit);
MODULE_DESCRIPTION("Ends the kernel");
MODULE_LICENSE("GPL");
