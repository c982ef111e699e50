// SPDX-License-Identifier: GPL-2.0-only
#include "advance.h"

static struct ttlog_end end_of(const struct advance *advance, uint32_t cpu,
			       uint32_t channel)
{
	uint32_t i;

	for (i = 0; i < advance->nr; i++) {
		if (advance->ends[i].cpu == cpu &&
		    advance->ends[i].channel == channel)
			return advance->ends[i];
	}
	return (struct ttlog_end){ .cpu = cpu, .channel = channel };
}

void advance_choose(void *arg, uint32_t cpu, uint32_t channel,
		    struct reader_range *range)
{
	const struct advance *advance = arg;
	struct ttlog_end end = end_of(advance, cpu, channel);

	range->from = end.number;
	range->closed = true;
	if (end.open_since && advance->now > end.open_since &&
	    advance->now - end.open_since > ADVANCE_PATIENCE)
		range->passed = end.number;
}

bool advance_news(const struct reader_ring *rings, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		if (rings[i].to > rings[i].from)
			return true;
	}
	return false;
}

uint32_t advance_ends(const struct advance *advance,
		      const struct reader_ring *rings, size_t nr,
		      struct ttlog_end *out)
{
	struct ttlog_end before, after;
	uint32_t changed = 0;
	size_t i;

	for (i = 0; i < nr; i++) {
		before = end_of(advance, rings[i].cpu, rings[i].channel);
		/* Also a ring that has no memory, and so nothing to save. */
		if (rings[i].to < before.number)
			continue;
		after = before;
		after.number = rings[i].to;
		if (!rings[i].open)
			after.open_since = 0;
		else if (after.number != before.number || !before.open_since)
			after.open_since = advance->now;
		if (after.number != before.number ||
		    after.open_since != before.open_since)
			out[changed++] = after;
	}
	return changed;
}
