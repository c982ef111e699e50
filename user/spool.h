/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_SPOOL_H
#define TTLOG_SPOOL_H

/**
 * spool() - copy what can be read once to a temporary file without a name
 *
 * Return: the file, at its beginning; or a negative errno.
 */
int spool(int fd);

#endif
