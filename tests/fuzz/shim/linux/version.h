/* SPDX-License-Identifier: GPL-2.0-only */
/* The newest of all: what is compiled calls its API, and nothing is filled in. */
#define KERNEL_VERSION(a, b, c)	(((a) << 16) + ((b) << 8) + (c))
#define LINUX_VERSION_CODE	KERNEL_VERSION(255, 0, 0)
