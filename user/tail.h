/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_TAIL_H
#define TTLOG_TAIL_H

#include <stdio.h>

#include "event.h"

/* Most texts that are kept. */
#define TAIL_MAX	1000000

/**
 * struct tail - the last of many texts
 */
struct tail {
	/* private */
	struct slice *texts;
	size_t nr;
	size_t max;
	size_t oldest;
};

/**
 * tail_init() - begin
 * @max: how many are kept, 1 to TAIL_MAX
 *
 * Return: 0 or -ENOMEM; then there is nothing to free.
 */
int tail_init(struct tail *tail, size_t max);

/**
 * tail_add() - keep a copy of one more, and forget the oldest if that is one too many
 *
 * Return: 0 or -ENOMEM.
 */
int tail_add(struct tail *tail, struct slice text);

/* All that is kept, the oldest first. */
void tail_print(const struct tail *tail, FILE *to);

void tail_free(struct tail *tail);

#endif
