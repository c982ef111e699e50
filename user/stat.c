// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "channels.h"
#include "cmd.h"
#include "event.h"
#include "folder.h"
#include "levels.h"
#include "metrics.h"
#include "plan.h"
#include "print.h"
#include "put.h"
#include "recorded-print.h"
#include "textfile.h"

/**
 * struct options - what is to be shown
 * @json: all rings as JSON
 * @prometheus: their sums, and what became of snapshots
 * @textfile: into this file; NULL: it isn't wanted
 * @sizing: how long which memory would hold
 * @measure: measured that many seconds
 * @span: seconds that are to be held; 0: some
 */
struct options {
	bool json;
	bool prometheus;
	const char *textfile;
	bool sizing;
	unsigned int measure;
	unsigned int span;
};

enum { OPTION_PROMETHEUS = 256, OPTION_TEXTFILE, OPTION_SIZING, OPTION_SPAN };

#define MEASURE_DEFAULT	10		/* s */
#define MEASURE_MAX	86400		/* s */
#define SPAN_MAX	31536000	/* s */

/**
 * struct policy - what is recorded
 * @known: the module tells it; older ones don't
 * @filters: all of them
 * @share: of keep
 */
struct policy {
	bool known;
	struct recorded filters;
	struct ttlog_share share;
};

static int read_policy(const struct device *device, struct policy *policy)
{
	int err = recorded_read(device->fd, &policy->filters);

	policy->known = err != -ENOTTY;
	if (err == -ENOTTY)
		return EXIT_OK;
	if (err)
		return recorded_failed(device, "", err, "read the filters");
	policy->share = (struct ttlog_share) { 0 };
	err = recorded_share(device->fd, &policy->share);
	return err ? recorded_failed(device, "", err, "read the share of keep") : EXIT_OK;
}

static double percent(const struct row *row)
{
	return row->room ? 100.0 * row->used / row->room : 0;
}

static double seconds(uint64_t ns)
{
	return (double)ns / NSEC_PER_SEC;
}

static void print_row(const struct row *row, const char *cpu,
		      const char *channel)
{
	const struct ttlog_ledger *ledger = &row->ledger;
	uint64_t lost[TTLOG_NR_LOST];
	int i;

	printf("%-4s %-7s %10" PRIu64 " %3.0f%% %9.1f ", cpu, channel,
	       row->room, percent(row), seconds(row->span));
	printf("%9" PRIu64 " %10" PRIu64 " %10" PRIu64 " %8" PRIu64 " ",
	       row->events, (uint64_t)ledger->offered,
	       (uint64_t)ledger->written, (uint64_t)ledger->demoted);
	for (i = 0; i < TTLOG_NR_LOST; i++)
		lost[i] = ledger->lost[i];
	lost_print(lost);
}

static void print_info(const struct ttlog_info *info, const struct policy *policy)
{
	char levels[LEVELS_TEXT];

	levels_format(levels, info->level_mask);
	printf("module    ABI %u.%u, layout %u\n", info->abi_major,
	       info->abi_minor, info->layout);
	printf("loaded    %.1f s ago\n", seconds(info->mono - info->created));
	printf("memory    %" PRIu64 " bytes, blocks of %u\n",
	       (uint64_t)info->memory, info->block_size);
	printf("services  %u of %u\n", info->services, TTLOG_NR_SERVICES);
	printf("helper    %s\n", info->helper ? "attached" : "none");
	printf("levels    %s\n", *levels ? levels : "none");
	if (policy->known)
		printf("share     %" PRIu64 " bytes of keep a second for a user, %" PRIu64 " at once\n",
		       (uint64_t)policy->share.rate, (uint64_t)policy->share.burst);
	putchar('\n');
}

static void print_text_table(const struct ttlog_info *info,
			     const struct policy *policy, const struct rows *rows)
{
	struct row total = { 0 };
	char cpu[16];
	size_t i;

	print_info(info, policy);
	printf("%-4s %-7s %10s %4s %9s %9s %10s %10s %8s %s\n", "CPU",
	       "CHANNEL", "BYTES", "FULL", "SECONDS", "EVENTS", "OFFERED",
	       "WRITTEN", "DEMOTED", "LOST");
	for (i = 0; i < rows->nr; i++) {
		snprintf(cpu, sizeof(cpu), "%u", rows->rows[i].ledger.cpu);
		print_row(&rows->rows[i], cpu,
			  channel_name(rows->rows[i].ledger.channel));
		row_add(&total, &rows->rows[i]);
	}
	print_row(&total, "all", "all");
	if (policy->known && recorded_telling(&policy->filters)) {
		putchar('\n');
		recorded_print(&policy->filters, true);
	}
}

