// SPDX-License-Identifier: GPL-2.0-only
/* Where timer snapshots go on, and what becomes of events that stay open. */
#include <string.h>

#include "advance.h"
#include "tap.h"

#define S	NSEC_PER_SEC

static struct ttlog_end ends[] = {
	{ .cpu = 0, .channel = TTLOG_FLOW, .number = 100 },
	{ .cpu = 1, .channel = TTLOG_FLOW, .number = 200, .open_since = 10 * S },
};

static struct advance advance = { .ends = ends, .nr = 2, .now = 12 * S };
static struct ttlog_end out[4];

static struct reader_range choose(uint32_t cpu, uint32_t channel, uint64_t now)
{
	struct reader_range range = READER_ALL;

	advance.now = now;
	advance_choose(&advance, cpu, channel, &range);
	return range;
}

static void choosing(void)
{
	struct reader_range range;

	range = choose(0, TTLOG_FLOW, 12 * S);
	tap_ok(range.from == 100 && range.closed &&
	       range.passed == READER_NONE && !range.copied,
	       "from where the ring is saved, up to an open event");
	range = choose(1, TTLOG_KEEP, 12 * S);
	tap_ok(range.from == 0 && range.closed && range.passed == READER_NONE,
	       "a ring that was never saved: from its first event");
	range = choose(1, TTLOG_FLOW, 15 * S);
	tap_ok(range.from == 200 && range.passed == READER_NONE,
	       "open for 5 s: still waited for");
	range = choose(1, TTLOG_FLOW, 15 * S + 1);
	tap_ok(range.from == 200 && range.passed == 200,
	       "open for more than 5 s: passed");
	range = choose(1, TTLOG_FLOW, 9 * S);
	tap_ok(range.passed == READER_NONE, "open since later than now: waited for");
}

/* A ring as it was read. Returns the number of changed ends. */
static uint32_t after(uint32_t cpu, uint64_t from, uint64_t to, bool open)
{
	struct reader_ring ring = {
		.cpu = cpu, .channel = TTLOG_FLOW, .from = from, .to = to,
		.open = open,
	};

	advance.now = 20 * S;
	memset(out, 0xff, sizeof(out));
	return advance_ends(&advance, &ring, 1, out);
}

static bool is(uint32_t cpu, uint64_t number, uint64_t open_since)
{
	return out[0].cpu == cpu && out[0].channel == TTLOG_FLOW &&
	       out[0].number == number && out[0].open_since == open_since;
}

static void ending(void)
{
	tap_ok(after(0, 100, 100, false) == 0, "nothing new: no end changes");
	tap_ok(after(0, 100, 130, false) == 1 && is(0, 130, 0),
	       "saved up to the last event");
	tap_ok(after(0, 100, 130, true) == 1 && is(0, 130, 20 * S),
	       "up to an open one, known to be so from now on");
	tap_ok(after(0, 100, 100, true) == 1 && is(0, 100, 20 * S),
	       "nothing but an open one: that is noted");
	tap_ok(after(1, 200, 200, true) == 0, "still open: it stays as noted");
	tap_ok(after(1, 200, 200, false) == 1 && is(1, 200, 0),
	       "no longer open: that is noted");
	tap_ok(after(1, 200, 201, true) == 1 && is(1, 201, 20 * S),
	       "it was passed, the next is open: a new time");
	tap_ok(after(7, 0, 3, false) == 1 && is(7, 3, 0), "a ring that is new");
	tap_ok(after(7, 0, 0, false) == 0, "one without events or memory");
	tap_ok(after(0, 40, 40, false) == 0, "no end ever goes back");
}

static void news(void)
{
	struct reader_ring rings[2] = {
		{ .from = 5, .to = 5 }, { .from = 7, .to = 7, .open = true },
	};

	tap_ok(!advance_news(rings, 0) && !advance_news(rings, 2), "nothing new");
	rings[1].to = 8;
	tap_ok(advance_news(rings, 2), "an event is, be it a hole");
}

int main(void)
{
	choosing();
	ending();
	news();
	return tap_done();
}
