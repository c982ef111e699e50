// SPDX-License-Identifier: GPL-2.0-only
/*
 * A pull parser: each token is taken from a window, and the next block of the
 * frame is put behind it when it runs short.
 *
 * After a gap in the frame the parser starts anew with the next good block. A
 * block of ours begins with a unit (see encode.h), and what unit it is shows in
 * its first bytes: an event is a map with "timestamp" first, a ring of the
 * ledger one with "cpu", and a text is the next key of the top map.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "decode.h"
#include "levels.h"
#include "print.h"
#include "utf8.h"

/* A token is a string of EVENT_MAX bytes at most, and its head. */
#define TOKEN_MAX	(EVENT_MAX + 9)

enum {
	BAD_GAP = -1,		/* the frame has a gap; said */
	BAD_END = -2,		/* there is no more content */
	BAD_CONTENT = -3,	/* the block makes no sense; said */
	BAD_FILE = -4,		/* can't go on; said */
	GOT_EVENT = 1,		/* no error: the event is in the decoder */
};

/*
 * Blocks that make no sense before the file is given up: a block's checksum
 * doesn't cover its flag for "not compressed", so damage can come this far.
 */
#define BAD_BLOCKS_AT_FIRST	1
#define BAD_BLOCKS		100

static void say_gap(struct decoder *in)
{
	const struct deframe *frame = &in->frame;

	in->damaged = true;
	if (in->quiet)
		return;
	if (frame->gap_len)
		print_warning("%s: %" PRIu64 " bytes from byte %" PRIu64 " on can't be read: %s",
			      in->name, frame->gap_len, frame->gap, frame->why);
	else
		print_warning("%s: ends at byte %" PRIu64 ", where more should follow: %s",
			      in->name, frame->gap, frame->why);
}

static int say_error(struct decoder *in)
{
	in->damaged = true;
	if (in->quiet)
		return BAD_FILE;
	if (in->frame.error)
		print_warning("%s: %s", in->name, strerror(in->frame.error));
	else
		print_warning("%s: no snapshot: %s", in->name, in->frame.why);
	return BAD_FILE;
}

int decode_no_memory(struct decoder *in)
{
	in->frame.error = ENOMEM;
	return say_error(in);
}

static void drop(struct decoder *in)
{
	in->offset += in->end - in->start;
	in->start = 0;
	in->end = 0;
}

/* What the file says elsewhere may be fine: leave out the rest of the block. */
int decode_malformed(struct decoder *in, const char *what)
{
	in->damaged = true;
	if (!in->quiet)
		print_warning("%s: no snapshot, or not of this format: at byte %" PRIu64 " of the content: %s",
			      in->name, in->offset, what);
	drop(in);
	if (in->patience--)
		return BAD_CONTENT;
	if (!in->quiet)
		print_warning("%s: given up", in->name);
	return BAD_FILE;
}

/* Put a block behind what is in the window, which is less than a token. */
static int append(struct decoder *in)
{
	size_t left = in->end - in->start;
	unsigned char *window;

	memmove(in->window, in->window + in->start, left);
	in->start = 0;
	in->end = left;
	if (in->room - left < in->frame.len) {
		window = realloc(in->window, TOKEN_MAX + in->frame.len);
		if (!window)
			return decode_no_memory(in);
		in->window = window;
		in->room = TOKEN_MAX + in->frame.len;
	}
	memcpy(in->window + left, in->frame.data, in->frame.len);
	in->end += in->frame.len;
	return 0;
}

static int read_on(struct decoder *in)
{
	switch (deframe_next(&in->frame)) {
	case DEFRAME_BLOCK:
		return append(in);
	case DEFRAME_GAP:
		say_gap(in);
		drop(in);
		return BAD_GAP;
	case DEFRAME_END:
		return BAD_END;
	default:
		return say_error(in);
	}
}

