// SPDX-License-Identifier: GPL-2.0-only
/*
 * What there is to know of printk beside its lines: that it printed one, and
 * whether it puts the time in front of them.
 *
 * printk tells nobody in time that it printed. Consoles are told of some lines
 * only, and its tracepoint can't be used from NMI on all kernels. So its functions
 * that make a record readable are hooked by ftrace: not by a kprobe, which would be
 * passed over where a line is printed on top of another kprobe, and is a breakpoint
 * on some architectures. The hook is fixed and reads nothing, so lockdown doesn't
 * forbid it. Where ftrace isn't there, or is switched off, lines come later (see
 * klog.c).
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ftrace.h>
#include <linux/kernel.h>
#include <linux/kernfs.h>
#include <linux/kobject.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/uaccess.h>
#include "compat.h"
#include "hook.h"
#include "printk.h"

static const bool *printk_time;		/* its parameter; NULL: not found */

#ifdef CONFIG_DYNAMIC_FTRACE
static void (*when_printed)(void);

/*
 * In the middle of vprintk_store(), interrupts off, in any context: what is queued
 * as an irq_work here runs on this CPU after the record is readable.
 */
static notrace void on_commit(unsigned long ip, unsigned long parent_ip,
			      struct ftrace_ops *ops, struct ftrace_regs *regs)
{
	when_printed();
}
NOKPROBE_SYMBOL(on_commit);

/* A record is made readable by the one or the other. */
static struct {
	const char *function;
	struct ftrace_ops ops;
} hooks[] = {
	{ "prb_final_commit", { .func = on_commit } },
	{ "prb_commit", { .func = on_commit } },
};

static void unhook(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(hooks); i++)
		ttlog_unhook(&hooks[i].ops);
}

/* Both or none. */
static int hook(void (*printed)(void))
{
	int ret = 0;
	size_t i;

	when_printed = printed;
	for (i = 0; i < ARRAY_SIZE(hooks) && !ret; i++)
		ret = ttlog_hook(&hooks[i].ops, hooks[i].function);
	if (ret)
		unhook();
	return ret;
}
#else
static int hook(void (*printed)(void))
{
	return -ENODEV;
}

static void unhook(void)
{
}
#endif

/* As in kernel/params.c: what a file in a module's folder of parameters is. */
struct param_attribute {
	struct module_attribute mattr;
	const struct kernel_param *param;
};

/* Is it what it should be? It is another file's struct. */
static const bool *bool_of(const void *priv, const char *name)
{
	const struct param_attribute *attribute = priv;
	struct kernel_param param;
	const void *at;
	char seen[32] = {};

	if (copy_from_kernel_nofault(&at, &attribute->param, sizeof(at)) ||
	    copy_from_kernel_nofault(&param, at, sizeof(param)) ||
	    param.ops != &param_ops_bool ||
	    copy_from_kernel_nofault(seen, param.name, strlen(name) + 1) ||
	    strcmp(seen, name))
		return NULL;
	return param.arg;
}

/*
 * /sys/module/printk/parameters/time can be switched at any time, and nothing in a
 * line tells whether what it begins with is printk's time or a message that looks
 * like it.
 */
static const bool *find_time(void)
{
	struct kobject *module = kset_find_obj(THIS_MODULE->mkobj.kobj.kset,
					       "printk");
	struct kernfs_node *folder = NULL, *file = NULL;
	const bool *time = NULL;

	if (module && module->sd)
		folder = kernfs_find_and_get(module->sd, "parameters");
	if (folder)
		file = kernfs_find_and_get(folder, "time");
	if (file)
		time = bool_of(file->priv, "printk.time");
	kernfs_put(file);
	kernfs_put(folder);
	kobject_put(module);
	return time;
}

/**
 * ttlog_printk_init() - be told when something was printed
 * @printed: called for each line or part of one: in any context, NMI included, with
 *	interrupts off, just before the line can be read; may only queue irq_work
 *
 * Context: task, at load.
 * Return: false where that can't be: @printed is called no longer, and may have been.
 */
bool ttlog_printk_init(void (*printed)(void))
{
	int ret = hook(printed);

	if (ret)
		pr_notice("no ftrace (error %d): the kernel's lines are recorded up to a second late\n",
			  -ret);
	printk_time = find_time();
	return !ret;
}

/**
 * ttlog_printk_exit() - be told no longer
 *
 * Context: task. When it returns, nobody is in the function that was called.
 */
void ttlog_printk_exit(void)
{
	unhook();
}

/**
 * ttlog_printk_timed() - does printk put the time in front of lines now?
 *
 * Context: any.
 * Return: true also where that isn't known.
 */
notrace bool ttlog_printk_timed(void)
{
	return !printk_time || READ_ONCE(*printk_time);
}
NOKPROBE_SYMBOL(ttlog_printk_timed);
