// SPDX-License-Identifier: GPL-2.0-only
/*
 * The oops as a trigger. The die notifier comes when it strikes, with its cause in
 * the kernel's log but most of its text still to come; kmsg_dump() comes when all
 * is said. In between the evidence is being gathered.
 *
 * Both run in whatever context oopsed: they allocate nothing, wait for nothing and
 * print nothing.
 */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/kdebug.h>
#include <linux/kmsg_dump.h>
#include <linux/kprobes.h>
#include <linux/notifier.h>
#include "auto.h"
#include "compat.h"
#include "klog.h"
#include "oops.h"
#include "region.h"

static struct ttlog_auto *oops;
static atomic_t unfinished;	/* oopses that struck and aren't told yet */

/*
 * An oops that isn't told to the end (its CPU hangs, or another oops came on top of
 * it) must not keep later ones from being told: see EVIDENCE_NS in auto.c.
 */
static notrace int on_die(struct notifier_block *nb, unsigned long event,
			  void *data)
{
	if (event != DIE_OOPS)
		return NOTIFY_DONE;
	atomic_inc(&unfinished);
	ttlog_klog_died();
	ttlog_auto_raise(oops);
	/* Only then. Pairs with on_reboot() of region.c: over.litmus */
	smp_mb();
	ttlog_region_go_on();
	return NOTIFY_DONE;
}
NOKPROBE_SYMBOL(on_die);

static struct notifier_block die_notifier = {
	.notifier_call = on_die,
};

static notrace void on_dump(enum kmsg_dump_reason reason)
{
	ttlog_klog_drain();
	if (reason != KMSG_DUMP_OOPS)
		return;
	/*
	 * Now or, after an earlier one was given up, already. No partner: what orders it
	 * for the engine is the kick.
	 */
	atomic_dec_if_positive(&unfinished);
	ttlog_auto_kick();
}
NOKPROBE_SYMBOL(on_dump);

COMPAT_KMSG_DUMP(dump, on_dump)

static struct kmsg_dumper dumper = {
	.dump = dump,
	.max_reason = KMSG_DUMP_OOPS,
};

/**
 * ttlog_oops_in_progress() - is an oops being told?
 *
 * Context: any.
 * Return: true if one struck, and its text isn't complete.
 */
notrace bool ttlog_oops_in_progress(void)
{
	return atomic_read(&unfinished);
}
NOKPROBE_SYMBOL(ttlog_oops_in_progress);

/**
 * ttlog_oops_give_up() - don't wait for the end of what is being told
 *
 * Context: task.
 */
void ttlog_oops_give_up(void)
{
	atomic_set(&unfinished, 0);
}

/**
 * ttlog_oops_init() - watch for oopses
 *
 * Context: task, at load, once rings and triggers are there.
 * Return: 0 or an error.
 */
int ttlog_oops_init(void)
{
	int ret;

	oops = ttlog_auto_get(TTLOG_TRIGGER_OOPS, "oops");
	if (IS_ERR(oops))
		return PTR_ERR(oops);
	ret = kmsg_dump_register(&dumper);
	if (ret)
		goto put;
	ret = register_die_notifier(&die_notifier);
	if (ret)
		goto unregister_dumper;
	return 0;

unregister_dumper:
	kmsg_dump_unregister(&dumper);
put:
	ttlog_auto_put(oops);
	return ret;
}

/**
 * ttlog_oops_exit() - stop watching
 *
 * Context: task, at unload.
 */
void ttlog_oops_exit(void)
{
	unregister_die_notifier(&die_notifier);
	kmsg_dump_unregister(&dumper);
	ttlog_auto_put(oops);
}
