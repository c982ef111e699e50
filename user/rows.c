// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "rows.h"

static int fill(struct device *device, const struct contents *contents,
		const struct reader_ring *ring, struct row *row)
{
	row->ledger.cpu = ring->cpu;
	row->ledger.channel = ring->channel;
	if (ioctl(device->fd, TTLOG_IOC_LEDGER, &row->ledger))
		return device_failed("read a ledger");
	row->room = device_ring_room(device, ring->cpu, ring->channel);
	row->used = ring->position < row->room ? ring->position : row->room;
	row->filled = ring->position;
	row->holds = ring->holds;
	row->span = contents->clocks.mono > ring->oldest ?
		    contents->clocks.mono - ring->oldest : 0;
	row->events = ring->nr_events;
	row->overwritten = ring->overwritten;
	return EXIT_OK;
}

static int fill_all(struct device *device, const struct contents *contents,
		    struct rows *rows)
{
	int status = EXIT_OK;
	size_t i;

	rows->rows = calloc(contents->nr + 1, sizeof(*rows->rows));
	if (!rows->rows) {
		warn("rings");
		return EXIT_OTHER;
	}
	for (i = 0; !status && i < contents->nr; i++)
		status = fill(device, contents, &contents->rings[i],
			      &rows->rows[i]);
	rows->nr = i;
	rows->mono = contents->clocks.mono;
	return status;
}

static void choose_heads(void *arg, uint32_t cpu, uint32_t channel,
			 struct reader_range *range)
{
	(void)arg;
	(void)cpu;
	(void)channel;
	range->heads = true;
}

int rows_read(struct device *device, bool heads, struct rows *rows)
{
	static const struct wanted wanted = { .choose = choose_heads };
	struct contents contents = { 0 };
	int status;

	memset(rows, 0, sizeof(*rows));
	status = device_read(device, heads ? &wanted : NULL, &contents);
	if (!status)
		status = fill_all(device, &contents, rows);
	contents_free(&contents);
	return status;
}

void rows_free(struct rows *rows)
{
	free(rows->rows);
}

void row_add(struct row *sum, const struct row *row)
{
	int i;

	if (row->room && (!sum->room || row->span < sum->span))
		sum->span = row->span;
	sum->room += row->room;
	sum->used += row->used;
	sum->filled += row->filled;
	sum->holds += row->holds;
	sum->events += row->events;
	sum->overwritten += row->overwritten;
	sum->ledger.offered += row->ledger.offered;
	sum->ledger.written += row->ledger.written;
	sum->ledger.demoted += row->ledger.demoted;
	for (i = 0; i < TTLOG_NR_LOST; i++)
		sum->ledger.lost[i] += row->ledger.lost[i];
}
