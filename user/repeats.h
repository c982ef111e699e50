/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events that several files have, as a timer's and an oops's do, told from others like
 * them: by recorder, ring and number, of which files say theirs behind their events.
 */
#ifndef TTLOG_REPEATS_H
#define TTLOG_REPEATS_H

#include "encode.h"
#include "summary.h"

/* Of all files: numbers beyond so many runs aren't known, as a hostile file's. */
#define REPEATS_RUNS	262144

/* Bytes of events of which a copy is to come; beyond that each is printed. */
#define REPEATS_MEMORY	(64UL << 20)

struct repeats_run;
struct repeats_part;

/**
 * struct repeats - all 0 at first
 *
 * Memory is for the runs of all files, and for the events of which one copy was seen and
 * others are to come.
 */
struct repeats {
	/* private */
	struct repeats_run *runs;	/* by place, then by ring and number */
	size_t nr_runs;
	size_t room;
	size_t begun;			/* the runs of the file that is read begin here */
	size_t place;
	char (*recorders)[SNAPSHOT_RECORDER_ID];
	size_t nr_recorders;
	struct repeats_part *parts;	/* which numbers several files have, likewise */
	size_t nr_parts;
	struct encoder *encoder;
	void *waiting;			/* of tsearch() */
	size_t memory;			/* bytes of what is in there */
	bool ready;
};

/**
 * repeats_begin() - a file's summary is going to be read; all are before the first event
 * @place: among the files, from 1 on, larger than that of the file before
 */
void repeats_begin(struct repeats *repeats, size_t place);

/* For struct summary.ring, with a struct repeats. */
void repeats_ring(void *repeats, const struct summary_ring *ring);

/* It is read, as far as that could be done. */
void repeats_end(struct repeats *repeats, const struct summary *summary);

/**
 * repeats_had() - was an event there before?
 * @place: of the file that it is from, of which each event has to be asked for, in order
 * @counts: otherwise only its number is taken, and the answer is no
 *
 * Only what is the same in all but its time counts: a file can't hide what is in another
 * by numbers that it makes up.
 */
bool repeats_had(struct repeats *repeats, size_t place, const struct event *event,
		 bool counts);

void repeats_free(struct repeats *repeats);

#endif
