// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's end. What it has said is recorded and the map says what became of it,
 * so that who reads the memory afterwards has both; and the newest events are printed.
 *
 * Where a crash kernel is loaded, a panic enters it before it calls any notifier. The
 * last thing that it does in this kernel is to note down what a dump is read by, in a
 * function that is hooked by ftrace, as printk is (printk.c): also a hook that is fixed
 * and reads nothing. Without ftrace a dump lacks the kernel's last lines.
 *
 * All of it runs where nothing can be waited for, maybe in an NMI, with any lock held
 * by who will never give it back.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/ftrace.h>
#include <linux/kprobes.h>
#include <linux/limits.h>
#include <linux/notifier.h>
#include <linux/printk.h>
#include "compat.h"
#include "console.h"
#include "hook.h"
#include "host.h"
#include "klog.h"
#include "map.h"
#include "panic.h"
#include "region.h"

static atomic_t begun;		/* so often: a panic may be of what is done in one */
static atomic_t printed;

/* Also where a shutdown had come as far as to say that it is one. */
static notrace void end(void)
{
	WRITE_ONCE(ttlog_map->over, 0);
	ttlog_host_end(&ttlog_map->host, TTLOG_STATE_PANIC);
	ttlog_region_save();
}
NOKPROBE_SYMBOL(end);

/* Each step once: a panic that comes of one goes on with the next. */
static int on_panic(struct notifier_block *nb, unsigned long event, void *data)
{
	switch (atomic_fetch_inc_relaxed(&begun)) {
	case 0:
		/* Also before: what dies of the log may not come back, not even as a panic. */
		end();
		ttlog_klog_end();
		end();
		break;
	case 1:
		ttlog_klog_stop();
		break;
	default:
		return NOTIFY_DONE;
	}
	if (!atomic_xchg_relaxed(&printed, 1))
		ttlog_console_print();
	return NOTIFY_DONE;
}

/*
 * Before others, some of which tell a hypervisor or firmware, and that may end the machine
 * at once; not before QEMU's pvpanic, which is as early on newer kernels.
 */
static struct notifier_block panic_notifier = {
	.notifier_call = on_panic,
	.priority = INT_MAX,
};

#ifdef CONFIG_DYNAMIC_FTRACE
/* Also where notifiers come first, as crash_kexec_post_notifiers has it. */
static notrace void on_crash(unsigned long ip, unsigned long parent_ip,
			     struct ftrace_ops *ops, struct ftrace_regs *regs)
{
	ttlog_klog_last();
	end();
}
NOKPROBE_SYMBOL(on_crash);

static struct ftrace_ops crash_ops = {
	.func = on_crash,
};

static void hook(void)
{
	int ret = ttlog_hook(&crash_ops, "crash_save_vmcoreinfo");

	if (ret && IS_ENABLED(CONFIG_KEXEC_CORE))
		pr_notice("crash_save_vmcoreinfo can't be hooked (error %d): a crash kernel may find the log without its last lines\n",
			  -ret);
}

static void unhook(void)
{
	ttlog_unhook(&crash_ops);
}
#else
static void hook(void)
{
}

static void unhook(void)
{
}
#endif

/**
 * ttlog_panic_init() - be ready for the kernel's end
 * @console_events: how many events to print then, at most TTLOG_NEWEST_MAX; 0: none
 *
 * Context: task, at load, once rings are there.
 */
void ttlog_panic_init(u32 console_events)
{
	ttlog_console_init(console_events);
	hook();
	/* That fails for what is registered already. */
	atomic_notifier_chain_register(&panic_notifier_list, &panic_notifier);
}

/**
 * ttlog_panic_exit() - do nothing any more
 *
 * Context: task, at unload.
 */
void ttlog_panic_exit(void)
{
	atomic_notifier_chain_unregister(&panic_notifier_list, &panic_notifier);
	unhook();
}
