/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CBOR, encoded into the blocks of a frame.
 */
#ifndef TTLOG_ENCODE_H
#define TTLOG_ENCODE_H

#include "event.h"
#include "frame.h"

/**
 * struct encoder - CBOR on its way to a frame
 * @frame: where it goes
 * @used: bytes of @bytes
 * @unit: where the unit that is being encoded begins
 * @overflow: a unit was larger than EVENT_MAX
 * @bytes: room for a block and one more unit
 *
 * A unit is what a reader of a damaged file wants whole: an event, the file's
 * head, a ring of the ledger. A block of the frame begins with a unit.
 */
struct encoder {
	struct frame *frame;
	size_t used;
	size_t unit;
	bool overflow;
	unsigned char bytes[FRAME_BLOCK + EVENT_MAX];
};

void encode_init(struct encoder *out, struct frame *frame);

void encode_map(struct encoder *out, size_t pairs);
void encode_array(struct encoder *out, size_t items);
void encode_uint(struct encoder *out, uint64_t value);
void encode_int(struct encoder *out, int64_t value);
void encode_float(struct encoder *out, double value);
void encode_bool(struct encoder *out, bool value);
void encode_null(struct encoder *out);
void encode_text(struct encoder *out, const char *text, size_t len);
void encode_bytes(struct encoder *out, const void *bytes, size_t len);

/* A NUL-terminated text, for keys and names. */
void encode_name(struct encoder *out, const char *text);

/**
 * encode_event() - one event: one unit
 *
 * Return: 0 or a negative errno.
 */
int encode_event(struct encoder *out, const struct event *event);

/**
 * encode_unit() - a unit is complete
 *
 * Return: 0, -EOVERFLOW when it was too large, or the frame's error.
 */
int encode_unit(struct encoder *out);

/* End the block, so that the next unit begins one. */
int encode_flush(struct encoder *out);

#endif
