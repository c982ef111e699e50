// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "channels.h"
#include "encode.h"
#include "levels.h"
#include "snapshot.h"
#include "text.h"
#include "utf8.h"
#include "version.h"

/* Pairs of the top map: the seed's six, and those of encode_tail() without filters. */
#define HEAD_PAIRS	6
#define TAIL_PAIRS	9

/* Events between two signs of life. */
#define ALIVE_EVENTS	1024

void snapshot_stamp(char *to, uint64_t real)
{
	time_t seconds = real / NSEC_PER_SEC;
	struct tm tm = { 0 };

	gmtime_r(&seconds, &tm);
	strftime(to, SNAPSHOT_STAMP, "%Y%m%d%H%M%S", &tm);
}

static void pair_uint(struct encoder *out, const char *key, uint64_t value)
{
	encode_name(out, key);
	encode_uint(out, value);
}

void snapshot_recorder_id(char *to, const uint8_t *id)
{
	int i;

	for (i = 0; i < 16; i++)
		sprintf(to + 2 * i, "%02x", id[i]);
}

/* A text that need not be UTF-8, as a hostname, of at most 255 bytes. */
static void pair_text(struct encoder *out, const char *key, const char *value)
{
	size_t len = strnlen(value, 255);
	char clean[UTF8_EXPANSION * 255];

	encode_name(out, key);
	encode_text(out, clean, utf8_replace(clean, value, len));
}

static int encode_head(struct encoder *out, const struct snapshot *snapshot)
{
	char created[SNAPSHOT_STAMP];
	size_t i, events = 0;
	int err;

	for (i = 0; i < snapshot->nr_rings; i++)
		events += snapshot->rings[i].nr_events;
	snapshot_stamp(created, snapshot->clocks.real);

	encode_map(out, HEAD_PAIRS + TAIL_PAIRS + !!snapshot->filters.nr);
	pair_text(out, "service", snapshot->service);
	pair_text(out, "hostname", snapshot->kernel.nodename);
	pair_uint(out, "pid", snapshot->pid);
	pair_text(out, "created_at", created);
	pair_text(out, "reason", snapshot->reason);
	encode_name(out, "events");
	encode_array(out, events);
	err = encode_unit(out);
	return err ? err : encode_flush(out);
}

static int encode_events(struct encoder *out, const struct snapshot *snapshot)
{
	struct merged merged;
	struct event event;
	struct merge merge;
	size_t nr = 0;
	int err;

	err = event_init(&event);
	if (err)
		return err;
	err = merge_init(&merge, snapshot->rings, snapshot->nr_rings,
			 &snapshot->clocks);
	if (err)
		goto free_event;
	while (!err && merge_next(&merge, &merged)) {
		err = event_from_slot(&event, merged.event, snapshot->names);
		if (err)
			break;
		event.time = merged.time;
		event_set_ring(&event, merged.ring);
		if (snapshot->alive && !(nr++ % ALIVE_EVENTS))
			snapshot->alive();
		err = encode_event(out, &event);
	}
	merge_free(&merge);
free_event:
	event_free(&event);
	return err ? err : encode_flush(out);
}

static void encode_kernel(struct encoder *out, const struct utsname *kernel)
{
	encode_name(out, "kernel");
	encode_map(out, 3);
	pair_text(out, "release", kernel->release);
	pair_text(out, "version", kernel->version);
	pair_text(out, "machine", kernel->machine);
}

static void encode_clocks(struct encoder *out, const struct clocks *clocks)
{
	encode_name(out, "clocks");
	encode_map(out, 3);
	pair_uint(out, "mono", clocks->mono);
	pair_uint(out, "boot", clocks->boot);
	pair_uint(out, "real", clocks->real);
}

/* Before this time some ring may lack events. */
static void encode_complete_since(struct encoder *out,
				  const struct snapshot *snapshot)
{
	const struct clocks *clocks = &snapshot->clocks;
	uint64_t mono = snapshot->nr_rings ? 0 : clocks->mono;
	uint64_t wall;
	size_t i;

	for (i = 0; i < snapshot->nr_rings; i++) {
		if (snapshot->rings[i].oldest > mono)
			mono = snapshot->rings[i].oldest;
	}
	wall = merge_wall(clocks, mono, clocks->boot - clocks->mono);
	encode_name(out, "complete_since");
	encode_map(out, 3);
	pair_uint(out, "timestamp", wall / NSEC_PER_MSEC);
	pair_uint(out, "ns", wall % NSEC_PER_MSEC);
	pair_uint(out, "mono", mono);
}

