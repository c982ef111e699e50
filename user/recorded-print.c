// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "channels.h"
#include "levels.h"
#include "put.h"
#include "recorded-print.h"

/* A thread may be called so, but nobody would: JSON tells them apart. */
#define ALL_SERVICES	"all services"

#define VALUE_TEXT	24	/* "1000000000/1000000000" */
#define COLUMN_TEXT	((VALUE_TEXT + 24) * LEVELS)

/* Sets what a filter says of a level; false: nothing. */
typedef bool say_fn(char *to, const struct ttlog_filter *filter, int level);

static bool say_level(char *to, const struct ttlog_filter *filter, int level)
{
	strcpy(to, filter->record >> level & 1 ? "yes" : "no");
	return filter->levels >> level & 1;
}

static bool say_burst(char *to, const struct ttlog_filter *filter, int level)
{
	snprintf(to, VALUE_TEXT, "%u", filter->burst[level]);
	return filter->rate[level] != TTLOG_FILTER_INHERIT &&
	       filter->rate[level] != TTLOG_FILTER_NO_LIMIT;
}

static bool say_sample(char *to, const struct ttlog_filter *filter, int level)
{
	snprintf(to, VALUE_TEXT, "1/%u", filter->sample[level]);
	return filter->sample[level] != TTLOG_FILTER_INHERIT;
}

static bool say_rate(char *to, const struct ttlog_filter *filter, int level)
{
	if (filter->rate[level] == TTLOG_FILTER_NO_LIMIT)
		strcpy(to, "none");
	else
		snprintf(to, VALUE_TEXT, "%u/%u", filter->rate[level],
			 filter->burst[level]);
	return filter->rate[level] != TTLOG_FILTER_INHERIT;
}

/* The last level from this one on of which the same is said. */
static int same_until(const struct ttlog_filter *filter, say_fn *say, int level)
{
	char first[VALUE_TEXT], next[VALUE_TEXT];
	bool said = say(first, filter, level);

	while (level + 1 < LEVELS && say(next, filter, level + 1) == said &&
	       (!said || !strcmp(first, next)))
		level++;
	return level;
}

/* Behind what is there. */
static void append_range(char *to, int from, int until)
{
	if (*to)
		strcat(to, ",");
	strcat(to, level_name(from));
	if (until > from)
		strcat(strcat(to, ".."), level_name(until));
}

/* "1/10" if that is said of all levels, else as "err:1/10,info..debug:1/100". */
static void format_column(char *to, const struct ttlog_filter *filter, say_fn *say)
{
	char value[VALUE_TEXT];
	int level, until;

	*to = '\0';
	for (level = 0; level < LEVELS; level = until + 1) {
		until = same_until(filter, say, level);
		if (!say(value, filter, level))
			continue;
		if (until - level == LEVELS - 1) {
			strcpy(to, value);
			return;
		}
		append_range(to, level, until);
		strcat(strcat(to, ":"), value);
	}
	if (!*to)
		strcpy(to, "-");
}

/* "emerg..info" if it says of all levels whether they are recorded. */
static void format_levels(char *to, const struct ttlog_filter *filter)
{
	char value[VALUE_TEXT];
	int level, until;

	if (filter->levels != LEVELS_ALL) {
		format_column(to, filter, say_level);
		return;
	}
	*to = '\0';
	for (level = 0; level < LEVELS; level = until + 1) {
		until = same_until(filter, say_level, level);
		say_level(value, filter, level);
		if (!strcmp(value, "yes"))
			append_range(to, level, until);
	}
	if (!*to)
		strcpy(to, "none");
}

enum { SERVICE, RECORDED, SAMPLE, RATE, NR_COLUMNS };

static void format(char *to, const struct ttlog_filter *filter, int column)
{
	switch (column) {
	case SERVICE:
		strcpy(to, *filter->service ? filter->service : ALL_SERVICES);
		break;
	case RECORDED:
		format_levels(to, filter);
		break;
	case SAMPLE:
		format_column(to, filter, say_sample);
		break;
	case RATE:
		format_column(to, filter, say_rate);
		break;
	}
}

