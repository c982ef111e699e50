/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_STDLIB_H
#define SHIM_STDLIB_H

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/types.h>

#define malloc(size)		kvmalloc(size, GFP_KERNEL)
#define free(p)			kvfree(p)
#define reallocarray(p, n, size) krealloc_array(p, n, size, GFP_KERNEL)

#endif