int decode_token(struct decoder *in, struct token *token)
{
	enum token_result result;
	size_t used;
	int err;

	for (;;) {
		result = token_take(in->window + in->start, in->end - in->start,
				    token, &used);
		if (result != TOKEN_SHORT)
			break;
		if (in->end - in->start >= TOKEN_MAX)
			return decode_malformed(in, "a string is too long");
		err = read_on(in);
		if (err)
			return err;
	}
	if (result == TOKEN_BAD)
		return decode_malformed(in, "this is no CBOR");
	if (token->type == TOKEN_OTHER)
		return decode_malformed(in, "a tag, an undefined value or an indefinite length");
	if (token->type == TOKEN_TEXT &&
	    !utf8_valid(token->text.ptr, token->text.len))
		return decode_malformed(in, "a text isn't UTF-8");
	in->start += used;
	in->offset += used;
	return 0;
}

static int skip_value(struct decoder *in, unsigned int depth)
{
	struct token token;
	uint64_t i, items = 0;
	int err;

	if (depth > DECODE_DEPTH)
		return decode_malformed(in, "too many maps and arrays in one another");
	err = decode_token(in, &token);
	if (err)
		return err;
	if (token.type == TOKEN_ARRAY || token.type == TOKEN_MAP)
		items = token.count;
	for (i = 0; !err && i < items; i++) {
		if (token.type == TOKEN_MAP)
			err = skip_value(in, depth + 1);
		if (!err)
			err = skip_value(in, depth + 1);
	}
	return err;
}

int decode_skip(struct decoder *in)
{
	return skip_value(in, 1);
}

int decode_take(struct decoder *in, struct token *token, enum token_type type,
		const char *what)
{
	int err = decode_token(in, token);

	if (!err && token->type != type)
		return decode_malformed(in, what);
	return err;
}

int decode_uint(struct decoder *in, uint64_t *value, uint64_t most)
{
	struct token token;
	int err = decode_take(in, &token, TOKEN_UINT, "a number is missing");

	if (err)
		return err;
	if (token.count > most)
		return decode_malformed(in, "a number is too large");
	*value = token.count;
	return 0;
}

static int take_uint32(struct decoder *in, uint32_t *value)
{
	uint64_t wide = 0;
	int err = decode_uint(in, &wide, UINT32_MAX);

	if (!err)
		*value = wide;
	return err;
}

/* Keep a token's bytes as long as the event. */
static int keep(struct decoder *in, const struct token *token,
		struct slice *slice)
{
	char *to = event_store(&in->event, token->text.len);

	if (!to)
		return decode_malformed(in, "an event is too large");
	memcpy(to, token->text.ptr, token->text.len);
	*slice = (struct slice) { to, token->text.len };
	return 0;
}

static int take_text(struct decoder *in, struct slice *slice)
{
	struct token token;
	int err = decode_take(in, &token, TOKEN_TEXT, "a text is missing");

	return err ? err : keep(in, &token, slice);
}

static int take_level(struct decoder *in)
{
	struct token token;
	int level, err = decode_take(in, &token, TOKEN_TEXT, "a level is missing");

	if (err)
		return err;
	level = token.text.len > 1 ?
		level_parse(token.text.ptr, token.text.len) : -1;
	if (level < 0)
		return decode_malformed(in, "there is no such level");
	in->event.level = level;
	return 0;
}

