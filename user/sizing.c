// SPDX-License-Identifier: GPL-2.0-only
/*
 * How the module lays rings out is told in kmod/params.c and kmod/ring.c; the same is
 * computed here, which the unit test holds against these two.
 */
#include <string.h>

#include "sizing.h"

#define MIB		(1ULL << 20)
#define KLOG_STEP	(64ULL << 10)
#define KLOG_MIN	(192ULL << 10)
#define KLOG_DEFAULT	MIB		/* at most */
#define KLOG_SPARE	(64ULL << 10)

#define BLOCKS_MIN	2ULL
#define BLOCKS_MAX	(1ULL << TTLOG_HEAD_BLOCK_BITS)
#define SPARE_PART	8
#define SPARE_FROM	4

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t most(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t up(uint64_t value, uint64_t unit)
{
	return (value + unit - 1) / unit * unit;
}

/* Bytes of a ring of so many blocks. */
static uint64_t ring_size(const struct layout *layout, uint64_t nr)
{
	uint64_t room = layout->page_size - sizeof(uint64_t);
	uint64_t pages = nr * layout->block_size / layout->page_size;
	uint64_t head = sizeof(struct ttlog_ring) + pages * sizeof(uint64_t);

	return (head + room - 1) / room * layout->page_size +
	       nr * layout->block_size;
}

/* Blocks of a ring in so many bytes, the fewest that there may be at least. */
static uint64_t ring_blocks(const struct layout *layout, uint64_t bytes)
{
	uint64_t nr = least(bytes / layout->block_size, BLOCKS_MAX);

	for (nr = most(nr, BLOCKS_MIN); nr > BLOCKS_MIN; nr--) {
		if (ring_size(layout, nr) <= bytes)
			break;
	}
	return nr;
}

/* All but what is spare, and the block that is being filled. */
static uint64_t ring_held(const struct layout *layout, uint64_t nr, uint64_t spare)
{
	spare = most(nr / SPARE_PART, up(spare, layout->block_size) / layout->block_size);
	if (nr < SPARE_FROM)
		spare = 0;
	else
		spare = least(most(spare, 1), nr - BLOCKS_MIN);
	return (nr - spare - 1) * layout->block_size;
}

uint64_t sizing_klog_held(const struct layout *layout, uint64_t bytes)
{
	return ring_held(layout, ring_blocks(layout, bytes), KLOG_SPARE);
}

static uint64_t klog_min(const struct layout *layout)
{
	return most(KLOG_MIN, 6 * layout->block_size);
}

bool sizing_held(const struct layout *layout, uint64_t memory, struct held *held)
{
	uint64_t cpu = memory / layout->cpus, keep, probe, flow, taken, klog;

	if (cpu < SIZING_CPU_MIN || memory > layout->cpus * SIZING_CPU_MAX)
		return false;
	keep = ring_blocks(layout, cpu * layout->keep_share / 100);
	probe = ring_blocks(layout, cpu * layout->probe_share / 100);
	taken = ring_size(layout, keep) + ring_size(layout, probe);
	flow = ring_blocks(layout, cpu > taken ? cpu - taken : 0);
	if (taken + ring_size(layout, flow) > cpu)
		return false;
	held->bytes[TTLOG_KEEP] = ring_held(layout, keep, 0);
	held->bytes[TTLOG_PROBE] = ring_held(layout, probe, 0);
	held->bytes[TTLOG_FLOW] = ring_held(layout, flow, 0);
	klog = most(klog_min(layout), least(memory / 4, KLOG_DEFAULT));
	held->bytes[TTLOG_KLOG] = sizing_klog_held(layout, klog);
	return true;
}

uint64_t sizing_span(const struct demand *demand, uint32_t channel, uint64_t bytes)
{
	unsigned __int128 span = (unsigned __int128)bytes * demand->ns;
	uint64_t rate = demand->rates[channel].bytes;

	if (!rate)
		return SIZING_IDLE;
	span /= rate;
	return span < SIZING_IDLE ? span : SIZING_IDLE - 1;
}

uint32_t sizing_shortest(const struct demand *demand, const struct held *held, bool klog)
{
	uint32_t i, shortest = TTLOG_NR_CHANNELS;
	uint64_t span, before = SIZING_IDLE;

	for (i = 0; i < TTLOG_NR_CHANNELS; i++) {
		if (i == TTLOG_KLOG && !klog)
			continue;
		span = sizing_span(demand, i, held->bytes[i]);
		if (span >= before)
			continue;
		before = span;
		shortest = i;
	}
	return shortest;
}

static bool lasts(const struct layout *layout, const struct demand *demand,
		  uint64_t memory, uint64_t span)
{
	struct held held = { 0 };
	uint32_t shortest;

	if (!sizing_held(layout, memory, &held))
		return false;
	shortest = sizing_shortest(demand, &held, false);
	return shortest == TTLOG_NR_CHANNELS ||
	       sizing_span(demand, shortest, held.bytes[shortest]) >= span;
}

/* Between one that is too little and one that is enough, in MiB. */
uint64_t sizing_memory(const struct layout *layout, const struct demand *demand,
		       uint64_t span)
{
	uint64_t low = up(layout->cpus * SIZING_CPU_MIN, MIB) / MIB;
	uint64_t high = layout->cpus * SIZING_CPU_MAX / MIB, middle;

	if (!lasts(layout, demand, high * MIB, span))
		return 0;
	if (lasts(layout, demand, low * MIB, span))
		return low * MIB;
	while (low + 1 < high) {
		middle = (low + high) / 2;
		if (lasts(layout, demand, middle * MIB, span))
			high = middle;
		else
			low = middle;
	}
	return high * MIB;
}

static bool klog_lasts(const struct layout *layout, const struct demand *demand,
		       uint64_t bytes, uint64_t span)
{
	return sizing_span(demand, TTLOG_KLOG, sizing_klog_held(layout, bytes)) >= span;
}

uint64_t sizing_klog(const struct layout *layout, const struct demand *demand,
		     uint64_t span)
{
	uint64_t low = klog_min(layout) / KLOG_STEP;
	uint64_t high = SIZING_KLOG_MAX / KLOG_STEP, middle;

	if (!klog_lasts(layout, demand, high * KLOG_STEP, span))
		return 0;
	if (klog_lasts(layout, demand, low * KLOG_STEP, span))
		return low * KLOG_STEP;
	while (low + 1 < high) {
		middle = (low + high) / 2;
		if (klog_lasts(layout, demand, middle * KLOG_STEP, span))
			high = middle;
		else
			low = middle;
	}
	return high * KLOG_STEP;
}
