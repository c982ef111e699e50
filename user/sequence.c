// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "print.h"
#include "sequence.h"
#include "spool.h"

/**
 * struct source - a file that has events left
 * @name: for messages
 * @fd: of the file
 * @start: where in it the snapshot begins; -1 where it can't be read again
 * @place: among the files
 * @time: the latest so far
 * @event: the next one, in @in; NULL as long as the file rests
 * @in: reads it, unless it rests
 * @origin: of its events, if that is wanted
 */
struct source {
	const char *name;
	int fd;
	off_t start;
	size_t place;
	uint64_t time;
	const struct event *event;
	struct decoder in;
	struct origin origin;
};

static const struct decode_sink events_alone = { .item = decode_no_item };

static void damaged(struct sequence *sequence, size_t place)
{
	if (!sequence->damaged || place < sequence->damaged)
		sequence->damaged = place;
}

static void no_memory(struct sequence *sequence, const char *name, size_t place)
{
	print_warning("%s: out of memory", name);
	damaged(sequence, place);
}

/* Its events are all taken, or can't be. */
static void source_free(struct sequence *sequence, struct source *source)
{
	if (source->event)
		decode_free(&source->in);
	if (source->in.damaged)
		damaged(sequence, source->place);
	file_close(source->fd);
	origin_free(&source->origin);
	free(source);
}

static int begin(struct source *source)
{
	if (source->start >= 0)
		lseek(source->fd, source->start, SEEK_SET);
	return decode_open(&source->in, source->name, source->fd);
}

/* Read the next event. Return: false at the end. */
static bool advance(struct source *source)
{
	const struct event *event = decode_next(&source->in, &events_alone);

	if (!event)
		return false;
	source->event = event;
	if (event->time > source->time)
		source->time = event->time;
	return true;
}

static bool wake(struct sequence *sequence, struct source *source)
{
	if (begin(source)) {
		no_memory(sequence, source->name, source->place);
		return false;
	}
	if (advance(source))
		return true;
	decode_free(&source->in);
	return false;
}

/*
 * When is the first event, and where is it from? What is wrong with the file is said
 * when it is due, and what couldn't be done for the time is tried again then.
 */
static void look(struct sequence *sequence, struct source *source)
{
	bool all = sequence->origins || sequence->repeats;
	struct summary summary = { .arg = sequence->repeats };
	struct decode_sink sink = {
		.item = all ? summary_item : decode_no_item, .context = &summary,
	};
	int err = begin(source);
	const struct event *event;

	if (sequence->repeats) {
		summary.ring = repeats_ring;
		repeats_begin(sequence->repeats, source->place);
	}
	if (!err) {
		source->in.quiet = true;
		event = decode_next(&source->in, &sink);
		source->time = event ? event->time : 0;
		while (event && all)
			event = decode_next(&source->in, &sink);
		err = source->in.frame.error == ENOMEM;
		decode_free(&source->in);
	}
	if (sequence->repeats)
		repeats_end(sequence->repeats, &summary);
	origin_take(&source->origin, &summary);
	summary_free(&summary);
	if (sequence->origins && err)
		no_memory(sequence, source->name, source->place);
}

/* Where an origin is wanted, it has to be read twice. */
static bool copied(struct sequence *sequence, struct source *source)
{
	int copy = spool(source->fd);

	if (copy < 0) {
		print_warning("%s: cannot copy it to a temporary file: %s", source->name,
			      strerror(-copy));
		damaged(sequence, source->place);
		return false;
	}
	file_close(source->fd);
	source->fd = copy;
	source->start = 0;
	return true;
}

static bool before(const struct source *a, const struct source *b)
{
	if (a->time != b->time)
		return a->time < b->time;
	return a->place < b->place;
}

static void sift_down(struct sequence *sequence, size_t at)
{
	struct source *source = sequence->heap[at];
	size_t child;

	while ((child = 2 * at + 1) < sequence->nr) {
		if (child + 1 < sequence->nr &&
		    before(sequence->heap[child + 1], sequence->heap[child]))
			child++;
		if (!before(sequence->heap[child], source))
			break;
		sequence->heap[at] = sequence->heap[child];
		at = child;
	}
	sequence->heap[at] = source;
}

static void sift_up(struct sequence *sequence, size_t at)
{
	struct source *source = sequence->heap[at];

	while (at && before(source, sequence->heap[(at - 1) / 2])) {
		sequence->heap[at] = sequence->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	sequence->heap[at] = source;
}

static bool make_room(struct sequence *sequence)
{
	size_t room = sequence->room ? 2 * sequence->room : 16;
	struct source **heap;

	if (sequence->nr < sequence->room)
		return true;
	heap = reallocarray(sequence->heap, room, sizeof(*heap));
	if (!heap)
		return false;
	sequence->heap = heap;
	sequence->room = room;
	return true;
}

static bool prepare(struct sequence *sequence, struct source *source)
{
	if (source->start < 0 && !sequence->origins)
		return wake(sequence, source);
	if (source->start < 0 && !copied(sequence, source))
		return false;
	look(sequence, source);
	return true;
}

void sequence_add(struct sequence *sequence, const char *name, int fd, size_t place)
{
	struct source *source = calloc(1, sizeof(*source));

	if (!source || !make_room(sequence)) {
		no_memory(sequence, name, place);
		file_close(fd);
		free(source);
		return;
	}
	source->name = name;
	source->fd = fd;
	source->start = lseek(fd, 0, SEEK_CUR);
	source->place = place;
	if (!prepare(sequence, source)) {
		source_free(sequence, source);
		return;
	}
	sequence->heap[sequence->nr++] = source;
	sift_up(sequence, sequence->nr - 1);
}

static void drop_first(struct sequence *sequence)
{
	struct source *source = sequence->heap[0];

	sequence->heap[0] = sequence->heap[--sequence->nr];
	if (sequence->nr)
		sift_down(sequence, 0);
	source_free(sequence, source);
}

/* Behind what can't be read the next number isn't known. */
static bool was_there(const struct sequence *sequence, const struct source *source,
		      bool passes)
{
	return sequence->repeats && !source->in.damaged &&
	       repeats_had(sequence->repeats, source->place, source->event, passes);
}

static bool is_wanted(const struct sequence *sequence, const struct source *source)
{
	bool passes = !sequence->filter || filter_match(sequence->filter, source->event);

	return !was_there(sequence, source, passes) && passes;
}

const struct event *sequence_next(struct sequence *sequence)
{
	struct source *first;
	bool more;

	while (sequence->nr) {
		first = sequence->heap[0];
		if (first->event && !sequence->taken) {
			sequence->taken = true;
			if (is_wanted(sequence, first))
				return first->event;
		}
		sequence->taken = false;
		more = first->event ? advance(first) : wake(sequence, first);
		if (more)
			sift_down(sequence, 0);
		else
			drop_first(sequence);
	}
	return NULL;
}

const struct origin *sequence_origin(const struct sequence *sequence)
{
	return sequence->origins && sequence->taken ? &sequence->heap[0]->origin : NULL;
}

void sequence_free(struct sequence *sequence)
{
	while (sequence->nr)
		source_free(sequence, sequence->heap[--sequence->nr]);
	free(sequence->heap);
}
