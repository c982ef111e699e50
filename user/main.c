// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <ttlog.h>

#include "cmd.h"
#include "command.h"
#include "exit.h"
#include "standard.h"
#include "version.h"

static const struct command commands[] = {
	{ "cat", "print the events of snapshot files", cmd_cat },
	{ "dump", "write a snapshot of what the recorder holds", cmd_dump },
	{ "filter", "show or remove filters of what is recorded", cmd_filter },
	{ "follow", "print events as they come", cmd_follow },
	{ "level", "show or set which levels are recorded", cmd_level },
	{ "log", "record events", cmd_log },
	{ "ls", "list snapshot files", cmd_ls },
	{ "probe", "record calls of kernel functions", cmd_probe },
	{ "rate", "show or set how many events a second are recorded", cmd_rate },
	{ "sample", "show or set of how many events one is recorded", cmd_sample },
	{ "share", "show or set what a user gets of the channel keep", cmd_share },
	{ "stat", "show rings, losses and settings", cmd_stat },
	{ "verify", "check whether snapshot files are whole", cmd_verify },
	{ 0 }
};

static void print_version(FILE *stream, struct argp_state *state)
{
	(void)state;
	fprintf(stream, "ttlog %s (ABI %d.%d)\n", TTLOG_VERSION,
		TTLOG_ABI_MAJOR, TTLOG_ABI_MINOR);
}

int main(int argc, char **argv)
{
	const char *dash = strchr(program_invocation_short_name, '-');
	const struct command *command;

	standard_begin();
	argp_err_exit_status = EXIT_USAGE;
	argp_program_version_hook = print_version;

	/* ttlog-NAME is "ttlog NAME". */
	command = dash ? command_find(commands, dash + 1) : NULL;
	if (command)
		return command->run(argc, argv);
	return command_run(commands, "The command line of the flight recorder ttlog.\v"
			   "'ttlog COMMAND --help' tells more of each. See ttlog(1).",
			   argc, argv);
}
