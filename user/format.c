// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "format.h"
#include "print.h"

static int format_text(FILE *to, const struct event *event, const struct view *view)
{
	(void)view;
	print_event(to, event);
	return 0;
}

static int format_json(FILE *to, const struct event *event, const struct view *view)
{
	(void)view;
	return print_event_json(to, event);
}

static const struct format formats[] = {
	{ .name = "text", .event = format_text },
	{ .name = "json", .event = format_json },
	{ .name = "logfmt", .event = format_logfmt },
	{ .name = "export", .event = format_export, .origins = true },
	{ .name = "csv", .event = format_csv, .begin = format_csv_begin },
	{ 0 }
};

const struct format *format_find(const char *name)
{
	const struct format *format;

	for (format = formats; format->name; format++) {
		if (!strcmp(format->name, name))
			return format;
	}
	return NULL;
}
