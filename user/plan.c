// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "channels.h"
#include "plan.h"
#include "rows.h"
#include "sizing.h"

#define PARAMETERS	"/sys/module/ttlog/parameters/"
#define KEEP_SHARE	25	/* per cent, unless the parameter says otherwise */
#define PROBE_SHARE	15

/**
 * struct plan - what is known, and what it is made for
 * @layout: of this module
 * @demand: as it was measured
 * @held: what the rings hold as they are, of the CPU that is in @demand
 */
struct plan {
	struct layout layout;
	struct demand demand;
	struct held held;
};

/* What wasn't given there reads "(null)". */
static uint32_t read_share(const char *path, uint32_t otherwise)
{
	FILE *file = fopen(path, "re");
	uint32_t share = otherwise;

	if (!file)
		return otherwise;
	if (fscanf(file, "%" SCNu32, &share) != 1 || share < 5 || share > 90)
		share = otherwise;
	fclose(file);
	return share;
}

static void find_layout(struct layout *layout, const struct ttlog_info *info)
{
	layout->cpus = info->nr_cpus;
	layout->page_size = info->page_size;
	layout->block_size = info->block_size;
	layout->keep_share = read_share(PARAMETERS "keep_share", KEEP_SHARE);
	layout->probe_share = read_share(PARAMETERS "probe_share", PROBE_SHARE);
}

static void wait_for(unsigned int seconds)
{
	struct timespec rest = { .tv_sec = seconds };

	while (nanosleep(&rest, &rest) && errno == EINTR)
		;
}

static const struct row *find_row(const struct rows *rows, const struct row *like)
{
	static const struct row none;
	size_t i;

	for (i = 0; i < rows->nr; i++) {
		if (rows->rows[i].ledger.cpu == like->ledger.cpu &&
		    rows->rows[i].ledger.channel == like->ledger.channel)
			return &rows->rows[i];
	}
	return &none;
}

/* The ring that was filled fastest counts, of each channel. */
static void take_row(struct plan *plan, const struct row *row, const struct row *before)
{
	uint64_t bytes = row->filled - before->filled;
	struct rate *rate = &plan->demand.rates[row->ledger.channel];

	if (plan->held.bytes[row->ledger.channel] && bytes <= rate->bytes)
		return;
	rate->cpu = row->ledger.cpu;
	rate->bytes = bytes;
	rate->events = row->ledger.written - before->ledger.written;
	plan->held.bytes[row->ledger.channel] = row->holds;
}

static void take_rows(struct plan *plan, const struct rows *rows,
		      const struct rows *before)
{
	size_t i;

	plan->demand.ns = rows->mono > before->mono ? rows->mono - before->mono : 1;
	for (i = 0; i < rows->nr; i++) {
		if (rows->rows[i].holds &&
		    rows->rows[i].ledger.channel < TTLOG_NR_CHANNELS)
			take_row(plan, &rows->rows[i],
				 find_row(before, &rows->rows[i]));
	}
}

static int measure(struct device *device, unsigned int seconds, struct plan *plan)
{
	struct rows before = { .mono = device->info.created }, rows = { 0 };
	int status = EXIT_OK;

	if (seconds) {
		status = rows_read(device, true, &before);
		if (!status)
			wait_for(seconds);
	}
	if (!status)
		status = rows_read(device, true, &rows);
	if (!status)
		take_rows(plan, &rows, &before);
	rows_free(&rows);
	rows_free(&before);
	return status;
}

static void print_span(uint64_t span, int width)
{
	if (span == SIZING_IDLE)
		printf(" %*s", width, "idle");
	else
		printf(" %*.1f", width, (double)span / NSEC_PER_SEC);
}

static void print_rate(const struct plan *plan, uint32_t channel)
{
	const struct rate *rate = &plan->demand.rates[channel];
	double seconds = (double)plan->demand.ns / NSEC_PER_SEC;
	char each[32] = "-";

	if (!plan->held.bytes[channel])
		return;
	if (rate->events)
		snprintf(each, sizeof(each), "%.1f", (double)rate->bytes / rate->events);
	printf("%-7s %4u %10.1f %12.1f %11s %11" PRIu64, channel_name(channel),
	       rate->cpu, rate->events / seconds, rate->bytes / seconds, each,
	       plan->held.bytes[channel]);
	print_span(sizing_span(&plan->demand, channel, plan->held.bytes[channel]), 11);
	putchar('\n');
}

