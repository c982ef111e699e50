/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What became of snapshots since the machine was started, by whichever helper wrote
 * them: a small file in memory that helpers add to, and everybody may read.
 */
#ifndef TTLOG_COUNTS_H
#define TTLOG_COUNTS_H

#include <ttlog.h>

#include "snapshot.h"

/* Where it is, unless the environment's RUNTIME_DIRECTORY (of systemd) names a folder. */
#define COUNTS_FOLDER	"/run/ttlog"
#define COUNTS_NAME	"counts"

#define COUNTS_MAX	96
#define COUNTS_TRIGGER	15	/* most bytes of a trigger's name */
#define COUNTS_OTHER	"(other)"

/**
 * struct count - of the files of one trigger and reason
 * @trigger: as in the file
 * @reason: likewise; COUNTS_OTHER: of all for which there was no room
 * @files: that were written
 * @triggers: that these stand for
 * @bytes: of all of them
 * @last: when the last one was written: real, milliseconds
 * @last_bytes: of that one
 * @last_ns: from the reading of the rings until it was durable; 0: it isn't known
 */
struct count {
	char trigger[COUNTS_TRIGGER + 1];
	char reason[TTLOG_REASON_MAX + 1];
	uint64_t files;
	uint64_t triggers;
	uint64_t bytes;
	uint64_t last;
	uint64_t last_bytes;
	uint64_t last_ns;
};

/**
 * struct counts - all of them
 * @failed: attempts to write a file that came to nothing
 * @in_a_row: of these, how many since the last file
 * @overwritten: by channel: events that no timer or exit snapshot has, as they were
 *	overwritten before
 * @of: one for each trigger and reason
 * @nr: entries of @of
 */
struct counts {
	uint64_t failed;
	uint64_t in_a_row;
	uint64_t overwritten[TTLOG_NR_CHANNELS];
	struct count of[COUNTS_MAX];
	size_t nr;
};

/**
 * counts_read() - read them, and believe nothing that a helper wouldn't write
 * @path: set to where they are or should be, PATH_MAX bytes; or NULL
 * @counts: all 0 when they can't be read
 *
 * Return: 0, or a negative errno: -ENOENT: there are none; -EBADMSG: it is no such file.
 */
int counts_read(struct counts *counts, char *path);

/**
 * counts_find() - where files of this trigger and reason are counted
 *
 * A reason that is new gets a place of its own unless its trigger has too many already
 * (a request 16, any other 64): whoever may ask for snapshots may make up reasons.
 *
 * Return: a place, of COUNTS_OTHER perhaps, or NULL where there is no room at all.
 */
struct count *counts_find(struct counts *counts, const char *trigger,
			  const char *reason);

/**
 * counts_written() - add a file
 * @snapshot: that is in it
 * @bytes: of the file
 * @boot_id: of this boot, as only then its clocks are ours
 *
 * The helper. What can't be counted is not: neither this nor the next waits or complains.
 */
void counts_written(const struct snapshot *snapshot, uint64_t bytes,
		    const char *boot_id);

/* Add a file that could not be written. The helper. */
void counts_failed(void);

#endif
