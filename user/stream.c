// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>

#include "advance.h"
#include "channels.h"
#include "stream.h"

/* Calls in which nothing has moved, until it is looked more closely. */
#define IDLE_CALLS	25

/**
 * struct stream_place - how far a ring was given
 * @end: events before its number are given, and since when it is open
 * @next: likewise, while a reading is given
 * @read: events before this number were read at the last reading
 * @overwritten: events of this reading that are to be told yet
 * @held: the rest of this reading is for the next one
 * @lost: the ring's loss counters, as told
 */
struct stream_place {
	struct ttlog_end end;
	uint64_t next;
	uint64_t read;
	uint64_t overwritten;
	bool held;
	uint64_t lost[TTLOG_NR_LOST];
};

static uint64_t mono_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

static struct stream_place *place_of(const struct stream *stream, uint32_t cpu,
				     uint32_t channel)
{
	return &stream->places[(size_t)cpu * stream->device->info.nr_channels + channel];
}

static struct advance advance_of(const struct stream *stream, struct stream_place *place)
{
	return (struct advance) { .ends = &place->end, .nr = 1, .now = stream->now };
}

static void choose(void *arg, uint32_t cpu, uint32_t channel, struct reader_range *range)
{
	struct stream *stream = arg;
	struct advance advance = advance_of(stream, place_of(stream, cpu, channel));

	advance_choose(&advance, cpu, channel, range);
}

/* Is it told what is lost? Where it begins with the newest, not what was before. */
static bool tells(const struct stream *stream)
{
	return stream->begun || stream->last == STREAM_ALL;
}

static void tell(const struct stream *stream, const struct ttlog_end *at, const char *cause,
		 uint64_t events)
{
	if (events && tells(stream))
		stream->sink->lost(stream->sink->arg, &(struct stream_loss) {
			.cpu = at->cpu, .channel = at->channel, .cause = cause,
			.events = events,
		});
}

/* What is missing in front of an event: first what was overwritten. */
static void tell_gap(const struct stream *stream, struct stream_place *place,
		     uint64_t number)
{
	uint64_t missing = number > place->next ? number - place->next : 0;
	uint64_t overwritten = missing < place->overwritten ? missing : place->overwritten;

	tell(stream, &place->end, "overwritten", overwritten);
	tell(stream, &place->end, "holes", missing - overwritten);
	place->overwritten -= overwritten;
	if (missing)
		place->next = number;
}

static bool on_purpose(int cause)
{
	return cause == TTLOG_LOST_FILTERED || cause == TTLOG_LOST_SAMPLED;
}

static void tell_losses(const struct stream *stream, struct stream_place *place,
			const struct reader_ring *ring)
{
	int i;

	for (i = 0; i < TTLOG_NR_LOST; i++) {
		if (ring->lost[i] > place->lost[i] && !on_purpose(i))
			tell(stream, &place->end, lost_name(i),
			     ring->lost[i] - place->lost[i]);
		place->lost[i] = ring->lost[i];
	}
}

/* The last time that is known of a ring, by the wall clock; 0: none is. */
static uint64_t last_time(const struct contents *contents, const struct reader_ring *ring)
{
	const struct reader_event *last;

	if (!ring->nr_events)
		return 0;
	last = &ring->events[ring->nr_events - 1];
	return merge_wall(&contents->clocks, last->slot->time,
			  last->block->boot - last->block->mono);
}

/* Up to when nothing is missing that may still come. */
static void find_horizon(struct stream *stream, const struct contents *contents)
{
	const struct clocks *clocks = &contents->clocks;
	uint64_t last;
	size_t i;

	stream->horizon = merge_wall(clocks, stream->now, clocks->boot - clocks->mono);
	for (i = 0; i < contents->nr; i++) {
		if (!contents->rings[i].open)
			continue;
		last = last_time(contents, &contents->rings[i]);
		if (last < stream->horizon)
			stream->horizon = last;
	}
}

/* What was read before has waited, also where its time makes no sense. */
static bool is_held(const struct stream *stream, struct stream_place *place,
		    const struct merged *merged)
{
	if (merged->time > stream->horizon && merged->event->number >= place->read)
		place->held = true;
	return place->held;
}

static int decode(struct stream *stream, const struct merged *merged)
{
	if (event_from_slot(&stream->event, merged->event, stream->names)) {
		warnx("out of memory");
		return EXIT_OTHER;
	}
	stream->event.time = merged->time;
	event_set_ring(&stream->event, merged->ring);
	return EXIT_OK;
}

static bool matches(const struct stream *stream)
{
	return stream->sink->match(stream->sink->arg, &stream->event);
}

static int count(struct stream *stream, const struct merged *merged)
{
	struct stream_place *place = place_of(stream, merged->ring->cpu,
					      merged->ring->channel);
	int status;

	if (is_held(stream, place, merged))
		return EXIT_OK;
	status = decode(stream, merged);
	stream->skip += !status && matches(stream);
	return status;
}

