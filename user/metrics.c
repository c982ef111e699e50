// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "channels.h"
#include "levels.h"
#include "metrics.h"

static void family(FILE *to, const char *name, const char *type, const char *help)
{
	fprintf(to, "# HELP ttlog_%s %s\n# TYPE ttlog_%s %s\n", name, help, name, type);
}

static void label_value(FILE *to, const char *text)
{
	for (; *text; text++) {
		if (*text == '\n') {
			fputs("\\n", to);
			continue;
		}
		if (*text == '\\' || *text == '"')
			putc('\\', to);
		putc(*text, to);
	}
}

/* One label, or with the second two. */
static void labels(FILE *to, const char *name, const char *value,
		   const char *second, const char *second_value)
{
	fprintf(to, "{%s=\"", name);
	label_value(to, value);
	if (second) {
		fprintf(to, "\",%s=\"", second);
		label_value(to, second_value);
	}
	fputs("\"}", to);
}

static void number(FILE *to, uint64_t value)
{
	fprintf(to, " %" PRIu64 "\n", value);
}

static void seconds(FILE *to, uint64_t ns)
{
	fprintf(to, " %" PRIu64 ".%09" PRIu64 "\n", ns / NSEC_PER_SEC,
		ns % NSEC_PER_SEC);
}

static void single(FILE *to, const char *name, const char *type, const char *help,
		   uint64_t value)
{
	family(to, name, type, help);
	fprintf(to, "ttlog_%s", name);
	number(to, value);
}

static uint64_t word(const void *of, size_t place)
{
	uint64_t value;

	memcpy(&value, (const char *)of + place, sizeof(value));
	return value;
}

static void print_module(FILE *to, const struct ttlog_info *info, uint64_t now)
{
	int i;

	family(to, "module_info", "gauge",
	       "Versions of the loaded module: of its interface and of the rings' layout.");
	fprintf(to, "ttlog_module_info{abi=\"%u.%u\",layout=\"%u\"} 1\n",
		info->abi_major, info->abi_minor, info->layout);
	family(to, "uptime_seconds", "gauge",
	       "Time since the module was loaded, without that in suspend.");
	fputs("ttlog_uptime_seconds", to);
	seconds(to, now - info->created);
	single(to, "helper_attached", "gauge",
	       "Whether a helper is attached, which writes snapshots.", !!info->helper);
	family(to, "level_recorded", "gauge", "Whether events of this level are recorded.");
	for (i = 0; i < LEVELS; i++) {
		fputs("ttlog_level_recorded", to);
		labels(to, "level", level_name(i), NULL, NULL);
		number(to, info->level_mask >> i & 1);
	}
	single(to, "services", "gauge",
	       "Names of services that were given since the module was loaded.",
	       info->services);
	single(to, "services_limit", "gauge", "Names of services that there can be.",
	       TTLOG_NR_SERVICES);
	single(to, "memory_bytes", "gauge", "Memory of all rings, with their heads.",
	       info->memory);
}

/* @place: of a number in struct row, as there are many like it */
static void by_channel(FILE *to, const struct row *channels, const char *name,
		       const char *type, const char *help, size_t place)
{
	int i;

	family(to, name, type, help);
	for (i = 0; i < TTLOG_NR_CHANNELS; i++) {
		fprintf(to, "ttlog_%s", name);
		labels(to, "channel", channel_name(i), NULL, NULL);
		number(to, word(&channels[i], place));
	}
}

static void print_spans(FILE *to, const struct row *channels)
{
	int i;

	family(to, "ring_span_seconds", "gauge",
	       "How far back the ring reaches that reaches back least.");
	for (i = 0; i < TTLOG_NR_CHANNELS; i++) {
		if (!channels[i].room)
			continue;
		fputs("ttlog_ring_span_seconds", to);
		labels(to, "channel", channel_name(i), NULL, NULL);
		seconds(to, channels[i].span);
	}
}

static void print_lost(FILE *to, const struct row *channels)
{
	int i, cause;

	family(to, "events_lost_total", "counter",
	       "Events that were offered and aren't in a ring, by cause.");
	for (i = 0; i < TTLOG_NR_CHANNELS; i++) {
		for (cause = 0; cause < TTLOG_NR_LOST; cause++) {
			fputs("ttlog_events_lost_total", to);
			labels(to, "channel", channel_name(i), "cause",
			       lost_name(cause));
			number(to, channels[i].ledger.lost[cause]);
		}
	}
}

/* That for all is there always, with an empty name, which no service can have. */
static void print_filters(FILE *to, const struct recorded *filters)
{
	const struct ttlog_filter *filter;
	int cause;

	if (!filters)
		return;
	family(to, "filter_events_lost_total", "counter",
	       "Events that a filter left out, by its service (none: the filter of all) and by cause.");
	for (filter = filters->filters; filter < filters->filters + filters->nr; filter++) {
		for (cause = TTLOG_LOST_FILTERED; cause <= TTLOG_LOST_LIMITED; cause++) {
			fputs("ttlog_filter_events_lost_total", to);
			labels(to, "service", filter->service, "cause",
			       lost_name(cause));
			number(to, filter->lost[cause]);
		}
	}
}

