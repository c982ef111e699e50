/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_CORE_H
#define TTLOG_CORE_H

/**
 * core_dump() - write a snapshot of each recorder that is in a memory dump
 * @path: the dump: ELF, or makedumpfile's
 * @output: as target_find() takes it
 * @reason: NULL: the default
 *
 * What goes wrong is said on stderr; paths of files are printed.
 *
 * Return: EXIT_*.
 */
int core_dump(const char *path, const char *output, const char *reason);

#endif
