/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel's dm-log-writes has written down: all writes to a device, in an
 * order in which the device may have made them durable. A write stands in front of
 * the first flush that came after it was complete.
 */
#ifndef CUT_LOG_H
#define CUT_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CUT_FLUSH	1
#define CUT_FUA		2
#define CUT_DISCARD	4
#define CUT_MARK	8

#define CUT_MARK_ROOM	128

/**
 * struct entry - a write, a flush, a mark
 * @flags: CUT_*
 * @to: where on the device, in bytes
 * @from: where its data is in the log, in bytes
 * @size: bytes of data
 * @mark: with CUT_MARK: its text
 */
struct entry {
	uint64_t flags;
	uint64_t to;
	uint64_t from;
	uint64_t size;
	char mark[CUT_MARK_ROOM];
};

/**
 * struct log - all of it
 * @fd: the device that has it
 * @nr: entries
 */
struct log {
	int fd;
	size_t nr;
	struct entry *entry;
};

/* Read what @path has. Ends the program if it has no log. */
void log_open(struct log *log, const char *path);

/* Do to a device what entry @i did. Ends the program if that can't be done. */
void log_apply(const struct log *log, size_t i, int device);

/* The first entry with this mark, log->nr if there is none. */
size_t log_find(const struct log *log, const char *mark);

#endif