static int add_value(struct decoder *in, struct slice key,
		     const struct token *token)
{
	struct field *field = event_add_field(&in->event);
	struct value *value;

	if (!field)
		return decode_no_memory(in);
	field->key = key;
	value = &field->value;
	switch (token->type) {
	case TOKEN_UINT:
		value->type = VALUE_UINT;
		value->uint = token->count;
		return 0;
	case TOKEN_NEGATIVE:
		if (token->count > INT64_MAX)
			return decode_malformed(in, "a number is too small");
		value->type = VALUE_INT;
		value->sint = ~(int64_t)token->count;
		return 0;
	case TOKEN_FLOAT:
		if (!isfinite(token->real))
			return decode_malformed(in, "a number isn't finite");
		value->type = VALUE_FLOAT;
		value->real = token->real;
		return 0;
	case TOKEN_BOOL:
		value->type = VALUE_BOOL;
		value->truth = token->truth;
		return 0;
	case TOKEN_NULL:
		value->type = VALUE_NULL;
		return 0;
	case TOKEN_TEXT:
	case TOKEN_BYTES:
		value->type = token->type == TOKEN_TEXT ? VALUE_TEXT :
							  VALUE_BYTES;
		return keep(in, token, &value->text);
	default:
		return decode_malformed(in, "a field's value is no plain one");
	}
}

/*
 * Everything that an event may hold takes bytes of the file, up to EVENT_MAX. So does
 * the key of each value: it stands there once, but whoever wrote it gave it each time,
 * and it is printed each time.
 */
static int check_size(struct decoder *in, uint64_t began)
{
	if (in->offset - began + in->shared > EVENT_MAX)
		return decode_malformed(in, "an event is too large");
	return 0;
}

static int take_field(struct decoder *in, uint64_t began)
{
	uint64_t i, values = 1;
	struct token token;
	struct slice key;
	int err;

	err = take_text(in, &key);
	if (!err)
		err = decode_token(in, &token);
	if (err)
		return err;
	if (token.type != TOKEN_ARRAY)
		return add_value(in, key, &token);
	values = token.count;
	for (i = 0; !err && i < values; i++) {
		err = decode_token(in, &token);
		in->shared += i ? key.len : 0;
		if (!err)
			err = check_size(in, began);
		if (!err)
			err = add_value(in, key, &token);
	}
	return err;
}

static int take_fields(struct decoder *in, uint64_t began)
{
	struct token token;
	uint64_t i;
	int err;

	err = decode_take(in, &token, TOKEN_MAP, "an event's fields are no map");
	for (i = 0; !err && i < token.count; i++) {
		err = take_field(in, began);
		if (!err)
			err = check_size(in, began);
	}
	return err;
}

static int take_truth(struct decoder *in, bool *truth)
{
	struct token token;
	int err = decode_take(in, &token, TOKEN_BOOL, "a truth value is missing");

	if (!err)
		*truth = token.truth;
	return err;
}

static int take_raw(struct decoder *in)
{
	struct token token;
	int err = decode_take(in, &token, TOKEN_BYTES, "bytes are missing");

	return err ? err : keep(in, &token, &in->event.raw);
}

static int take_ns(struct decoder *in)
{
	uint64_t ns;
	int err = decode_uint(in, &ns, NSEC_PER_MSEC - 1);

	if (!err)
		in->event.time = in->event.time / NSEC_PER_MSEC * NSEC_PER_MSEC + ns;
	return err;
}

/* A key that isn't known is of a later version: it is left out. */
static int take_pair(struct decoder *in, const struct token *key, uint64_t began)
{
	struct event *event = &in->event;

	if (token_is(key, "level"))
		return take_level(in);
	if (token_is(key, "message"))
		return take_text(in, &event->message);
	if (token_is(key, "ns"))
		return take_ns(in);
	if (token_is(key, "kind"))
		return take_text(in, &event->kind);
	if (token_is(key, "cpu"))
		return take_uint32(in, &event->cpu);
	if (token_is(key, "pid"))
		return take_uint32(in, &event->pid);
	if (token_is(key, "tid"))
		return take_uint32(in, &event->tid);
	if (token_is(key, "uid"))
		return take_uint32(in, &event->uid);
	if (token_is(key, "cgroup"))
		return decode_uint(in, &event->cgroup, UINT64_MAX);
	if (token_is(key, "comm"))
		return take_text(in, &event->comm);
	if (token_is(key, "service"))
		return take_text(in, &event->service);
	if (token_is(key, "async"))
		return take_truth(in, &event->async);
	if (token_is(key, "demoted"))
		return take_truth(in, &event->demoted);
	if (token_is(key, "fields"))
		return take_fields(in, began);
	if (token_is(key, "message_raw"))
		return take_raw(in);
	return decode_skip(in);
}

