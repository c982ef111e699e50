// SPDX-License-Identifier: GPL-2.0-only
/* Names of snapshots' files, and their order. */
#include <string.h>

#include "snapname.h"
#include "tap.h"

#define STAMP	"20261123101112"
#define REASON	"0123456789abcdefABCDEF_-zZ012345"	/* 32 bytes */

static void takes(const char *text, uint64_t pid, const char *reason,
		  unsigned int number, int stem)
{
	struct snapname name;

	tap_ok(snapname_parse(text, &name) && name.pid == pid &&
	       !strcmp(name.stamp, STAMP) && !strcmp(name.reason, reason) &&
	       name.number == number && name.stem == stem, "%s", text);
}

static void refuses(const char *text)
{
	struct snapname name;

	tap_ok(!snapname_parse(text, &name), "none: '%s'", text);
}

static void parse(void)
{
	static const char *const bad[] = {
		"", "ttlog", "ttlog-1-" STAMP, "ttlog-1-" STAMP "-timer",
		"ttlog-1-" STAMP "-timer.txt", "ttlog-1-2026112310111-timer.bin",
		"ttlog-1-" STAMP "0-timer.bin", "ttlog-1-" STAMP "-timer.x.bin",
		"ttlog-1-" STAMP "-ti.mer.bin", "ttlog--" STAMP "-timer.bin",
		"ttlog-x-" STAMP "-timer.bin", "ttlog-+1-" STAMP "-timer.bin",
		"ttlog- 1-" STAMP "-timer.bin", "ttlog--1-" STAMP "-timer.bin",
		"ttlog-12345678901-" STAMP "-timer.bin", "ttlog-1-" STAMP "-.bin",
		"ttlog-1-" STAMP "-timer.1.bin.bin", "ttlog-1-" STAMP "-timer.bin.1",
		"ttlog-1-" STAMP "-timer..bin", "ttlog-1-" STAMP "-timer.-1.bin",
		"ttlog-1-" STAMP "-timer. 1.bin", "ttlog-1-" STAMP "-timer.123456.bin",
		"ttlog-1-" STAMP "-timer.1", "ttlog-1-" STAMP "-" REASON "6.bin",
		"ttlog-1-" STAMP "-timer.bin ", " ttlog-1-" STAMP "-timer.bin",
		".ttlog-1-0123456789abcdef.tmp", "./ttlog-1-" STAMP "-timer.bin",
	};
	size_t i;

	takes("ttlog-1-" STAMP "-timer.bin", 1, "timer", 0, 28);
	takes("ttlog-1-" STAMP "-timer.1.bin", 1, "timer", 1, 28);
	takes("ttlog-4294967295-" STAMP "-" REASON ".99999.bin", 4294967295, REASON,
	      99999, 64);
	takes("ttlog-9999999999-" STAMP "-a-1.2.bin", 9999999999, "a-1", 2, 35);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		refuses(bad[i]);
}

static int sign(int number)
{
	return (number > 0) - (number < 0);
}

static void order(void)
{
	static const char *const names[] = {
		"ttlog-9-20261123101111-timer.bin", "ttlog-1-" STAMP "-a-b.bin",
		"ttlog-1-" STAMP "-a.bin", "ttlog-1-" STAMP "-a.01.bin",
		"ttlog-1-" STAMP "-a.1.bin", "ttlog-1-" STAMP "-a.2.bin",
		"ttlog-1-" STAMP "-a.10.bin", "ttlog-1-" STAMP "-ab.bin",
		"ttlog-10-" STAMP "-a.bin", "ttlog-2-" STAMP "-a.bin",
		"ttlog-1-20261123101113-a.bin",
	};
	int nr = sizeof(names) / sizeof(*names), i, j;
	bool good = true;

	for (i = 0; i < nr; i++) {
		for (j = 0; j < nr; j++)
			good = good && sign(snapname_order(names[i], names[j])) ==
				       sign(i - j);
	}
	tap_ok(good, "by time, then by name, then by number");
}

int main(void)
{
	parse();
	order();
	return tap_done();
}
