// SPDX-License-Identifier: GPL-2.0-only
/*
 * The events of several rings as they come: in what order, when, each once, and what is
 * told of those that are missing. The rings are written by the real writer and read by
 * the real reader; of the device there is only what has them.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include "advance.h"
#include "ring.h"
#include "stream.h"
#include "tap.h"

#define MS	1000000ULL
#define S	NSEC_PER_SEC
#define BOOTED	(1795428000 * S)	/* real - boot */
#define ASLEEP	(100 * S)

enum { KEEP, FLOW, NR_RINGS };	/* of CPU 0, channels of that number */

static struct test_ring rings[NR_RINGS];
static struct stream stream;
static struct device device = { .fd = -1, .info = { .nr_cpus = 1, .nr_channels = 2 } };

/* Clock, calls of device_read(), and what goes wrong. */
static u64 now;
static int nr_reads;
static int fail_sync, fail_read;
static bool still;

/* What was given since the last look. */
static char given[65536];
static char wanted = '\0';
static int end_after = -1;

int __wrap_clock_gettime(clockid_t id, struct timespec *ts);
int __wrap_clock_gettime(clockid_t id, struct timespec *ts)
{
	u64 ns = now + (id == CLOCK_MONOTONIC ? 0 : ASLEEP) +
		 (id == CLOCK_REALTIME ? BOOTED : 0);

	*ts = (struct timespec) { .tv_sec = ns / S, .tv_nsec = ns % S };
	return 0;
}

int __wrap_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...)
{
	errno = fail_sync;
	return fd != device.fd || request != TTLOG_IOC_SYNC || fail_sync ? -1 : 0;
}

int device_failed(const char *doing)
{
	(void)doing;
	return EXIT_PERMISSION;
}

size_t device_nr_rings(const struct device *d)
{
	return d == &device ? NR_RINGS : 0;
}

bool device_moved(const struct device *d, uint64_t *seen)
{
	(void)d;
	seen[DEVICE_SEEN(NR_RINGS) - 1]++;
	return !still;
}

int device_read(struct device *d, const struct wanted *choice, struct contents *contents)
{
	struct reader_range range;
	struct reader_ring *out;
	int i;

	nr_reads++;
	if (fail_read)
		return fail_read;
	contents->rings = calloc(NR_RINGS, sizeof(*contents->rings));
	contents->clocks = (struct clocks) { now, now + ASLEEP, now + ASLEEP + BOOTED };
	for (i = 0; d == &device && i < NR_RINGS; i++) {
		range = READER_ALL;
		choice->choose(choice->arg, 0, i, &range);
		out = &contents->rings[contents->nr++];
		if (reader_ring_read(rings[i].memory, rings[i].geometry.size, TEST_KEY,
				     &range, out))
			tap_ok(false, "ring %d can be read", i);
	}
	return EXIT_OK;
}

void contents_free(struct contents *contents)
{
	size_t i;

	for (i = 0; i < contents->nr; i++)
		reader_ring_free(&contents->rings[i]);
	free(contents->rings);
}

static void add(const char *format, ...)
{
	size_t len = strlen(given);
	va_list args;

	va_start(args, format);
	vsnprintf(given + len, sizeof(given) - len, format, args);
	va_end(args);
}

static bool match(void *arg, const struct event *event)
{
	(void)arg;
	return !wanted || *event->message.ptr == wanted;
}

static void on_event(void *arg, const struct event *event)
{
	(void)arg;
	add("%.*s ", (int)event->message.len, event->message.ptr);
	end_after--;
}

static void on_lost(void *arg, const struct stream_loss *loss)
{
	(void)arg;
	add("-%u.%u:%s=%llu ", loss->cpu, loss->channel, loss->cause,
	    (unsigned long long)loss->events);
}

static bool ended(void *arg)
{
	(void)arg;
	return !end_after;
}

static const struct stream_sink sink = {
	.match = match, .event = on_event, .lost = on_lost, .ended = ended,
};

static struct slot reserve(int ring, size_t len)
{
	return ring_reserve(&rings[ring].ring, TTLOG_EVENT_SIZE + len);
}

static void fill(int ring, struct slot slot, u64 time, const char *text, size_t len)
{
	slot.event->time = time;
	slot.event->ids = (u64)len << TTLOG_IDS_LEN_SHIFT;
	slot.event->uid = 0;
	slot.event->cgroup_lo = 0;
	slot.event->cgroup_hi = 0;
	memset(slot.event->comm, 'x', sizeof(slot.event->comm));
	memcpy(slot.event->body, text, len);
	ring_commit(&rings[ring].ring, slot);
}

static void put(int ring, u64 time, const char *text)
{
	fill(ring, reserve(ring, strlen(text)), time, text, strlen(text));
}

