/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which files of the helper's folder stay when they are too many.
 */
#ifndef TTLOG_RETAIN_H
#define TTLOG_RETAIN_H

#include <stdbool.h>
#include <stdint.h>

/**
 * retain() - remove files until the others have at most so many bytes together
 * @folder: where; only regular files in it count whose names are those of
 *	snapshots and that belong to the user that we run as
 * @keep: bytes; 0: any number
 * @newest: name of the file just written, which stays in any case; or NULL
 *
 * First go timer and exit snapshots, then all others, last those of an oops, a
 * panic or a reset; of these the oldest first, and before them those of a time still
 * to come. What is removed, and what goes wrong, is said on stderr. At most 256 go at
 * once, the others with later calls.
 */
void retain(const char *folder, uint64_t keep, const char *newest);

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
