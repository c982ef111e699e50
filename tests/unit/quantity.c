// SPDX-License-Identifier: GPL-2.0-only
/* Samples, rates and shares as users write them. */
#include <string.h>
#include <ttlog.h>

#include "quantity.h"
#include "tap.h"

static void sample(const char *text, bool good, uint32_t expected)
{
	uint32_t got = 0;

	tap_ok(quantity_sample(text, &got) == good && got == expected,
	       "sample '%s': %d, %u", text, good, got);
}

static void rate(const char *text, bool good, uint32_t expected, uint32_t burst)
{
	uint32_t got[2] = { 0 };
	bool is = quantity_rate(text, &got[0], &got[1]);

	tap_ok(is == good && (!good || (got[0] == expected && got[1] == burst)),
	       "rate '%s': %d, %u/%u", text, good, got[0], got[1]);
}

static void share(const char *text, bool good, uint64_t expected, uint64_t burst)
{
	uint64_t got[2] = { 0 };
	bool is = quantity_share(text, &got[0], &got[1]);

	tap_ok(is == good && (!good || (got[0] == expected && got[1] == burst)),
	       "share '%s': %d, %llu/%llu", text, good, (unsigned long long)got[0],
	       (unsigned long long)got[1]);
}

int main(void)
{
	static const char *const bad[] = {
		"", "0", "x", "-1", "1/", "/1", "1//1", " 1", "1 ", "1000000001", "1/0",
		"1/1000000001", "1/1/1", "4294967297", "99999999999999999999", "inherit",
		"1/none", "all", "1T", "2G", "1k",
	};
	size_t i;

	sample("1", true, 1);
	sample("1/1", true, 1);
	sample("100", true, 100);
	sample("1/1000000000", true, 1000000000);
	sample("2/3", false, 0);
	sample("1K", false, 0);
	sample("none", false, 0);
	rate("1", true, 1, 1);
	rate("1/1", true, 1, 1);
	rate("7/1000000000", true, 7, 1000000000);
	rate("1000000000/7", true, 1000000000, 7);
	rate("none", true, TTLOG_FILTER_NO_LIMIT, 0);
	rate("1K", false, 0, 0);
	rate("none/1", false, 0, 0);
	rate("0000000000000001", false, 0, 0);
	rate("1/0000000000000001", false, 0, 0);
	share("1", true, 1, 4160);
	share("4161", true, 4161, 4161);
	share("64K/1M", true, 65536, 1 << 20);
	share("1G", true, 1 << 30, 1 << 30);
	share("1073741824/4160", true, 1 << 30, 4160);
	share("1073741824/4159", false, 0, 0);
	share("1073741825", false, 0, 0);
	share("1/1073741825", false, 0, 0);
	share("none", false, 0, 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		/* For a sample "1/1/1" isn't two numbers, nor "1/" one. */
		sample(bad[i], false, 0);
		rate(bad[i], false, 0, 0);
		/* Of bytes there may be a few more. */
		if (!strstr(bad[i], "100000000"))
			share(bad[i], false, 0, 0);
	}
	return tap_done();
}
