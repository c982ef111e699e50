// SPDX-License-Identifier: GPL-2.0-only
/* Numbers of bytes. */
#include <inttypes.h>

#include "size.h"
#include "tap.h"

static void same(const char *text, uint64_t expected)
{
	uint64_t size = 1;
	int err = size_parse(text, &size);

	tap_ok(!err && size == expected, "'%s' is %" PRIu64, text, expected);
}

static void bad(const char *text)
{
	uint64_t size = 4711;

	tap_ok(size_parse(text, &size) == -1 && size == 4711,
	       "'%s' is no size", text);
}

int main(void)
{
	same("0", 0);
	same("1", 1);
	same("007", 7);
	same("1K", 1024);
	same("3M", 3 << 20);
	same("1G", 1 << 30);
	same("2T", UINT64_C(2) << 40);
	same("18446744073709551615", UINT64_MAX);
	same("16777215T", UINT64_C(16777215) << 40);
	bad("");
	bad("K");
	bad("-1");
	bad("+1");
	bad(" 1");
	bad("1 ");
	bad("1k");
	bad("1KB");
	bad("1.5G");
	bad("0x10");
	bad("18446744073709551616");
	bad("99999999999999999999");
	bad("16777216T");
	return tap_done();
}
