// SPDX-License-Identifier: GPL-2.0-only
/*
 * Comma-separated values as RFC 4180 has them. Texts are always quoted, and escaped as
 * in text output, so that each event is one line; fields are one JSON object.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "draft.h"
#include "format.h"
#include "levels.h"
#include "print.h"

void format_csv_begin(FILE *to)
{
	fputs("time,level,kind,cpu,pid,tid,uid,cgroup,async,demoted,comm,service,message,fields\r\n",
	      to);
}

/* Each quote is doubled; what lies between them is printed by @put. */
static void put_cell(FILE *to, struct slice text, void (*put)(FILE *to, struct slice part))
{
	const char *at = text.ptr, *end = at + text.len, *quote;

	putc('"', to);
	while ((quote = memchr(at, '"', end - at))) {
		put(to, (struct slice) { at, quote - at });
		fputs("\"\"", to);
		at = quote + 1;
	}
	put(to, (struct slice) { at, end - at });
	putc('"', to);
}

static void escaped(FILE *to, struct slice part)
{
	print_text(to, part, "");
}

static void as_it_is(FILE *to, struct slice part)
{
	fwrite(part.ptr, 1, part.len, to);
}

static int put_fields(FILE *to, const struct event *event)
{
	struct draft json;
	struct slice text;
	int err;

	if (!event->nr_fields)
		return 0;
	if (draft_init(&json))
		return -ENOMEM;
	err = print_fields_json(json.to, event);
	if (draft_end(&json, &text))
		err = -ENOMEM;
	if (!err)
		put_cell(to, text, as_it_is);
	draft_free(&json);
	return err;
}

static void put_writer(FILE *to, const struct event *event)
{
	fprintf(to, "%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",%" PRIu64 ",%s,%s,",
		event->cpu, event->pid, event->tid, event->uid, event->cgroup,
		event->async ? "true" : "false", event->demoted ? "true" : "false");
	put_cell(to, event->comm, escaped);
}

int format_csv(FILE *to, const struct event *event, const struct view *view)
{
	int err;

	(void)view;
	print_time(to, event->time);
	fprintf(to, ",%s,", level_name(event->level));
	put_cell(to, event->kind, escaped);
	putc(',', to);
	if (print_is_klog(event))
		fputs(",,,,,,,", to);
	else
		put_writer(to, event);
	putc(',', to);
	put_cell(to, event->service, escaped);
	putc(',', to);
	put_cell(to, event->raw.ptr ? event->raw : event->message, escaped);
	putc(',', to);
	err = put_fields(to, event);
	fputs("\r\n", to);
	return err;
}