static void encode_versions(struct encoder *out,
			    const struct snapshot *snapshot)
{
	encode_name(out, "versions");
	encode_map(out, 5);
	pair_text(out, "program", TTLOG_VERSION);
	pair_uint(out, "abi_major", snapshot->abi_major);
	pair_uint(out, "abi_minor", snapshot->abi_minor);
	pair_uint(out, "layout", snapshot->layout);
	pair_uint(out, "format", SNAPSHOT_FORMAT);
}

/* Where a value is neither as for all nor @nor. */
static uint32_t levels_with(const uint32_t *values, uint32_t nor)
{
	uint32_t levels = 0;
	int i;

	for (i = 0; i < LEVELS; i++)
		levels |= (uint32_t)(values[i] != TTLOG_FILTER_INHERIT && values[i] != nor) << i;
	return levels;
}

/* No limit has no number. */
static void encode_numbers(struct encoder *out, const char *key, uint32_t levels,
			   const uint32_t *values)
{
	int i;

	encode_name(out, key);
	encode_map(out, __builtin_popcount(levels));
	for (i = 0; i < LEVELS; i++) {
		if (!(levels >> i & 1))
			continue;
		encode_name(out, level_name(i));
		if (values[i] == TTLOG_FILTER_NO_LIMIT)
			encode_null(out);
		else
			encode_uint(out, values[i]);
	}
}

static void encode_recorded(struct encoder *out, const struct ttlog_filter *filter)
{
	uint32_t levels = filter->levels & LEVELS_ALL;
	int i;

	encode_name(out, "levels");
	encode_map(out, __builtin_popcount(levels));
	for (i = 0; i < LEVELS; i++) {
		if (!(levels >> i & 1))
			continue;
		encode_name(out, level_name(i));
		encode_bool(out, filter->record >> i & 1);
	}
}

/* What it doesn't say of a level isn't there. */
static void encode_filter(struct encoder *out, const struct ttlog_filter *filter)
{
	int cause;

	encode_map(out, 5 + !!*filter->service);
	if (*filter->service)
		pair_text(out, "service", filter->service);
	encode_recorded(out, filter);
	encode_numbers(out, "sample", levels_with(filter->sample, TTLOG_FILTER_INHERIT),
		       filter->sample);
	encode_numbers(out, "rate", levels_with(filter->rate, TTLOG_FILTER_INHERIT),
		       filter->rate);
	encode_numbers(out, "burst", levels_with(filter->rate, TTLOG_FILTER_NO_LIMIT),
		       filter->burst);
	encode_name(out, "lost");
	encode_map(out, TTLOG_LOST_LIMITED + 1);
	for (cause = 0; cause <= TTLOG_LOST_LIMITED; cause++)
		pair_uint(out, lost_name(cause), filter->lost[cause]);
}

/* Of the unit they take some 36,000 bytes at most, of a filter 565. */
static void encode_filters(struct encoder *out, const struct recorded *filters)
{
	size_t i;

	if (!filters->nr)
		return;
	encode_name(out, "filters");
	encode_array(out, filters->nr);
	for (i = 0; i < filters->nr; i++)
		encode_filter(out, &filters->filters[i]);
}

/**
 * struct tally - a ring's ledger, or the sum of several
 */
struct tally {
	uint64_t written;
	uint64_t lost[TTLOG_NR_LOST];
	uint64_t demoted;
	uint64_t read;
	uint64_t overwritten;
	uint64_t holes;
};

static void tally_add(struct tally *tally, const struct reader_ring *ring)
{
	int i;

	tally->written += ring->to;
	for (i = 0; i < TTLOG_NR_LOST; i++)
		tally->lost[i] += ring->lost[i];
	tally->demoted += ring->demoted;
	tally->read += ring->nr_events;
	tally->overwritten += ring->overwritten;
	tally->holes += ring->holes;
}

#define TALLY_PAIRS	7