static void open_all(uint64_t last)
{
	int i;

	for (i = 0; i < NR_RINGS; i++)
		test_ring_make(&rings[i], 8192, 4, 0, i);
	now = S;
	still = false;
	nr_reads = 0;
	*given = '\0';
	if (stream_open(&stream, &device, &sink, last))
		tap_ok(false, "it opens");
}

static void close_all(void)
{
	int i;

	stream_close(&stream);
	for (i = 0; i < NR_RINGS; i++)
		test_ring_free(&rings[i]);
}

/* Is this just what the next reading gives? */
static void gives(const char *expected, const char *what)
{
	int status;

	now += 200 * MS;
	status = stream_read(&stream);
	if (!tap_ok(!status && !strcmp(given, expected), "%s", what))
		printf("# %d: %s\n", status, given);
	*given = '\0';
}

static void order(void)
{
	open_all(STREAM_ALL);
	put(KEEP, S + 1, "a1");
	put(FLOW, S + 2, "b2");
	put(FLOW, S + 4, "b4");
	put(KEEP, S + 3, "a3");
	gives("a1 b2 a3 b4 ", "events of two rings, in time");
	gives("", "no event twice");
	put(FLOW, S + 201 * MS, "b5");
	put(KEEP, S + 200 * MS, "a5");
	gives("a5 b5 ", "those that came since");
	close_all();
}

/* What is younger than the reading waits for what others may have that is older. */
static void horizon(void)
{
	open_all(STREAM_ALL);
	put(FLOW, S + 100 * MS, "b1");
	put(FLOW, S + 201 * MS, "b2");
	gives("b1 ", "what is younger than the reading waits");
	put(KEEP, S + 150 * MS, "late");
	put(KEEP, S + 200 * MS, "a2");
	gives("late a2 b2 ", "and comes behind what is older");
	/* A time that makes no sense, of which nobody knows what it is behind. */
	put(FLOW, S << 30, "b3");
	put(FLOW, S + 401 * MS, "b4");
	put(KEEP, S + 402 * MS, "a3");
	gives("a3 ", "so does a time that makes no sense, and what is behind it");
	put(KEEP, S + 403 * MS, "a4");
	gives("a4 b3 b4 ", "but not for longer than that");
	gives("", "each once");
	close_all();
}

/* Which aren't those that it begins with. */
static void horizon_of_newest(void)
{
	open_all(2);
	put(KEEP, S, "a0");
	put(KEEP, S + 1, "a1");
	put(FLOW, S + 2, "b1");
	put(FLOW, S + 201 * MS, "b2");
	gives("a1 b1 ", "the newest two are of those that aren't younger than the reading");
	gives("b2 ", "which come next");
	close_all();
}

static void open_slots(void)
{
	struct slot slot;
	int i;

	open_all(STREAM_ALL);
	put(FLOW, S + 1, "b1");
	slot = reserve(FLOW, 2);
	put(FLOW, S + 4, "b3");
	put(KEEP, S, "a0");
	put(KEEP, S + 3, "a1");
	gives("a0 b1 ", "an open event holds up what is behind it, and others");
	gives("a1 ", "these no longer than to the next reading");
	put(KEEP, S + 300 * MS, "a2");
	gives("", "a ring with an open event holds up what is new");
	gives("a2 ", "once");
	fill(FLOW, slot, S + 2, "b2", 2);
	gives("b2 b3 ", "once it is committed it comes, in its place");

	slot = reserve(FLOW, 2);
	put(FLOW, S + 900 * MS, "b5");
	/* Seen to be open at S + 1200 ms. */
	for (i = 0; i < 25; i++)
		gives("", "an open event is waited for");
	put(FLOW, S + 6200 * MS, "b6");
	gives("", "5 s long");
	gives("-0.1:holes=1 b5 b6 ", "then it is passed, and told");
	fill(FLOW, slot, S + 900 * MS, "b4", 2);
	gives("", "and doesn't come any more");
	close_all();
}

static void put_many(int ring, int from, int nr)
{
	char text[1024];
	int i;

	memset(text, 'x', sizeof(text));
	for (i = from; i < from + nr; i++) {
		text[snprintf(text, 8, "%d", i)] = '\0';
		fill(ring, reserve(ring, 1000), now + 1 + i, text, 1000);
	}
}