/* What ttlog-snapshot(5) gives what was left out. No tid is 0. */
static void set_defaults(struct event *event)
{
	if (!event->tid)
		event->tid = event->pid;
	if (!event->kind.ptr)
		event->kind = (struct slice) { "log", 3 };
	if (!event->comm.ptr)
		event->comm = (struct slice) { "", 0 };
	if (!event->service.ptr)
		event->service = event->comm;
}

/* An event whose first key was read already: "timestamp". */
static int take_event(struct decoder *in, uint64_t pairs)
{
	struct event *event = &in->event;
	uint64_t began = in->offset;
	struct token key;
	uint64_t ms, i;
	int err;

	event_reset(event);
	in->shared = 0;
	event->level = LEVELS;
	err = decode_uint(in, &ms, UINT64_MAX / NSEC_PER_MSEC - 1);
	event->time = err ? 0 : ms * NSEC_PER_MSEC;
	for (i = 1; !err && i < pairs; i++) {
		err = decode_take(in, &key, TOKEN_TEXT, "an event's key is no text");
		if (!err)
			err = take_pair(in, &key, began);
		if (!err)
			err = check_size(in, began);
	}
	if (err)
		return err;
	if (event->level == LEVELS || !event->message.ptr)
		return decode_malformed(in, "an event has no level or no message");
	set_defaults(event);
	event_group_fields(event);
	in->seen++;
	in->patience = BAD_BLOCKS;
	return GOT_EVENT;
}

static int take_next_event(struct decoder *in)
{
	struct token token, key;
	int err;

	in->events--;
	err = decode_take(in, &token, TOKEN_MAP, "an event is no map");
	if (err)
		return err;
	err = decode_take(in, &key, TOKEN_TEXT, "an event's key is no text");
	if (err)
		return err;
	if (!token.count || !token_is(&key, "timestamp"))
		return decode_malformed(in, "an event doesn't begin with its timestamp");
	return take_event(in, token.count);
}

/* How many events follow; they are taken one by one. */
static int take_events(struct decoder *in)
{
	struct token token;
	int err;

	err = decode_take(in, &token, TOKEN_ARRAY, "the events are no array");
	if (err)
		return err;
	in->expected = token.count;
	in->counted = true;
	in->events = token.count;
	return 0;
}

static int take_item(struct decoder *in, const struct decode_sink *sink,
		     const struct token *key)
{
	if (key->type != TOKEN_TEXT)
		return decode_malformed(in, "a key is no text");
	if (token_is(key, "events"))
		return take_events(in);
	return sink->item(sink->context, in, key->text);
}

static int take_next_item(struct decoder *in, const struct decode_sink *sink)
{
	struct token key;
	int err;

	in->pairs--;
	err = decode_token(in, &key);
	return err ? err : take_item(in, sink, &key);
}

static int skip_pairs(struct decoder *in, uint64_t pairs)
{
	uint64_t i;
	int err;

	err = decode_skip(in);
	for (i = 1; !err && i < pairs; i++) {
		err = decode_skip(in);
		if (!err)
			err = decode_skip(in);
	}
	return err;
}

static int take_head(struct decoder *in)
{
	struct token map;
	int err;

	err = decode_take(in, &map, TOKEN_MAP, "the top is no map");
	if (err)
		return err;
	if (!map.count)
		return decode_malformed(in, "there are no events in it");
	in->pairs = map.count;
	in->where = DECODE_TOP;
	return 0;
}

