// SPDX-License-Identifier: GPL-2.0-only
/* Metrics of what no device tells: the largest numbers, names that need escapes. */
#include <stdlib.h>
#include <string.h>

#include "metrics.h"
#include "tap.h"

static char *text;

static void print(const struct metrics *metrics)
{
	size_t len;
	FILE *to;

	free(text);
	to = open_memstream(&text, &len);
	metrics_print(to, metrics);
	fclose(to);
}

static void has(const char *line)
{
	if (!tap_ok(strstr(text, line), "%.*s", (int)strcspn(line, "\n"), line))
		printf("# %s\n", text);
}

int main(void)
{
	struct ttlog_info info = { .abi_major = 1, .abi_minor = 4, .layout = 2 };
	struct counts counts = { .failed = UINT64_MAX };
	struct row row[3] = { 0 };
	struct rows rows = { .rows = row, .nr = 3, .mono = UINT64_MAX };
	struct recorded filters = { .nr = 2 };
	struct metrics metrics = { &info, &rows, &counts, &filters };

	/* Of one the memory is missing. */
	row[0].ledger = (struct ttlog_ledger) { .cpu = 0, .channel = TTLOG_PROBE };
	row[0].ledger.lost[TTLOG_LOST_NO_RING] = 5;
	row[1].ledger = (struct ttlog_ledger) { .cpu = 1, .channel = TTLOG_PROBE };
	row[1].room = 1;
	row[1].span = 2000000001;
	row[1].filled = UINT64_MAX - 1;
	row[2].ledger = (struct ttlog_ledger) { .cpu = 2, .channel = TTLOG_PROBE };
	row[2].ledger.lost[TTLOG_LOST_NO_RING] = 1;
	row[2].room = 2;
	row[2].span = 2000000000;
	row[2].filled = 1;
	strcpy(counts.of[0].trigger, "a\\b");
	strcpy(counts.of[0].reason, "c\"d\ne\xc3\xa9");
	counts.of[0].last = UINT64_MAX;
	counts.of[0].last_ns = UINT64_MAX;
	counts.nr = 1;
	strcpy(filters.filters[1].service, "a\"b\\{},");
	filters.filters[1].lost[TTLOG_LOST_LIMITED] = UINT64_MAX;
	print(&metrics);
	has("\nttlog_uptime_seconds 18446744073.709551615\n");
	has("\nttlog_ring_bytes{channel=\"probe\"} 3\n");
	has("\nttlog_ring_span_seconds{channel=\"probe\"} 2.000000000\n");
	tap_ok(!strstr(text, "ttlog_ring_span_seconds{channel=\"keep\""),
	       "where no ring has memory none has a span");
	has("\nttlog_ring_filled_bytes_total{channel=\"probe\"} 18446744073709551615\n");
	has("\nttlog_events_lost_total{channel=\"probe\",cause=\"no_ring\"} 6\n");
	has("\nttlog_filter_events_lost_total{service=\"\",cause=\"sampled\"} 0\n");
	has("\nttlog_filter_events_lost_total{service=\"a\\\"b\\\\{},\",cause=\"limited\"} 18446744073709551615\n");
	has("\nttlog_snapshots_total{trigger=\"a\\\\b\",reason=\"c\\\"d\\ne\xc3\xa9\"} 0\n");
	has("\nttlog_snapshot_last_timestamp_seconds{trigger=\"a\\\\b\",reason=\"c\\\"d\\ne\xc3\xa9\"} 18446744073709551.615\n");
	has("\nttlog_snapshot_failures_total 18446744073709551615\n");
	/* No room for those that are always there. */
	for (counts.nr = 0; counts.nr < COUNTS_MAX; counts.nr++) {
		sprintf(counts.of[counts.nr].trigger, "t%zu", counts.nr);
		strcpy(counts.of[counts.nr].reason, "r");
	}
	print(&metrics);
	has("\nttlog_snapshots_total{trigger=\"t95\",reason=\"r\"} 0\n# HELP");
	free(text);
	return tap_done();
}
