// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ttlog.h>

#include "cmd.h"
#include "exit.h"
#include "standard.h"
#include "version.h"

static const struct command commands[] = {
	{ "cat", "print the events of snapshot files", cmd_cat },
	{ "dump", "write a snapshot of what the recorder holds", cmd_dump },
	{ "level", "show or set which levels are recorded", cmd_level },
	{ "log", "record events", cmd_log },
	{ "probe", "record calls of kernel functions", cmd_probe },
	{ "stat", "show rings, losses and settings", cmd_stat },
};

#define NR_COMMANDS	(sizeof(commands) / sizeof(commands[0]))

static const struct command *command_find(const char *name)
{
	size_t i;

	for (i = 0; i < NR_COMMANDS; i++) {
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	}
	return NULL;
}

static void print_version(FILE *stream, struct argp_state *state)
{
	(void)state;
	fprintf(stream, "ttlog %s (ABI %d.%d)\n", TTLOG_VERSION,
		TTLOG_ABI_MAJOR, TTLOG_ABI_MINOR);
}

/* Under the options argp shows what the table knows. */
static char *command_list(int key, const char *text, void *input)
{
	size_t i, len = 0, room = 2048;
	char *list;

	(void)input;
	if (key != ARGP_KEY_HELP_POST_DOC)
		return (char *)text;
	list = malloc(room);
	if (!list)
		return NULL;
	len += snprintf(list, room, "Commands:\n");
	for (i = 0; i < NR_COMMANDS; i++)
		len += snprintf(list + len, room - len, "  %-8s %s\n",
				commands[i].name, commands[i].summary);
	snprintf(list + len, room - len,
		 "\n'ttlog COMMAND --help' tells more of each. See ttlog(1).");
	return list;
}

struct choice {
	const struct command *command;
	char **argv;
	int argc;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct choice *choice = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		choice->command = command_find(arg);
		if (!choice->command) {
			argp_error(state, "there is no command '%s'", arg);
			return EINVAL;
		}
		/* What follows is the command's own. */
		choice->argv = state->argv + state->next - 1;
		choice->argc = state->argc - state->next + 1;
		state->next = state->argc;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_usage(state);
		return EINVAL;
	}
	return ARGP_ERR_UNKNOWN;
}

static int run(const struct command *command, int argc, char **argv)
{
	char name[64];

	snprintf(name, sizeof(name), "%s %s", program_invocation_short_name,
		 command->name);
	argv[0] = name;
	return command->run(argc, argv);
}

/* What could not be printed was not done. */
static int finish(int status)
{
	if (fflush(stdout) || ferror(stdout)) {
		warn("standard output");
		return status ? status : EXIT_OTHER;
	}
	return status;
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		.parser = parse,
		.args_doc = "COMMAND [ARGUMENT...]",
		.doc = "The command line of the flight recorder ttlog.\v",
		.help_filter = command_list,
	};
	const char *dash = strchr(program_invocation_short_name, '-');
	struct choice choice = { 0 };
	const struct command *command;

	standard_fill();
	argp_err_exit_status = EXIT_USAGE;
	argp_program_version_hook = print_version;

	/* ttlog-NAME is "ttlog NAME". */
	command = dash ? command_find(dash + 1) : NULL;
	if (command)
		return finish(command->run(argc, argv));
	if (argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &choice))
		return EXIT_USAGE;
	return finish(run(choice.command, choice.argc, choice.argv));
}
