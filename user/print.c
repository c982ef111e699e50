// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "levels.h"
#include "print.h"
#include "utf8.h"

void print_number(char *to, double number)
{
	int digits;

	for (digits = 15; digits <= 17; digits++) {
		snprintf(to, PRINT_NUMBER, "%.*g", digits, number);
		if (strtod(to, NULL) == number)
			break;
	}
	/* An integer's form would read as another type. */
	if (!strpbrk(to, ".en"))
		strcat(to, ".0");
}

static bool plain(int len, uint32_t code, const char *also)
{
	if (len < 0 || utf8_unsafe(code) || code == '\\')
		return false;
	return len > 1 || !strchr(also, code);
}

static void print_escape(FILE *to, const char *at, int len, uint32_t code)
{
	if (len < 0) {
		for (; len; len++)
			fprintf(to, "\\x%02x", (unsigned char)*at++);
		return;
	}
	switch (code) {
	case '\n':
		fputs("\\n", to);
		break;
	case '\t':
		fputs("\\t", to);
		break;
	case '\\':
		fputs("\\\\", to);
		break;
	case '"':
		fputs("\\\"", to);
		break;
	default:
		fprintf(to, code < 0x80 ? "\\x%02" PRIx32 : "\\u{%" PRIx32 "}",
			code);
	}
}

void print_text(FILE *to, struct slice text, const char *also)
{
	const char *at = text.ptr, *end = at + text.len, *run = at;
	uint32_t code = 0;
	int len;

	while (at < end) {
		len = utf8_next(at, end - at, &code);
		if (!plain(len, code, also)) {
			fwrite(run, 1, at - run, to);
			print_escape(to, at, len, code);
			run = at + abs(len);
		}
		at += abs(len);
	}
	fwrite(run, 1, end - run, to);
}

void print_warning(const char *format, ...)
{
	char *raw = NULL, *escaped = NULL;
	va_list args;
	size_t size;
	FILE *to;
	int len;

	va_start(args, format);
	len = vasprintf(&raw, format, args);
	va_end(args);
	to = len < 0 ? NULL : open_memstream(&escaped, &size);
	if (to) {
		print_text(to, (struct slice) { raw, len }, "");
		fclose(to);
	}
	warnx("%s", escaped ? escaped : "out of memory");
	free(escaped);
	if (len >= 0)
		free(raw);
}

void print_time(FILE *to, uint64_t ns)
{
	time_t seconds = ns / NSEC_PER_SEC;
	struct tm tm = { 0 };
	char text[32];

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	fprintf(to, "%s.%09" PRIu64 "Z", text, ns % NSEC_PER_SEC);
}

/* Quoted where it would not read as one word. */
static void print_word(FILE *to, struct slice text)
{
	bool quoted = !text.len || memchr(text.ptr, ' ', text.len) ||
		      memchr(text.ptr, '"', text.len) ||
		      memchr(text.ptr, '=', text.len);

	if (quoted)
		putc('"', to);
	print_text(to, text, "\"");
	if (quoted)
		putc('"', to);
}

static void print_value(FILE *to, const struct value *value)
{
	char number[PRINT_NUMBER];

	switch (value->type) {
	case VALUE_NULL:
		break;
	case VALUE_BOOL:
		fputs(value->truth ? "=true" : "=false", to);
		break;
	case VALUE_UINT:
		fprintf(to, "=%" PRIu64, value->uint);
		break;
	case VALUE_INT:
		fprintf(to, "=%" PRId64, value->sint);
		break;
	case VALUE_FLOAT:
		print_number(number, value->real);
		fprintf(to, "=%s", number);
		break;
	case VALUE_TEXT:
	case VALUE_BYTES:
		putc('=', to);
		print_word(to, value->text);
		break;
	}
}

/* Who said it: CPU, level, service, identity. */
static void print_writer(FILE *to, const struct event *event)
{
	fprintf(to, " cpu%" PRIu32 " %s ", event->cpu,
		level_name(event->level));
	if (!slice_same(event->kind, (struct slice) { "log", 3 })) {
		print_text(to, event->kind, PRINT_NAME_ALSO);
		putc(' ', to);
	}
	print_text(to, event->service, PRINT_NAME_ALSO);
	fprintf(to, "[%" PRIu32, event->pid);
	if (event->tid != event->pid)
		fprintf(to, "/%" PRIu32, event->tid);
	fprintf(to, "] uid=%" PRIu32, event->uid);
	if (!slice_same(event->comm, event->service)) {
		fputs(" comm=", to);
		print_text(to, event->comm, PRINT_NAME_ALSO);
	}
	if (event->async)
		fputs(" async", to);
	if (event->demoted)
		fputs(" demoted", to);
}

bool print_is_klog(const struct event *event)
{
	return slice_same(event->kind, (struct slice) { "klog", 4 });
}

void print_fields(FILE *to, const struct event *event)
{
	size_t i;

	for (i = 0; i < event->nr_fields; i++) {
		putc(' ', to);
		print_word(to, event->fields[i].key);
		print_value(to, &event->fields[i].value);
	}
}

void print_event(FILE *to, const struct event *event)
{
	print_time(to, event->time);
	if (print_is_klog(event))
		fprintf(to, " klog %s kernel", level_name(event->level));
	else
		print_writer(to, event);
	fputs(": ", to);
	print_text(to, event->raw.ptr ? event->raw : event->message, "");
	print_fields(to, event);
	putc('\n', to);
}
