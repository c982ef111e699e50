// SPDX-License-Identifier: GPL-2.0-only
/*
 * refuse: let the kernel refuse what the recorder asks it for, and count the pages that
 * the recorder has. Its parameters:
 *
 * own: "N" lets the Nth time fail that the recorder asks for memory on behalf of who
 *	writes this. What is read is how many are left to come; 0: it was that one's turn.
 * call: "FUNCTION VALUE N" lets the function return the value without having done
 *	anything, once, after N calls of it by the recorder. A line without a function
 *	ends that.
 * refused: how often that came, 0 or 1
 * pages: what the recorder has taken with alloc_pages() and not given back: no detector
 *	knows of such pages
 * chances_left: of /proc/self/fail-nth, when the last module's init function was called
 *
 * What fail-nth counts is what the kernel asks for on the way: not what the recorder asks
 * for itself, and not what comes only now and then, as the pages of a slab do and the
 * notes of kmemleak. With these one chance wouldn't be the same one the next time.
 */
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/linkage.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/string.h>

static char function[KSYM_NAME_LEN];
static long value;
static unsigned int before;
static bool is_set;
static unsigned int refused;
module_param(refused, uint, 0444);
static uint chances_left;
module_param(chances_left, uint, 0444);
static atomic_t pages;
static unsigned int own;
static pid_t asker;
static struct module *recorder;

/* It comes before its code runs, and goes when that has run. */
static int on_module(struct notifier_block *nb, unsigned long event, void *module)
{
	if (strcmp(((struct module *)module)->name, "ttlog"))
		return NOTIFY_DONE;
	if (event == MODULE_STATE_COMING)
		WRITE_ONCE(recorder, module);
	else if (event == MODULE_STATE_GOING)
		WRITE_ONCE(recorder, NULL);
	return NOTIFY_DONE;
}

static struct notifier_block notifier = {
	.notifier_call = on_module,
};

static bool is_recorder(unsigned long address)
{
	struct module *module = READ_ONCE(recorder);

	return module && within_module(address, module);
}

/* At a function's entry. */
static bool is_called_by_recorder(struct pt_regs *regs)
{
	return is_recorder(*(unsigned long *)kernel_stack_pointer(regs));
}

asmlinkage void refuse_return(void);

/* What runs instead of the function: it touches no register. */
asm(".text\n"
	".type refuse_return, @function\n"
	".globl refuse_return\n"
	"refuse_return:\n"
	ASM_RET
	".size refuse_return, .-refuse_return\n");

static int refuse(struct kprobe *kp, struct pt_regs *regs)
{
	if (refused || !is_called_by_recorder(regs))
		return 0;
	if (before) {
		before--;
		return 0;
	}
	refused++;
	regs_set_return_value(regs, value);
	instruction_pointer_set(regs, (unsigned long)refuse_return);
	return 1;
}

/* With it the kernel doesn't make a jump of the probe, which couldn't go elsewhere. */
static void refuse_after(struct kprobe *kp, struct pt_regs *regs,
			 unsigned long flags)
{
}

static struct kprobe at;

static void forget(void)
{
	if (is_set)
		unregister_kprobe(&at);
	is_set = false;
}

static int set_call(const char *text, const struct kernel_param *param)
{
	int ret;

	forget();
	refused = 0;
	if (sscanf(text, "%127s %ld %u", function, &value, &before) != 3)
		return 0;
	at = (struct kprobe){
		.symbol_name = function,
		.pre_handler = refuse,
		.post_handler = refuse_after,
	};
	ret = register_kprobe(&at);
	is_set = !ret;
	return ret;
}

static const struct kernel_param_ops call_ops = { .set = set_call };
module_param_cb(call, &call_ops, NULL, 0200);

static int set_own(const char *text, const struct kernel_param *param)
{
	asker = current->tgid;
	return kstrtouint(text, 0, &own);
}

static int get_own(char *text, const struct kernel_param *param)
{
	return sprintf(text, "%u\n", own);
}

static const struct kernel_param_ops own_ops = { .set = set_own, .get = get_own };
module_param_cb(own, &own_ops, NULL, 0600);

/* For a while there is another chance, or none; what there was is kept. */
static void set_chance(struct kretprobe_instance *instance, unsigned int chance)
{
	*(unsigned int *)instance->data = current->fail_nth;
	current->fail_nth = chance;
}