static void put_row(struct json_object *to, const struct row *row)
{
	uint64_t lost[TTLOG_NR_LOST];
	int i;

	put_number(to, "bytes", row->room);
	put_number(to, "used", row->used);
	put_number(to, "span_ns", row->span);
	put_number(to, "events", row->events);
	put_number(to, "offered", row->ledger.offered);
	put_number(to, "written", row->ledger.written);
	put_number(to, "demoted", row->ledger.demoted);
	for (i = 0; i < TTLOG_NR_LOST; i++)
		lost[i] = row->ledger.lost[i];
	put_lost(to, lost);
}

static struct json_object *json_levels(uint32_t mask)
{
	struct json_object *list = new_array();
	int i;

	for (i = 0; i < LEVELS; i++) {
		if (mask & 1u << i)
			append(list, json_object_new_string(level_name(i)));
	}
	return list;
}

static void put_info(struct json_object *to, const struct ttlog_info *info)
{
	put_number(to, "abi_major", info->abi_major);
	put_number(to, "abi_minor", info->abi_minor);
	put_number(to, "layout", info->layout);
	put_number(to, "uptime_ns", info->mono - info->created);
	put_number(to, "memory", info->memory);
	put_number(to, "block_size", info->block_size);
	put_number(to, "services", info->services);
	put(to, "helper", json_object_new_boolean(info->helper));
	put(to, "levels", json_levels(info->level_mask));
}

static void put_policy(struct json_object *to, const struct policy *policy)
{
	struct json_object *share = new_object();

	put_number(share, "rate", policy->share.rate);
	put_number(share, "burst", policy->share.burst);
	put(to, "share", share);
	put(to, "filters", recorded_json(&policy->filters, true));
}

static void print_json_table(const struct ttlog_info *info,
			     const struct policy *policy, const struct rows *rows)
{
	struct json_object *top = new_object(), *totals = new_object();
	struct json_object *rings = new_array(), *ring;
	struct row total = { 0 };
	const struct row *row;
	size_t i;

	put_info(top, info);
	for (i = 0; i < rows->nr; i++) {
		row = &rows->rows[i];
		row_add(&total, row);
		ring = new_object();
		put_number(ring, "cpu", row->ledger.cpu);
		put_text(ring, "channel", channel_name(row->ledger.channel));
		put_row(ring, row);
		append(rings, ring);
	}
	put(top, "rings", rings);
	put_row(totals, &total);
	put(top, "totals", totals);
	if (policy->known)
		put_policy(top, policy);
	json_print(top);
}

static int print_table(struct device *device, bool json)
{
	struct policy policy;
	struct rows rows;
	int status = rows_read(device, false, &rows);

	if (!status)
		status = read_policy(device, &policy);
	if (!status && json)
		print_json_table(&device->info, &policy, &rows);
	else if (!status)
		print_text_table(&device->info, &policy, &rows);
	rows_free(&rows);
	return status;
}

static int read_counts(struct counts *counts)
{
	char path[PATH_MAX];
	int err = counts_read(counts, path);

	if (!err || err == -ENOENT)
		return EXIT_OK;
	if (err == -EBADMSG)
		print_warning("%s isn't as helpers write it, and is left out", path);
	else
		print_warning("cannot read %s, which is left out: %s", path,
			      strerror(-err));
	return EXIT_OTHER;
}

static void print_metrics(FILE *to, const void *metrics)
{
	metrics_print(to, metrics);
}

static int write_textfile(const char *path, const struct metrics *metrics)
{
	int err = textfile_write(path, print_metrics, metrics);

	if (!err)
		return EXIT_OK;
	print_warning("cannot write %s: %s", path, strerror(-err));
	return folder_status(err);
}

