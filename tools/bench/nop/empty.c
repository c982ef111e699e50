// SPDX-License-Identifier: GPL-2.0-only
/*
 * A probe that does nothing: what the kernel itself takes for one. Give symbol and
 * offset, or ret=1 for a function's return.
 */
#include <linux/kprobes.h>
#include <linux/module.h>

static char *symbol;
module_param(symbol, charp, 0444);
static unsigned int offset;
module_param(offset, uint, 0444);
static bool ret;
module_param(ret, bool, 0444);

static notrace int hit(struct kprobe *kp, struct pt_regs *regs)
{
	return 0;
}
NOKPROBE_SYMBOL(hit);

static notrace int hit_return(struct kretprobe_instance *instance,
			      struct pt_regs *regs)
{
	return 0;
}
NOKPROBE_SYMBOL(hit_return);

static struct kretprobe probe;

static int __init nop_init(void)
{
	probe.kp.symbol_name = symbol;
	probe.kp.offset = offset;
	if (ret) {
		probe.handler = hit_return;
		return register_kretprobe(&probe);
	}
	probe.kp.pre_handler = hit;
	return register_kprobe(&probe.kp);
}

static void __exit nop_exit(void)
{
	if (ret)
		unregister_kretprobe(&probe);
	else
		unregister_kprobe(&probe.kp);
}

module_init(nop_init);
module_exit(nop_exit);

MODULE_DESCRIPTION("A probe that does nothing");
MODULE_LICENSE("GPL");
