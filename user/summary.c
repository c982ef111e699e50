// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each map has a table of its keys, with what takes their values, and to where.
 */
#include <stdlib.h>
#include <string.h>

#include "channels.h"
#include "summary.h"

/**
 * struct member - a key of a map
 * @key: its name
 * @take: reads its value
 * @offset: to there, in what the map is read into
 */
struct member {
	const char *key;
	int (*take)(struct decoder *in, void *to);
	size_t offset;
};

/* How many there are in a table. */
#define NR(table)	(sizeof(table) / sizeof((table)[0]))

/**
 * struct members - all that a map has
 * @list: one each
 * @nr: entries of @list
 * @needed: the first so many of @list have to be there
 * @other: takes the value of a key that isn't known, or NULL: it is left out
 */
struct members {
	const struct member *list;
	unsigned int nr;
	unsigned int needed;
	int (*other)(struct decoder *in, void *to);
};

static int take_number(struct decoder *in, void *to)
{
	return decode_uint(in, to, UINT64_MAX);
}

static int take_number32(struct decoder *in, void *to)
{
	return decode_uint(in, to, UINT32_MAX);
}

static int take_ns(struct decoder *in, void *to)
{
	return decode_uint(in, to, NSEC_PER_MSEC - 1);
}

/* Behind a gap a map may be there once more: what was read of it before is dropped. */
static int take_text(struct decoder *in, void *to)
{
	struct slice *slice = to;
	struct token token;
	char *copy;
	int err;

	err = decode_take(in, &token, TOKEN_TEXT, "a text is missing");
	if (err)
		return err;
	copy = malloc(token.text.len + 1);
	if (!copy)
		return decode_no_memory(in);
	memcpy(copy, token.text.ptr, token.text.len);
	copy[token.text.len] = '\0';
	free((char *)slice->ptr);
	*slice = (struct slice) { copy, token.text.len };
	return 0;
}

static int take_loss(struct decoder *in, void *to)
{
	struct summary_tally *tally = to;
	uint64_t lost;
	int err = take_number(in, &lost);

	if (!err)
		tally->lost_otherwise += lost;
	return err;
}

static int find(const struct members *members, struct slice key)
{
	unsigned int i;

	for (i = 0; i < members->nr; i++) {
		if (slice_is(key, members->list[i].key))
			return i;
	}
	return -1;
}

/* A key's value, by its key. @seen has a bit for each known one. */
static int take_value(struct decoder *in, const struct members *members,
		      struct slice key, void *to, uint32_t *seen)
{
	int i = find(members, key), err;

	if (i < 0)
		return members->other ? members->other(in, to) : decode_skip(in);
	if (*seen & 1u << i)
		return decode_malformed(in, "a map has a key twice");
	err = members->list[i].take(in, (char *)to + members->list[i].offset);
	if (!err)
		*seen |= 1u << i;
	return err;
}

static int take_map(struct decoder *in, const struct members *members, void *to)
{
	struct token map, key;
	uint32_t seen = 0;
	uint64_t i;
	int err;

	err = decode_take(in, &map, TOKEN_MAP, "a map is missing");
	for (i = 0; !err && i < map.count; i++) {
		err = decode_take(in, &key, TOKEN_TEXT, "a key is no text");
		if (!err)
			err = take_value(in, members, key.text, to, &seen);
	}
	if (!err && (seen | ~0u << members->needed) != ~0u)
		return decode_malformed(in, "a map lacks a key");
	return err;
}

static int take_kernel(struct decoder *in, void *to)
{
	static const struct member list[] = {
		{ "release", take_text, offsetof(struct summary, release) },
		{ "version", take_text, offsetof(struct summary, version) },
		{ "machine", take_text, offsetof(struct summary, machine) },
	};

	return take_map(in, &(struct members) { list, NR(list), NR(list), NULL }, to);
}

static int take_clocks(struct decoder *in, void *to)
{
	static const struct member list[] = {
		{ "mono", take_number, offsetof(struct summary, clocks.mono) },
		{ "boot", take_number, offsetof(struct summary, clocks.boot) },
		{ "real", take_number, offsetof(struct summary, clocks.real) },
	};

	return take_map(in, &(struct members) { list, NR(list), NR(list), NULL }, to);
}

static int take_since(struct decoder *in, void *to)
{
	static const struct member list[] = {
		{ "timestamp", take_number, offsetof(struct summary, since_ms) },
		{ "ns", take_ns, offsetof(struct summary, since_ns) },
		{ "mono", take_number, offsetof(struct summary, since_mono) },
	};

	return take_map(in, &(struct members) { list, NR(list), NR(list), NULL }, to);
}

static int take_versions(struct decoder *in, void *to)
{
	static const struct member list[] = {
		{ "program", take_text, offsetof(struct summary, program) },
		{ "abi_major", take_number32, offsetof(struct summary, abi_major) },
		{ "abi_minor", take_number32, offsetof(struct summary, abi_minor) },
		{ "layout", take_number32, offsetof(struct summary, layout) },
		{ "format", take_number32, offsetof(struct summary, format) },
	};

	return take_map(in, &(struct members) { list, NR(list), NR(list), NULL }, to);
}

static int take_lost(struct decoder *in, void *to)
{
	struct member list[TTLOG_NR_LOST];
	struct members members = { list, NR(list), NR(list), take_loss };
	unsigned int i;

	for (i = 0; i < TTLOG_NR_LOST; i++)
		list[i] = (struct member) {
			lost_name(i), take_number,
			offsetof(struct summary_tally, lost) + i * sizeof(uint64_t),
		};
	return take_map(in, &members, to);
}

