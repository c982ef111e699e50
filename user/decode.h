/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading a snapshot file: CBOR out of an LZ4 frame. Files are hostile: depth,
 * sizes and memory are bounded, and what isn't as ttlog-snapshot(5) has it is
 * refused with a message.
 */
#ifndef TTLOG_DECODE_H
#define TTLOG_DECODE_H

#include "deframe.h"
#include "token.h"

/* Most levels of maps and arrays in one another. */
#define DECODE_DEPTH	16

struct decoder;

/**
 * enum decode_where - what of a file follows
 * @DECODE_HEAD: its map
 * @DECODE_TOP: what is in the map
 * @DECODE_TAIL: nothing
 * @DECODE_UNITS: units, as something before them was no good
 * @DECODE_END: it is at its end, and what is missing is said
 */
enum decode_where {
	DECODE_HEAD,
	DECODE_TOP,
	DECODE_TAIL,
	DECODE_UNITS,
	DECODE_END,
};

/**
 * struct decode_sink - what to do with what a file holds
 * @event: an event; decode_run() alone calls it
 * @item: a key of the top map other than "events". Its value is to be read, and
 *	an error in that to be returned
 * @context: for both
 */
struct decode_sink {
	void (*event)(void *context, const struct event *event);
	int (*item)(void *context, struct decoder *in, struct slice key);
	void *context;
};

/**
 * struct decoder - a file that is being read
 * @name: of the file, for messages
 * @quiet: to be set after decode_open(): nothing is said on stderr
 * @damaged: something is missing or wrong; it was said on stderr
 * @seen: events that were read
 * @counted: @expected is known
 * @expected: events that there are, as the head says
 * @offset: bytes of the content in front of what is read next
 */
struct decoder {
	const char *name;
	bool quiet;
	bool damaged;
	uint64_t seen;
	bool counted;
	uint64_t expected;
	uint64_t offset;

	/* private */
	struct deframe frame;
	unsigned char *window;
	size_t room;
	size_t start;
	size_t end;
	enum decode_where where;
	uint64_t pairs;		/* of a map, that are left */
	uint64_t events;	/* of an array, that are left */
	unsigned int patience;	/* bad blocks until it is given up */
	struct event event;
	uint64_t shared;	/* bytes of its keys, for each value but a key's first */
};

/* Return: 0 or -ENOMEM; then there is nothing to free. */
int decode_open(struct decoder *in, const char *name, int fd);

/**
 * decode_next() - read on to the next event
 *
 * Return: the event, which lives until the next call; or NULL at the end, and then
 * all that is wrong with the file was said.
 */
const struct event *decode_next(struct decoder *in, const struct decode_sink *sink);

/* Read the file to its end. */
void decode_run(struct decoder *in, const struct decode_sink *sink);

void decode_free(struct decoder *in);

/* For a sink's item(). All return 0 or what item() then has to return. */
int decode_token(struct decoder *in, struct token *token);
int decode_skip(struct decoder *in);
int decode_malformed(struct decoder *in, const char *what);
int decode_no_memory(struct decoder *in);

/**
 * decode_take() - likewise: a token of this type
 * @what: what to say where it has another
 */
int decode_take(struct decoder *in, struct token *token, enum token_type type,
		const char *what);

/* Likewise: a number up to @most. */
int decode_uint(struct decoder *in, uint64_t *value, uint64_t most);

/* The item() of a sink that wants events alone. */
int decode_no_item(void *context, struct decoder *in, struct slice key);

#endif
