// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "distance.h"
#include "folder.h"
#include "key.h"
#include "size.h"

#define TIMER_MAX	86400	/* s */
#define SERVICE_MAX	63	/* bytes */

static bool parse_path(const char *text, uint64_t *number)
{
	(void)number;
	return *text == '/';
}

static bool parse_timer(const char *text, uint64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoul(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && !errno &&
	       *number <= TIMER_MAX;
}

static bool parse_service(const char *text, uint64_t *number)
{
	(void)number;
	return *text && strlen(text) <= SERVICE_MAX;
}

static bool parse_bytes(const char *text, uint64_t *number)
{
	return !size_parse(text, number);
}

const struct key keys[NR_KEYS] = {
	[KEY_FOLDER] = {
		.name = "folder",
		.otherwise = FOLDER_DEFAULT,
		.accepted = "the absolute path of a folder is accepted",
		.parse = parse_path,
	},
	[KEY_TIMER] = {
		.name = "timer",
		.otherwise = "60",
		.accepted = "1 to 86400 seconds are accepted, or 0 for none",
		.parse = parse_timer,
	},
	[KEY_SERVICE] = {
		.name = "service",
		.otherwise = DESCRIBE_SERVICE,
		.accepted = "a name of 1 to 63 bytes is accepted",
		.parse = parse_service,
	},
	[KEY_KEEP_BYTES] = {
		.name = "keep_bytes",
		.otherwise = "1G",
		.accepted = "a number of bytes is accepted, with K, M, G or T as a unit or without, or 0 for no limit",
		.parse = parse_bytes,
	},
};

enum key_id key_find(const char *name)
{
	int i = 0;

	while (i < NR_KEYS && strcmp(keys[i].name, name))
		i++;
	return i;
}

const char *key_like(const char *name)
{
	unsigned int best = strlen(name) / 4 + 2, far;
	const char *like = NULL;
	int i;

	for (i = 0; i < NR_KEYS; i++) {
		far = distance(name, keys[i].name, best);
		if (far >= best)
			continue;
		best = far;
		like = keys[i].name;
	}
	return like;
}
