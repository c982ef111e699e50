/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The subcommands of ttlog: one file each.
 */
#ifndef TTLOG_CMD_H
#define TTLOG_CMD_H

int cmd_cat(int argc, char **argv);
int cmd_dump(int argc, char **argv);
int cmd_filter(int argc, char **argv);
int cmd_follow(int argc, char **argv);
int cmd_level(int argc, char **argv);
int cmd_log(int argc, char **argv);
int cmd_ls(int argc, char **argv);
int cmd_probe(int argc, char **argv);
int cmd_rate(int argc, char **argv);
int cmd_sample(int argc, char **argv);
int cmd_share(int argc, char **argv);
int cmd_stat(int argc, char **argv);
int cmd_verify(int argc, char **argv);

#endif
