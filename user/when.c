// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "event.h"
#include "when.h"

/* Whole seconds, so that any fraction may follow. */
#define SECONDS_MAX	(UINT64_MAX / NSEC_PER_SEC - 1)

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool take(const char **at, char c)
{
	if (**at != c)
		return false;
	++*at;
	return true;
}

/* A number of just so many digits. */
static bool take_digits(const char **at, int digits, int *value)
{
	for (*value = 0; digits; digits--, ++*at) {
		if (!is_digit(**at))
			return false;
		*value = 10 * *value + **at - '0';
	}
	return true;
}

static bool take_number(const char **at, uint64_t *value)
{
	if (!is_digit(**at))
		return false;
	for (*value = 0; is_digit(**at); ++*at) {
		if (__builtin_mul_overflow(*value, 10, value) ||
		    __builtin_add_overflow(*value, **at - '0', value))
			return false;
	}
	return true;
}

/* ".F" if it is there: 1 to 9 digits, in billionths. */
static bool take_fraction(const char **at, uint64_t *billionths)
{
	uint64_t digit = NSEC_PER_SEC / 10;

	*billionths = 0;
	if (!take(at, '.'))
		return true;
	if (!is_digit(**at))
		return false;
	for (; is_digit(**at); digit /= 10, ++*at) {
		if (!digit)
			return false;
		*billionths += digit * (**at - '0');
	}
	return true;
}

static int join(uint64_t *when, int64_t seconds, uint64_t ns)
{
	if (seconds < 0 || (uint64_t)seconds > SECONDS_MAX)
		return -1;
	*when = seconds * NSEC_PER_SEC + ns;
	return 0;
}

/* The local day of @now, with midnight as its time; and some days later. */
static struct tm day_of(uint64_t now, int days)
{
	time_t seconds = now / NSEC_PER_SEC;
	struct tm tm = { 0 };

	localtime_r(&seconds, &tm);
	return (struct tm) {
		.tm_year = tm.tm_year, .tm_mon = tm.tm_mon,
		.tm_mday = tm.tm_mday + days, .tm_isdst = -1,
	};
}

static int parse_day(uint64_t now, int days, uint64_t *when)
{
	struct tm tm = day_of(now, days);

	return join(when, mktime(&tm), 0);
}

static int parse_epoch(const char *at, uint64_t *when)
{
	uint64_t seconds, ns;

	if (!take_number(&at, &seconds) || !take_fraction(&at, &ns) || *at ||
	    seconds > SECONDS_MAX)
		return -1;
	return join(when, seconds, ns);
}

static uint64_t take_unit(const char **at)
{
	static const struct {
		const char *name;
		uint64_t ns;
	} units[] = {
		{ "us", 1000 }, { "ms", NSEC_PER_MSEC },
		{ "s", NSEC_PER_SEC }, { "sec", NSEC_PER_SEC },
		{ "m", 60 * NSEC_PER_SEC }, { "min", 60 * NSEC_PER_SEC },
		{ "h", 3600 * NSEC_PER_SEC }, { "d", 86400 * NSEC_PER_SEC },
		{ "w", 604800 * NSEC_PER_SEC },
	};
	size_t i, len = strspn(*at, "abcdefghijklmnopqrstuvwxyz");

	for (i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (strlen(units[i].name) != len ||
		    memcmp(*at, units[i].name, len))
			continue;
		*at += len;
		return units[i].ns;
	}
	return 0;
}

static int parse_before(const char *at, uint64_t now, uint64_t *when)
{
	uint64_t number, billionths, unit, part, rest;

	*when = now;
	do {
		if (!take_number(&at, &number) || !take_fraction(&at, &billionths))
			return -1;
		unit = take_unit(&at);
		if (!unit || __builtin_mul_overflow(number, unit, &part))
			return -1;
		rest = unit / NSEC_PER_SEC * billionths +
		       unit % NSEC_PER_SEC * billionths / NSEC_PER_SEC;
		if (__builtin_add_overflow(part, rest, &part) ||
		    __builtin_sub_overflow(*when, part, when))
			return -1;
	} while (*at);
	return 0;
}

static bool is_date(const struct tm *tm)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int year = tm->tm_year + 1900;
	bool leap = year % 4 == 0 && (year % 100 || year % 400 == 0);

	return tm->tm_mon >= 0 && tm->tm_mon < 12 && tm->tm_mday >= 1 &&
	       tm->tm_mday <= days[tm->tm_mon] + (leap && tm->tm_mon == 1);
}

static bool take_date(const char **at, struct tm *tm)
{
	if (!take_digits(at, 4, &tm->tm_year) || !take(at, '-') ||
	    !take_digits(at, 2, &tm->tm_mon) || !take(at, '-') ||
	    !take_digits(at, 2, &tm->tm_mday))
		return false;
	tm->tm_year -= 1900;
	tm->tm_mon--;
	return is_date(tm);
}

static bool take_time(const char **at, struct tm *tm, uint64_t *ns)
{
	if (!take_digits(at, 2, &tm->tm_hour) || !take(at, ':') ||
	    !take_digits(at, 2, &tm->tm_min))
		return false;
	if (take(at, ':') && (!take_digits(at, 2, &tm->tm_sec) ||
			      !take_fraction(at, ns)))
		return false;
	return tm->tm_hour < 24 && tm->tm_min < 60 && tm->tm_sec < 60;
}

/* "Z", "+HH:MM" or "-HH:MM" and the end. */
static bool take_zone(const char **at, int *east)
{
	int hours, minutes, sign = **at == '-' ? -1 : 1;

	*east = 0;
	if (take(at, 'Z'))
		return !**at;
	if (!take(at, '+') && !take(at, '-'))
		return false;
	if (!take_digits(at, 2, &hours) || !take(at, ':') ||
	    !take_digits(at, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*east = sign * (hours * 3600 + minutes * 60);
	return !**at;
}

static int parse_date(const char *at, uint64_t *when)
{
	struct tm tm = { .tm_isdst = -1 };
	uint64_t ns = 0;
	int east;

	if (!take_date(&at, &tm))
		return -1;
	if (!*at)
		return join(when, mktime(&tm), 0);
	if (!take(&at, ' ') && !take(&at, 'T'))
		return -1;
	if (!take_time(&at, &tm, &ns))
		return -1;
	if (!*at)
		return join(when, mktime(&tm), ns);
	if (!take_zone(&at, &east))
		return -1;
	return join(when, timegm(&tm) - east, ns);
}

static int parse_time(const char *at, uint64_t now, uint64_t *when)
{
	struct tm tm = day_of(now, 0);
	uint64_t ns = 0;

	if (!take_time(&at, &tm, &ns) || *at)
		return -1;
	return join(when, mktime(&tm), ns);
}

int when_parse(const char *text, uint64_t now, uint64_t *when)
{
	if (!strcmp(text, "now")) {
		*when = now;
		return 0;
	}
	if (!strcmp(text, "today"))
		return parse_day(now, 0, when);
	if (!strcmp(text, "yesterday"))
		return parse_day(now, -1, when);
	if (*text == '@')
		return parse_epoch(text + 1, when);
	if (*text == '-')
		return parse_before(text + 1, now, when);
	if (strlen(text) > 2 && text[2] == ':')
		return parse_time(text, now, when);
	return parse_date(text, when);
}
