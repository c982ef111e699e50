// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "levels.h"
#include "print.h"
#include "render.h"
#include "utf8.h"

#define STYLE	(JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)

/*
 * json-c escapes only what JSON needs. All that is left to escape stands within
 * strings, where "\u" means the same.
 */
static void print_safe(FILE *to, const char *text)
{
	size_t len = strlen(text);
	uint32_t code;
	int n;

	for (; len; text += n, len -= n) {
		n = utf8_next(text, len, &code);
		if (n < 0)
			n = -n;
		else if (!utf8_unsafe(code))
			fwrite(text, 1, n, to);
		else if (code < 0x10000)
			fprintf(to, "\\u%04" PRIx32, code);
		else
			fprintf(to, "\\u%04" PRIx32 "\\u%04" PRIx32,
				0xd7c0 + (code >> 10), 0xdc00 + (code & 0x3ff));
	}
}

int print_json(FILE *to, struct json_object *object)
{
	const char *text = render(object, STYLE);

	if (!text)
		return -ENOMEM;
	print_safe(to, text);
	return 0;
}

int print_json_text(FILE *to, struct slice text)
{
	struct json_object *object;
	int err;

	object = json_object_new_string_len(text.ptr, text.len);
	if (!object)
		return -ENOMEM;
	err = print_json(to, object);
	json_object_put(object);
	return err;
}

static struct json_object *json_text(struct slice text)
{
	return json_object_new_string_len(text.ptr, text.len);
}

/* Bytes have no type in JSON: two hex digits each. */
static struct json_object *json_hex(struct slice bytes)
{
	char *hex = malloc(2 * bytes.len + 1);
	struct json_object *object;
	size_t i;

	if (!hex)
		return NULL;
	for (i = 0; i < bytes.len; i++)
		sprintf(hex + 2 * i, "%02x", (unsigned char)bytes.ptr[i]);
	object = json_object_new_string_len(hex, 2 * bytes.len);
	free(hex);
	return object;
}

static int add(struct json_object *to, const char *key,
	       struct json_object *value)
{
	if (value && !json_object_object_add(to, key, value))
		return 0;
	json_object_put(value);
	return -ENOMEM;
}

static int add_uint(struct json_object *to, const char *key, uint64_t value)
{
	return add(to, key, json_object_new_uint64(value));
}

static int add_text(struct json_object *to, const char *key, struct slice text)
{
	return add(to, key, json_text(text));
}

/* A field's bytes are told from a text by being in an object. */
static struct json_object *json_bytes(struct slice bytes)
{
	struct json_object *object = json_object_new_object();

	if (object && add(object, "bytes", json_hex(bytes))) {
		json_object_put(object);
		return NULL;
	}
	return object;
}

static struct json_object *json_value(const struct value *value)
{
	char number[PRINT_NUMBER];

	switch (value->type) {
	case VALUE_BOOL:
		return json_object_new_boolean(value->truth);
	case VALUE_UINT:
		return json_object_new_uint64(value->uint);
	case VALUE_INT:
		return json_object_new_int64(value->sint);
	case VALUE_FLOAT:
		print_number(number, value->real);
		return json_object_new_double_s(value->real, number);
	case VALUE_TEXT:
		return json_text(value->text);
	case VALUE_BYTES:
		return json_bytes(value->text);
	default:
		return NULL;
	}
}

/* json-c has NULL for null: what else is NULL had no memory. */
static int json_value_new(const struct value *value, struct json_object **out)
{
	*out = json_value(value);
	return *out || value->type == VALUE_NULL ? 0 : -ENOMEM;
}

static int add_same(struct json_object *array, const struct field *field)
{
	struct json_object *value;
	int err = 0;

	for (; !err && field; field = field->same) {
		err = json_value_new(&field->value, &value);
		if (!err && json_object_array_add(array, value)) {
			json_object_put(value);
			err = -ENOMEM;
		}
	}
	return err;
}

/* json-c's keys end at a NUL; one from a hostile file may hold some. */
static char *json_key(struct slice key)
{
	char *copy = malloc(key.len + 1);
	size_t i;

	if (!copy)
		return NULL;
	for (i = 0; i < key.len; i++)
		copy[i] = key.ptr[i] ? key.ptr[i] : ' ';
	copy[key.len] = '\0';
	return copy;
}

static int add_field(struct json_object *to, const struct field *field)
{
	struct json_object *value;
	char *key;
	int err;

	if (field->same) {
		value = json_object_new_array();
		err = value ? add_same(value, field) : -ENOMEM;
	} else {
		err = json_value_new(&field->value, &value);
	}
	key = err ? NULL : json_key(field->key);
	if (!key || json_object_object_add(to, key, value)) {
		json_object_put(value);
		err = -ENOMEM;
	}
	free(key);
	return err;
}

static int add_fields(struct json_object *to, const struct event *event)
{
	struct json_object *fields = json_object_new_object();
	size_t i;
	int err;

	err = add(to, "fields", fields);
	for (i = 0; !err && i < event->nr_fields; i++) {
		if (!event->fields[i].again)
			err = add_field(fields, &event->fields[i]);
	}
	return err;
}

static int fill(struct json_object *to, const struct event *event)
{
	const char *level = level_name(event->level);
	int err;

	err = add_uint(to, "timestamp", event->time / NSEC_PER_MSEC) ?:
	      add(to, "level", json_object_new_string(level)) ?:
	      add_text(to, "message", event->message) ?:
	      add_uint(to, "ns", event->time % NSEC_PER_MSEC) ?:
	      add_text(to, "kind", event->kind) ?:
	      add_uint(to, "cpu", event->cpu) ?:
	      add_uint(to, "pid", event->pid) ?:
	      add_uint(to, "tid", event->tid) ?:
	      add_uint(to, "uid", event->uid) ?:
	      add_uint(to, "cgroup", event->cgroup) ?:
	      add_text(to, "comm", event->comm) ?:
	      add_text(to, "service", event->service) ?:
	      add_fields(to, event);
	if (!err && event->async)
		err = add(to, "async", json_object_new_boolean(true));
	if (!err && event->demoted)
		err = add(to, "demoted", json_object_new_boolean(true));
	if (!err && event->raw.ptr)
		err = add(to, "message_raw", json_hex(event->raw));
	return err;
}

int print_fields_json(FILE *to, const struct event *event)
{
	struct json_object *object = json_object_new_object();
	struct json_object *fields;
	int err = -ENOMEM;

	if (object)
		err = add_fields(object, event);
	if (!err && json_object_object_get_ex(object, "fields", &fields))
		err = print_json(to, fields);
	json_object_put(object);
	return err;
}

int print_event_json(FILE *to, const struct event *event)
{
	struct json_object *object = json_object_new_object();
	int err = -ENOMEM;

	if (object)
		err = fill(object, event);
	if (!err)
		err = print_json(to, object);
	if (!err)
		putc('\n', to);
	json_object_put(object);
	return err;
}