/* After a gap: whatever unit stands at the start of a block. */
static int take_unit(struct decoder *in, const struct decode_sink *sink)
{
	struct token token, key;
	int err;

	err = decode_token(in, &token);
	if (err)
		return err;
	if (token.type == TOKEN_TEXT)
		return take_item(in, sink, &token);
	if (token.type != TOKEN_MAP || !token.count)
		return decode_malformed(in, "a block begins with nothing known");
	err = decode_token(in, &key);
	if (err)
		return err;
	if (token_is(&key, "timestamp"))
		return take_event(in, token.count);
	if (token_is(&key, "cpu"))
		return skip_pairs(in, token.count);
	if (token_is(&key, "service")) {
		in->pairs = token.count - 1;
		return take_item(in, sink, &key);
	}
	return decode_malformed(in, "a block begins with nothing known");
}

static int take_next_unit(struct decoder *in, const struct decode_sink *sink)
{
	int err = 0;

	if (in->start == in->end)
		err = read_on(in);
	return err ? err : take_unit(in, sink);
}

/* The map's last pair was taken. */
static int expect_end(struct decoder *in)
{
	int err = 0;

	if (!in->counted)
		return decode_malformed(in, "there are no events in it");
	in->where = DECODE_TAIL;
	while (!err && in->start == in->end)
		err = read_on(in);
	return err ? err : decode_malformed(in, "something follows the snapshot");
}

/* The map's pairs are within the map, and the events within one of these. */
static int step(struct decoder *in, const struct decode_sink *sink)
{
	if (in->events)
		return take_next_event(in);
	if (in->pairs)
		return take_next_item(in, sink);
	switch (in->where) {
	case DECODE_HEAD:
		return take_head(in);
	case DECODE_UNITS:
		return take_next_unit(in, sink);
	default:
		return expect_end(in);
	}
}

/* What it was within is lost; from now on there are units. Return: 0 or BAD_FILE. */
static int step_over(struct decoder *in, int err)
{
	if (err == BAD_END && (in->where == DECODE_HEAD || in->where == DECODE_TOP))
		err = decode_malformed(in, "it ends here, and is not complete");
	if (err != BAD_GAP && err != BAD_CONTENT)
		return BAD_FILE;
	in->events = 0;
	in->pairs = 0;
	in->where = DECODE_UNITS;
	return 0;
}

static void say_missing(struct decoder *in)
{
	if (in->counted && in->seen < in->expected)
		print_warning("%s: %" PRIu64 " of %" PRIu64 " events are missing",
			      in->name, in->expected - in->seen, in->expected);
	else if (!in->counted && in->damaged && in->seen)
		print_warning("%s: how many events are missing isn't known", in->name);
}

const struct event *decode_next(struct decoder *in, const struct decode_sink *sink)
{
	int err = 0;

	while (!err && in->where != DECODE_END) {
		err = step(in, sink);
		if (err == GOT_EVENT)
			return &in->event;
		if (err)
			err = step_over(in, err);
	}
	if (in->where != DECODE_END && !in->quiet)
		say_missing(in);
	in->where = DECODE_END;
	return NULL;
}

void decode_run(struct decoder *in, const struct decode_sink *sink)
{
	const struct event *event;

	while ((event = decode_next(in, sink)))
		sink->event(sink->context, event);
}

int decode_no_item(void *context, struct decoder *in, struct slice key)
{
	(void)context;
	(void)key;
	return decode_skip(in);
}

int decode_open(struct decoder *in, const char *name, int fd)
{
	int err;

	memset(in, 0, sizeof(*in));
	in->name = name;
	in->patience = BAD_BLOCKS_AT_FIRST;
	in->room = TOKEN_MAX;
	in->window = malloc(in->room);
	if (!in->window)
		return -ENOMEM;
	err = event_init(&in->event);
	if (err)
		goto free_window;
	err = deframe_open(&in->frame, fd);
	if (err)
		goto free_event;
	return 0;

free_event:
	event_free(&in->event);
free_window:
	free(in->window);
	return err;
}

void decode_free(struct decoder *in)
{
	deframe_free(&in->frame);
	event_free(&in->event);
	free(in->window);
}