static void print_filter(const struct ttlog_filter *filter, const int *widths)
{
	uint64_t lost[TTLOG_NR_LOST];
	char text[COLUMN_TEXT];
	int i;

	for (i = 0; i < NR_COLUMNS; i++) {
		format(text, filter, i);
		printf("%-*s ", widths[i], text);
	}
	for (i = 0; i < TTLOG_NR_LOST; i++)
		lost[i] = filter->lost[i];
	lost_print(lost);
}

static bool is_telling(const struct ttlog_filter *filter)
{
	return !recorded_default(filter) || filter->lost[TTLOG_LOST_FILTERED] ||
	       filter->lost[TTLOG_LOST_SAMPLED] || filter->lost[TTLOG_LOST_LIMITED];
}

bool recorded_telling(const struct recorded *all)
{
	size_t i = 0;

	while (i < all->nr && !is_telling(&all->filters[i]))
		i++;
	return i < all->nr;
}

/* A column is as wide as its widest text. */
static void widen(int *widths, const struct ttlog_filter *filter)
{
	char text[COLUMN_TEXT];
	int i, len;

	for (i = 0; i < NR_COLUMNS; i++) {
		format(text, filter, i);
		len = strlen(text);
		if (len > widths[i])
			widths[i] = len;
	}
}

void recorded_print(const struct recorded *all, bool telling)
{
	static const char *const heads[NR_COLUMNS] = {
		"SERVICE", "LEVELS", "SAMPLE", "RATE",
	};
	int widths[NR_COLUMNS];
	size_t i;

	for (i = 0; i < NR_COLUMNS; i++)
		widths[i] = strlen(heads[i]);
	for (i = 0; i < all->nr; i++) {
		if (!telling || is_telling(&all->filters[i]))
			widen(widths, &all->filters[i]);
	}
	for (i = 0; i < NR_COLUMNS; i++)
		printf("%-*s ", widths[i], heads[i]);
	puts("LOST");
	for (i = 0; i < all->nr; i++) {
		if (!telling || is_telling(&all->filters[i]))
			print_filter(&all->filters[i], widths);
	}
}

static void put_by_level(struct json_object *to, const char *key,
			 const struct ttlog_filter *filter, say_fn *say)
{
	struct json_object *levels = new_object();
	char text[VALUE_TEXT];
	int i;

	for (i = 0; i < LEVELS; i++) {
		if (!say(text, filter, i))
			continue;
		if (say == say_level)
			put(levels, level_name(i),
			    json_object_new_boolean(filter->record >> i & 1));
		else if (say == say_sample)
			put_number(levels, level_name(i), filter->sample[i]);
		else if (say == say_burst)
			put_number(levels, level_name(i), filter->burst[i]);
		else if (strcmp(text, "none"))
			put_number(levels, level_name(i), filter->rate[i]);
		else
			put_null(levels, level_name(i));
	}
	put(to, key, levels);
}

static struct json_object *json_filter(const struct ttlog_filter *filter)
{
	struct json_object *to = new_object(), *lost = new_object();
	int cause;

	if (*filter->service)
		put_text(to, "service", filter->service);
	put_by_level(to, "levels", filter, say_level);
	put_by_level(to, "sample", filter, say_sample);
	put_by_level(to, "rate", filter, say_rate);
	put_by_level(to, "burst", filter, say_burst);
	for (cause = TTLOG_LOST_FILTERED; cause <= TTLOG_LOST_LIMITED; cause++)
		put_number(lost, lost_name(cause), filter->lost[cause]);
	put(to, "lost", lost);
	return to;
}

struct json_object *recorded_json(const struct recorded *all, bool telling)
{
	struct json_object *to = new_array();
	size_t i;

	for (i = 0; i < all->nr; i++) {
		if (!telling || is_telling(&all->filters[i]))
			append(to, json_filter(&all->filters[i]));
	}
	return to;
}
