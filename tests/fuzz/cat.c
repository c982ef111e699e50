// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>

#include "cat.h"
#include "cmd.h"
#include "exit.h"

/* With up to four arguments, before the first NULL. */
static int cat_arguments(const char *const arguments[4])
{
	char *argv[6] = { "ttlog cat" };
	int argc = 1;

	while (argc <= 4 && arguments[argc - 1]) {
		argv[argc] = (char *)arguments[argc - 1];
		argc++;
	}
	catch_output();
	return cmd_cat(argc, argv);
}

int cat(const char *name, const char *option, const char *other)
{
	const char *arguments[4] = { NULL };
	int nr = 0;

	if (option)
		arguments[nr++] = option;
	if (other)
		arguments[nr++] = other;
	arguments[nr] = name;
	return cat_arguments(arguments);
}

static size_t count_lines(struct caught caught)
{
	size_t i, lines = 0;

	for (i = 0; i < caught.len; i++)
		lines += caught.text[i] == '\n';
	return lines;
}

/* One of the other formats, which one is up to the input. */
static void cat_other(const char *name, int status, size_t events)
{
	static const char *const outputs[] = {
		"--output=logfmt", "--output=csv", "--output=export",
	};
	size_t which = events % 3;

	require(cat(name, outputs[which], NULL) == status);
	require_harmless(caught_stderr());
	if (!which)
		require_harmless(caught_stdout());
	if (which < 2)
		require(count_lines(caught_stdout()) == events + which);
}

/* The file with itself: no event is there more often, unless that is wanted. */
static void cat_twice(const char *name, int status, size_t events)
{
	const char *const all[4] = { "--json", "--repeats", name, name };
	size_t nr;

	require(cat(name, "--json", name) == status);
	require_harmless(caught_stderr());
	nr = require_json_lines(caught_stdout());
	require(nr <= 2 * events && nr >= !!events);
	require(cat_arguments(all) == status);
	require(require_json_lines(caught_stdout()) == 2 * events);
}

void cat_all(const char *name)
{
	size_t events;
	int status;

	status = cat(name, NULL, NULL);
	require(status == EXIT_OK || status == EXIT_OTHER);
	require(!!status == !!caught_stderr().len);
	require_harmless(caught_stdout());
	require_harmless(caught_stderr());
	events = count_lines(caught_stdout());

	require(cat(name, "--json", NULL) == status);
	require_harmless(caught_stdout());
	require(require_json_lines(caught_stdout()) == events);
	cat_other(name, status, events);
	cat_twice(name, status, events);

	/* It looks closer at what the others pass over. */
	status = cat(name, "--info", NULL) | status;
	require_harmless(caught_stdout());
	require(cat(name, "--info", "--json") == status);
	require_harmless(caught_stdout());
	require(require_json_lines(caught_stdout()) == 1);
}
