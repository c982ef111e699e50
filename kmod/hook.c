// SPDX-License-Identifier: GPL-2.0-only
/*
 * A function of the kernel that is hooked by ftrace, or not at all. Only where the kernel
 * has CONFIG_DYNAMIC_FTRACE.
 */
#include <linux/errno.h>
#include <linux/ftrace.h>
#include <linux/string.h>
#include "compat.h"
#include "hook.h"

/* Only told apart, never looked into; nobody else sets it. */
static const void *filter_of(const struct ftrace_ops *ops)
{
	return (const void __force *)READ_ONCE(ops->func_hash->filter_hash);
}

/*
 * An ops without a filter is called for every function, and ftrace_set_filter() answers 0
 * as well where it has found the function and then no memory to note it down. That leaves
 * the filter that there is without any, which is always the same one.
 */
static int set_filter(struct ftrace_ops *ops, const char *function)
{
	char name[32];		/* it may write there */
	const void *none;
	ssize_t len;
	int ret;

	len = strscpy(name, function, sizeof(name));
	if (len < 0)
		return len;
	ret = ftrace_set_filter(ops, NULL, 0, 1);
	if (ret)
		return ret;
	none = filter_of(ops);
	ret = ftrace_set_filter(ops, name, len, 1);
	if (!ret && filter_of(ops) == none)
		return -ENOMEM;
	return ret;
}

/**
 * ttlog_hook() - have a function called whenever one of the kernel is
 * @ops: with that function, which may not be probed nor traced; nothing else is set, and
 *	its member private is ours: that it is hooked
 * @function: the kernel's, by its name, of at most 31 characters
 *
 * Context: task.
 * Return: 0, or a negative errno: nothing is hooked; -EINVAL: ftrace has no such function.
 */
int ttlog_hook(struct ftrace_ops *ops, const char *function)
{
	int ret = set_filter(ops, function);

	if (!ret)
		ret = register_ftrace_function(ops);
	if (ret)
		ftrace_free_filter(ops);
	else
		ops->private = ops;
	return ret;
}

/**
 * ttlog_unhook() - undo ttlog_hook(), whatever became of it
 * @ops: as there
 *
 * Context: task. When it returns, nobody is in the function of @ops.
 */
void ttlog_unhook(struct ftrace_ops *ops)
{
	if (!ops->private)
		return;
	ops->private = NULL;
	unregister_ftrace_function(ops);
	ftrace_free_filter(ops);
}
