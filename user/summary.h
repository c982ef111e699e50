/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a snapshot says beside its events, as numbers and texts.
 */
#ifndef TTLOG_SUMMARY_H
#define TTLOG_SUMMARY_H

#include "decode.h"
#include "merge.h"
#include "snapshot.h"

/**
 * struct summary_tally - a ring's ledger, or that of several
 * @offered: events
 * @written: of these, in the ring
 * @lost: of these, not in the ring, by cause
 * @lost_otherwise: likewise, of causes that this program doesn't know
 * @demoted: of @written: from keep's levels to flow
 * @read: of @written: in the file
 * @overwritten: of @written: gone before it
 * @holes: of @written: never committed, or not yet
 */
struct summary_tally {
	uint64_t offered;
	uint64_t written;
	uint64_t lost[TTLOG_NR_LOST];
	uint64_t lost_otherwise;
	uint64_t demoted;
	uint64_t read;
	uint64_t overwritten;
	uint64_t holes;
};

/**
 * struct summary_runs - which of a ring's events the file has
 * @nr: entries of @list; 0 where that isn't said, or there are none
 * @list: runs: number of the first one, and so many one after another
 */
struct summary_runs {
	size_t nr;
	struct {
		uint64_t first;
		uint64_t nr;
	} list[SNAPSHOT_RUNS];
};

/**
 * struct summary_ring - a ring's ledger
 * @tally: its numbers
 * @cpu: of the ring
 * @channel: of the ring; as long as the call that it is given to
 * @from: number of the first event that the file is about
 * @to: number after its last
 * @oldest: mono; nothing later was overwritten
 * @numbers: of the events that the file has
 */
struct summary_ring {
	struct summary_tally tally;
	uint64_t cpu;
	struct slice channel;
	uint64_t from;
	uint64_t to;
	uint64_t oldest;
	struct summary_runs numbers;
};

/* The keys of the top map, but "events", in the order of the specification. */
enum summary_key {
	SUMMARY_SERVICE,
	SUMMARY_HOSTNAME,
	SUMMARY_PID,
	SUMMARY_CREATED_AT,
	SUMMARY_REASON,
	SUMMARY_BOOT_ID,
	SUMMARY_RECORDER_ID,
	SUMMARY_KERNEL,
	SUMMARY_CLOCKS,
	SUMMARY_COMPLETE_SINCE,
	SUMMARY_TRIGGER,
	SUMMARY_STANDS_FOR,
	SUMMARY_VERSIONS,
	SUMMARY_LEDGER,
	SUMMARY_KEYS,
};

/**
 * struct summary - what was said; as ttlog-snapshot(5) has it
 * @has: bit N: the key N of enum summary_key was there, and is good
 * @items: keys of the top map that were there, known or not, but "events"
 * @ring: called for each ring of the ledger, or NULL
 * @arg: for @ring
 *
 * Texts may have any character, also a NUL, and have at most EVENT_MAX bytes; a NUL
 * stands behind them.
 */
struct summary {
	uint32_t has;
	unsigned int items;
	struct slice service;
	struct slice hostname;
	uint64_t pid;
	struct slice created_at;
	struct slice reason;
	struct slice boot_id;
	struct slice recorder_id;
	struct slice release;
	struct slice version;
	struct slice machine;
	struct clocks clocks;
	uint64_t since_ms;
	uint64_t since_ns;
	uint64_t since_mono;
	struct slice trigger;
	uint64_t stands_for;
	struct slice program;
	uint64_t abi_major;
	uint64_t abi_minor;
	uint64_t layout;
	uint64_t format;
	struct summary_tally totals;
	void (*ring)(void *arg, const struct summary_ring *ring);
	void *arg;
};

/* Is this key among what was said? */
static inline bool summary_has(const struct summary *summary, enum summary_key key)
{
	return summary->has & 1u << key;
}

/* Its name. */
const char *summary_key_name(enum summary_key key);

/**
 * summary_item() - for struct decode_sink.item
 * @context: a struct summary, which is zero at first
 *
 * A key that is there twice is malformed, and so is a map in a known key's value that
 * lacks one of its own which isn't optional.
 */
int summary_item(void *context, struct decoder *in, struct slice key);

/* All lost events of a tally; it may be more than 2^64, of which the rest is given. */
uint64_t summary_lost(const struct summary_tally *tally);

void summary_free(struct summary *summary);

#endif
