/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The snapshot files that a command's arguments stand for.
 */
#ifndef TTLOG_FILES_H
#define TTLOG_FILES_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct file - one of them
 * @path: of the file; "-" is standard input
 * @listed: it was found in a folder
 */
struct file {
	char *path;
	bool listed;
};

/**
 * struct files - all of them, in the order in which they are to be read
 * @list: one each
 * @nr: entries of @list
 *
 * Memory grows with the number of files, some 100 bytes each.
 */
struct files {
	struct file *list;
	size_t nr;

	/* private */
	size_t room;
	bool input;
};

/**
 * files_expand() - find them
 * @files: filled in; give it to files_free(), also after a failure
 * @args: up to a NULL, or NULL: files; "-" for standard input, once; folders. None:
 *	the folder that snapshots go to by default
 *
 * A folder stands for the regular files in it whose names are those of snapshots,
 * the oldest first (snapname_order()). What can't be found or read is said on stderr;
 * the others are there nevertheless.
 *
 * Return: EXIT_*: of what went wrong first.
 */
int files_expand(struct files *files, char *const *args);

void files_free(struct files *files);

/**
 * file_open() - open one of them for reading
 * @fd: set; to be given to file_close(). -1: it was found in a folder, and is no
 *	longer there, as files are removed when they are too many
 *
 * What goes wrong is said on stderr.
 *
 * Return: EXIT_*.
 */
int file_open(const struct file *file, int *fd);

void file_close(int fd);

/* What to call it in messages. */
const char *file_name(const struct file *file);

#endif
