/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The snapshots of a folder: how many there are, and which of them are to go first. The
 * folder is read as often as that is asked, and each time a fixed number of files is
 * noted: so memory is bounded, however many files there are.
 */
#ifndef TTLOG_SURVEY_H
#define TTLOG_SURVEY_H

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <ttlog.h>

#include "snapshot.h"

/* Files that are noted in one reading. */
#define SURVEY_NOTED	32

/* What goes first. */
enum rank {
	RANK_TIMER,
	RANK_AUTOMATIC,
	RANK_ASKED,
	RANK_EVIDENCE,
};

/**
 * struct candidate - a file that may go
 * @expired: it goes before those that aren't
 * @rank: lower ones go first
 * @ahead: @stamp is still to come
 * @stamp: when its snapshot was taken, as its name says
 * @reason: as its name says
 * @mtime: when it was written, ns
 * @size: bytes
 * @name: in the folder
 */
struct candidate {
	bool expired;
	enum rank rank;
	bool ahead;
	char stamp[SNAPSHOT_STAMP];
	char reason[TTLOG_REASON_MAX + 1];
	uint64_t mtime;
	uint64_t size;
	char name[NAME_MAX + 1];
};

/**
 * struct share - some of the files
 * @reason: that they have; NULL: all files
 * @age: s after which they are expired; 0: never
 * @files: as the last reading found them, without what was removed since
 * @bytes: of these
 * @expired: of these files, without the newest
 */
struct share {
	const char *reason;
	uint64_t age;
	uint64_t files;
	uint64_t bytes;
	uint64_t expired;
};

/**
 * struct survey - one reading of the folder
 * @dir: the folder
 * @newest: name of what isn't a candidate, or NULL
 * @shares: those to be counted
 * @nr_shares: of them
 * @of: which of them the candidates are of
 * @all: others are noted, too, not only those of timers
 * @stuck: the last candidate that could not be removed: only those behind it are
 *	noted; none while its name is empty
 * @nr: entries of @first
 * @first: the candidates that go first, in order
 */
struct survey {
	int dir;
	const char *newest;
	struct share *shares;
	size_t nr_shares;
	const struct share *of;
	bool all;
	struct candidate stuck;
	size_t nr;
	struct candidate first[SURVEY_NOTED];
};

/**
 * survey_look() - read the folder
 * @list: of @survey->dir
 *
 * Only regular files count that belong to the user that we run as and have the name of a
 * snapshot. Where @survey->all is false, no file is opened.
 *
 * Return: 0 or a negative errno.
 */
int survey_look(struct survey *survey, DIR *list);

/* One of @survey->first is gone: don't count it any longer. */
void survey_gone(struct survey *survey, const struct candidate *candidate);

#endif
