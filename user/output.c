// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "pager.h"

enum {
	OPTION_COLOR = 0x200,
	OPTION_UTC,
};

static void set_color(struct argp_state *state, struct output *output, const char *when)
{
	output->color = strcmp(when, "auto");
	output->view.color = !strcmp(when, "always");
	if (output->color && !output->view.color && strcmp(when, "never"))
		argp_error(state, "color '%s': auto, always and never are accepted", when);
}

static void set_format(struct argp_state *state, struct output *output, const char *name)
{
	output->format = format_find(name);
	if (!output->format)
		argp_error(state, "output '%s': %s are accepted", name, FORMAT_CHOICES);
	if (!strcmp(name, "text"))
		output->format = NULL;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct output *output = state->input;

	switch (key) {
	case 'j':
		output->format = format_find("json");
		return 0;
	case 'o':
		set_format(state, output, arg);
		return 0;
	case OPTION_COLOR:
		set_color(state, output, arg ? arg : "always");
		return 0;
	case OPTION_UTC:
		output->view.utc = true;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

bool output_begin(struct output *output)
{
	const char *no_color = getenv("NO_COLOR");
	bool terminal = pager_terminal();

	if (!output->color)
		output->view.color = terminal && !(no_color && *no_color);
	if (!output->format)
		output->format = terminal || output->view.color ? &format_terminal :
								  format_find("text");
	return terminal;
}

static const struct argp_option list[] = {
	{ "json", 'j', NULL, 0, "Print a JSON object a line: --output=json", 0 },
	{ "output", 'o', "FORMAT", 0,
	  "Print them as text, json, logfmt, export (the journal's) or csv", 0 },
	{ "color", OPTION_COLOR, "WHEN", OPTION_ARG_OPTIONAL,
	  "Text as for a terminal, in colors: always, never or auto", 0 },
	{ "utc", OPTION_UTC, NULL, 0, "Times on a terminal in UTC", 0 },
	{ 0 }
};

const struct argp output_argp = { .options = list, .parser = parse };
