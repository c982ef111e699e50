// SPDX-License-Identifier: GPL-2.0-only
/*
 * key=value with spaces between. Values that need it are quoted, as JSON's strings are.
 */
#include <inttypes.h>
#include <string.h>

#include "format.h"
#include "levels.h"
#include "print.h"
#include "utf8.h"

static bool is_bare(struct slice text)
{
	const char *at = text.ptr, *end = at + text.len;
	uint32_t code = 0;
	int len;

	for (; at < end; at += len) {
		len = utf8_next(at, end - at, &code);
		if (len < 0 || utf8_unsafe(code) || code == ' ' || code == '"' ||
		    code == '=' || code == '\\' || code == 0xfffd)
			return false;
	}
	return text.len;
}

static int put_text(FILE *to, struct slice text)
{
	if (!is_bare(text))
		return print_json_text(to, text);
	fwrite(text.ptr, 1, text.len, to);
	return 0;
}

static void put_hex(FILE *to, struct slice bytes)
{
	size_t i;

	for (i = 0; i < bytes.len; i++)
		fprintf(to, "%02x", (unsigned char)bytes.ptr[i]);
}

static int put_value(FILE *to, const struct value *value)
{
	char number[PRINT_NUMBER];

	switch (value->type) {
	case VALUE_NULL:
		return 0;
	case VALUE_BOOL:
		fputs(value->truth ? "=true" : "=false", to);
		return 0;
	case VALUE_UINT:
		fprintf(to, "=%" PRIu64, value->uint);
		return 0;
	case VALUE_INT:
		fprintf(to, "=%" PRId64, value->sint);
		return 0;
	case VALUE_FLOAT:
		print_number(number, value->real);
		fprintf(to, "=%s", number);
		return 0;
	case VALUE_BYTES:
		putc('=', to);
		put_hex(to, value->text);
		return 0;
	default:
		putc('=', to);
		return put_text(to, value->text);
	}
}

/* No field can pass for what the kernel stamped; no name of ours has a "_" in it. */
static bool is_ours(struct slice key)
{
	static const char *const ours[] = {
		"time", "level", "kind", "cpu", "pid", "tid", "uid", "cgroup", "async",
		"demoted", "comm", "service", "msg", "raw",
	};
	size_t i;

	for (i = 0; i < sizeof(ours) / sizeof(*ours); i++) {
		if (slice_is(key, ours[i]))
			return true;
	}
	return false;
}

/* A key can't be quoted: what isn't accepted in one is "_". */
static void put_key(FILE *to, struct slice key)
{
	const char *at = key.ptr, *end = at + key.len;
	uint32_t code = 0;
	int len;

	if (is_ours(key))
		fputs("fields.", to);
	if (!key.len)
		putc('_', to);
	for (; at < end; at += len) {
		len = utf8_next(at, end - at, &code);
		if (is_bare((struct slice) { at, len }))
			fwrite(at, 1, len, to);
		else
			putc('_', to);
	}
}

static int put_pair(FILE *to, const char *key, struct slice text)
{
	fprintf(to, " %s=", key);
	return put_text(to, text);
}

static int put_writer(FILE *to, const struct event *event)
{
	fprintf(to, " cpu=%" PRIu32 " pid=%" PRIu32, event->cpu, event->pid);
	if (event->tid != event->pid)
		fprintf(to, " tid=%" PRIu32, event->tid);
	fprintf(to, " uid=%" PRIu32, event->uid);
	if (event->cgroup)
		fprintf(to, " cgroup=%" PRIu64, event->cgroup);
	if (event->async)
		fputs(" async=true", to);
	if (event->demoted)
		fputs(" demoted=true", to);
	return put_pair(to, "comm", event->comm);
}

static int put_fields(FILE *to, const struct event *event)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < event->nr_fields; i++) {
		putc(' ', to);
		put_key(to, event->fields[i].key);
		err = put_value(to, &event->fields[i].value);
	}
	return err;
}

int format_logfmt(FILE *to, const struct event *event, const struct view *view)
{
	int err;

	(void)view;
	fputs("time=", to);
	print_time(to, event->time);
	fprintf(to, " level=%s", level_name(event->level));
	err = put_pair(to, "kind", event->kind);
	if (!err && !print_is_klog(event))
		err = put_writer(to, event);
	if (!err)
		err = put_pair(to, "service", event->service);
	if (!err)
		err = put_pair(to, "msg", event->message);
	if (!err && event->raw.ptr) {
		fputs(" raw=", to);
		put_hex(to, event->raw);
	}
	if (!err)
		err = put_fields(to, event);
	putc('\n', to);
	return err;
}
