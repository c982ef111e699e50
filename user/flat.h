/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * makedumpfile's flattened format, in which it writes into a pipe (kdump-tools lets it do
 * so), and QEMU its compressed dumps: pieces of the file in any order, each with its
 * place.
 */
#ifndef TTLOG_FLAT_H
#define TTLOG_FLAT_H

#include <stdbool.h>

/* Does a file begin as a flattened one does? */
bool flat_is(int fd);

/**
 * flat_arrange() - make the file that a flattened one stands for
 * @fd: the flattened one
 * @folder: where there is room for as much again; the file has no name
 * @out: the new file
 *
 * Return: 0; -EBADMSG: it is damaged or cut short, and @out has what comes before;
 * another negative errno: there is no new file.
 */
int flat_arrange(int fd, const char *folder, int *out);

#endif
