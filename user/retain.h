/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which files of the helper's folder stay when they are too many.
 */
#ifndef TTLOG_RETAIN_H
#define TTLOG_RETAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <ttlog.h>

/* Reasons that may have limits of their own. */
#define RETAIN_REASONS	32

/**
 * struct limits - of files; what is 0 isn't one
 * @reason: that they have; "" for all files
 * @files: most of them
 * @bytes: most that they have together
 * @age: s since their snapshots were taken, as their names say
 */
struct limits {
	char reason[TTLOG_REASON_MAX + 1];
	uint64_t files;
	uint64_t bytes;
	uint64_t age;
};

/**
 * struct retention - what is to stay
 * @all: of all files
 * @free: least bytes that are to be free for us where they are; 0: any
 * @per_cent: @free is a share of the file system instead
 * @nr_reasons: entries of @reasons
 * @reasons: of files with a reason, beside what holds for all
 */
struct retention {
	struct limits all;
	uint64_t free;
	bool per_cent;
	size_t nr_reasons;
	struct limits reasons[RETAIN_REASONS];
};

/**
 * retain() - remove files until the others are within all limits
 * @folder: where; only regular files in it count whose names are those of
 *	snapshots and that belong to the user that we run as
 * @keep: the limits
 * @newest: name of the file just written, which stays in any case; or NULL
 *
 * What is too old goes. Of others first go timer and exit snapshots, then those with the
 * reasons level and probe, then all others, last those of an oops, a panic or a reset; of
 * these the oldest first, and before them those of a time still to come. What is removed,
 * and what goes wrong, is said on stderr. At most 256 go at once for each reason that has
 * limits, and as many for all; the others with later calls.
 */
void retain(const char *folder, const struct retention *keep,
	    const char *newest);

/* Is there any limit for all files? */
bool retain_any(const struct retention *keep);

/* May files have to go though no other came? */
bool retain_in_time(const struct retention *keep);

/**
 * retain_make_room() - remove timer and exit snapshots where there is no space
 * @folder: as above
 * @bytes: what they are to make up together
 *
 * The oldest go, 32 at most; none if these wouldn't do.
 *
 * Return: true if they are gone.
 */
bool retain_make_room(const char *folder, uint64_t bytes);

#endif
