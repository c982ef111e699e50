// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module that is wrong, one fault a name: what is written to its parameter "fault" is
 * done at once. For each there is a detector in kernels that check themselves, which
 * tests/debug/detectors wants to hear; what all of these overlook, it doesn't prove.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/compiler.h>
#include <linux/gfp.h>
#include <linux/irq_work.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timer.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#define SIZE	64

static char sink;
static char global[SIZE];

/* So that the compiler can't know what it is. */
static noinline unsigned int unknown(unsigned int value)
{
	OPTIMIZER_HIDE_VAR(value);
	return value;
}

/* Memory: out of bounds, after free, twice freed. */

static void slab_after_free(void)
{
	char *p = kmalloc(SIZE, GFP_KERNEL);

	kfree(p);
	OPTIMIZER_HIDE_VAR(p);
	WRITE_ONCE(sink, p[unknown(1)]);
}

static void slab_out_of_bounds(void)
{
	char *p = kmalloc(SIZE, GFP_KERNEL);

	p[unknown(SIZE)] = 1;
	kfree(p);
}

static void slab_freed_twice(void)
{
	char *p = kmalloc(SIZE, GFP_KERNEL);

	kfree(p);
	OPTIMIZER_HIDE_VAR(p);
	kfree(p);
}

static void vmalloc_out_of_bounds(void)
{
	char *p = vmalloc(SIZE);

	WRITE_ONCE(sink, p[unknown(SIZE + 8)]);
	vfree(p);
}

static void stack_out_of_bounds(void)
{
	char on_stack[SIZE] = {};
	char *p = on_stack;

	OPTIMIZER_HIDE_VAR(p);
	WRITE_ONCE(sink, p[unknown(SIZE)]);
}

static void global_out_of_bounds(void)
{
	char *p = global;

	OPTIMIZER_HIDE_VAR(p);
	WRITE_ONCE(sink, p[unknown(SIZE)]);
}

/* Where KASAN doesn't look, as it might have been done by a device. */
static noinline __no_sanitize_address void scribble(unsigned long *at)
{
	*at = 1;
}

static void freed_page_written(void)
{
	struct page *page = alloc_page(GFP_KERNEL);
	unsigned long *at = page_address(page);

	preempt_disable();
	__free_page(page);
	OPTIMIZER_HIDE_VAR(at);
	scribble(at);
	/* The same again, from this CPU's list. */
	page = alloc_page(GFP_NOWAIT);
	preempt_enable();
	__free_page(page);
}

static void leak(void)
{
	char *p = kmalloc(SIZE, GFP_KERNEL);

	strscpy(p, "leaked", SIZE);
}

/* The language. */

static void shift(void)
{
	WRITE_ONCE(sink, 1 << unknown(40));
}

static void bounds(void)
{
	WRITE_ONCE(sink, global[unknown(SIZE + 1)]);
}

/* Of an enum nothing is undefined in C: the compiler asks for that in C++ alone. */
static void no_bool(void)
{
	u8 two = unknown(2);
	bool *p = (bool *)&two;

	OPTIMIZER_HIDE_VAR(p);
	WRITE_ONCE(sink, *p);
}

/* Locks and contexts. */

static DEFINE_MUTEX(a);
static DEFINE_MUTEX(b);
static DEFINE_SPINLOCK(spin);

static void inverted(void)
{
	mutex_lock(&a);
	mutex_lock(&b);
	mutex_unlock(&b);
	mutex_unlock(&a);
	mutex_lock(&b);
	mutex_lock(&a);
	mutex_unlock(&a);
	mutex_unlock(&b);
}

static void take_spin(struct irq_work *unused)
{
	spin_lock(&spin);
	spin_unlock(&spin);
}

static DEFINE_IRQ_WORK(item, take_spin);

/* In an interrupt, and in a task that may be interrupted by it. */
static void interrupted(void)
{
	irq_work_queue(&item);
	irq_work_sync(&item);
	take_spin(NULL);
}