static int on_done(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	current->fail_nth = *(unsigned int *)instance->data;
	return 0;
}

/* Whatever a function asks for first is what fails, so the function does. */
static int on_ask(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	bool is_turn = false;

	if (!is_called_by_recorder(regs))
		return 1;
	if (own && current->tgid == asker)
		is_turn = !--own;
	set_chance(instance, is_turn);
	return 0;
}

static int on_page(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	if (regs_return_value(regs))
		atomic_inc(&pages);
	return on_done(instance, regs);
}

static int on_free(struct kprobe *kp, struct pt_regs *regs)
{
	if (is_called_by_recorder(regs))
		atomic_dec(&pages);
	return 0;
}

/* Also where free_page() ends, which jumps there. */
static struct kprobe freed = {
	.symbol_name = "__free_pages",
	.pre_handler = on_free,
};

/* Not the recorder's; but nothing where there is nothing to keep it from. */
static int on_aside(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	if (!current->fail_nth)
		return 1;
	set_chance(instance, 0);
	return 0;
}

#define ASK(name, at_end)	{				\
		.kp.symbol_name = (name),			\
		.entry_handler = on_ask,			\
		.handler = (at_end),				\
		.data_size = sizeof(unsigned int),		\
		.maxactive = 64,				\
	}

#define ASIDE(name)	{					\
		.kp.symbol_name = (name),			\
		.entry_handler = on_aside,			\
		.handler = on_done,				\
		.data_size = sizeof(unsigned int),		\
		.maxactive = 64,				\
	}

/* All that the recorder may call to have memory; and what is none of its business. */
static struct kretprobe asks[] = {
	ASK("__alloc_pages", on_page),
	ASK("get_zeroed_page", on_page),
	ASK("kmalloc_trace", on_done),
	ASK("kmalloc_node_trace", on_done),
	ASK("kvmalloc_node", on_done),
	ASK("kstrdup", on_done),
	ASK("memdup_user", on_done),
	ASK("vmap", on_done),
	ASK("vmalloc_user", on_done),
	ASIDE("allocate_slab"),
	ASIDE("__create_object"),
};

static struct kretprobe *ask[ARRAY_SIZE(asks)];

/* The kernel's own part of a load is over. */
static int on_init(struct kprobe *kp, struct pt_regs *regs)
{
	chances_left = current->fail_nth;
	return 0;
}

static struct kprobe init = {
	.symbol_name = "do_one_initcall",
	.pre_handler = on_init,
};

/* One that was missed makes the number wrong: it is then none. */
static int get_pages(char *text, const struct kernel_param *param)
{
	const struct kretprobe *rp;

	for (rp = asks; rp < asks + ARRAY_SIZE(asks); rp++)
		if (rp->handler == on_page && (rp->nmissed || rp->kp.nmissed))
			return -ERANGE;
	if (freed.nmissed)
		return -ERANGE;
	return sprintf(text, "%d\n", atomic_read(&pages));
}

static const struct kernel_param_ops pages_ops = { .get = get_pages };
module_param_cb(pages, &pages_ops, NULL, 0444);

static int __init refuse_init(void)
{
	unsigned int i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(asks); i++)
		ask[i] = &asks[i];
	ret = register_kretprobes(ask, ARRAY_SIZE(ask));
	if (ret)
		return ret;
	ret = register_kprobe(&freed);
	if (ret)
		goto unregister_asks;
	ret = register_kprobe(&init);
	if (ret)
		goto unregister_freed;
	ret = register_module_notifier(&notifier);
	if (ret)
		goto unregister_init;
	return 0;

unregister_init:
	unregister_kprobe(&init);
unregister_freed:
	unregister_kprobe(&freed);
unregister_asks:
	unregister_kretprobes(ask, ARRAY_SIZE(ask));
	return ret;
}

static void __exit refuse_exit(void)
{
	forget();
	unregister_module_notifier(&notifier);
	unregister_kprobe(&init);
	unregister_kprobe(&freed);
	unregister_kretprobes(ask, ARRAY_SIZE(ask));
}

module_init(refuse_init);
module_exit(refuse_exit);

MODULE_DESCRIPTION("Test of ttlog: a kernel that refuses");
MODULE_LICENSE("GPL");
