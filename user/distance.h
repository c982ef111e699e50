/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_DISTANCE_H
#define TTLOG_DISTANCE_H

#include <ttlog.h>

/* Longer names are like none. */
#define DISTANCE_MAX	TTLOG_SYMBOL_LEN

/**
 * distance() - how much two names differ
 *
 * Return: how many characters must be put in, left out, changed or exchanged with the
 * next to make one name of the other; more than @limit: any number above it.
 */
unsigned int distance(const char *a, const char *b, unsigned int limit);

#endif
