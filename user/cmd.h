/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The subcommands of ttlog: one file each.
 */
#ifndef TTLOG_CMD_H
#define TTLOG_CMD_H

/**
 * struct command - a subcommand
 * @name: as given on the command line
 * @summary: one line for the overview
 * @run: returns an exit status; argv[0] is the name for messages
 */
struct command {
	const char *name;
	const char *summary;
	int (*run)(int argc, char **argv);
};

int cmd_cat(int argc, char **argv);
int cmd_dump(int argc, char **argv);
int cmd_level(int argc, char **argv);
int cmd_log(int argc, char **argv);
int cmd_probe(int argc, char **argv);
int cmd_stat(int argc, char **argv);

#endif
