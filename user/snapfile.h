/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The file of a snapshot: written under a temporary name in its own folder, and
 * given its final name when it is whole. A file under a final name is never
 * partial and never replaced.
 */
#ifndef TTLOG_SNAPFILE_H
#define TTLOG_SNAPFILE_H

#include <limits.h>

#include "snapshot.h"

/**
 * struct snapfile - a file that is being written
 * @fd: the temporary file, to be written and read, locked meanwhile; -1 when there is
 *	none
 * @dir: its folder
 * @folder: path of the folder
 * @temp: name of the temporary file in it
 * @path: the final path, once there is one
 * @doing: when something failed: what, as in "cannot @doing"
 * @ready: called when the temporary file is durable, right before it gets its
 *	name; a negative errno gives the file up, @doing says why. NULL: none is
 * @arg: for @ready
 */
struct snapfile {
	int fd;
	int dir;
	char folder[PATH_MAX];
	char temp[64];
	char path[PATH_MAX];
	char doing[2 * PATH_MAX];
	int (*ready)(void *arg, struct snapfile *file,
		     const struct snapshot *snapshot);
	void *arg;
};

/**
 * snapfile_stem() - what the names that a snapshot may get begin with
 * @to: SNAPFILE_STEM bytes; "ttlog-PID-STAMP-REASON", which ".bin" or ".N.bin"
 *	follows
 */
void snapfile_stem(char *to, const struct snapshot *snapshot);
#define SNAPFILE_STEM	80

/**
 * snapfile_open() - make the temporary file
 * @file: filled in; @ready may be set afterwards
 * @folder: where
 *
 * Temporary files that dead writers left there an hour ago or more are removed.
 *
 * Return: 0 or a negative errno; then @doing says what failed and there is
 * nothing to close.
 */
int snapfile_open(struct snapfile *file, const char *folder);

/**
 * snapfile_commit() - make the file durable and give it its name
 * @name: the final name, or NULL to make one from @snapshot
 *
 * Closes @file, also when it fails; then the temporary file is gone.
 *
 * Return: 0, -EEXIST when @name exists, or another negative errno. If @file->path
 * is set then, all that failed was to make the name durable.
 */
int snapfile_commit(struct snapfile *file, const char *name,
		    const struct snapshot *snapshot);

/* Give up: remove the temporary file. */
void snapfile_abort(struct snapfile *file);

#endif
