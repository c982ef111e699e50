/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The events of several files as one sequence in time.
 */
#ifndef TTLOG_SEQUENCE_H
#define TTLOG_SEQUENCE_H

#include "decode.h"

struct source;

/**
 * struct sequence - k-way merge by a heap; all 0 at first
 * @damaged: of a file something is missing or wrong; it was said on stderr
 *
 * The key is (latest time so far in the file, place among the files): within a file the
 * order stays, also of one made to have times that go back.
 *
 * A file whose first event isn't due yet is open, but takes no other room: memory grows
 * with the files that overlap in time. Files that can't be read twice are the exception.
 */
struct sequence {
	bool damaged;

	/* private */
	struct source **heap;
	size_t nr;
	size_t room;
	size_t added;
	bool taken;	/* the first one's event was given out */
};

/**
 * sequence_add() - a file; all of them are added before an event is taken
 * @name: for messages; has to stay
 * @fd: of file_open(), and closed when it isn't needed any longer
 */
void sequence_add(struct sequence *sequence, const char *name, int fd);

/**
 * sequence_next() - the next event
 *
 * Return: the event, which lives until the next call; or NULL at the end.
 */
const struct event *sequence_next(struct sequence *sequence);

/* May be called at any time. */
void sequence_free(struct sequence *sequence);

#endif
