// SPDX-License-Identifier: GPL-2.0-only
/*
 * The journal's export format: "NAME=VALUE" lines; where a value isn't plain text, NAME
 * alone, then its length in 8 bytes, little-endian, then the value; an empty line ends
 * an entry.
 *
 * Names that begin with "_" are those that journald vouches for. Who can write a file
 * can write anything into it, so there is but the one without which importers refuse
 * an entry, the boot.
 */
#include <ctype.h>
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "print.h"
#include "utf8.h"

/* The journal's limits: bytes of a name, and fields of an entry, of which it has 1,024. */
#define NAME_MAX_LEN	64
#define FIELDS_MAX	512

static bool is_plain(struct slice text)
{
	size_t i;

	for (i = 0; i < text.len; i++) {
		if ((unsigned char)text.ptr[i] < 0x20 && text.ptr[i] != '\t')
			return false;
	}
	return utf8_valid(text.ptr, text.len);
}

static void put_slice(FILE *to, const char *name, struct slice text)
{
	uint64_t len = htole64(text.len);

	fputs(name, to);
	if (is_plain(text)) {
		putc('=', to);
	} else {
		putc('\n', to);
		fwrite(&len, sizeof(len), 1, to);
	}
	fwrite(text.ptr, 1, text.len, to);
	putc('\n', to);
}

static void put_text(FILE *to, const char *name, const char *text)
{
	put_slice(to, name, (struct slice) { text, strlen(text) });
}

static void put_number(FILE *to, const char *name, uint64_t number)
{
	fprintf(to, "%s=%" PRIu64 "\n", name, number);
}

static void put_value(FILE *to, const char *name, const struct value *value)
{
	char number[PRINT_NUMBER];

	switch (value->type) {
	case VALUE_NULL:
		put_text(to, name, "");
		break;
	case VALUE_BOOL:
		put_text(to, name, value->truth ? "true" : "false");
		break;
	case VALUE_UINT:
		put_number(to, name, value->uint);
		break;
	case VALUE_INT:
		fprintf(to, "%s=%" PRId64 "\n", name, value->sint);
		break;
	case VALUE_FLOAT:
		print_number(number, value->real);
		put_text(to, name, number);
		break;
	default:
		put_slice(to, name, value->text);
		break;
	}
}

/* Names have capitals, digits and "_". */
static void field_name(char *name, struct slice key)
{
	size_t i, len = sprintf(name, "TTLOG_FIELD_");
	unsigned char c;

	for (i = 0; i < key.len && len < NAME_MAX_LEN; i++) {
		c = key.ptr[i];
		name[len++] = c < 0x80 && isalnum(c) ? toupper(c) : '_';
	}
	name[len] = '\0';
}

/* All of them with their types and names, and each for itself, to be searched for. */
static int put_fields(FILE *to, const struct event *event)
{
	char name[NAME_MAX_LEN + 1];
	size_t i;
	int err;

	if (!event->nr_fields)
		return 0;
	fputs("TTLOG_FIELDS=", to);
	err = print_fields_json(to, event);
	putc('\n', to);
	for (i = 0; i < event->nr_fields && i < FIELDS_MAX; i++) {
		field_name(name, event->fields[i].key);
		put_value(to, name, &event->fields[i].value);
	}
	return err;
}

static void put_writer(FILE *to, const struct event *event)
{
	put_number(to, "SYSLOG_PID", event->pid);
	put_number(to, "TTLOG_CPU", event->cpu);
	put_number(to, "TTLOG_PID", event->pid);
	put_number(to, "TTLOG_TID", event->tid);
	put_number(to, "TTLOG_UID", event->uid);
	put_number(to, "TTLOG_CGROUP", event->cgroup);
	put_slice(to, "TTLOG_COMM", event->comm);
	if (event->async)
		put_text(to, "TTLOG_ASYNC", "true");
	if (event->demoted)
		put_text(to, "TTLOG_DEMOTED", "true");
}

/* The journal has no time 0. */
static void put_times(FILE *to, const struct event *event, const struct origin *origin)
{
	put_number(to, "__REALTIME_TIMESTAMP", event->time / 1000 ?: 1);
	if (origin->real)
		put_number(to, "__MONOTONIC_TIMESTAMP",
			   origin_mono(origin, event->time) / 1000);
	if (*origin->boot_id)
		put_text(to, "_BOOT_ID", origin->boot_id);
	fputs("TTLOG_TIME=", to);
	print_time(to, event->time);
	putc('\n', to);
}

int format_export(FILE *to, const struct event *event, const struct view *view)
{
	int err;

	put_times(to, event, view->origin);
	if (view->origin->hostname)
		put_text(to, "TTLOG_HOSTNAME", view->origin->hostname);
	put_number(to, "PRIORITY", event->level);
	put_slice(to, "SYSLOG_IDENTIFIER", event->service);
	put_slice(to, "MESSAGE", event->raw.ptr ? event->raw : event->message);
	put_slice(to, "TTLOG_KIND", event->kind);
	if (!print_is_klog(event))
		put_writer(to, event);
	err = put_fields(to, event);
	putc('\n', to);
	return err;
}
