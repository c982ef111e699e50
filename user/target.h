/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where ttlog dump writes a file itself, under the caller's own credentials. What goes
 * wrong is said on stderr.
 */
#ifndef TTLOG_TARGET_H
#define TTLOG_TARGET_H

#include "exit.h"
#include "snapfile.h"

/**
 * struct target - where the file goes
 * @folder: its folder
 * @name: its name, or NULL for one that says what it is
 * @output: as it was asked for
 */
struct target {
	char folder[PATH_MAX];
	const char *name;
	const char *output;
};

/**
 * target_find() - find out what an output means
 * @output: path of a folder or of a new file; NULL: the default folder, which is made
 *
 * Return: EXIT_*.
 */
int target_find(struct target *target, const char *output);

/**
 * target_open() - begin its file
 * @file: filled in
 *
 * From here on the file is finished or removed before a signal ends the program.
 *
 * Return: EXIT_*; unless it is EXIT_OK there is nothing to close.
 */
int target_open(const struct target *target, struct snapfile *file);

/**
 * target_write() - write its file, finish it, print its path
 * @file: of target_open(); closed
 *
 * Return: EXIT_*.
 */
int target_write(const struct target *target, struct snapfile *file,
		 const struct snapshot *snapshot);

/* Print the path of a file that is written. Return: EXIT_*. */
int target_say(const char *path);

#endif