/*
 * Where rings can't be read nothing is printed, and the last file stays, whose time tells
 * how old it is. Where what helpers count can't be, all else is, and the status says so.
 */
static int put_metrics(struct device *device, const char *textfile)
{
	struct policy policy;
	struct counts counts;
	struct rows rows;
	struct metrics metrics = {
		.info = &device->info, .rows = &rows, .counts = &counts,
	};
	int status = rows_read(device, true, &rows), written = EXIT_OK;

	if (!status)
		status = read_policy(device, &policy);
	if (!status) {
		metrics.filters = policy.known ? &policy.filters : NULL;
		status = read_counts(&counts);
		if (textfile)
			written = write_textfile(textfile, &metrics);
		else
			metrics_print(stdout, &metrics);
	}
	rows_free(&rows);
	return written ? written : status;
}

static unsigned int parse_seconds(struct argp_state *state, const char *what,
				  const char *arg, unsigned int low, unsigned int high)
{
	unsigned long seconds;
	char *end;

	errno = 0;
	seconds = strtoul(arg, &end, 10);
	if (*arg < '0' || *arg > '9' || *end || errno || seconds < low || seconds > high)
		argp_error(state, "%s '%s': %u to %u seconds are accepted", what, arg, low,
			   high);
	return seconds;
}

static void parse_textfile(struct argp_state *state, struct options *options,
			   const char *arg)
{
	size_t len = strlen(arg);

	if (len < 6 || strcmp(arg + len - 5, ".prom") || arg[len - 6] == '/')
		argp_error(state, "textfile '%s': a file whose name ends in .prom is accepted, as node_exporter reads no other",
			   arg);
	options->textfile = arg;
}

static void check(struct argp_state *state, const struct options *options)
{
	if (options->json + options->prometheus + !!options->textfile +
	    options->sizing > 1)
		argp_error(state, "of --json, --prometheus, --textfile and --sizing one is accepted");
	if (options->span && !options->sizing)
		argp_error(state, "--span is accepted with --sizing only");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'j':
		options->json = true;
		return 0;
	case OPTION_PROMETHEUS:
		options->prometheus = true;
		return 0;
	case OPTION_TEXTFILE:
		parse_textfile(state, options, arg);
		return 0;
	case OPTION_SIZING:
		options->sizing = true;
		if (arg)
			options->measure = parse_seconds(state, "sizing", arg, 0,
							 MEASURE_MAX);
		return 0;
	case OPTION_SPAN:
		options->span = parse_seconds(state, "span", arg, 1, SPAN_MAX);
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "unexpected argument '%s'", arg);
		return EINVAL;
	case ARGP_KEY_END:
		check(state, options);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static int show(struct device *device, const struct options *options)
{
	if (options->prometheus || options->textfile)
		return put_metrics(device, options->textfile);
	if (options->sizing)
		return plan_print(device, options->measure, options->span);
	return print_table(device, options->json);
}

int cmd_stat(int argc, char **argv)
{
	static const struct argp_option list[] = {
		{ "json", 'j', NULL, 0, "Print one JSON object", 0 },
		{ "prometheus", OPTION_PROMETHEUS, NULL, 0,
		  "Print metrics in Prometheus's text format", 0 },
		{ "textfile", OPTION_TEXTFILE, "FILE.prom", 0,
		  "Write these into a file of node_exporter's textfile collector", 0 },
		{ "sizing", OPTION_SIZING, "SECONDS", OPTION_ARG_OPTIONAL,
		  "Measure for so long, 0 to 86400 (10), and print how long which memory would hold what is written; 0: since the module was loaded",
		  0 },
		{ "span", OPTION_SPAN, "SECONDS", 0,
		  "With --sizing: recommend parameters with which so many seconds are held, 1 to 31536000",
		  0 },
		{ 0 }
	};
	static const struct argp argp = {
		.options = list,
		.parser = parse,
		.doc = "Show rings, how full they are and how long they reach back, and what became of the events.",
	};
	struct options options = { .measure = MEASURE_DEFAULT };
	struct device device;
	int status;

	args_parse(&argp, argc, argv, 0, &options);
	status = device_open(&device, O_RDONLY);
	if (status)
		return status;
	status = show(&device, &options);
	device_close(&device);
	return status;
}