static void print_measured(const struct plan *plan)
{
	uint32_t shortest = sizing_shortest(&plan->demand, &plan->held, true);
	uint32_t i;

	printf("measured  %.1f s; of each channel the CPU that fills its ring fastest\n",
	       (double)plan->demand.ns / NSEC_PER_SEC);
	if (shortest == TTLOG_NR_CHANNELS)
		puts("shortest  none, as nothing was written\n");
	else
		printf("shortest  %s of CPU %u\n\n", channel_name(shortest),
		       plan->demand.rates[shortest].cpu);
	printf("%-7s %4s %10s %12s %11s %11s %11s\n", "CHANNEL", "CPU", "EVENTS/S",
	       "BYTES/S", "BYTES/EVENT", "HOLDS BYTES", "SECONDS");
	for (i = 0; i < TTLOG_NR_CHANNELS; i++)
		print_rate(plan, i);
}

/* In the largest unit that leaves none over. */
static const char *size_text(char *text, size_t size, uint64_t bytes)
{
	static const char units[] = "KMG";
	size_t unit = 0;

	for (bytes >>= 10; unit < 2 && bytes && !(bytes & 1023); bytes >>= 10)
		unit++;
	snprintf(text, size, "%" PRIu64 "%c", bytes, units[unit]);
	return text;
}

static void print_memory(const struct plan *plan, uint64_t memory)
{
	struct held held = { 0 };
	uint32_t i, shortest;
	char text[32];

	if (!sizing_held(&plan->layout, memory, &held))
		return;
	printf("%-7s", size_text(text, sizeof(text), memory));
	for (i = 0; i < TTLOG_NR_CHANNELS; i++)
		print_span(sizing_span(&plan->demand, i, held.bytes[i]), 11);
	shortest = sizing_shortest(&plan->demand, &held, true);
	printf(" %s\n", shortest < TTLOG_NR_CHANNELS ? channel_name(shortest) : "-");
}

static void print_memories(const struct plan *plan)
{
	uint64_t memory;
	uint32_t i;

	printf("\nseconds that are held at least with the module's parameter memory:\n%-7s",
	       "MEMORY");
	for (i = 0; i < TTLOG_NR_CHANNELS; i++)
		printf(" %11s", channel_name(i));
	puts(" SHORTEST");
	for (memory = 16 << 20; memory <= 4ULL << 30; memory *= 4)
		print_memory(plan, memory);
}

/* The kernel's log has a parameter of its own, whose default may do. */
static void print_klog(const struct plan *plan, uint64_t span, uint64_t memory)
{
	struct held held = { 0 };
	uint64_t size;
	char text[32];

	if (sizing_held(&plan->layout, memory, &held) &&
	    sizing_span(&plan->demand, TTLOG_KLOG, held.bytes[TTLOG_KLOG]) >= span)
		return;
	size = sizing_klog(&plan->layout, &plan->demand, span);
	if (size)
		printf(" klog_size=%s", size_text(text, sizeof(text), size));
	else
		printf(", and klog_size=%s isn't enough",
		       size_text(text, sizeof(text), SIZING_KLOG_MAX));
}

static void print_recommended(const struct plan *plan, unsigned int seconds)
{
	uint64_t span = seconds * NSEC_PER_SEC;
	uint64_t memory = sizing_memory(&plan->layout, &plan->demand, span);
	char text[32];

	printf("%-7u", seconds);
	if (!memory) {
		memory = plan->layout.cpus * SIZING_CPU_MAX;
		printf(" memory=%s isn't enough", size_text(text, sizeof(text), memory));
	} else {
		printf(" memory=%s", size_text(text, sizeof(text), memory));
		print_klog(plan, span, memory);
	}
	putchar('\n');
}

int plan_print(struct device *device, unsigned int seconds, unsigned int span)
{
	static const unsigned int usual[] = { 60, 600, 3600 };
	struct plan plan = { 0 };
	size_t i;
	int status;

	find_layout(&plan.layout, &device->info);
	status = measure(device, seconds, &plan);
	if (status)
		return status;
	print_measured(&plan);
	print_memories(&plan);
	printf("\nparameters with which all of that time is held:\n%-7s PARAMETERS\n",
	       "SECONDS");
	for (i = 0; i < sizeof(usual) / sizeof(usual[0]) && !span; i++)
		print_recommended(&plan, usual[i]);
	if (span)
		print_recommended(&plan, span);
	return EXIT_OK;
}
