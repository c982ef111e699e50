// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "args.h"
#include "channels.h"
#include "cmd.h"
#include "exit.h"
#include "files.h"
#include "print.h"
#include "put.h"
#include "reason.h"
#include "summary.h"
#include "utf8.h"

/**
 * struct options - what the command line says
 * @json: JSON instead of a table
 * @args: files and folders, up to a NULL; or NULL
 */
struct options {
	bool json;
	char **args;
};

/**
 * struct row - one file
 * @path: its name
 * @size: its bytes
 * @in: what the decoder said of it
 * @first: time of the first event, ns since the epoch
 * @last: time of the last event
 * @summary: what it says
 */
struct row {
	const char *path;
	uint64_t size;
	struct decoder in;
	uint64_t first;
	uint64_t last;
	struct summary summary;
};

static void on_event(void *context, const struct event *event)
{
	struct row *row = context;

	if (row->in.seen == 1)
		row->first = event->time;
	row->last = event->time;
}

static int on_item(void *context, struct decoder *in, struct slice key)
{
	struct row *row = context;

	return summary_item(&row->summary, in, key);
}

/* What a damaged file says may be in no order. */
static uint64_t span_of(const struct row *row)
{
	return row->last > row->first ? row->last - row->first : 0;
}

#define CELL	24

static void format_span(char *to, const struct row *row)
{
	uint64_t ms = span_of(row) / NSEC_PER_MSEC, s = ms / 1000;

	if (!row->in.seen)
		strcpy(to, "-");
	else if (s < 60)
		snprintf(to, CELL, "%" PRIu64 ".%03" PRIu64 "s", s, ms % 1000);
	else if (s < 3600)
		snprintf(to, CELL, "%" PRIu64 "m%02" PRIu64 "s", s / 60, s % 60);
	else if (s < 86400)
		snprintf(to, CELL, "%" PRIu64 "h%02" PRIu64 "m", s / 3600, s / 60 % 60);
	else
		snprintf(to, CELL, "%" PRIu64 "d%02" PRIu64 "h", s / 86400,
			 s / 3600 % 24);
}

/* As events have it. */
static void format_time(char *to, const struct row *row)
{
	struct slice at = row->summary.created_at;

	if (at.len != 14 || strspn(at.ptr, "0123456789") < 14)
		strcpy(to, "-");
	else
		snprintf(to, CELL, "%.4s-%.2s-%.2s" "T%.2s:%.2s:%.2sZ", at.ptr,
			 at.ptr + 4, at.ptr + 6, at.ptr + 8, at.ptr + 10, at.ptr + 12);
}

static void print_number_cell(bool known, int width, uint64_t number)
{
	if (known)
		printf(" %*" PRIu64, width, number);
	else
		printf(" %*s", width, "-");
}

/* One that is none may be anything, and spoils the columns at most. */
static void print_reason(struct slice reason)
{
	if (!reason.len) {
		printf(" %-12s", "-");
	} else if (strspn(reason.ptr, REASON_LETTERS) >= reason.len) {
		printf(" %-12.*s", (int)reason.len, reason.ptr);
	} else {
		putchar(' ');
		print_text(stdout, reason, "");
	}
}

#define HEADING	"%-20s %-12s %8s %9s %10s %10s %10s %-7s %s\n"

static void print_heading(void)
{
	printf(HEADING, "TIME", "REASON", "SPAN", "EVENTS", "MISSING", "LOST", "SIZE",
	       "STATE", "FILE");
}

static void print_row(const struct row *row)
{
	const struct summary_tally *totals = &row->summary.totals;
	bool ledger = summary_has(&row->summary, SUMMARY_LEDGER);
	char cell[CELL];

	format_time(cell, row);
	printf("%-20s", cell);
	print_reason(row->summary.reason);
	format_span(cell, row);
	printf(" %8s", cell);
	print_number_cell(true, 9, row->in.seen);
	print_number_cell(ledger, 10, totals->overwritten + totals->holes);
	print_number_cell(ledger, 10, summary_lost(totals));
	print_number_cell(true, 10, row->size);
	printf(" %-7s ", row->in.damaged ? "damaged" : "ok");
	print_text(stdout, (struct slice) { row->path, strlen(row->path) }, "");
	putchar('\n');
}

static void put_slice(struct json_object *to, const char *key, struct slice text)
{
	put(to, key, json_object_new_string_len(text.ptr, text.len));
}

/* Names of files need not be UTF-8. */
static void put_path(struct json_object *to, const char *path)
{
	size_t len = strlen(path);
	char *clean = malloc(UTF8_EXPANSION * len + 1);

	put(to, "file", clean ? json_object_new_string_len(clean, utf8_replace(clean, path,
									       len)) :
				NULL);
	free(clean);
}

static void put_events(struct json_object *to, const struct row *row)
{
	put_number(to, "events", row->in.seen);
	if (row->in.counted)
		put_number(to, "events_expected", row->in.expected);
	if (!row->in.seen)
		return;
	put_number(to, "first_ns", row->first);
	put_number(to, "last_ns", row->last);
	put_number(to, "span_ns", span_of(row));
}

