// SPDX-License-Identifier: GPL-2.0-only
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "channels.h"
#include "repeats.h"

/**
 * struct number - an event's
 * @recorder: index into the recorders
 * @cpu: of the ring
 * @channel: of the ring
 * @nr: in the ring
 */
struct number {
	uint32_t recorder;
	uint32_t cpu;
	uint32_t channel;
	uint64_t nr;
};

/**
 * struct repeats_run - events of a ring that a file has, one after another
 * @place: of the file
 * @next: the first that wasn't asked for yet
 * @end: behind the last one
 * @at: of a ring's first run: the run that is asked for is so many behind it
 */
struct repeats_run {
	size_t place;
	struct number next;
	uint64_t end;
	size_t at;
};

/**
 * struct repeats_part - a part of a ring
 * @first: its first event
 * @end: behind its last one
 * @files: so many files have it
 */
struct repeats_part {
	struct number first;
	uint64_t end;
	uint32_t files;
};

/**
 * struct edge - where a run begins or ends
 * @at: there
 * @step: 1 or -1
 */
struct edge {
	struct number at;
	int step;
};

/**
 * struct copy - an event that was seen, and is to come again
 * @number: its number
 * @left: so many times
 * @len: of @bytes
 * @bytes: what it is, without its time
 */
struct copy {
	struct number number;
	uint32_t left;
	size_t len;
	unsigned char bytes[];
};

static int ring_compare(const struct number *a, const struct number *b)
{
	if (a->recorder != b->recorder)
		return a->recorder < b->recorder ? -1 : 1;
	if (a->cpu != b->cpu)
		return a->cpu < b->cpu ? -1 : 1;
	return (a->channel > b->channel) - (a->channel < b->channel);
}

static int number_compare(const struct number *a, const struct number *b)
{
	int order = ring_compare(a, b);

	return order ? order : (a->nr > b->nr) - (a->nr < b->nr);
}

static int run_compare(const void *left, const void *right)
{
	const struct repeats_run *a = left, *b = right;

	if (a->place != b->place)
		return a->place < b->place ? -1 : 1;
	return number_compare(&a->next, &b->next);
}

static int edge_compare(const void *left, const void *right)
{
	const struct edge *a = left, *b = right;

	return number_compare(&a->at, &b->at);
}

static int copy_compare(const void *left, const void *right)
{
	const struct copy *a = left, *b = right;

	return number_compare(&a->number, &b->number);
}

void repeats_begin(struct repeats *repeats, size_t place)
{
	repeats->begun = repeats->nr_runs;
	repeats->place = place;
}

static bool make_room(struct repeats *repeats)
{
	size_t room = repeats->room ? 2 * repeats->room : 64;
	struct repeats_run *runs;

	if (repeats->nr_runs < repeats->room)
		return true;
	if (repeats->room >= REPEATS_RUNS)
		return false;
	runs = reallocarray(repeats->runs, room, sizeof(*runs));
	if (!runs)
		return false;
	repeats->runs = runs;
	repeats->room = room;
	return true;
}

void repeats_ring(void *arg, const struct summary_ring *ring)
{
	uint32_t channel = channel_by_name(ring->channel);
	const struct summary_runs *runs = &ring->numbers;
	struct repeats *repeats = arg;
	size_t i;

	for (i = 0; channel < TTLOG_NR_CHANNELS && i < runs->nr; i++) {
		/* None, or some beyond 2^64: a file may say anything. */
		if (runs->list[i].first + runs->list[i].nr <= runs->list[i].first)
			continue;
		if (!make_room(repeats))
			return;
		repeats->runs[repeats->nr_runs++] = (struct repeats_run) {
			.place = repeats->place,
			.next = { 0, ring->cpu, channel, runs->list[i].first },
			.end = runs->list[i].first + runs->list[i].nr,
		};
	}
}

/* Return: its index, or UINT32_MAX. */
static uint32_t recorder_of(struct repeats *repeats, struct slice id)
{
	char (*grown)[SNAPSHOT_RECORDER_ID];
	uint32_t i;

	if (id.len != sizeof(*grown) - 1)
		return UINT32_MAX;
	for (i = 0; i < repeats->nr_recorders; i++) {
		if (!memcmp(repeats->recorders[i], id.ptr, id.len))
			return i;
	}
	grown = reallocarray(repeats->recorders, i + 1, sizeof(*grown));
	if (!grown)
		return UINT32_MAX;
	repeats->recorders = grown;
	memcpy(grown[i], id.ptr, id.len);
	repeats->nr_recorders++;
	return i;
}

void repeats_end(struct repeats *repeats, const struct summary *summary)
{
	uint32_t recorder = UINT32_MAX;
	size_t i;

	if (summary_has(summary, SUMMARY_RECORDER_ID))
		recorder = recorder_of(repeats, summary->recorder_id);
	if (recorder == UINT32_MAX)
		repeats->nr_runs = repeats->begun;
	for (i = repeats->begun; i < repeats->nr_runs; i++)
		repeats->runs[i].next.recorder = recorder;
}

/* From edge to edge: how many runs are open there? */
static void make_parts(struct repeats *repeats, const struct edge *edges, size_t nr)
{
	struct repeats_part *part;
	uint32_t open = 0;
	size_t i;

	for (i = 0; i + 1 < nr; i++) {
		open += edges[i].step;
		if (open < 2 || !number_compare(&edges[i].at, &edges[i + 1].at))
			continue;
		part = &repeats->parts[repeats->nr_parts++];
		part->first = edges[i].at;
		part->end = edges[i + 1].at.nr;
		part->files = open;
	}
}

