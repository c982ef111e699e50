// SPDX-License-Identifier: GPL-2.0-only
/* Levels and level masks as the command line has them. */
#include <string.h>

#include "levels.h"
#include "tap.h"

static void one(const char *text, int expected)
{
	int level = level_parse(text, strlen(text));

	tap_ok(level == expected, "level '%s' is %d", text, level);
}

static void mask(const char *text, int result, uint32_t expected)
{
	uint32_t got = 0;
	int err = levels_parse(text, &got);

	tap_ok(err == result && got == expected, "levels '%s': %d, 0x%02x",
	       text, err, got);
}

static void names(uint32_t mask, const char *expected)
{
	char text[LEVELS_TEXT];

	levels_format(text, mask);
	tap_ok(!strcmp(text, expected), "0x%02x is '%s'", mask, text);
}

int main(void)
{
	one("emerg", 0);
	one("debug", 7);
	one("0", 0);
	one("7", 7);
	one("8", -1);
	one("warn", -1);
	one("Warning", -1);
	one("", -1);
	one("07", -1);

	mask("emerg", 0, 0x01);
	mask("warning", 0, 0x1f);
	mask("debug", 0, 0xff);
	mask("emerg,err,info", 0, 0x49);
	mask("7,0", 0, 0x81);
	mask("err,err", 0, 0x08);
	mask("debug..debug", 0, 0x80);
	mask("info..debug", 0, 0xc0);
	mask("7..6", 0, 0xc0);
	mask("emerg..debug", 0, 0xff);
	mask("emerg,err..notice,7", 0, 0xb9);
	mask("..", -1, 0);
	mask("err..", -1, 0);
	mask("..err", -1, 0);
	mask("err...info", -1, 0);
	mask("err,info..", -1, 0);
	mask("err..info..debug", -1, 0);
	mask("", -1, 0);
	mask("loud", -1, 0);

	uint32_t got;

	tap_ok(levels_parse("err,", &got) == -1, "a comma at the end is wrong");
	tap_ok(levels_parse(",err", &got) == -1, "a comma in front is wrong");
	tap_ok(levels_parse("err,x", &got) == -1, "a bad name in a list is wrong");

	names(0, "");
	names(0x49, "emerg,err,info");
	names(0xff, "emerg,alert,crit,err,warning,notice,info,debug");
	return tap_done();
}
