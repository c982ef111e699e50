/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the helper can be told: by a key of its files, as ttlogd.conf(5) describes, or by
 * an option.
 */
#ifndef TTLOG_KEY_H
#define TTLOG_KEY_H

#include <stdbool.h>
#include <stdint.h>

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

/**
 * struct key - one
 * @name: in a file
 * @of_reason: it may be given for one reason as well
 * @otherwise: its value where nobody gives one
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

/* Return: a key's id, or NR_KEYS. */
enum key_id key_find(const char *name);

/**
 * key_like() - which key may have been meant?
 * @of_reason: only those that may be given for a reason
 *
 * Return: the name that is most like this one; NULL: none is.
 */
const char *key_like(const char *name, bool of_reason);

#endif
