/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_FOLDER_H
#define TTLOG_FOLDER_H

/* Where snapshots go by default: the one folder that is made when it is missing. */
#define FOLDER_DEFAULT	"/var/lib/ttlog"

/**
 * folder_make_default() - make it, for the group ttlog, unless it is there
 *
 * What goes wrong is said on stderr.
 *
 * Return: EXIT_*.
 */
int folder_make_default(void);

/* The exit status for a negative errno of writing into a folder. */
int folder_status(int err);

#endif
