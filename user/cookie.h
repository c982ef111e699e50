/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * By what a helper to come can tell whether a timer snapshot was finished: which
 * file it is, and what its name begins with. A file keeps its inode when it gets
 * its name.
 */
#ifndef TTLOG_COOKIE_H
#define TTLOG_COOKIE_H

#include <stdint.h>
#include <ttlog.h>

#define COOKIE_SIZE	sizeof(((struct ttlog_progress *)0)->cookie)

/**
 * cookie_make() - for a file that is to get a name
 * @to: COOKIE_SIZE bytes
 * @stem: as snapfile_stem() has it
 *
 * Return: 0 or a negative errno.
 */
int cookie_make(uint8_t *to, int fd, const char *stem);

/* For no file: it is never found. */
void cookie_none(uint8_t *to);

/**
 * cookie_find() - has the file got a name that a snapshot's file may have?
 * @dir: the folder
 *
 * Return: 1 if so, 0 if not, or a negative errno.
 */
int cookie_find(const uint8_t *cookie, int dir);

#endif
