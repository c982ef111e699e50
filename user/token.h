/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_TOKEN_H
#define TTLOG_TOKEN_H

#include "event.h"

enum token_type {
	TOKEN_UINT,
	TOKEN_NEGATIVE,	/* -1 - @count */
	TOKEN_BYTES,
	TOKEN_TEXT,
	TOKEN_ARRAY,	/* of @count items */
	TOKEN_MAP,	/* of @count pairs */
	TOKEN_FLOAT,
	TOKEN_BOOL,
	TOKEN_NULL,
	TOKEN_OTHER,	/* tags, undefined, indefinite lengths: not in a snapshot */
};

/**
 * struct token - the head of a CBOR item, with what a string holds
 * @type: of the item
 * @count: the number, items, or pairs
 * @real: the number, if TOKEN_FLOAT
 * @truth: if TOKEN_BOOL
 * @text: if TOKEN_TEXT or TOKEN_BYTES; points into what it was taken from
 */
struct token {
	enum token_type type;
	uint64_t count;
	double real;
	bool truth;
	struct slice text;
};

enum token_result {
	TOKEN_TAKEN,
	TOKEN_SHORT,	/* more bytes are needed */
	TOKEN_BAD,	/* no CBOR */
};

/**
 * token_take() - decode one token
 * @used: its bytes, if TOKEN_TAKEN
 */
enum token_result token_take(const unsigned char *bytes, size_t len,
			     struct token *token, size_t *used);

/* Is it this text? */
bool token_is(const struct token *token, const char *text);

#endif
