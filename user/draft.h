/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A text that is written piece by piece, and used as a whole or not at all.
 */
#ifndef TTLOG_DRAFT_H
#define TTLOG_DRAFT_H

#include <stdio.h>

#include "event.h"

/**
 * struct draft - room for one text after the other; it must not be moved
 * @to: where the next one is written to
 */
struct draft {
	FILE *to;

	/* private */
	char *text;
	size_t len;
	size_t room;
};

/* Return: 0 or -ENOMEM; then there is nothing to free. */
int draft_init(struct draft *draft);

/**
 * draft_end() - the text is complete, and what is written next is another one
 * @text: set to it; lives until the next one is begun
 *
 * Return: 0; or -ENOMEM, when not all of it could be written.
 */
int draft_end(struct draft *draft, struct slice *text);

void draft_free(struct draft *draft);

#endif
