// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include "ring.h"

_Thread_local void (*shim_interrupt)(void);
_Thread_local struct task_struct *current;
_Thread_local int shim_interrupts;

void test_ring_make(struct test_ring *t, u32 block_size, u32 nr_blocks, u32 cpu,
		    u32 channel)
{
	static const u8 boot_id[16] = "0123456789abcdef";
	u64 bytes = (u64)block_size * nr_blocks + TEST_PAGE;

	/* A page of head is enough for a few blocks, else take more. */
	while (!ttlog_ring_geometry(bytes, block_size, TEST_PAGE,
				    &t->geometry) ||
	       t->geometry.nr_blocks < nr_blocks)
		bytes += TEST_PAGE;
	t->memory = aligned_alloc(TEST_PAGE, t->geometry.size);
	memset(t->memory, 0, t->geometry.size);
	ttlog_ring_init(&t->ring, t->memory, &t->geometry, cpu, channel,
			TEST_KEY, boot_id);
}

void test_ring_free(struct test_ring *t)
{
	free(t->memory);
}

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

bool test_event_write(struct test_ring *t, u32 writer, u64 sequence)
{
	size_t size = test_event_size(writer, sequence), i;
	struct slot slot = ring_reserve(&t->ring, size);
	u64 *words = (u64 *)slot.event;

	if (!slot.event)
		return false;
	WRITE_ONCE(words[1], name(writer, sequence));
	for (i = 2; i < size / 8; i++)
		WRITE_ONCE(words[i], mix(name(writer, sequence) + i));
	ring_commit(&t->ring, slot);
	return true;
}

bool test_event_check(const struct reader_event *e, u32 *writer, u64 *sequence)
{
	const u64 *words = (const u64 *)e->slot;
	size_t i;

	*writer = words[1] >> 48;
	*sequence = words[1] & ((1ULL << 48) - 1);
	if (e->size != test_event_size(*writer, *sequence))
		return false;
	for (i = 2; i < e->size / 8; i++)
		if (words[i] != mix(words[1] + i))
			return false;
	return true;
}
