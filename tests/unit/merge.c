// SPDX-License-Identifier: GPL-2.0-only
/* The order and the times of events that come from several rings. */
#include "synth.h"
#include "tap.h"

#define MS	NSEC_PER_MSEC

static struct reader_ring rings[4];

static void ring(int i, uint32_t cpu, uint32_t channel)
{
	synth_free(&rings[i]);
	rings[i].cpu = cpu;
	rings[i].channel = channel;
}

static void add(int i, const char *text, uint64_t time, uint64_t asleep)
{
	synth_add(&rings[i], (struct synth_event) {
		.time = time, .asleep = asleep, .text = text,
	});
}

/* Merge the first @nr rings; @expected: text and wall clock time of each. */
static void check(const char *what, size_t nr, const struct clocks *now,
		  const char *expected)
{
	char got[4096] = "", *to = got;
	struct merged merged;
	struct merge merge;

	merge_init(&merge, rings, nr, now);
	while (merge_next(&merge, &merged))
		to += sprintf(to, "%.*s%lu ", 1, merged.event->slot->body,
			      merged.time);
	merge_free(&merge);
	if (!tap_ok(!strcmp(got, expected), "%s", what))
		printf("# expected %s\n# got      %s\n", expected, got);
}

static void order(void)
{
	static const struct clocks now = { 1000, 1000, 1000 };

	ring(0, 1, TTLOG_KEEP);
	ring(1, 0, TTLOG_FLOW);
	ring(2, 0, TTLOG_KEEP);
	ring(3, 2, TTLOG_FLOW);
	check("no events", 4, &now, "");
	check("no rings", 0, &now, "");
	add(0, "a", 10, 0);
	add(0, "b", 40, 0);
	add(1, "c", 20, 0);
	add(1, "d", 30, 0);
	add(3, "e", 5, 0);
	check("by time", 4, &now, "e5 a10 c20 d30 b40 ");

	ring(0, 1, TTLOG_KEEP);
	ring(1, 0, TTLOG_FLOW);
	ring(2, 0, TTLOG_KEEP);
	ring(3, 2, TTLOG_FLOW);
	add(0, "a", 7, 0);
	add(1, "b", 7, 0);
	add(1, "c", 7, 0);
	add(2, "d", 7, 0);
	add(3, "e", 7, 0);
	check("one time: by CPU, channel, position", 4, &now,
	      "d7 b7 c7 a7 e7 ");

	/* b is nested: written within a, later stamped, earlier placed. */
	ring(0, 0, TTLOG_KEEP);
	ring(1, 1, TTLOG_KEEP);
	add(0, "b", 50, 0);
	add(0, "a", 20, 0);
	add(0, "c", 60, 0);
	add(1, "d", 30, 0);
	add(1, "e", 55, 0);
	check("a ring's latest time counts, and is shown", 2, &now,
	      "d30 b50 a50 e55 c60 ");
}

static void many(void)
{
	static const struct clocks now = { 1, 1, 1 };
	uint64_t last = 0, n = 0, seed = 1, times[4] = { 0 };
	struct merged merged;
	struct merge merge;
	bool good = true;
	int i;

	for (i = 0; i < 4; i++)
		ring(i, i, TTLOG_FLOW);
	for (i = 0; i < 10000; i++) {
		seed = seed * 6364136223846793005 + 1442695040888963407;
		times[seed >> 62] += seed >> 32 & 15;
		add(seed >> 62, "x", 100 + times[seed >> 62] -
		    (seed >> 40 & 7), 0);
	}
	merge_init(&merge, rings, 4, &now);
	while (merge_next(&merge, &merged)) {
		good = good && merged.time >= last;
		last = merged.time;
		n++;
	}
	merge_free(&merge);
	tap_ok(good && n == 10000, "10,000 events, never back in time");
}

static void times(void)
{
	/* Up 1000 s, 100 s of these asleep; booted at 5000 s of wall clock. */
	static const struct clocks now = {
		900000 * MS, 1000000 * MS, 6000000 * MS,
	};

	ring(0, 0, TTLOG_KEEP);
	add(0, "a", 10 * MS, 0);
	add(0, "b", 20 * MS, 0);
	add(0, "c", 500000 * MS, 100000 * MS);
	check("before and after a suspend", 1, &now,
	      "a5000010000000 b5000020000000 c5600000000000 ");

	ring(0, 0, TTLOG_KEEP);
	add(0, "a", 10 * MS, 100000 * MS - 9999999);
	check("block's clocks 9.999999 ms off: the snapshot's count", 1, &now,
	      "a5100010000000 ");
	ring(0, 0, TTLOG_KEEP);
	add(0, "a", 10 * MS, 100000 * MS + 9999999);
	check("the same later", 1, &now, "a5100010000000 ");
	ring(0, 0, TTLOG_KEEP);
	add(0, "a", 10 * MS, 100000 * MS - 10000000);
	check("10 ms off: the block's count", 1, &now, "a5100000000000 ");
	ring(0, 0, TTLOG_KEEP);
	add(0, "a", 10 * MS, 100000 * MS + 10000000);
	check("the same later", 1, &now, "a5100020000000 ");
}

int main(void)
{
	int i;

	order();
	many();
	times();
	for (i = 0; i < 4; i++)
		synth_free(&rings[i]);
	return tap_done();
}