/* More than a file has: of a version to come, or made up. */
static int skip_numbers(struct decoder *in, uint64_t nr)
{
	int err = 0;

	while (!err && nr--)
		err = decode_skip(in);
	return err;
}

static int take_numbers(struct decoder *in, void *to)
{
	struct summary_runs *runs = to;
	struct token numbers;
	size_t i;
	int err;

	err = decode_take(in, &numbers, TOKEN_ARRAY, "an array is missing");
	if (!err && (numbers.count % 2 || numbers.count > 2 * SNAPSHOT_RUNS))
		return skip_numbers(in, numbers.count);
	for (i = 0; !err && i < numbers.count / 2; i++) {
		err = take_number(in, &runs->list[i].first);
		if (!err)
			err = take_number(in, &runs->list[i].nr);
	}
	if (!err)
		runs->nr = numbers.count / 2;
	return err;
}

#define RING(field)	offsetof(struct summary_ring, field)

/* Those of a tally, which totals are, come first; then the others that are needed. */
#define TALLY_KEYS	7
#define RING_KEYS	(TALLY_KEYS + 5)

static const struct member ring_members[] = {
	{ "offered", take_number, RING(tally.offered) },
	{ "written", take_number, RING(tally.written) },
	{ "lost", take_lost, RING(tally) },
	{ "demoted", take_number, RING(tally.demoted) },
	{ "read", take_number, RING(tally.read) },
	{ "overwritten", take_number, RING(tally.overwritten) },
	{ "holes", take_number, RING(tally.holes) },
	{ "cpu", take_number32, RING(cpu) },
	{ "channel", take_text, RING(channel) },
	{ "from", take_number, RING(from) },
	{ "to", take_number, RING(to) },
	{ "oldest", take_number, RING(oldest) },
	{ "numbers", take_numbers, RING(numbers) },
};

static int take_totals(struct decoder *in, void *to)
{
	struct summary *summary = to;
	struct summary_ring all = { 0 };
	int err;

	err = take_map(in, &(struct members) { ring_members, TALLY_KEYS, TALLY_KEYS, NULL }, &all);
	summary->totals = all.tally;
	return err;
}

static int take_ring(struct decoder *in, struct summary *summary)
{
	static const struct members members = {
		ring_members, NR(ring_members), RING_KEYS, NULL,
	};
	struct summary_ring ring = { 0 };
	int err = take_map(in, &members, &ring);

	if (!err && summary->ring)
		summary->ring(summary->arg, &ring);
	free((char *)ring.channel.ptr);
	return err;
}

static int take_rings(struct decoder *in, void *to)
{
	struct token rings;
	uint64_t i;
	int err;

	err = decode_take(in, &rings, TOKEN_ARRAY, "an array is missing");
	for (i = 0; !err && i < rings.count; i++)
		err = take_ring(in, to);
	return err;
}

static int take_ledger(struct decoder *in, void *to)
{
	static const struct member list[] = {
		{ "rings", take_rings, 0 },
		{ "totals", take_totals, 0 },
	};

	return take_map(in, &(struct members) { list, NR(list), NR(list), NULL }, to);
}

#define TOP(field)	offsetof(struct summary, field)

static const struct member top[SUMMARY_KEYS] = {
	[SUMMARY_SERVICE] = { "service", take_text, TOP(service) },
	[SUMMARY_HOSTNAME] = { "hostname", take_text, TOP(hostname) },
	[SUMMARY_PID] = { "pid", take_number32, TOP(pid) },
	[SUMMARY_CREATED_AT] = { "created_at", take_text, TOP(created_at) },
	[SUMMARY_REASON] = { "reason", take_text, TOP(reason) },
	[SUMMARY_BOOT_ID] = { "boot_id", take_text, TOP(boot_id) },
	[SUMMARY_RECORDER_ID] = { "recorder_id", take_text, TOP(recorder_id) },
	[SUMMARY_KERNEL] = { "kernel", take_kernel, 0 },
	[SUMMARY_CLOCKS] = { "clocks", take_clocks, 0 },
	[SUMMARY_COMPLETE_SINCE] = { "complete_since", take_since, 0 },
	[SUMMARY_TRIGGER] = { "trigger", take_text, TOP(trigger) },
	[SUMMARY_STANDS_FOR] = { "stands_for", take_number, TOP(stands_for) },
	[SUMMARY_VERSIONS] = { "versions", take_versions, 0 },
	[SUMMARY_LEDGER] = { "ledger", take_ledger, 0 },
};

const char *summary_key_name(enum summary_key key)
{
	return top[key].key;
}

int summary_item(void *context, struct decoder *in, struct slice key)
{
	struct summary *summary = context;

	summary->items++;
	return take_value(in, &(struct members) { top, NR(top), NR(top), NULL }, key, summary,
			  &summary->has);
}

uint64_t summary_lost(const struct summary_tally *tally)
{
	uint64_t sum = tally->lost_otherwise;
	int i;

	for (i = 0; i < TTLOG_NR_LOST; i++)
		sum += tally->lost[i];
	return sum;
}

void summary_free(struct summary *summary)
{
	free((char *)summary->service.ptr);
	free((char *)summary->hostname.ptr);
	free((char *)summary->created_at.ptr);
	free((char *)summary->reason.ptr);
	free((char *)summary->boot_id.ptr);
	free((char *)summary->recorder_id.ptr);
	free((char *)summary->release.ptr);
	free((char *)summary->version.ptr);
	free((char *)summary->machine.ptr);
	free((char *)summary->trigger.ptr);
	free((char *)summary->program.ptr);
}
