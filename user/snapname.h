/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The name that the file of a snapshot has: "ttlog-PID-STAMP-REASON[.N].bin".
 */
#ifndef TTLOG_SNAPNAME_H
#define TTLOG_SNAPNAME_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/**
 * struct snapname - such a name, taken apart
 * @pid: who asked for the snapshot
 * @stamp: when it was taken, "YYYYMMDDHHMMSS"
 * @reason: why
 * @number: N, 0 where there is none
 * @stem: bytes in front of ".bin" or ".N.bin"
 */
struct snapname {
	uint64_t pid;
	char stamp[15];
	char reason[33];
	unsigned int number;
	int stem;
};

/**
 * snapname_parse() - take a name apart
 * @text: the name, without a folder
 * @name: filled in if it is one
 *
 * Return: whether it is a snapshot's.
 */
bool snapname_parse(const char *text, struct snapname *name);

/*
 * Snapshots with this reason continue one another, and come by themselves. Who asks for one
 * may give it as well, and gains nothing by that.
 */
static inline bool snapname_of_timer(const char *reason)
{
	return !strcmp(reason, "timer") || !strcmp(reason, "exit");
}

/**
 * snapname_order() - which of two snapshots is the older one, by their names
 * @a: a name that snapname_parse() takes
 * @b: another one
 *
 * By the time in the name, then by the name; of those that differ in N alone, by that.
 *
 * Return: below 0 if @a comes first, above 0 if @b does; 0: they are the same.
 */
int snapname_order(const char *a, const char *b);

#endif
