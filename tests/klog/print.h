/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the module of print.c is asked for.
 */
#ifndef PRINT_H
#define PRINT_H

#include "../kmod/kmsg.h"

#define PARAMETERS	"/sys/module/klog_print/parameters/"

/* Print as @from says: print.c has the list. */
static inline bool print(const char *from)
{
	return put_file(PARAMETERS "from", from);
}

#endif
