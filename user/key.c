// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "distance.h"
#include "folder.h"
#include "key.h"
#include "levels.h"
#include "quantity.h"
#include "size.h"

#define FILES_MAX	1000000000
#define AGE_MAX		(36500ULL * 86400)	/* s */
#define TIMER_MAX	86400	/* s */
#define HOOK_TIMEOUT_MAX 3600	/* s */
#define SERVICE_MAX	63	/* bytes */

static bool parse_path(const char *text, uint64_t *number)
{
	(void)number;
	return *text == '/';
}

/* Digits alone, up to @most; what stands behind them is at @end. */
static bool parse_number(const char *text, uint64_t *number, uint64_t most,
			 char **end)
{
	errno = 0;
	*number = strtoull(text, end, 10);
	return *text >= '0' && *text <= '9' && !errno && *number <= most;
}

static bool parse_timer(const char *text, uint64_t *number)
{
	char *end;

	return parse_number(text, number, TIMER_MAX, &end) && !*end;
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

static bool parse_files(const char *text, uint64_t *number)
{
	char *end;

	return parse_number(text, number, FILES_MAX, &end) && !*end;
}

static bool parse_age(const char *text, uint64_t *number)
{
	static const struct { char name; unsigned int seconds; } units[] = {
		{ 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 7 * 86400 },
	};
	size_t i;
	char *end;

	if (!parse_number(text, number, AGE_MAX, &end))
		return false;
	for (i = 0; *end && i < sizeof(units) / sizeof(units[0]); i++) {
		if (*end != units[i].name)
			continue;
		*number *= units[i].seconds;
		end++;
		break;
	}
	return !*end && *number <= AGE_MAX;
}

static bool parse_free(const char *text, uint64_t *number)
{
	char *end;

	if (parse_number(text, number, 99, &end) && !strcmp(end, "%")) {
		*number |= *number ? KEY_PER_CENT : 0;
		return true;
	}
	return !size_parse(text, number) && *number < KEY_PER_CENT;
}

static bool parse_hook(const char *text, uint64_t *number)
{
	return !*text || parse_path(text, number);
}

static bool parse_hook_timeout(const char *text, uint64_t *number)
{
	char *end;

	return parse_number(text, number, HOOK_TIMEOUT_MAX, &end) && !*end &&
	       *number;
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
	[KEY_KEEP_FILES] = {
		.name = "keep_files",
		.of_reason = true,
		.otherwise = "0",
		.accepted = "1 to 1000000000 files are accepted, or 0 for no limit",
		.parse = parse_files,
	},
	[KEY_KEEP_BYTES] = {
		.name = "keep_bytes",
		.of_reason = true,
		.otherwise = "1G",
		.accepted = "a number of bytes is accepted, with K, M, G or T as a unit or without, or 0 for no limit",
		.parse = parse_bytes,
	},
	[KEY_KEEP_AGE] = {
		.name = "keep_age",
		.of_reason = true,
		.otherwise = "0",
		.accepted = "a number of seconds is accepted, with m, h, d or w as a unit or without, up to 36500d, or 0 for no limit",
		.parse = parse_age,
	},
	[KEY_KEEP_FREE] = {
		.name = "keep_free",
		.otherwise = "0",
		.accepted = "a number of bytes is accepted, with K, M, G or T as a unit or without, or 1% to 99% of the file system, or 0 for no limit",
		.parse = parse_free,
	},
	[KEY_HOOK] = {
		.name = "hook",
		.of_reason = true,
		.otherwise = "",
		.accepted = "the absolute path of a program is accepted, or nothing for none",
		.parse = parse_hook,
	},
	[KEY_HOOK_TIMEOUT] = {
		.name = "hook_timeout",
		.of_reason = true,
		.otherwise = "30",
		.accepted = "1 to 3600 seconds are accepted",
		.parse = parse_hook_timeout,
	},
};

/* Other than in [filter] a service may have what holds for all. */
static bool inherits(const char *text, uint64_t *number)
{
	*number = FILTER_KEY_INHERIT;
	return !strcmp(text, "inherit");
}

static bool parse_levels(const char *text, uint64_t *number)
{
	uint32_t mask;

	if (inherits(text, number))
		return true;
	if (levels_parse(text, &mask))
		return false;
	*number = mask;
	return true;
}

static bool parse_sample(const char *text, uint64_t *number)
{
	uint32_t sample;

	if (inherits(text, number))
		return true;
	if (!quantity_sample(text, &sample))
		return false;
	*number = sample;
	return true;
}

static bool parse_rate(const char *text, uint64_t *number)
{
	uint32_t rate, burst;

	if (inherits(text, number))
		return true;
	if (!quantity_rate(text, &rate, &burst))
		return false;
	*number = (uint64_t)rate << 32 | burst;
	return true;
}

/* Each is at most 2^30. */
static bool parse_share(const char *text, uint64_t *number)
{
	uint64_t rate, burst;

	if (!quantity_share(text, &rate, &burst))
		return false;
	*number = rate << 32 | burst;
	return true;
}

#define OR_INHERIT	" is accepted, or for a service inherit"
#define SAMPLE(text) \
	{ .name = text, .accepted = QUANTITY_SAMPLE OR_INHERIT, .parse = parse_sample }
#define RATE(text) \
	{ .name = text, .accepted = QUANTITY_RATE "," OR_INHERIT, .parse = parse_rate }

/* Those of levels are in their order. */
const struct key filter_keys[NR_FILTER_KEYS] = {
	[FILTER_KEY_LEVELS] = {
		.name = "levels",
		.accepted = LEVEL_CHOICES LEVELS_CHOICES "," OR_INHERIT,
		.parse = parse_levels,
	},
	[FILTER_KEY_SAMPLE] = SAMPLE("sample"),
	[FILTER_KEY_RATE] = RATE("rate"),
	[FILTER_KEY_SAMPLE_OF] =
		SAMPLE("sample.emerg"), SAMPLE("sample.alert"), SAMPLE("sample.crit"),
		SAMPLE("sample.err"), SAMPLE("sample.warning"), SAMPLE("sample.notice"),
		SAMPLE("sample.info"), SAMPLE("sample.debug"),
	[FILTER_KEY_RATE_OF] =
		RATE("rate.emerg"), RATE("rate.alert"), RATE("rate.crit"),
		RATE("rate.err"), RATE("rate.warning"), RATE("rate.notice"),
		RATE("rate.info"), RATE("rate.debug"),
};

const struct key share_keys[NR_SHARE_KEYS] = {
	[SHARE_KEY_RATE] = {
		.name = "rate",
		.accepted = QUANTITY_SHARE " is accepted",
		.parse = parse_share,
	},
};

int key_find(const struct key_table *table, const char *name)
{
	int i = 0;

	while (i < table->nr && strcmp(table->keys[i].name, name))
		i++;
	return i;
}

const char *key_like(const struct key_table *table, const char *name, bool of_reason)
{
	unsigned int best = strlen(name) / 4 + 2, far;
	const char *like = NULL;
	const struct key *key;

	for (key = table->keys; key < table->keys + table->nr; key++) {
		far = distance(name, key->name, best);
		if (far >= best || (of_reason && !key->of_reason))
			continue;
		best = far;
		like = key->name;
	}
	return like;
}
