/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading a mapped ring. The memory is the writer's and may change under us at
 * any moment; what comes out of here is a private copy that was checked.
 */
#ifndef TTLOG_READER_H
#define TTLOG_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <ttlog.h>

/**
 * struct reader_event - one event in the reader's private copy
 * @slot: the event; @size bytes are there to read, at least TTLOG_EVENT_SIZE
 * @block: head of the block that it came from
 * @size: bytes of the slot, a multiple of TTLOG_ALIGN
 * @position: of the slot in the ring
 * @number: event number in the ring
 */
struct reader_event {
	const struct ttlog_event *slot;
	const struct ttlog_block *block;
	size_t size;
	uint64_t position;
	uint64_t number;
};

/* No event has this number. */
#define READER_NONE	UINT64_MAX

/**
 * struct reader_range - what is wanted of a ring
 * @from: the first event number; earlier ones were read before
 * @closed: end before the first event that isn't committed, so that it can be read
 *	later
 * @passed: where @closed: one that is given up, and where it wasn't begun what it
 *	hides, the rest of its block; READER_NONE: none is
 * @heads: no events, but only what heads of ring and blocks say: none is copied, and
 *	what @from, @closed and @passed say doesn't matter
 * @copied: called after blocks were copied, with the position that the next one
 *	starts at; or NULL
 * @arg: for @copied
 */
struct reader_range {
	uint64_t from;
	bool closed;
	uint64_t passed;
	bool heads;
	void (*copied)(void *arg, uint64_t position);
	void *arg;
};

/* All that is there. */
#define READER_ALL	((struct reader_range){ .passed = READER_NONE })

/**
 * struct reader_ring - what one ring held
 * @cpu: of the ring
 * @channel: of the ring
 * @events: in the order of position
 * @nr_events: entries of @events
 * @from: first event number of the interval that was read
 * @to: the number after its last one. @to - @from = @nr_events + @overwritten +
 *	@holes; where heads alone were wanted, @nr_events and @holes are 0
 * @open: the interval ends at @to because that event isn't committed
 * @overwritten: events of the interval that were overwritten
 * @holes: events of the interval that have a slot but were never committed, or
 *	weren't yet
 * @oldest: mono; nothing that came later was overwritten
 * @position: the position up to which was read; where heads alone were wanted, that
 *	of the first free byte
 * @holds: its newest bytes of which it holds so many at least, once it was full
 * @lost: the ring's loss counters, by cause
 * @demoted: events of the keep channel's levels that went to this ring of flow
 * @copy: backs @events
 */
struct reader_ring {
	uint32_t cpu;
	uint32_t channel;
	struct reader_event *events;
	size_t nr_events;
	uint64_t from;
	uint64_t to;
	bool open;
	uint64_t overwritten;
	uint64_t holes;
	uint64_t oldest;
	uint64_t position;
	uint64_t holds;
	uint64_t lost[TTLOG_NR_LOST];
	uint64_t demoted;
	void *copy;
};

/**
 * reader_ring_read() - copy what a mapped ring holds
 * @ring: the mapping, page aligned
 * @size: its bytes
 * @key: struct ttlog_map.key
 * @range: what is wanted
 * @out: filled in; give it to reader_ring_free()
 *
 * Return: 0, -ENOMEM, or -EBADMSG when the ring's head makes no sense.
 */
int reader_ring_read(const void *ring, size_t size, uint64_t key,
		     const struct reader_range *range,
		     struct reader_ring *out);

void reader_ring_free(struct reader_ring *ring);

#endif
