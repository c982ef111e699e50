/* SPDX-License-Identifier: GPL-2.0-only */
#include <linux/types.h>
#include <linux/limits.h>

#define UINT64_MAX	U64_MAX
