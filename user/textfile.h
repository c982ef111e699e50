/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_TEXTFILE_H
#define TTLOG_TEXTFILE_H

#include <stdio.h>

/**
 * textfile_write() - put a file for node_exporter into its folder, in place of the last
 * @path: ends in .prom, as no other file is read there
 * @print: prints what is to be in it
 * @what: for @print
 *
 * It has mode 0644, and is there as a whole or not at all. Until then its name ends in
 * something else.
 *
 * Return: 0 or a negative errno; then nothing has changed.
 */
int textfile_write(const char *path, void (*print)(FILE *to, const void *what),
		   const void *what);

#endif
