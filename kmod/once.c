// SPDX-License-Identifier: GPL-2.0-only
/*
 * The one-shot: the helper that the module starts itself when an automatic trigger
 * waits and nobody takes it. There is never more than one.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/kmod.h>
#include <linux/minmax.h>
#include <linux/timekeeping.h>
#include <linux/umh.h>
#include <linux/workqueue.h>
#include "auto.h"
#include "compat.h"
#include "hold.h"
#include "once.h"
#include "trigger.h"

/* After one, a trigger that still waits gets another, ever more rarely. */
#define AGAIN_NS	(30ULL * NSEC_PER_SEC)
#define AGAIN_MAX_NS	(3600ULL * NSEC_PER_SEC)

/* The machine goes to sleep, or comes back: no program can be started meanwhile. */
#define ASLEEP		(-EBUSY)
#define ASLEEP_NS	NSEC_PER_SEC

static const char *path;
static bool running;		/* these four under ttlog_trigger_lock */
static bool served;
static u64 not_before;
static u64 pause = AGAIN_NS;

static void report(const char *program, int ret)
{
	if (!ret)
		pr_warn("helper=%s: ended without taking what waits\n", program);
	else if (ret < 0)
		pr_warn("helper=%s: cannot be started: error %d\n", program, ret);
	else if (ret & 0x7f)
		pr_warn("helper=%s: was killed by signal %d\n", program,
			ret & 0x7f);
	else
		pr_warn("helper=%s: ended with status %d\n", program, ret >> 8);
}

/*
 * It has ended. Was it of use? It was if it served one, and also if there is nothing
 * to serve any more. Caller holds ttlog_trigger_lock.
 */
static bool was_of_use(int ret)
{
	return served || (!ret && !ttlog_auto_waits(true));
}

static void run_once(struct work_struct *work)
{
	char *env[3] = {
		"HOME=/",
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		NULL,
	};
	char *argv[3] = { (char *)path, "--once", NULL };
	bool of_use;
	int ret;

	/* Killable, which a worker never is: it may take longer than hung tasks may. */
	ret = call_usermodehelper(argv[0], argv, env,
				  UMH_WAIT_PROC | UMH_KILLABLE);
	mutex_lock(&ttlog_trigger_lock);
	running = false;
	of_use = was_of_use(ret);
	if (of_use) {
		not_before = 0;
		pause = AGAIN_NS;
	} else if (ret == ASLEEP) {
		not_before = ktime_get_mono_fast_ns() + ASLEEP_NS;
	} else {
		not_before = ktime_get_mono_fast_ns() + pause;
		pause = min(2 * pause, AGAIN_MAX_NS);
	}
	mutex_unlock(&ttlog_trigger_lock);
	if (ret != ASLEEP && (ret || !of_use))
		report(argv[0], ret);
	ttlog_auto_kick();
}

static DECLARE_WORK(work, run_once);

/**
 * ttlog_once_start() - start the one-shot, unless it runs
 * @now: mono
 *
 * Context: task, under ttlog_trigger_lock.
 * Return: when to try again; U64_MAX: somebody will say.
 */
u64 ttlog_once_start(u64 now)
{
	if (!*path || running)
		return U64_MAX;
	if (now < not_before)
		return not_before;
	running = true;
	served = false;
	/* The rings are held while it gets there. */
	ttlog_hold_progress();
	queue_work(system_dfl_wq, &work);
	return U64_MAX;
}

/**
 * ttlog_once_served() - the one-shot has served a trigger
 *
 * Context: task, under ttlog_trigger_lock.
 */
void ttlog_once_served(void)
{
	served = true;
}

/**
 * ttlog_once_init() - set what is started
 * @helper: path of the program; empty: nothing is
 *
 * Context: task, at load.
 */
void ttlog_once_init(const char *helper)
{
	path = helper;
}

/**
 * ttlog_once_exit() - start no more, and wait for the one-shot to end
 *
 * Context: task, at unload: the device is gone, so it can't work any more.
 */
void ttlog_once_exit(void)
{
	mutex_lock(&ttlog_trigger_lock);
	path = "";
	mutex_unlock(&ttlog_trigger_lock);
	cancel_work_sync(&work);
}