static void put_texts(struct json_object *to, const struct summary *summary)
{
	const struct {
		enum summary_key key;
		struct slice text;
	} texts[] = {
		{ SUMMARY_SERVICE, summary->service },
		{ SUMMARY_HOSTNAME, summary->hostname },
		{ SUMMARY_CREATED_AT, summary->created_at },
		{ SUMMARY_REASON, summary->reason },
		{ SUMMARY_TRIGGER, summary->trigger },
		{ SUMMARY_BOOT_ID, summary->boot_id },
		{ SUMMARY_RECORDER_ID, summary->recorder_id },
	};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		if (summary_has(summary, texts[i].key))
			put_slice(to, summary_key_name(texts[i].key), texts[i].text);
	}
}

static void put_maps(struct json_object *to, const struct summary *summary)
{
	struct json_object *map;

	if (summary_has(summary, SUMMARY_KERNEL)) {
		map = new_object();
		put_slice(map, "release", summary->release);
		put_slice(map, "version", summary->version);
		put_slice(map, "machine", summary->machine);
		put(to, "kernel", map);
	}
	if (summary_has(summary, SUMMARY_CLOCKS)) {
		map = new_object();
		put_number(map, "mono", summary->clocks.mono);
		put_number(map, "boot", summary->clocks.boot);
		put_number(map, "real", summary->clocks.real);
		put(to, "clocks", map);
	}
	if (summary_has(summary, SUMMARY_COMPLETE_SINCE)) {
		map = new_object();
		put_number(map, "timestamp", summary->since_ms);
		put_number(map, "ns", summary->since_ns);
		put_number(map, "mono", summary->since_mono);
		put(to, "complete_since", map);
	}
}

static void put_versions(struct json_object *to, const struct summary *summary)
{
	struct json_object *map;

	if (!summary_has(summary, SUMMARY_VERSIONS))
		return;
	map = new_object();
	put_slice(map, "program", summary->program);
	put_number(map, "abi_major", summary->abi_major);
	put_number(map, "abi_minor", summary->abi_minor);
	put_number(map, "layout", summary->layout);
	put_number(map, "format", summary->format);
	put(to, "versions", map);
}

static void put_totals(struct json_object *to, const struct summary *summary)
{
	const struct summary_tally *totals = &summary->totals;
	struct json_object *map;

	if (!summary_has(summary, SUMMARY_LEDGER))
		return;
	map = new_object();
	put_number(map, "offered", totals->offered);
	put_number(map, "written", totals->written);
	put_lost(map, totals->lost);
	if (totals->lost_otherwise)
		put_number(map, "lost_otherwise", totals->lost_otherwise);
	put_number(map, "demoted", totals->demoted);
	put_number(map, "read", totals->read);
	put_number(map, "overwritten", totals->overwritten);
	put_number(map, "holes", totals->holes);
	put(to, "totals", map);
}

static void print_row_json(const struct row *row)
{
	struct json_object *object = new_object();

	put_path(object, row->path);
	put_number(object, "size", row->size);
	put(object, "damaged", json_object_new_boolean(row->in.damaged));
	put_events(object, row);
	put_texts(object, &row->summary);
	if (summary_has(&row->summary, SUMMARY_PID))
		put_number(object, "pid", row->summary.pid);
	if (summary_has(&row->summary, SUMMARY_STANDS_FOR))
		put_number(object, "stands_for", row->summary.stands_for);
	put_maps(object, &row->summary);
	put_versions(object, &row->summary);
	put_totals(object, &row->summary);
	if (print_json(stdout, object))
		errx(EXIT_OTHER, "out of memory");
	putchar('\n');
	json_object_put(object);
}

/* A pipe has no size but that of what came out of it. */
static uint64_t size_of(int fd, const struct decoder *in)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISREG(st.st_mode) ? (uint64_t)st.st_size :
							in->frame.offset;
}

static int list_one(const struct file *file, int fd, bool json)
{
	struct row row = { .path = file_name(file) };
	struct decode_sink sink = {
		.event = on_event, .item = on_item, .context = &row,
	};
	int status;

	if (decode_open(&row.in, row.path, fd)) {
		print_warning("%s: out of memory", row.path);
		return EXIT_OTHER;
	}
	decode_run(&row.in, &sink);
	row.size = size_of(fd, &row.in);
	if (json)
		print_row_json(&row);
	else
		print_row(&row);
	status = row.in.damaged ? EXIT_OTHER : EXIT_OK;
	decode_free(&row.in);
	summary_free(&row.summary);
	fflush(stdout);
	return status;
}

static int list_file(const struct file *file, bool json)
{
	int fd, status = file_open(file, &fd);

	if (fd < 0)
		return status;
	status = list_one(file, fd, json);
	file_close(fd);
	return status;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	(void)arg;
	switch (key) {
	case 'j':
		options->json = true;
		return 0;
	case ARGP_KEY_ARGS:
		options->args = state->argv + state->next;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

int cmd_ls(int argc, char **argv)
{
	static const struct argp_option list[] = {
		{ "json", 'j', NULL, 0, "Print a JSON object a line", 0 },
		{ 0 }
	};
	static const struct argp argp = {
		.options = list,
		.parser = parse,
		.args_doc = "[FILE|FOLDER...]",
		.doc = "List snapshot files, with what each is about; - is standard input, and a folder stands for the snapshots in it.",
	};
	struct options options = { 0 };
	struct files files;
	int status, err;
	size_t i;

	args_parse(&argp, argc, argv, 0, &options);
	status = files_expand(&files, options.args);
	if (!options.json)
		print_heading();
	for (i = 0; i < files.nr; i++) {
		err = list_file(&files.list[i], options.json);
		if (!status)
			status = err;
	}
	files_free(&files);
	return status;
}
