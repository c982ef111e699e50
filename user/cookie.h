/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * By what a helper to come can tell whether a timer snapshot was finished: what its
 * name begins with, its size, and the checksum of its content. Names are never
 * replaced, so a file of that name may be an older one, or somebody else's; that has
 * other content, if only for its clocks. The inode says nothing: vfat, exfat and some
 * of FUSE's file systems give a file another one whenever they look it up anew.
 */
#ifndef TTLOG_COOKIE_H
#define TTLOG_COOKIE_H

#include <stdint.h>
#include <ttlog.h>

#define COOKIE_SIZE	sizeof(((struct ttlog_progress *)0)->cookie)

/**
 * cookie_make() - for a file that is to get a name
 * @to: COOKIE_SIZE bytes
 * @fd: the file, whole and to be read
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