/* A block has 7 of these; of four blocks three are kept, with the one that is filled. */
static void overwritten(void)
{
	open_all(STREAM_ALL);
	put_many(FLOW, 0, 30);
	gives("-0.1:overwritten=14 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 ",
	      "what was overwritten before is told where it would be");
	put_many(FLOW, 30, 40);
	gives("-0.1:overwritten=19 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65 66 67 "
	      "68 69 ", "what was overwritten between two readings");
	close_all();
	open_all(2);
	put_many(FLOW, 0, 30);
	gives("28 29 ", "not what was before the newest");
	put_many(FLOW, 30, 40);
	gives("-0.1:overwritten=19 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65 66 67 "
	      "68 69 ", "but what is lost from then on");
	close_all();
}

static void newest(void)
{
	static const struct {
		uint64_t last;
		const char *all, *of_a;
	} cases[] = {
		{ 0, "", "" }, { 1, "b4 ", "a3 " }, { 3, "b2 a3 b4 ", "a1 a3 " },
		{ 4, "a1 b2 a3 b4 ", "a1 a3 " }, { 5, "a1 b2 a3 b4 ", "a1 a3 " },
		{ STREAM_ALL - 1, "a1 b2 a3 b4 ", "a1 a3 " },
	};
	size_t i;

	for (i = 0; i < 2 * sizeof(cases) / sizeof(*cases); i++) {
		open_all(cases[i / 2].last);
		wanted = i % 2 ? 'a' : '\0';
		put(KEEP, S + 1, "a1");
		put(FLOW, S + 2, "b2");
		put(KEEP, S + 3, "a3");
		put(FLOW, S + 4, "b4");
		if (wanted)
			gives(cases[i / 2].of_a, "the newest of those that are wanted");
		else
			gives(cases[i / 2].all, "the newest");
		put(KEEP, S + 100 * MS, "a5");
		put(FLOW, S + 101 * MS, "b6");
		gives(i % 2 ? "a5 " : "a5 b6 ", "and all that come");
		close_all();
	}
	wanted = '\0';
}

static void lose(int ring, int cause, u64 nr)
{
	((struct ttlog_ring *)rings[ring].memory)->lost[cause] += nr;
}

static void losses(void)
{
	open_all(10);
	lose(FLOW, TTLOG_LOST_HELD, 3);
	put(FLOW, S + 1, "b1");
	gives("b1 ", "what was lost before isn't told");
	lose(FLOW, TTLOG_LOST_HELD, 2);
	lose(FLOW, TTLOG_LOST_FILTERED, 5);
	lose(FLOW, TTLOG_LOST_SAMPLED, 5);
	lose(KEEP, TTLOG_LOST_LIMITED, 1);
	lose(KEEP, TTLOG_LOST_MISSED, 7);
	gives("-0.0:limited=1 -0.0:missed=7 -0.1:held=2 ",
	      "what is lost since, but not on purpose");
	gives("", "once");
	close_all();
	open_all(STREAM_ALL);
	lose(FLOW, TTLOG_LOST_HELD, 3);
	gives("-0.1:held=3 ", "from the beginning: what was lost before is told");
	close_all();
}

static void quiet(void)
{
	int i;

	open_all(STREAM_ALL);
	put(FLOW, S + 1, "b1");
	gives("b1 ", "an event");
	still = true;
	for (i = 0; i < 25; i++)
		stream_read(&stream);
	tap_ok(nr_reads == 1, "while nothing moves nothing is read");
	stream_read(&stream);
	tap_ok(nr_reads == 2, "but now and then, for what doesn't show");
	stream_read(&stream);
	tap_ok(nr_reads == 2, "and not more often");
	put(FLOW, now + 201 * MS, "b2");
	still = false;
	gives("", "one that waits");
	still = true;
	gives("b2 ", "is given when nothing else moves");
	reserve(FLOW, 1);
	still = false;
	gives("", "one that is open");
	still = true;
	nr_reads = 0;
	gives("", "is looked for");
	tap_ok(nr_reads == 1, "also when nothing else moves");
	close_all();
}

static void ends(void)
{
	open_all(STREAM_ALL);
	put(FLOW, S + 1, "b1");
	put(FLOW, S + 2, "b2");
	lose(FLOW, TTLOG_LOST_HELD, 3);
	end_after = 1;
	gives("b1 ", "told to end, it ends after the event in hand, and nothing is lost");
	end_after = -1;
	close_all();

	open_all(STREAM_ALL);
	fail_sync = EIO;
	tap_ok(stream_read(&stream) == EXIT_PERMISSION, "the kernel's log can't be had");
	fail_sync = 0;
	fail_read = EXIT_VERSION;
	tap_ok(stream_read(&stream) == EXIT_VERSION, "rings can't be read");
	fail_read = 0;
	close_all();
}

int main(void)
{
	current = (struct task_struct *)&rings;
	order();
	horizon();
	horizon_of_newest();
	open_slots();
	overwritten();
	newest();
	losses();
	quiet();
	ends();
	return tap_done();
}