static void held_at_return(void)
{
	mutex_lock(&a);
}

static void sleep_in_atomic(void)
{
	spin_lock(&spin);
	might_sleep();
	spin_unlock(&spin);
}

static void no_preemption_off(void)
{
	WRITE_ONCE(sink, smp_processor_id());
}

static char __rcu *protected;

static void rcu(void)
{
	WRITE_ONCE(sink, !rcu_dereference(protected));
}

/* Objects that are in use when they are freed. */

static void timer_function(struct timer_list *timer)
{
}

static void timer(void)
{
	struct timer_list *timer = kmalloc(sizeof(*timer), GFP_KERNEL);

	timer_setup(timer, timer_function, 0);
	mod_timer(timer, jiffies + 1000 * HZ);
	/* The detector takes it out of the list, so nothing worse comes of it. */
	kfree(timer);
}

static void work_function(struct work_struct *work)
{
}

static void work(void)
{
	struct delayed_work *work = kmalloc(sizeof(*work), GFP_KERNEL);

	INIT_DELAYED_WORK(work, work_function);
	schedule_delayed_work(work, 1000 * HZ);
	kfree(work);
}

static void list(void)
{
	struct list_head head, *entry = kmalloc(sizeof(*entry), GFP_KERNEL);

	INIT_LIST_HEAD(&head);
	list_add(entry, &head);
	list_del(entry);
	list_del(entry);
	kfree(entry);
}

/* Not wrong: these say whether they got what they asked for. */

static void tell(const char *what, bool got)
{
	pr_info("%s was %s\n", what, got ? "there" : "refused");
}

static void allocate(void)
{
	char *p = kmalloc(SIZE, GFP_KERNEL);

	tell("memory", p);
	kfree(p);
}

static void allocate_page(void)
{
	struct page *page = alloc_page(GFP_KERNEL);

	tell("a page", page);
	if (page)
		__free_page(page);
}

/* A byte of the program that asks for it. */
static void copy(void)
{
	const void __user *from = (void __user *)current->mm->start_code;
	char byte;

	tell("a byte", !copy_from_user(&byte, from, 1));
}

static const struct fault {
	const char *name;
	void (*commit)(void);
} faults[] = {
	{ "slab-after-free", slab_after_free },
	{ "slab-out-of-bounds", slab_out_of_bounds },
	{ "slab-freed-twice", slab_freed_twice },
	{ "vmalloc-out-of-bounds", vmalloc_out_of_bounds },
	{ "stack-out-of-bounds", stack_out_of_bounds },
	{ "global-out-of-bounds", global_out_of_bounds },
	{ "freed-page-written", freed_page_written },
	{ "leak", leak },
	{ "shift", shift },
	{ "bounds", bounds },
	{ "bool", no_bool },
	{ "inverted", inverted },
	{ "interrupted", interrupted },
	{ "held-at-return", held_at_return },
	{ "sleep-in-atomic", sleep_in_atomic },
	{ "preemptible", no_preemption_off },
	{ "rcu", rcu },
	{ "timer", timer },
	{ "work", work },
	{ "list", list },
	{ "allocate", allocate },
	{ "allocate-page", allocate_page },
	{ "copy", copy },
};

static int fault_set(const char *name, const struct kernel_param *param)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		if (sysfs_streq(name, faults[i].name)) {
			faults[i].commit();
			return 0;
		}
	}
	return -EINVAL;
}

static const struct kernel_param_ops fault_ops = { .set = fault_set };
module_param_cb(fault, &fault_ops, NULL, 0200);

static int __init wrong_init(void)
{
	return 0;
}

static void __exit wrong_exit(void)
{
}

module_init(wrong_init);
module_exit(wrong_exit);
MODULE_DESCRIPTION("faults for kernels that check themselves to find");
MODULE_LICENSE("GPL");
