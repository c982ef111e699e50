/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What kmod/event.c and the module parameters need of the kernel, for user space,
 * beyond what the ring does. What has the kernel's name does what it does there.
 */
#ifndef TTLOG_FUZZ_SHIM_H
#define TTLOG_FUZZ_SHIM_H

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include "shim.h"

#define CONFIG_64BIT		1
#define IRQ_WORK_INIT_HARD	0	/* there is one: none to be filled in */
#define __user

/* ---- who writes */

#define TASK_COMM_LEN		16

struct task_struct {
	int pid;
	int tgid;
	struct task_struct *group_leader;
	char comm[TASK_COMM_LEN];
};

typedef struct {
	u32 val;
} kuid_t;

struct user_namespace {
	int unused;
};

struct cred {
	u64 cap_effective;
};

extern struct user_namespace init_user_ns;
extern struct cred shim_cred;
extern kuid_t shim_euid;

#define GLOBAL_ROOT_UID		((kuid_t) { 0 })
#define current_euid()		shim_euid
#define current_cred()		(&shim_cred)
#define current_user_ns()	(&init_user_ns)
#define cap_raised(caps, cap)	((caps) >> (cap) & 1)

static inline bool uid_eq(kuid_t a, kuid_t b)
{
	return a.val == b.val;
}

static inline u32 __kuid_val(kuid_t uid)
{
	return uid.val;
}

#define DECLARE_PER_CPU(type, name)	extern type name

#define get_unaligned(p) ({				\
	typeof(*(p)) __value;				\
	memcpy(&__value, p, sizeof(__value));		\
	__value;					\
})
#define put_unaligned(value, p) do {			\
	typeof(*(p)) __value = (value);			\
	memcpy(p, &__value, sizeof(__value));		\
} while (0)

/* ---- parameters */

/* So that a harness can set it. */
#define module_param(name, type, perm)			\
	char **const shim_param_##name = &name
#define MODULE_PARM_DESC(name, text)

#define GFP_KERNEL		0
#define SZ_4K			0x1000
#define SZ_64K			0x10000
#define SZ_1M			0x100000
#define SZ_64M			0x4000000
#define SZ_1G			0x40000000
#define SZ_2G			0x80000000
#define PAGE_SHIFT		12
#define PAGE_SIZE		(1UL << PAGE_SHIFT)
#define PAGE_MASK		(~(PAGE_SIZE - 1))
#define PAGE_ALIGNED(at)	(!((at) & ~PAGE_MASK))

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define min(a, b)		((a) < (b) ? (a) : (b))
#define max(a, b)		((a) > (b) ? (a) : (b))
#define max3(a, b, c)		max(max(a, b), c)
#define clamp_t(type, x, a, b)	min_t(type, max_t(type, x, a), b)
#define div64_u64(a, b)		((u64)(a) / (u64)(b))
#define DIV_ROUND_UP_ULL(a, b)	(((u64)(a) + (b) - 1) / (b))
#define is_power_of_2(x)	((x) && !((x) & ((x) - 1)))
#define kstrdup(text, flags)	strdup(text)
#define kfree			free

#define KBUILD_MODNAME		"ttlog"
#define pr_err(fmt, ...)	shim_print(pr_fmt(fmt), ##__VA_ARGS__)
#define pr_warn(fmt, ...)	shim_print(pr_fmt(fmt), ##__VA_ARGS__)

void shim_print(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

unsigned long totalram_pages(void);
unsigned int num_possible_cpus(void);

int shim_kstrtou64(const char *text, unsigned int base, u64 *value);
int shim_kstrtou32(const char *text, unsigned int base, u32 *value);

/* User space and kernel have different types of 64 bits. */
#define kstrtou64(text, base, value) shim_kstrtou64(text, base, (u64 *)(value))
#define kstrtou32(text, base, value) shim_kstrtou32(text, base, value)

static inline bool shim_shl(u64 value, unsigned int shift, u64 *to)
{
	*to = value << shift;
	return *to >> shift != value;
}

#define check_shl_overflow(value, shift, to)	shim_shl(value, shift, to)

static inline int match_string(const char *const *names, size_t nr,
			       const char *text)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (!strcmp(names[i], text))
			return i;
	return -EINVAL;
}

static inline ssize_t strscpy(char *to, const char *from, size_t size)
{
	size_t len = strlen(from), part = min(len, size - 1);

	memcpy(to, from, part);
	to[part] = '\0';
	return part < len ? -E2BIG : (ssize_t)len;
}

#endif
