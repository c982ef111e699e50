/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * When KCSAN watches next. Each CPU counts down to the access that is to be watched; from
 * there on it is one in so many (kcsan.skip_watch). To watch closely what matters, and
 * nothing else, that count is set where it begins, and put off where it ends. Modules
 * can't name it: /proc/kallsyms tells where it is.
 */
#ifndef RACE_SKIP_H
#define RACE_SKIP_H

#include <linux/moduleparam.h>
#include <linux/percpu.h>

#define SKIP_ALL	(1L << 40)

static ulong skip_at;
module_param_named(skip, skip_at, ulong, 0400);

/* Caller doesn't leave its CPU meanwhile. */
static __always_inline void race_skip(long accesses)
{
	this_cpu_write(*(long __percpu __force *)skip_at, accesses);
}

#endif
