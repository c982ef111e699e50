/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The events of all rings in one sequence, as they come.
 *
 * Each reading goes on in each ring where the last one ended, which is before the first
 * event that isn't committed (advance.h). What is as old as the moment at which a
 * reading began is in the rings by then and can be put in order; what is younger, or
 * has an open event of another ring in front of it, waits for the next reading, but no
 * longer: it stays in its ring meanwhile.
 */
#ifndef TTLOG_STREAM_H
#define TTLOG_STREAM_H

#include "device.h"

/**
 * struct stream_loss - events that aren't there
 * @cpu: of the ring
 * @channel: of the ring
 * @cause: "overwritten" or "holes", of what was recorded; a cause of loss of what wasn't
 * @events: how many
 */
struct stream_loss {
	uint32_t cpu;
	uint32_t channel;
	const char *cause;
	uint64_t events;
};

/**
 * struct stream_sink - what to do with it
 * @match: is it one of those that are wanted?
 * @event: one that is
 * @lost: told where the events would stand, in their ring at least. What is left out on
 *	purpose, by its level or by sampling, isn't told
 * @ended: end in the midst of a reading?
 * @arg: for all
 */
struct stream_sink {
	bool (*match)(void *arg, const struct event *event);
	void (*event)(void *arg, const struct event *event);
	void (*lost)(void *arg, const struct stream_loss *loss);
	bool (*ended)(void *arg);
	void *arg;
};

/* As a number of events: all there are. */
#define STREAM_ALL	UINT64_MAX

struct stream_place;

/**
 * struct stream - what was read of it
 */
struct stream {
	/* private */
	struct device *device;
	const struct stream_sink *sink;
	struct stream_place *places;
	uint64_t *seen;
	struct event event;
	const struct names *names;
	uint64_t last;
	uint64_t skip;
	uint64_t now;
	uint64_t horizon;
	unsigned int idle;
	bool begun;
	bool unsettled;
};

/**
 * stream_open() - begin
 * @device: opened for reading
 * @sink: must stay
 * @last: how many of the events that are wanted and there already are given, the newest;
 *	with STREAM_ALL it is also told how many were lost before
 *
 * Return: EXIT_*; then there is nothing to close.
 */
int stream_open(struct stream *stream, struct device *device,
		const struct stream_sink *sink, uint64_t last);

/**
 * stream_read() - give what is new
 *
 * To be called every now and then: an event is given at the second call after it was
 * written at the latest, one behind an event that is never committed at the first after
 * ADVANCE_PATIENCE. Where nothing is new that costs next to nothing.
 *
 * Return: EXIT_*; what went wrong is said on stderr.
 */
int stream_read(struct stream *stream);

void stream_close(struct stream *stream);

#endif