/* All files are known. Without memory nothing is known to be in several. */
static void prepare(struct repeats *repeats)
{
	struct edge *edges = calloc(repeats->nr_runs, 2 * sizeof(*edges));
	size_t i;

	repeats->ready = true;
	repeats->encoder = malloc(sizeof(*repeats->encoder));
	repeats->parts = calloc(repeats->nr_runs, 2 * sizeof(*repeats->parts));
	if (edges && repeats->encoder && repeats->parts) {
		qsort(repeats->runs, repeats->nr_runs, sizeof(*repeats->runs), run_compare);
		for (i = 0; i < repeats->nr_runs; i++) {
			edges[2 * i] = (struct edge) { repeats->runs[i].next, 1 };
			edges[2 * i + 1] = (struct edge) { repeats->runs[i].next, -1 };
			edges[2 * i + 1].at.nr = repeats->runs[i].end;
		}
		qsort(edges, 2 * repeats->nr_runs, sizeof(*edges), edge_compare);
		make_parts(repeats, edges, 2 * repeats->nr_runs);
	}
	free(edges);
}

static bool is_ring_of(const struct repeats_run *run, size_t place,
		       const struct event *event, uint32_t channel)
{
	return run->place == place && run->next.cpu == event->cpu &&
	       run->next.channel == channel;
}

/* The first run of the event's ring in its file; NULL: there is none. */
static struct repeats_run *ring_of(struct repeats *repeats, size_t place,
				   const struct event *event, uint32_t channel)
{
	size_t low = 0, high = repeats->nr_runs, middle;
	struct repeats_run *run;

	while (low < high) {
		middle = low + (high - low) / 2;
		run = &repeats->runs[middle];
		if (run->place < place ||
		    (run->place == place &&
		     (run->next.cpu < event->cpu ||
		      (run->next.cpu == event->cpu && run->next.channel < channel))))
			low = middle + 1;
		else
			high = middle;
	}
	run = &repeats->runs[low];
	return low < repeats->nr_runs && is_ring_of(run, place, event, channel) ? run : NULL;
}

/* The number of a file's next event of a ring. Return: false if it isn't known. */
static bool take_number(struct repeats *repeats, size_t place, const struct event *event,
			struct number *number)
{
	const struct repeats_run *end = repeats->runs + repeats->nr_runs;
	uint32_t channel = event_channel(event);
	struct repeats_run *first = ring_of(repeats, place, event, channel), *run;

	if (!first)
		return false;
	for (run = first + first->at; run < end && is_ring_of(run, place, event, channel);
	     run++) {
		if (run->next.nr < run->end) {
			*number = run->next;
			run->next.nr++;
			return true;
		}
		first->at++;
	}
	return false;
}

/* So many files have it. */
static uint32_t files_of(const struct repeats *repeats, const struct number *number)
{
	size_t low = 0, high = repeats->nr_parts, middle;
	const struct repeats_part *part;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (number_compare(&repeats->parts[middle].first, number) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return 1;
	part = &repeats->parts[low - 1];
	return ring_compare(&part->first, number) || number->nr >= part->end ? 1 : part->files;
}

/* By the wall clock, which may have been set between snapshots. */
static bool encode_timeless(struct repeats *repeats, const struct event *event)
{
	struct event timeless = *event;

	timeless.time = 0;
	encode_init(repeats->encoder, NULL);
	return !encode_event(repeats->encoder, &timeless);
}

static void wait_for(struct repeats *repeats, const struct number *number, uint32_t left)
{
	size_t len = repeats->encoder->used;
	struct copy *copy;

	if (repeats->memory + sizeof(*copy) + len > REPEATS_MEMORY)
		return;
	copy = malloc(sizeof(*copy) + len);
	if (!copy)
		return;
	copy->number = *number;
	copy->left = left;
	copy->len = len;
	memcpy(copy->bytes, repeats->encoder->bytes, len);
	if (tsearch(copy, &repeats->waiting, copy_compare))
		repeats->memory += sizeof(*copy) + len;
	else
		free(copy);
}

static void forget(struct repeats *repeats, struct copy *copy)
{
	repeats->memory -= sizeof(*copy) + copy->len;
	tdelete(copy, &repeats->waiting, copy_compare);
	free(copy);
}

bool repeats_had(struct repeats *repeats, size_t place, const struct event *event,
		 bool counts)
{
	struct number number;
	struct copy *copy, **found;
	uint32_t files;
	bool same;

	if (!repeats->nr_runs)
		return false;
	if (!repeats->ready)
		prepare(repeats);
	if (!take_number(repeats, place, event, &number) || !counts)
		return false;
	files = files_of(repeats, &number);
	if (files < 2 || !encode_timeless(repeats, event))
		return false;
	found = tfind(&(struct copy) { .number = number }, &repeats->waiting, copy_compare);
	if (!found) {
		wait_for(repeats, &number, files - 1);
		return false;
	}
	copy = *found;
	same = copy->len == repeats->encoder->used &&
	       !memcmp(copy->bytes, repeats->encoder->bytes, copy->len);
	if (!--copy->left)
		forget(repeats, copy);
	return same;
}

void repeats_free(struct repeats *repeats)
{
	tdestroy(repeats->waiting, free);
	free(repeats->encoder);
	free(repeats->parts);
	free(repeats->recorders);
	free(repeats->runs);
}
