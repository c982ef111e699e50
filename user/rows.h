/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What there is to say of each ring: how much it has, how far it reaches back, and what
 * became of its events.
 */
#ifndef TTLOG_ROWS_H
#define TTLOG_ROWS_H

#include "device.h"

/**
 * struct row - one ring, or a sum of several
 * @room: bytes of its blocks; 0: it has no memory
 * @used: of these, how many hold something
 * @filled: bytes that were filled since it was made, heads of blocks and what is left
 *	at their ends included
 * @holds: the least bytes that it holds once it was full
 * @span: ns from its oldest time to now; of a sum the shortest one
 * @events: that can be read now; 0 where heads alone were read
 * @overwritten: events that no longer can, as others took their place
 * @ledger: as the module has it
 */
struct row {
	uint64_t room;
	uint64_t used;
	uint64_t filled;
	uint64_t holds;
	uint64_t span;
	uint64_t events;
	uint64_t overwritten;
	struct ttlog_ledger ledger;
};

/**
 * struct rows - all rings
 * @rows: one each
 * @nr: entries of @rows
 * @mono: when they were read
 */
struct rows {
	struct row *rows;
	size_t nr;
	uint64_t mono;
};

/**
 * rows_read() - read all rings
 * @device: opened for reading
 * @heads: only their heads, which takes next to no time
 * @rows: filled in; give it to rows_free(), also after a failure
 *
 * Return: EXIT_*; what went wrong is said.
 */
int rows_read(struct device *device, bool heads, struct rows *rows);

void rows_free(struct rows *rows);

/* Add one to a sum, which is 0 before. */
void row_add(struct row *sum, const struct row *row);

#endif
