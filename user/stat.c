// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "args.h"
#include "channels.h"
#include "cmd.h"
#include "device.h"
#include "event.h"
#include "levels.h"
#include "put.h"

/**
 * struct row - one ring, or the sum of all
 * @room: bytes of its blocks
 * @used: of these, how many hold something
 * @span: ns from its oldest time to now
 * @events: that can be read now
 * @ledger: as the module has it
 */
struct row {
	uint64_t room;
	uint64_t used;
	uint64_t span;
	uint64_t events;
	struct ttlog_ledger ledger;
};

/**
 * struct table - all rings
 * @rows: one each
 * @nr: entries of @rows
 * @total: their sum; its span is the shortest one
 */
struct table {
	struct row *rows;
	size_t nr;
	struct row total;
};

static int fill_row(struct device *device, const struct contents *contents,
		    const struct reader_ring *ring, struct row *row)
{
	row->ledger.cpu = ring->cpu;
	row->ledger.channel = ring->channel;
	if (ioctl(device->fd, TTLOG_IOC_LEDGER, &row->ledger))
		return device_failed("read a ledger");
	row->room = device_ring_room(device, ring->cpu, ring->channel);
	row->used = ring->position < row->room ? ring->position : row->room;
	row->span = contents->clocks.mono > ring->oldest ?
		    contents->clocks.mono - ring->oldest : 0;
	row->events = ring->nr_events;
	return EXIT_OK;
}

static void add_row(struct row *total, const struct row *row)
{
	int i;

	if (row->room && (!total->room || row->span < total->span))
		total->span = row->span;
	total->room += row->room;
	total->used += row->used;
	total->events += row->events;
	total->ledger.offered += row->ledger.offered;
	total->ledger.written += row->ledger.written;
	total->ledger.demoted += row->ledger.demoted;
	for (i = 0; i < TTLOG_NR_LOST; i++)
		total->ledger.lost[i] += row->ledger.lost[i];
}

static int fill_table(struct device *device, struct table *table)
{
	struct contents contents = { 0 };
	int status;
	size_t i;

	status = device_read(device, NULL, &contents);
	if (status)
		goto free_contents;
	table->rows = calloc(contents.nr + 1, sizeof(*table->rows));
	if (!table->rows) {
		warn("rings");
		status = EXIT_OTHER;
		goto free_contents;
	}
	for (i = 0; !status && i < contents.nr; i++) {
		status = fill_row(device, &contents, &contents.rings[i],
				  &table->rows[i]);
		add_row(&table->total, &table->rows[i]);
	}
	table->nr = i;
free_contents:
	contents_free(&contents);
	return status;
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

static void print_info(const struct ttlog_info *info)
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
	printf("levels    %s\n\n", *levels ? levels : "none");
}

static void print_text_table(const struct ttlog_info *info,
			     const struct table *table)
{
	char cpu[16];
	size_t i;

	print_info(info);
	printf("%-4s %-7s %10s %4s %9s %9s %10s %10s %8s %s\n", "CPU",
	       "CHANNEL", "BYTES", "FULL", "SECONDS", "EVENTS", "OFFERED",
	       "WRITTEN", "DEMOTED", "LOST");
	for (i = 0; i < table->nr; i++) {
		snprintf(cpu, sizeof(cpu), "%u", table->rows[i].ledger.cpu);
		print_row(&table->rows[i], cpu,
			  channel_name(table->rows[i].ledger.channel));
	}
	print_row(&table->total, "all", "all");
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

static void print_json_table(const struct ttlog_info *info,
			     const struct table *table)
{
	struct json_object *top = new_object(), *totals = new_object();
	struct json_object *rings = new_array(), *ring;
	const struct row *row;
	size_t i;

	put_info(top, info);
	for (i = 0; i < table->nr; i++) {
		row = &table->rows[i];
		ring = new_object();
		put_number(ring, "cpu", row->ledger.cpu);
		put_text(ring, "channel", channel_name(row->ledger.channel));
		put_row(ring, row);
		append(rings, ring);
	}
	put(top, "rings", rings);
	put_row(totals, &table->total);
	put(top, "totals", totals);
	json_print(top);
}

int cmd_stat(int argc, char **argv)
{
	static const struct argp_option list[] = {
		{ "json", 'j', NULL, 0, "Print one JSON object", 0 },
		{ 0 }
	};
	static const struct argp argp = {
		.options = list,
		.parser = json_parse,
		.doc = "Show rings, how full they are and how long they reach back, and what became of the events.",
	};
	struct table table = { 0 };
	struct device device;
	bool json = false;
	int status;

	args_parse(&argp, argc, argv, 0, &json);
	status = device_open(&device, O_RDONLY);
	if (status)
		return status;
	status = fill_table(&device, &table);
	if (!status && json)
		print_json_table(&device.info, &table);
	else if (!status)
		print_text_table(&device.info, &table);
	free(table.rows);
	device_close(&device);
	return status;
}
