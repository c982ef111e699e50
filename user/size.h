/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_SIZE_H
#define TTLOG_SIZE_H

#include <stdint.h>

/**
 * size_parse() - bytes: digits, then K, M, G or T for powers of 1024, or nothing
 * @size: set
 *
 * Return: 0, or -1 when it is none, or 2^64 or more.
 */
int size_parse(const char *text, uint64_t *size);

#endif
