// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "event.h"
#include "tap.h"
#include "when.h"

#define S	NSEC_PER_SEC
/* 2026-11-30 13:14:15.123456789 UTC, a Monday. */
#define NOW	(UINT64_C(1796044455) * S + 123456789)
/* The midnight before that, UTC. */
#define DAY	(UINT64_C(1795996800) * S)

static void zone(const char *name)
{
	setenv("TZ", name, 1);
	tzset();
	printf("# TZ=%s\n", name);
}

static void is(const char *text, uint64_t expected)
{
	uint64_t when = 0;
	int error = when_parse(text, NOW, &when);

	if (!tap_ok(!error && when == expected, "'%s'", text))
		printf("# %d, %" PRIu64 " instead of %" PRIu64 "\n", error, when, expected);
}

static void bad(const char *text)
{
	uint64_t when;

	tap_ok(when_parse(text, NOW, &when) == -1, "'%s' is refused", text);
}

static void names(void)
{
	is("now", NOW);
	is("today", DAY);
	is("yesterday", DAY - 86400 * S);
	bad("");
	bad("Now");
	bad("now ");
	bad(" now");
	bad("tomorrow");
	bad("5min");
}

static void dates(void)
{
	is("2026-11-30", DAY);
	is("2026-11-30 12:00", DAY + 43200 * S);
	is("2026-11-30 12:00:01", DAY + 43201 * S);
	is("2026-11-30T12:00:01.5", DAY + 43201 * S + S / 2);
	is("2026-11-30 12:00:01.000000001", DAY + 43201 * S + 1);
	is("2026-11-30 23:59:59.999999999", DAY + 86400 * S - 1);
	is("2024-02-29", UINT64_C(1709164800) * S);
	is("2000-02-29", UINT64_C(951782400) * S);
	is("1970-01-01", 0);
	is("2554-01-01", UINT64_C(18429292800) * S);
	bad("2026-11-31");
	bad("2026-02-29");
	bad("2100-02-29");
	bad("2026-00-01");
	bad("2026-13-01");
	bad("2026-01-00");
	bad("2026-1-01");
	bad("26-11-30");
	bad("2026/11/30");
	bad("2026-11-30x");
	bad("2026-11-30 ");
	bad("2026-11-30  12:00");
	bad("2026-11-30 24:00");
	bad("2026-11-30 12:60");
	bad("2026-11-30 12:00:60");
	bad("2026-11-30 12");
	bad("2026-11-30 12:00:");
	bad("2026-11-30 12:00:0");
	bad("2026-11-30 12:00.5");
	bad("2026-11-30 12:00:00.");
	bad("2026-11-30 12:00:00.1234567890");
	bad("2026-11-30 12:00:00 ");
	bad("2026-11-30Z");
	bad("1969-12-31");
	bad("1969-12-31 23:59:59");
	bad("1900-01-01");
	bad("0000-01-01");
	bad("2555-01-01");
	bad("9999-12-31");
}

static void times(void)
{
	is("12:00", DAY + 43200 * S);
	is("00:00", DAY);
	is("23:59:59.25", DAY + 86399 * S + S / 4);
	bad("12");
	bad("12:");
	bad("1:00");
	bad("12:0");
	bad("24:00");
	bad("12:00Z");
	bad("12:00:00:00");
}

static void zones(void)
{
	is("2026-11-30T12:00:00Z", DAY + 43200 * S);
	is("2026-11-30 12:00Z", DAY + 43200 * S);
	is("2026-11-30T12:00:00.25Z", DAY + 43200 * S + S / 4);
	is("2026-11-30T12:00:00+05:30", DAY + (43200 - 19800) * S);
	is("2026-11-30T00:00:00-01:00", DAY + 3600 * S);
	bad("2026-11-30T12:00:00z");
	bad("2026-11-30T12:00:00ZZ");
	bad("2026-11-30T12:00:00+0530");
	bad("2026-11-30T12:00:00+24:00");
	bad("2026-11-30T12:00:00+01:60");
	bad("2026-11-30T12:00:00+01:00x");
	bad("1970-01-01T00:00:00+00:01");
}

static void epochs(void)
{
	is("@0", 0);
	is("@1796044455", NOW - 123456789);
	is("@1796044455.123456789", NOW);
	is("@1.5", S + S / 2);
	is("@18446744072", UINT64_C(18446744072) * S);
	is("@18446744072.999999999", UINT64_C(18446744072) * S + S - 1);
	bad("@");
	bad("@18446744073");
	bad("@99999999999999999999");
	bad("@18446744073709551616");
	bad("@-1");
	bad("@1.");
	bad("@.5");
	bad("@1.0000000000");
	bad("@1 ");
}

static void relative(void)
{
	is("-5min", NOW - 300 * S);
	is("-5m", NOW - 300 * S);
	is("-2h30min", NOW - 9000 * S);
	is("-30min2h", NOW - 9000 * S);
	is("-1d", NOW - 86400 * S);
	is("-1w2d3h4min5s6ms7us", NOW - 788645 * S - 6007000);
	is("-10sec", NOW - 10 * S);
	is("-1.5h", NOW - 5400 * S);
	is("-0.000000001s", NOW - 1);
	is("-0s", NOW);
	is("-0.001us", NOW - 1);
	bad("-");
	bad("-5");
	bad("-min");
	bad("-5 min");
	bad("-5minutes");
	bad("-5min2");
	bad("--5min");
	bad("-5min ");
	bad("-5.min");
	bad("-100000d");
	bad("-99999999999999999999s");
	bad("-18446744073709551615w");
	bad("-30000w30000w");
}

/* Noon of a winter's day is an hour earlier than it is in London, or 5:30 earlier. */
static void local(void)
{
	zone("CET-1CEST,M3.5.0,M10.5.0/3");
	is("2026-11-30", DAY - 3600 * S);
	is("2026-11-30 12:00", DAY + 39600 * S);
	is("2026-11-30T12:00:00Z", DAY + 43200 * S);
	is("today", DAY - 3600 * S);
	is("12:00", DAY + 39600 * S);
	is("-1h", NOW - 3600 * S);
	/* In summer two. */
	is("2026-07-01 12:00", UINT64_C(1782900000) * S);
	/* A day of 23 hours, and one of 25. */
	is("2026-03-29 12:00", UINT64_C(1774778400) * S);
	is("2026-10-26", UINT64_C(1792969200) * S);
	bad("1970-01-01");
	is("1970-01-01 01:00", 0);

	zone("IST-5:30");
	is("today", DAY - 19800 * S);
	/* There it is past six in the evening, in Auckland it is the next day. */
	zone("NZST-12NZDT,M9.5.0,M4.1.0/3");
	is("today", DAY + (86400 - 13 * 3600) * S);
	is("yesterday", DAY - 13 * 3600 * S);
}

int main(void)
{
	zone("UTC0");
	names();
	dates();
	times();
	zones();
	epochs();
	relative();
	local();
	return tap_done();
}
