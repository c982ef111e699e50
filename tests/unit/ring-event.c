// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events that tell who wrote them. Compiled into the unit tests, and into the
 * module of tests/nest.
 */
#include "ring-event.h"

static u64 mix(u64 x)
{
	x ^= x >> 31;
	x *= 0x7fb5d329728ea185ULL;
	x ^= x >> 27;
	x *= 0x81dadef4bc2dd44dULL;
	return x ^ x >> 33;
}

static u64 name(u32 writer, u64 sequence)
{
	return (u64)writer << 48 | sequence;
}

size_t test_event_size(u32 writer, u64 sequence)
{
	u64 h = mix(name(writer, sequence) ^ 0x51ed270b);
	size_t words = 7 + h % 24;

	/* Now and then a long one. */
	if (h >> 32 & 31)
		return words * 8;
	return (words + (h >> 40) % (TEST_WORDS_MAX - 31)) * 8;
}

bool test_event_write(struct ring *r, u32 writer, u64 sequence)
{
	size_t size = test_event_size(writer, sequence), i;
	struct slot slot = {};
	bool alone;
	u64 *words;

	/* Every other one as probes do. */
	if (sequence & 1)
		slot = ring_reserve_alone(r, size, ring_step(size));
	alone = slot.event;
	if (!alone)
		slot = ring_reserve(r, size);
	if (!slot.event)
		return false;
	words = (u64 *)slot.event;
	WRITE_ONCE(words[1], name(writer, sequence));
	for (i = 2; i < size / 8; i++)
		WRITE_ONCE(words[i], mix(name(writer, sequence) + i));
	if (alone)
		ring_commit_alone(r, slot);
	else
		ring_commit(r, slot);
	return true;
}

bool test_event_check(const void *slot, size_t size, u32 *writer, u64 *sequence)
{
	const u64 *words = slot;
	size_t i;

	*writer = words[1] >> 48;
	*sequence = words[1] & ((1ULL << 48) - 1);
	if (size != test_event_size(*writer, *sequence))
		return false;
	for (i = 2; i < size / 8; i++)
		if (words[i] != mix(words[1] + i))
			return false;
	return true;
}
