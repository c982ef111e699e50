/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How long a file has to be for what it says is in it.
 */
#ifndef TTLOG_EXTENT_H
#define TTLOG_EXTENT_H

#include <stdint.h>

/**
 * extent_of_elf() - where the last segment of an ELF file ends
 * @fd: of any file; of other kinds nothing is known
 *
 * Return: bytes; 0: nothing is known.
 */
uint64_t extent_of_elf(int fd);

#endif