static void print_rings(FILE *to, const struct rows *rows)
{
	struct row channels[TTLOG_NR_CHANNELS] = { 0 }, all = { 0 };
	size_t i;

	for (i = 0; i < rows->nr; i++) {
		row_add(&all, &rows->rows[i]);
		if (rows->rows[i].ledger.channel < TTLOG_NR_CHANNELS)
			row_add(&channels[rows->rows[i].ledger.channel],
				&rows->rows[i]);
	}
	by_channel(to, channels, "ring_bytes", "gauge", "Memory of the rings' blocks.",
		   offsetof(struct row, room));
	print_spans(to, channels);
	by_channel(to, channels, "ring_filled_bytes_total", "counter",
		   "Bytes of rings that were filled, heads of blocks and their unused ends included.",
		   offsetof(struct row, filled));
	by_channel(to, channels, "events_offered_total", "counter",
		   "Events that were offered: those written and those lost.",
		   offsetof(struct row, ledger.offered));
	by_channel(to, channels, "events_written_total", "counter",
		   "Events that got into a ring.",
		   offsetof(struct row, ledger.written));
	print_lost(to, channels);
	single(to, "events_demoted_total", "counter",
	       "Events of warning and worse that a user wrote above the share of keep, and that are in flow.",
	       all.ledger.demoted);
	by_channel(to, channels, "events_overwritten_total", "counter",
		   "Events that are no longer in a ring, as newer ones took their place.",
		   offsetof(struct row, overwritten));
}

static void by_reason(FILE *to, const struct counts *counts, const char *name,
		      const char *type, const char *help, size_t place,
		      void (*print)(FILE *to, uint64_t value))
{
	const struct count *count;

	family(to, name, type, help);
	for (count = counts->of; count < counts->of + counts->nr; count++) {
		fprintf(to, "ttlog_%s", name);
		labels(to, "trigger", count->trigger, "reason", count->reason);
		print(to, word(count, place));
	}
}

static void milliseconds(FILE *to, uint64_t ms)
{
	fprintf(to, " %" PRIu64 ".%03" PRIu64 "\n", ms / 1000, ms % 1000);
}

static void print_files(FILE *to, const struct counts *counts)
{
	by_reason(to, counts, "snapshots_total", "counter",
		  "Snapshots that helpers wrote since the machine was started.",
		  offsetof(struct count, files), number);
	by_reason(to, counts, "snapshot_triggers_total", "counter",
		  "Triggers that these snapshots stand for, those that were deferred included.",
		  offsetof(struct count, triggers), number);
	by_reason(to, counts, "snapshot_bytes_total", "counter",
		  "Size of these snapshots together.",
		  offsetof(struct count, bytes), number);
	by_reason(to, counts, "snapshot_last_timestamp_seconds", "gauge",
		  "When the last one was written; 0: none was.",
		  offsetof(struct count, last), milliseconds);
	by_reason(to, counts, "snapshot_last_size_bytes", "gauge",
		  "Size of the last one.", offsetof(struct count, last_bytes), number);
	by_reason(to, counts, "snapshot_last_duration_seconds", "gauge",
		  "Time that the last one took, from reading the rings until it was on the disk; 0: it isn't known.",
		  offsetof(struct count, last_ns), seconds);
}

static void print_counts(FILE *to, const struct counts *given)
{
	static const char *const usual[] = {
		"oops", "panic", "reset", "probe", "level", "timer", "exit", "request",
	};
	struct counts counts = *given;
	size_t i;

	for (i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		counts_find(&counts, usual[i], usual[i]);
	print_files(to, &counts);
	single(to, "snapshot_failures_total", "counter",
	       "Attempts of helpers to write a file that came to nothing.",
	       counts.failed);
	single(to, "snapshot_failures_in_a_row", "gauge",
	       "Such attempts since a file could last be written.", counts.in_a_row);
	family(to, "snapshot_missed_events_total", "counter",
	       "Events that no timer or exit snapshot has, as they were overwritten before.");
	for (i = 0; i < TTLOG_NR_CHANNELS; i++) {
		fputs("ttlog_snapshot_missed_events_total", to);
		labels(to, "channel", channel_name(i), NULL, NULL);
		number(to, counts.overwritten[i]);
	}
}

void metrics_print(FILE *to, const struct metrics *metrics)
{
	print_module(to, metrics->info, metrics->rows->mono);
	print_rings(to, metrics->rows);
	print_filters(to, metrics->filters);
	print_counts(to, metrics->counts);
}
