/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The events of several files as one sequence in time.
 */
#ifndef TTLOG_SEQUENCE_H
#define TTLOG_SEQUENCE_H

#include "filter.h"
#include "origin.h"
#include "repeats.h"

struct source;

/**
 * struct sequence - k-way merge by a heap; all else 0 at first
 * @origins: to be set if they are wanted: each file is read to its end before, too
 * @repeats: to be set, to all 0, if what several files have is to come once; likewise,
 *	but of what can't be read twice all comes
 * @filter: to be set if only what passes is to come; what doesn't is no repeat of what
 *	does, as the same event may have another time in another file
 * @damaged: place of the first file of which something is missing or wrong, which was
 *	said on stderr; 0: there is none
 *
 * The key is (latest time so far in the file, place among the files): within a file the
 * order stays, also of one made to have times that go back.
 *
 * A file whose first event isn't due yet is open, but takes no other room: memory grows
 * with the files that overlap in time. What can't be read twice, as a pipe, is copied to
 * a temporary file where origins are wanted.
 */
struct sequence {
	bool origins;
	struct repeats *repeats;
	const struct filter *filter;
	size_t damaged;

	/* private */
	struct source **heap;
	size_t nr;
	size_t room;
	bool taken;	/* the first one's event was given out */
};

/**
 * sequence_add() - a file; all of them are added before an event is taken
 * @name: for messages; has to stay
 * @fd: of file_open(), and closed when it isn't needed any longer
 * @place: among the files, from 1 on
 */
void sequence_add(struct sequence *sequence, const char *name, int fd, size_t place);

/**
 * sequence_next() - the next event
 *
 * Return: the event, which lives until the next call; or NULL at the end.
 */
const struct event *sequence_next(struct sequence *sequence);

/**
 * sequence_origin() - where the event that sequence_next() returned last is from
 *
 * Return: NULL unless @origins is set.
 */
const struct origin *sequence_origin(const struct sequence *sequence);

/* May be called at any time; @repeats is the caller's. */
void sequence_free(struct sequence *sequence);

#endif
