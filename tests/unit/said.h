/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a test's sources say by warn() and warnx(), a line each. Link with --wrap=warn and
 * --wrap=warnx.
 */
#ifndef TEST_SAID_H
#define TEST_SAID_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static char said[8192];

static void said_add(const char *format, va_list args)
{
	size_t used = strlen(said);

	vsnprintf(said + used, sizeof(said) - used, format, args);
}

static void said_text(const char *text)
{
	strncat(said, text, sizeof(said) - strlen(said) - 1);
}

void __wrap_warn(const char *format, ...);
void __wrap_warn(const char *format, ...)
{
	const char *error = strerror(errno);
	va_list args;

	va_start(args, format);
	said_add(format, args);
	va_end(args);
	said_text(": ");
	said_text(error);
	said_text("\n");
}

void __wrap_warnx(const char *format, ...);
void __wrap_warnx(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	said_add(format, args);
	va_end(args);
	said_text("\n");
}

/* Just these lines since it was last asked? */
static inline bool said_just(const char *format, ...)
{
	static char lines[sizeof(said)];
	va_list args;
	bool same;

	va_start(args, format);
	vsnprintf(lines, sizeof(lines), format, args);
	va_end(args);
	same = !strcmp(said, lines);
	if (!same)
		printf("# said: %s# instead of: %s", said, lines);
	*said = '\0';
	return same;
}

#endif
