// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>

#include "merge.h"

/*
 * A block's clocks are read one after another. What differs by less than this
 * is no suspend.
 */
#define CLOCK_SKEW	10000000ULL	/* ns */

/* Events may be written while the rings are read, but not much later. */
#define TIME_AHEAD	3600000000000ULL	/* ns */

/**
 * struct merge_source - a ring that has events left
 * @ring: the ring
 * @next: index of its next event
 * @time: wall clock; the latest of the ring's times up to that event
 */
struct merge_source {
	const struct reader_ring *ring;
	size_t next;
	uint64_t time;
};

uint64_t merge_wall(const struct clocks *now, uint64_t mono, uint64_t asleep)
{
	uint64_t asleep_now = now->boot - now->mono;
	uint64_t less = asleep_now - asleep;

	if (less < CLOCK_SKEW || -less < CLOCK_SKEW)
		asleep = asleep_now;
	return mono + asleep + (now->real - now->boot);
}

static void source_advance(const struct merge *merge,
			   struct merge_source *source)
{
	const struct reader_event *event = &source->ring->events[source->next];
	uint64_t time = merge_wall(&merge->now, event->slot->time,
				   event->block->boot - event->block->mono);

	/* One senseless time would carry all that follow it away. */
	if (time > merge->now.real + TIME_AHEAD)
		time = merge->now.real + TIME_AHEAD;
	if (time > source->time)
		source->time = time;
}

/* Within one ring the order is that of position: it has one source only. */
static bool before(const struct merge_source *a, const struct merge_source *b)
{
	if (a->time != b->time)
		return a->time < b->time;
	if (a->ring->cpu != b->ring->cpu)
		return a->ring->cpu < b->ring->cpu;
	return a->ring->channel < b->ring->channel;
}

static void sift_down(struct merge *merge, size_t at)
{
	struct merge_source *source = merge->heap[at];
	size_t child;

	while ((child = 2 * at + 1) < merge->nr) {
		if (child + 1 < merge->nr &&
		    before(merge->heap[child + 1], merge->heap[child]))
			child++;
		if (!before(merge->heap[child], source))
			break;
		merge->heap[at] = merge->heap[child];
		at = child;
	}
	merge->heap[at] = source;
}

int merge_init(struct merge *merge, const struct reader_ring *rings, size_t nr,
	       const struct clocks *now)
{
	struct merge_source *source;
	size_t i;

	merge->now = *now;
	merge->nr = 0;
	merge->sources = calloc(nr + 1, sizeof(*merge->sources));
	merge->heap = calloc(nr + 1, sizeof(*merge->heap));
	if (!merge->sources || !merge->heap) {
		merge_free(merge);
		return -ENOMEM;
	}
	for (i = 0; i < nr; i++) {
		if (!rings[i].nr_events)
			continue;
		source = &merge->sources[merge->nr];
		source->ring = &rings[i];
		source_advance(merge, source);
		merge->heap[merge->nr++] = source;
	}
	for (i = merge->nr / 2; i--; )
		sift_down(merge, i);
	return 0;
}

bool merge_next(struct merge *merge, struct merged *out)
{
	struct merge_source *source;

	if (!merge->nr)
		return false;
	source = merge->heap[0];
	out->ring = source->ring;
	out->event = &source->ring->events[source->next];
	out->time = source->time;

	source->next++;
	if (source->next == source->ring->nr_events)
		merge->heap[0] = merge->heap[--merge->nr];
	else
		source_advance(merge, source);
	if (merge->nr)
		sift_down(merge, 0);
	return true;
}

void merge_free(struct merge *merge)
{
	free(merge->sources);
	free(merge->heap);
}
