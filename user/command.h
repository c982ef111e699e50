/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_COMMAND_H
#define TTLOG_COMMAND_H

/**
 * struct command - one of a table, which ends with one that has no name
 * @name: as given on the command line
 * @summary: one line for the overview
 * @run: returns an exit status; argv[0] is the name for messages
 */
struct command {
	const char *name;
	const char *summary;
	int (*run)(int argc, char **argv);
};

const struct command *command_find(const struct command *table, const char *name);
int command_run(const struct command *table, const char *doc, int argc, char **argv);

#endif
