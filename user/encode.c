// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <cbor/encoding.h>

#include "encode.h"
#include "levels.h"

void encode_init(struct encoder *out, struct frame *frame)
{
	out->frame = frame;
	out->used = 0;
	out->unit = 0;
	out->overflow = false;
}

static unsigned char *at(struct encoder *out)
{
	return out->bytes + out->used;
}

static size_t room(const struct encoder *out)
{
	return sizeof(out->bytes) - out->used;
}

/* libcbor's encoders return 0 when there is no room. */
static void took(struct encoder *out, size_t len)
{
	if (!len)
		out->overflow = true;
	out->used += len;
}

static void copy(struct encoder *out, const void *bytes, size_t len)
{
	if (len > room(out)) {
		out->overflow = true;
		return;
	}
	memcpy(at(out), bytes, len);
	out->used += len;
}

void encode_map(struct encoder *out, size_t pairs)
{
	took(out, cbor_encode_map_start(pairs, at(out), room(out)));
}

void encode_array(struct encoder *out, size_t items)
{
	took(out, cbor_encode_array_start(items, at(out), room(out)));
}

void encode_uint(struct encoder *out, uint64_t value)
{
	took(out, cbor_encode_uint(value, at(out), room(out)));
}

void encode_int(struct encoder *out, int64_t value)
{
	if (value < 0)
		took(out, cbor_encode_negint(~value, at(out), room(out)));
	else
		encode_uint(out, value);
}

void encode_float(struct encoder *out, double value)
{
	took(out, cbor_encode_double(value, at(out), room(out)));
}

void encode_bool(struct encoder *out, bool value)
{
	took(out, cbor_encode_bool(value, at(out), room(out)));
}

void encode_null(struct encoder *out)
{
	took(out, cbor_encode_null(at(out), room(out)));
}

void encode_text(struct encoder *out, const char *text, size_t len)
{
	took(out, cbor_encode_string_start(len, at(out), room(out)));
	copy(out, text, len);
}

void encode_bytes(struct encoder *out, const void *bytes, size_t len)
{
	took(out, cbor_encode_bytestring_start(len, at(out), room(out)));
	copy(out, bytes, len);
}

void encode_name(struct encoder *out, const char *text)
{
	encode_text(out, text, strlen(text));
}

static void encode_slice(struct encoder *out, struct slice text)
{
	encode_text(out, text.ptr, text.len);
}

static void encode_value(struct encoder *out, const struct value *value)
{
	switch (value->type) {
	case VALUE_NULL:
		encode_null(out);
		break;
	case VALUE_BOOL:
		encode_bool(out, value->truth);
		break;
	case VALUE_UINT:
		encode_uint(out, value->uint);
		break;
	case VALUE_INT:
		encode_int(out, value->sint);
		break;
	case VALUE_FLOAT:
		encode_float(out, value->real);
		break;
	case VALUE_TEXT:
		encode_slice(out, value->text);
		break;
	case VALUE_BYTES:
		encode_bytes(out, value->text.ptr, value->text.len);
		break;
	}
}

/* A key that was given more than once has an array of its values. */
static void encode_field(struct encoder *out, const struct field *field)
{
	const struct field *same;
	size_t n = 0;

	encode_slice(out, field->key);
	if (field->same) {
		for (same = field; same; same = same->same)
			n++;
		encode_array(out, n);
	}
	for (same = field; same; same = same->same)
		encode_value(out, &same->value);
}

static void encode_fields(struct encoder *out, const struct event *event)
{
	size_t i;

	if (!event->nr_keys)
		return;
	encode_name(out, "fields");
	encode_map(out, event->nr_keys);
	for (i = 0; i < event->nr_fields; i++) {
		if (!event->fields[i].again)
			encode_field(out, &event->fields[i]);
	}
}

static bool is(struct slice a, const char *b, size_t len)
{
	return a.len == len && !memcmp(a.ptr, b, len);
}

static void pair_uint(struct encoder *out, const char *key, uint64_t value,
		      bool present)
{
	if (!present)
		return;
	encode_name(out, key);
	encode_uint(out, value);
}

static void pair_text(struct encoder *out, const char *key, struct slice value,
		      bool present)
{
	if (!present)
		return;
	encode_name(out, key);
	encode_slice(out, value);
}

static void pair_true(struct encoder *out, const char *key, bool value)
{
	if (!value)
		return;
	encode_name(out, key);
	encode_bool(out, true);
}

/* The keys that are left out where they have their default: see the CDDL. */
int encode_event(struct encoder *out, const struct event *event)
{
	uint64_t ns = event->time % NSEC_PER_MSEC;
	bool kind = !is(event->kind, "log", 3);
	bool tid = event->tid != event->pid;
	bool service = !is(event->service, event->comm.ptr, event->comm.len);

	encode_map(out, 6 + !!ns + kind + tid + !!event->uid + !!event->cgroup +
		   service + event->async + event->demoted + !!event->raw.ptr +
		   !!event->nr_keys);
	pair_uint(out, "timestamp", event->time / NSEC_PER_MSEC, true);
	encode_name(out, "level");
	encode_name(out, level_name(event->level));
	pair_text(out, "message", event->message, true);
	pair_uint(out, "ns", ns, ns);
	pair_text(out, "kind", event->kind, kind);
	pair_uint(out, "cpu", event->cpu, true);
	pair_uint(out, "pid", event->pid, true);
	pair_uint(out, "tid", event->tid, tid);
	pair_uint(out, "uid", event->uid, event->uid);
	pair_uint(out, "cgroup", event->cgroup, event->cgroup);
	pair_text(out, "comm", event->comm, true);
	pair_text(out, "service", event->service, service);
	pair_true(out, "async", event->async);
	pair_true(out, "demoted", event->demoted);
	encode_fields(out, event);
	if (event->raw.ptr) {
		encode_name(out, "message_raw");
		encode_bytes(out, event->raw.ptr, event->raw.len);
	}
	return encode_unit(out);
}

static int write_block(struct encoder *out, size_t len)
{
	int err = 0;

	if (len)
		err = frame_block(out->frame, out->bytes, len);
	out->used -= len;
	memmove(out->bytes, out->bytes + len, out->used);
	out->unit = out->used;
	return err;
}

int encode_unit(struct encoder *out)
{
	if (out->overflow || out->used - out->unit > EVENT_MAX)
		return -EOVERFLOW;
	if (out->used > FRAME_BLOCK)
		return write_block(out, out->unit);
	out->unit = out->used;
	return 0;
}

int encode_flush(struct encoder *out)
{
	return write_block(out, out->used);
}
