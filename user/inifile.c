// SPDX-License-Identifier: GPL-2.0-only
/*
 * inih takes a line apart. It has no word for a section without keys, cuts a line that
 * is longer than its buffer into two, goes on with a value where a line is indented, and
 * tells the first error alone: so lines are looked at before it gets them, and sections
 * are known here.
 */
#include <errno.h>
#include <ini.h>
#include <string.h>

#include "inifile.h"
#include "utf8.h"

#define SPACE	" "

/* What a line needs in inih's buffer beside its own bytes, as ini.h says. */
#define LINE_ROOM	3

/**
 * struct reading - of one file
 * @file: it
 * @calls: who is told
 * @arg: for @calls
 * @line: that inih has
 * @bytes: read so far
 * @expected: it is to have a key
 * @err: the file can't be read
 */
struct reading {
	FILE *file;
	const struct inifile_calls *calls;
	void *arg;
	unsigned int line;
	size_t bytes;
	bool expected;
	int err;
};

static void wrong(struct reading *reading, const char *what)
{
	reading->calls->wrong(reading->arg, reading->line, what);
}

/* Returns its bytes, of which @room are at @to; -1 at the end. */
static int get_line(struct reading *reading, char *to, int room)
{
	int len = 0, c;

	for (;;) {
		c = reading->bytes < INIFILE_MAX ? getc(reading->file) : EOF;
		if (c == EOF && ferror(reading->file))
			reading->err = -errno;
		if (c == EOF)
			return len ? len : -1;
		reading->bytes++;
		if (c == '\n')
			return len;
		if (len < room)
			to[len] = c == '\t' ? ' ' : c;
		len++;
	}
}

static bool is_comment(const char *text)
{
	return !*text || *text == '#' || *text == ';';
}

/* Behind its "[". */
static void take_section(struct reading *reading, char *name)
{
	size_t len = strcspn(name, "[];#");
	char *behind = name + len;

	if (!len || *behind != ']' ||
	    !is_comment(behind + 1 + strspn(behind + 1, SPACE))) {
		wrong(reading, "a section is accepted as '[name]'");
		return;
	}
	*behind = '\0';
	reading->calls->section(reading->arg, reading->line, name);
}

/* What is left of it for inih. */
static void take_line(struct reading *reading, char *line)
{
	size_t indent = strspn(line, SPACE);

	memmove(line, line + indent, strlen(line + indent) + 1);
	if (*line == '[')
		take_section(reading, line + 1);
	reading->expected = !is_comment(line) && *line != '[';
	if (!reading->expected)
		*line = '\0';
}

static void end_line(struct reading *reading)
{
	if (reading->expected)
		wrong(reading, "neither '[section]' nor 'key = value', nor a comment, which begins with '#' or ';'");
	reading->expected = false;
}

static bool check(struct reading *reading, const char *line, int len, int room)
{
	char what[80];

	if (len > room) {
		snprintf(what, sizeof(what),
			 "a line of %d bytes: at most %d are accepted", len, room);
		wrong(reading, what);
		return false;
	}
	if (utf8_safe(line, len))
		return true;
	wrong(reading, "the line has a control character or isn't UTF-8");
	return false;
}

/* As fgets() for inih, with an empty line instead of what is wrong or no key. */
static char *next_line(char *line, int size, void *arg)
{
	struct reading *reading = arg;
	int room = size - LINE_ROOM;
	int len = get_line(reading, line, room);

	end_line(reading);
	if (len < 0)
		return NULL;
	reading->line++;
	if (len && len <= room && line[len - 1] == '\r')
		len--;
	line[len < room ? len : room] = '\0';
	if (check(reading, line, len, room))
		take_line(reading, line);
	else
		*line = '\0';
	return line;
}

static int take_key(void *arg, const char *section, const char *name,
		    const char *value)
{
	struct reading *reading = arg;

	(void)section;
	if (!*name)
		return 0;
	reading->expected = false;
	reading->calls->key(reading->arg, reading->line, name, value);
	return 1;
}

int inifile_read(FILE *file, const struct inifile_calls *calls, void *arg)
{
	struct reading reading = { .file = file, .calls = calls, .arg = arg };
	char too_large[60];

	/* What it makes of a line that is wrong is known by then. */
	if (ini_parse_stream(next_line, &reading, take_key, &reading) < 0)
		return -ENOMEM;
	if (reading.err)
		return reading.err;
	if (reading.bytes == INIFILE_MAX && getc(file) != EOF) {
		snprintf(too_large, sizeof(too_large),
			 "the file goes on: at most %d bytes are accepted",
			 INIFILE_MAX);
		wrong(&reading, too_large);
	}
	return 0;
}
