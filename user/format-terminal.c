// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lines for people: what all events have stands in columns, then comes the message.
 * What doesn't fit into its column moves the rest of its line.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "draft.h"
#include "format.h"
#include "levels.h"
#include "print.h"
#include "utf8.h"

#define LEVEL_WIDTH	7	/* warning */
#define CPU_WIDTH	5
#define WRITER_WIDTH	24
#define UID_WIDTH	9

#define RESET	"\033[0m"
#define DIM	"\033[2m"

static const char *const colors[LEVELS] = {
	"\033[1;31m", "\033[1;31m", "\033[1;31m", "\033[31m",
	"\033[33m", "\033[1m", "", DIM,
};

/* How many columns a text takes, if each character takes one. */
static int width(struct slice text)
{
	uint32_t code;
	int len, columns = 0;

	for (; text.len; text.ptr += len, text.len -= len, columns++)
		len = abs(utf8_next(text.ptr, text.len, &code));
	return columns;
}

static void put_moment(FILE *to, uint64_t ns, bool utc)
{
	time_t seconds = ns / NSEC_PER_SEC;
	struct tm tm = { 0 };
	char text[32];

	if (utc)
		gmtime_r(&seconds, &tm);
	else
		localtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	fprintf(to, "%s.%06" PRIu64 "%s ", text, ns % NSEC_PER_SEC / 1000, utc ? "Z" : "");
}

/* "service(comm)[pid/tid]", with another kind than log in front. */
static void put_name(FILE *to, const struct event *event)
{
	if (print_is_klog(event)) {
		fputs("kernel", to);
		return;
	}
	if (!slice_same(event->kind, (struct slice) { "log", 3 })) {
		print_text(to, event->kind, PRINT_NAME_ALSO);
		putc(' ', to);
	}
	print_text(to, event->service, PRINT_NAME_ALSO);
	if (!slice_same(event->comm, event->service)) {
		putc('(', to);
		print_text(to, event->comm, PRINT_NAME_ALSO);
		putc(')', to);
	}
	fprintf(to, "[%" PRIu32, event->pid);
	if (event->tid != event->pid)
		fprintf(to, "/%" PRIu32, event->tid);
	putc(']', to);
}

static int put_writer(FILE *to, const struct event *event)
{
	struct draft name;
	struct slice text;
	int err, pad;

	if (draft_init(&name))
		return -ENOMEM;
	put_name(name.to, event);
	err = draft_end(&name, &text);
	pad = WRITER_WIDTH - width(text);
	fwrite(text.ptr, 1, text.len, to);
	fprintf(to, "%*s ", pad > 0 ? pad : 0, "");
	draft_free(&name);
	return err;
}

static void put_place(FILE *to, const char *name, uint32_t number, int width,
		      bool known)
{
	char text[32] = "-";

	if (known)
		snprintf(text, sizeof(text), "%s%" PRIu32, name, number);
	fprintf(to, "%-*s ", width, text);
}

static int format_event(FILE *to, const struct event *event, const struct view *view)
{
	const char *color = view->color ? colors[event->level % LEVELS] : "";
	const char *reset = *color ? RESET : "";
	bool known = !print_is_klog(event);
	int err;

	put_moment(to, event->time, view->utc);
	fprintf(to, "%s%-*s%s ", color, LEVEL_WIDTH, level_name(event->level), reset);
	put_place(to, "cpu", event->cpu, CPU_WIDTH, known);
	err = put_writer(to, event);
	put_place(to, "uid=", event->uid, UID_WIDTH, known);
	fputs(event->async ? "async " : "", to);
	fputs(event->demoted ? "demoted " : "", to);
	fputs(color, to);
	print_text(to, event->raw.ptr ? event->raw : event->message, "");
	fputs(reset, to);
	if (event->nr_fields) {
		fputs(view->color ? DIM : "", to);
		print_fields(to, event);
		fputs(view->color ? RESET : "", to);
	}
	putc('\n', to);
	return err;
}

const struct format format_terminal = { .event = format_event };
