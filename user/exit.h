/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exit statuses. ttlog(1) lists them: keep the two the same.
 */
#ifndef TTLOG_EXIT_H
#define TTLOG_EXIT_H

enum {
	EXIT_OK = 0,
	EXIT_OTHER = 1,		/* anything without a number of its own */
	EXIT_USAGE = 2,		/* options or arguments */
	EXIT_NOT_LOADED = 3,	/* there is no device: the module isn't loaded */
	EXIT_PERMISSION = 4,	/* not allowed */
	EXIT_FOLDER = 5,	/* folder missing or not writable */
	EXIT_DISK_FULL = 6,	/* disk or quota */
	EXIT_VERSION = 7,	/* program and module don't fit */
	EXIT_TIMEOUT = 8,	/* the helper didn't finish in time */
};

#endif
