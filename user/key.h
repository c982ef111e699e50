/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the helper can be told: by a key of its files, as ttlogd.conf(5) describes, or by
 * an option.
 */
#ifndef TTLOG_KEY_H
#define TTLOG_KEY_H

#include <stdbool.h>
#include <stdint.h>
#include <ttlog.h>

enum key_id {
	KEY_FOLDER,
	KEY_TIMER,
	KEY_SERVICE,
	KEY_KEEP_FILES,
	KEY_KEEP_BYTES,
	KEY_KEEP_AGE,
	KEY_KEEP_FREE,
	KEY_HOOK,
	KEY_HOOK_TIMEOUT,
	NR_KEYS
};

/* In the number of a KEY_KEEP_FREE: the rest of it is per cent. */
#define KEY_PER_CENT	(1ULL << 63)

/* In a section of a filter: what it says of all levels, and then of each. */
enum filter_key_id {
	FILTER_KEY_LEVELS,
	FILTER_KEY_SAMPLE,
	FILTER_KEY_RATE,
	FILTER_KEY_SAMPLE_OF,
	FILTER_KEY_RATE_OF = FILTER_KEY_SAMPLE_OF + TTLOG_NR_LEVELS,
	NR_FILTER_KEYS = FILTER_KEY_RATE_OF + TTLOG_NR_LEVELS
};

/* The number of each that is as for all. */
#define FILTER_KEY_INHERIT	UINT64_MAX

/* Of a rate the number is two: events a second, and at once. */
#define KEY_RATE(number)	((uint32_t)((number) >> 32))
#define KEY_BURST(number)	((uint32_t)(number))

/* In [share]. */
enum share_key_id {
	SHARE_KEY_RATE,
	NR_SHARE_KEYS
};

/**
 * struct key - one
 * @name: in a file
 * @of_reason: it may be given for one reason as well
 * @otherwise: its value where nobody gives one; NULL: there is none
 * @accepted: which values are, for messages
 * @parse: sets the number that a text stands for, if any; false: it isn't accepted
 */
struct key {
	const char *name;
	bool of_reason;
	const char *otherwise;
	const char *accepted;
	bool (*parse)(const char *text, uint64_t *number);
};

extern const struct key keys[NR_KEYS];
extern const struct key filter_keys[NR_FILTER_KEYS];
extern const struct key share_keys[NR_SHARE_KEYS];

/**
 * struct key_table - those that a section may have
 * @keys: by id
 * @nr: of them
 */
struct key_table {
	const struct key *keys;
	int nr;
};

/* Return: a key's id, or @table->nr. */
int key_find(const struct key_table *table, const char *name);

/**
 * key_like() - which key may have been meant?
 * @of_reason: only those that may be given for a reason
 *
 * Return: the name that is most like this one; NULL: none is.
 */
const char *key_like(const struct key_table *table, const char *name, bool of_reason);

#endif
