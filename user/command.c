// SPDX-License-Identifier: GPL-2.0-only
/*
 * A command line whose first argument names what the others are for.
 */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "command.h"

/**
 * struct chosen - the command, with its own arguments
 */
struct chosen {
	const struct command *table;
	const struct command *command;
	char **argv;
	int argc;
};

const struct command *command_find(const struct command *table, const char *name)
{
	for (; table->name; table++) {
		if (!strcmp(table->name, name))
			return table;
	}
	return NULL;
}

/* One line each, in front of what is said after the options. */
static char *list_commands(int key, const char *text, void *input)
{
	const struct chosen *chosen = input;
	const struct command *c;
	size_t size;
	FILE *stream;
	char *list;

	if (key != ARGP_KEY_HELP_POST_DOC || !chosen)
		return (char *)text;
	stream = open_memstream(&list, &size);
	if (!stream)
		return (char *)text;
	fputs("Commands:\n", stream);
	for (c = chosen->table; c->name; c++)
		fprintf(stream, "  %-8s %s\n", c->name, c->summary);
	fprintf(stream, "\n%s", text);
	return fclose(stream) ? (char *)text : list;
}

static void refuse(const struct argp_state *state, const struct command *table,
		   const char *name)
{
	char names[256] = "";
	size_t len = 0;

	for (; table->name && len < sizeof(names); table++)
		len += snprintf(names + len, sizeof(names) - len, "%s%s",
				!len ? "" : table[1].name ? ", " : " and ", table->name);
	argp_error(state, "there is no command '%s': %s are accepted", name, names);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct chosen *chosen = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		chosen->command = command_find(chosen->table, arg);
		if (!chosen->command) {
			refuse(state, chosen->table, arg);
			return EINVAL;
		}
		/* What follows is the command's own. */
		chosen->argv = state->argv + state->next - 1;
		chosen->argc = state->argc - state->next + 1;
		state->next = state->argc;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_usage(state);
		return EINVAL;
	}
	return ARGP_ERR_UNKNOWN;
}

/* Run what the arguments name; @doc is for --help. Returns an exit status. */
int command_run(const struct command *table, const char *doc, int argc, char **argv)
{
	const struct argp argp = {
		.parser = parse,
		.args_doc = "COMMAND [ARGUMENT...]",
		.doc = doc,
		.help_filter = list_commands,
	};
	struct chosen chosen = { .table = table };
	const char *slash = strrchr(argv[0], '/');
	char name[96];

	args_parse(&argp, argc, argv, ARGP_IN_ORDER, &chosen);
	snprintf(name, sizeof(name), "%s %s", slash ? slash + 1 : argv[0],
		 chosen.command->name);
	chosen.argv[0] = name;
	return chosen.command->run(chosen.argc, chosen.argv);
}
