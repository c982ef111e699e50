// SPDX-License-Identifier: GPL-2.0-only
/*
 * wrong_race: races on purpose, so that it is seen that they are reported. What is
 * written to the parameter "run" runs for so many milliseconds:
 *
 *	"plain N"	two CPUs count in one word
 *	"interrupt N"	a task counts, and an interrupt on top of it reads
 *	"barrier N"	a message whose flag is stored without release: only in
 *			another order than the one in which it was written is it a race
 *	"right N"	the same with release, which is none
 */
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/preempt.h>
#include <linux/string.h>

/* Some of them come while a task's access is watched, for 80 us. */
#define PERIOD_NS	(200 * NSEC_PER_USEC)

static u64 number, seen;
static u32 flag;
static unsigned long until;

static bool is_over(void)
{
	return time_after(jiffies, READ_ONCE(until));
}

static noinline void plain_count(void)
{
	while (!is_over()) {
		number++;
		cond_resched();
	}
}

static int plain_thread(void *done)
{
	plain_count();
	kthread_complete_and_exit(done, 0);
}

static noinline enum hrtimer_restart interrupt_read(struct hrtimer *timer)
{
	seen = number;
	hrtimer_forward_now(timer, ns_to_ktime(PERIOD_NS));
	return HRTIMER_RESTART;
}

static noinline void interrupt_count(void)
{
	struct hrtimer timer;

	hrtimer_init_on_stack(&timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	timer.function = interrupt_read;
	/* Nobody else counts, and the timer is this CPU's. */
	migrate_disable();
	hrtimer_start(&timer, ns_to_ktime(PERIOD_NS), HRTIMER_MODE_REL_PINNED_HARD);
	plain_count();
	hrtimer_cancel(&timer);
	migrate_enable();
	destroy_hrtimer_on_stack(&timer);
}

/* Each takes its turn: the flag says whose it is. */
static noinline void barrier_send(bool right)
{
	while (!is_over()) {
		number++;
		if (right)
			/* Pairs with the acquire in barrier_receive(). */
			smp_store_release(&flag, 1);
		else
			WRITE_ONCE(flag, 1);
		while (READ_ONCE(flag) && !is_over())
			cpu_relax();
		/* Pairs with the release in barrier_receive(). */
		smp_rmb();
	}
}

static noinline void barrier_receive(void)
{
	while (!is_over()) {
		/* Pairs with the release in barrier_send(), where it is one. */
		while (!smp_load_acquire(&flag) && !is_over())
			cpu_relax();
		if (!READ_ONCE(flag))
			continue;
		seen += number;
		/* Pairs with the smp_rmb() in barrier_send(). */
		smp_store_release(&flag, 0);
	}
}

static int receive_thread(void *done)
{
	barrier_receive();
	kthread_complete_and_exit(done, 0);
}

/* Run it on another CPU while we do our part; @ours is told @arg. */
static int with_thread(int (*other)(void *), void (*ours)(bool), bool arg)
{
	DECLARE_COMPLETION_ONSTACK(done);
	struct task_struct *task = kthread_create(other, &done, "wrong_race");

	if (IS_ERR(task))
		return PTR_ERR(task);
	wake_up_process(task);
	ours(arg);
	wait_for_completion(&done);
	return 0;
}

static void count(bool unused)
{
	plain_count();
}

static int run(const char *kind)
{
	flag = 0;
	if (!strcmp(kind, "plain"))
		return with_thread(plain_thread, count, false);
	if (!strcmp(kind, "barrier"))
		return with_thread(receive_thread, barrier_send, false);
	if (!strcmp(kind, "right"))
		return with_thread(receive_thread, barrier_send, true);
	if (strcmp(kind, "interrupt"))
		return -EINVAL;
	interrupt_count();
	return 0;
}

static int set_run(const char *value, const struct kernel_param *param)
{
	char kind[16];
	u32 ms;

	if (sscanf(value, "%15s %u", kind, &ms) != 2)
		return -EINVAL;
	WRITE_ONCE(until, jiffies + msecs_to_jiffies(ms));
	return run(kind);
}

static const struct kernel_param_ops run_ops = { .set = set_run };
module_param_cb(run, &run_ops, NULL, 0200);

MODULE_DESCRIPTION("Test of ttlog's tests: races that must be reported");
MODULE_LICENSE("GPL");