static void encode_tally(struct encoder *out, const struct tally *tally)
{
	uint64_t offered = tally->written;
	int i;

	for (i = 0; i < TTLOG_NR_LOST; i++)
		offered += tally->lost[i];
	pair_uint(out, "offered", offered);
	pair_uint(out, "written", tally->written);
	encode_name(out, "lost");
	encode_map(out, TTLOG_NR_LOST);
	for (i = 0; i < TTLOG_NR_LOST; i++)
		pair_uint(out, lost_name(i), tally->lost[i]);
	pair_uint(out, "demoted", tally->demoted);
	pair_uint(out, "read", tally->read);
	pair_uint(out, "overwritten", tally->overwritten);
	pair_uint(out, "holes", tally->holes);
}

/* Does an event go on where the one before it ends? */
static bool continues(const struct reader_ring *ring, size_t i)
{
	return i && ring->events[i].number == ring->events[i - 1].number + 1;
}

static size_t count_runs(const struct reader_ring *ring)
{
	size_t i, nr = 0;

	for (i = 0; i < ring->nr_events; i++)
		nr += !continues(ring, i);
	return nr;
}

/* Holes, and what was overwritten meanwhile, are between them. */
static void encode_runs(struct encoder *out, const struct reader_ring *ring, size_t runs)
{
	size_t i, begin = 0;

	encode_name(out, "numbers");
	encode_array(out, 2 * runs);
	for (i = 1; i <= ring->nr_events; i++) {
		if (i < ring->nr_events && continues(ring, i))
			continue;
		encode_uint(out, ring->events[begin].number);
		encode_uint(out, i - begin);
		begin = i;
	}
}

static int encode_ring(struct encoder *out, const struct reader_ring *ring)
{
	struct tally tally = { 0 };
	size_t runs = count_runs(ring);

	tally_add(&tally, ring);
	encode_map(out, TALLY_PAIRS + 5 + (runs <= SNAPSHOT_RUNS));
	pair_uint(out, "cpu", ring->cpu);
	pair_text(out, "channel", channel_name(ring->channel));
	encode_tally(out, &tally);
	pair_uint(out, "from", ring->from);
	pair_uint(out, "to", ring->to);
	pair_uint(out, "oldest", ring->oldest);
	if (runs <= SNAPSHOT_RUNS)
		encode_runs(out, ring, runs);
	return encode_unit(out);
}

static int encode_ledger(struct encoder *out, const struct snapshot *snapshot)
{
	struct tally total = { 0 };
	size_t i;
	int err;

	encode_name(out, "ledger");
	encode_map(out, 2);
	encode_name(out, "rings");
	encode_array(out, snapshot->nr_rings);
	err = encode_unit(out);
	for (i = 0; !err && i < snapshot->nr_rings; i++) {
		tally_add(&total, &snapshot->rings[i]);
		err = encode_ring(out, &snapshot->rings[i]);
	}
	if (err)
		return err;
	encode_name(out, "totals");
	encode_map(out, TALLY_PAIRS);
	encode_tally(out, &total);
	return encode_unit(out);
}

static int encode_tail(struct encoder *out, const struct snapshot *snapshot)
{
	char recorder_id[SNAPSHOT_RECORDER_ID];
	int err;

	snapshot_recorder_id(recorder_id, snapshot->recorder_id);
	pair_text(out, "boot_id", snapshot->boot_id);
	pair_text(out, "recorder_id", recorder_id);
	encode_kernel(out, &snapshot->kernel);
	encode_clocks(out, &snapshot->clocks);
	encode_complete_since(out, snapshot);
	pair_text(out, "trigger", snapshot->trigger);
	pair_uint(out, "stands_for", snapshot->count);
	encode_versions(out, snapshot);
	encode_filters(out, &snapshot->filters);
	err = encode_ledger(out, snapshot);
	return err ? err : encode_flush(out);
}

int snapshot_write(const struct snapshot *snapshot, int fd)
{
	struct encoder *out = malloc(sizeof(*out));
	struct frame frame;
	int err;

	if (!out)
		return -ENOMEM;
	err = frame_begin(&frame, fd);
	if (err)
		goto free_encoder;
	encode_init(out, &frame);
	err = encode_head(out, snapshot);
	if (!err)
		err = encode_events(out, snapshot);
	if (!err)
		err = encode_tail(out, snapshot);
	if (!err)
		err = frame_end(&frame);
	frame_free(&frame);
free_encoder:
	free(out);
	return err;
}