static int give(struct stream *stream, const struct merged *merged)
{
	struct stream_place *place = place_of(stream, merged->ring->cpu,
					      merged->ring->channel);
	int status;

	if (is_held(stream, place, merged))
		return EXIT_OK;
	status = decode(stream, merged);
	if (status)
		return status;
	tell_gap(stream, place, merged->event->number);
	place->next = merged->event->number + 1;
	if (!matches(stream))
		return EXIT_OK;
	if (stream->skip)
		stream->skip--;
	else
		stream->sink->event(stream->sink->arg, &stream->event);
	return EXIT_OK;
}

static void begin(struct stream *stream, const struct contents *contents)
{
	const struct reader_ring *ring;
	struct stream_place *place;
	size_t i;

	for (i = 0; i < contents->nr; i++) {
		ring = &contents->rings[i];
		place = place_of(stream, ring->cpu, ring->channel);
		place->next = place->end.number;
		place->overwritten = ring->overwritten;
		place->held = false;
	}
}

static bool has_ended(const struct stream *stream)
{
	return stream->sink->ended(stream->sink->arg);
}

static int for_each(struct stream *stream, const struct contents *contents,
		    int (*act)(struct stream *stream, const struct merged *merged))
{
	struct merged merged;
	struct merge merge;
	int status = EXIT_OK;

	if (merge_init(&merge, contents->rings, contents->nr, &contents->clocks)) {
		warnx("out of memory");
		return EXIT_OTHER;
	}
	begin(stream, contents);
	while (!status && !has_ended(stream) && merge_next(&merge, &merged))
		status = act(stream, &merged);
	merge_free(&merge);
	return status;
}

static void end_ring(struct stream *stream, const struct reader_ring *ring)
{
	struct stream_place *place = place_of(stream, ring->cpu, ring->channel);
	struct advance advance = advance_of(stream, place);
	struct ttlog_end end;

	place->read = ring->to;
	stream->unsettled |= place->held || ring->open;
	tell_losses(stream, place, ring);
	if (place->held) {
		place->end.number = place->next;
		place->end.open_since = 0;
		return;
	}
	tell_gap(stream, place, ring->to);
	if (advance_ends(&advance, ring, 1, &end))
		place->end = end;
}

static int give_contents(struct stream *stream, const struct contents *contents)
{
	int status = EXIT_OK;
	size_t i;

	stream->names = &contents->names;
	find_horizon(stream, contents);
	if (!stream->begun && stream->last != STREAM_ALL) {
		status = for_each(stream, contents, count);
		stream->skip -= stream->skip < stream->last ? stream->skip : stream->last;
	}
	if (!status)
		status = for_each(stream, contents, give);
	/* What is left of it isn't lost. */
	if (status || has_ended(stream))
		return status;
	stream->unsettled = false;
	for (i = 0; i < contents->nr; i++)
		end_ring(stream, &contents->rings[i]);
	stream->begun = true;
	return EXIT_OK;
}

/* The kernel's log isn't in its ring before it is brought there. */
static int look(struct stream *stream, bool *quiet)
{
	if (ioctl(stream->device->fd, TTLOG_IOC_SYNC))
		return device_failed("bring the kernel's log up to date");
	*quiet = !device_moved(stream->device, stream->seen) && !stream->unsettled &&
		 stream->idle < IDLE_CALLS;
	stream->idle = *quiet ? stream->idle + 1 : 0;
	return EXIT_OK;
}

int stream_read(struct stream *stream)
{
	struct wanted wanted = { .choose = choose, .arg = stream };
	struct contents contents = { 0 };
	bool quiet = false;
	int status;

	status = look(stream, &quiet);
	if (status || quiet)
		return status;
	/* What is printed or written from here on may not be seen by this reading. */
	stream->now = mono_now();
	status = device_read(stream->device, &wanted, &contents);
	if (!status)
		status = give_contents(stream, &contents);
	contents_free(&contents);
	return status;
}

static void name_places(struct stream *stream)
{
	const struct ttlog_info *info = &stream->device->info;
	uint32_t cpu, channel;

	for (cpu = 0; cpu < info->nr_cpus; cpu++) {
		for (channel = 0; channel < info->nr_channels; channel++)
			place_of(stream, cpu, channel)->end = (struct ttlog_end) {
				.cpu = cpu, .channel = channel,
			};
	}
}

int stream_open(struct stream *stream, struct device *device,
		const struct stream_sink *sink, uint64_t last)
{
	size_t nr = device_nr_rings(device);

	*stream = (struct stream) { .device = device, .sink = sink, .last = last };
	stream->places = calloc(nr + 1, sizeof(*stream->places));
	stream->seen = calloc(DEVICE_SEEN(nr), sizeof(*stream->seen));
	if (!stream->places || !stream->seen || event_init(&stream->event)) {
		warnx("out of memory");
		stream_close(stream);
		return EXIT_OTHER;
	}
	name_places(stream);
	return EXIT_OK;
}

void stream_close(struct stream *stream)
{
	free(stream->places);
	free(stream->seen);
	event_free(&stream->event);
}
