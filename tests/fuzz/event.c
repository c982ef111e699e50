// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bytes of a write, through all that takes them apart: the module's own
 * kmod/event.c, the ring, the reader, message and fields, CBOR, text, JSON.
 *
 * The input: flags, a level mask, a thread's name, the bytes. What comes out of the
 * ring is what went in, and an event printed from the ring and from a file is the
 * same.
 */
#include <ctype.h>
#include <unistd.h>

#include "decode.h"
#include "encode.h"
#include "harness.h"
#include "offer.h"
#include "print.h"

static uint8_t flags, mask;

/**
 * struct wanted - what a write is, told by other means than the module's
 */
struct wanted {
	unsigned int level;
	const uint8_t *text;
	size_t len;
};

/* "<N>" as ttlog.h specifies it. */
static struct wanted understand(const uint8_t *bytes, size_t len)
{
	struct wanted w = { TTLOG_INFO, bytes, len };
	unsigned int n = 0;
	size_t i;

	if (w.text[w.len - 1] == '\n')
		w.len--;
	for (i = 1; i < w.len && i < 4 && isdigit(bytes[i]); i++)
		n = 10 * n + (bytes[i] - '0');
	if (w.len && bytes[0] == '<' && i > 1 && i < w.len && bytes[i] == '>') {
		w.level = n & 7;
		w.text += i + 1;
		w.len -= i + 1;
	}
	return w;
}

/* In a file fields that share a key stand together. */
static void print(const struct event *event)
{
	catch_output();
	if (event->nr_keys == event->nr_fields)
		print_event(stdout, event);
	require(!print_event_json(stdout, event));
}

/* The file has the event as the ring had it. */
static void on_event(void *context, const struct event *event)
{
	struct caught *before = context;
	struct caught now;

	print(event);
	now = caught_stdout();
	require(now.len == before->len &&
		!memcmp(now.text, before->text, now.len));
	before->text = NULL;
}

static int on_item(void *context, struct decoder *in, struct slice key)
{
	(void)context;
	(void)key;
	return decode_skip(in);
}

static void through_file(const struct event *event, struct caught before)
{
	static struct encoder encoder;
	const struct decode_sink sink = {
		.event = on_event, .item = on_item, .context = &before };
	struct decoder in;
	struct frame frame;
	int fd = file_of("", 0);
	char *text = before.text;

	require(!frame_begin(&frame, fd));
	encode_init(&encoder, &frame);
	encode_map(&encoder, 1);
	encode_name(&encoder, "events");
	encode_array(&encoder, 1);
	require(!encode_event(&encoder, event) && !encode_flush(&encoder) &&
		!frame_end(&frame));
	frame_free(&frame);
	require(!lseek(fd, 0, SEEK_SET) && !decode_open(&in, "event", fd));
	decode_run(&in, &sink);
	require(!in.damaged && !before.text);
	decode_free(&in);
	free(text);
}

/* Message and fields together are the bytes that were written. */
static void check_parts(const struct event *event, const struct wanted *w)
{
	struct slice message = event->raw.ptr ? event->raw : event->message;
	size_t i, fields = 0, start = strnlen((const char *)w->text, w->len);

	require(message.len == start && !memcmp(message.ptr, w->text, start));
	for (i = start; i < w->len; i++)
		fields += !w->text[i] && i + 1 < w->len && w->text[i + 1];
	require(event->nr_fields == fields && event->nr_keys <= fields);
}

static void check_event(const struct reader_ring *ring, const struct wanted *w)
{
	static const struct names names = {
		.services = { { .name = "billing" } }, .nr_services = 1 };
	struct caught text;
	struct event event;

	require(!event_init(&event));
	require(!event_from_slot(&event, &ring->events[ring->nr_events - 1],
				 &names));
	require(event.level == w->level &&
		event.uid == (flags & OFFER_ROOT ? 0 : 1000) &&
		event.pid == OFFER_TGID &&
		event.tid == (flags & OFFER_THREAD ? OFFER_TID : OFFER_TGID) &&
		event.async == !!(flags & OFFER_ASYNC));
	check_parts(&event, w);
	catch_output();
	print_event(stdout, &event);
	require_harmless(caught_stdout());
	print(&event);
	require_harmless(caught_stdout());
	text.len = caught_stdout().len;
	text.text = malloc(text.len);
	require(text.text);
	memcpy(text.text, caught_stdout().text, text.len);
	through_file(&event, text);
	event_free(&event);
}

static uint64_t written(struct reader_ring *r, unsigned int channel)
{
	const void *ring;
	size_t size;

	ring = offer_ring(channel, &size);
	require(!reader_ring_read(ring, size, OFFER_KEY, &READER_ALL, r));
	require(r->to == r->nr_events + r->overwritten + r->holes && !r->holes);
	return r->to;
}

static void check_rings(const struct wanted *w, unsigned int before)
{
	bool kept = w->level <= TTLOG_WARNING && flags & (OFFER_ROOT | OFFER_SHARE);
	struct reader_ring keep, flow;
	uint64_t in_keep = written(&keep, TTLOG_KEEP);
	uint64_t in_flow = written(&flow, TTLOG_FLOW) - before;

	if (!(mask >> w->level & 1)) {
		require(!in_keep && !in_flow);
		require(keep.lost[TTLOG_LOST_FILTERED] +
			flow.lost[TTLOG_LOST_FILTERED] == 1);
	} else {
		require(in_keep == kept && in_flow == !kept);
		require(flow.demoted == (!kept && w->level <= TTLOG_WARNING));
		check_event(kept ? &keep : &flow, w);
	}
	reader_ring_free(&keep);
	reader_ring_free(&flow);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	const uint8_t *bytes, *name;
	struct wanted wanted;
	unsigned int before;
	size_t len, name_len;

	flags = input_number(&in, 1);
	mask = flags & OFFER_FILTERED ? input_number(&in, 1) : 0xff;
	name_len = input_bytes(&in, &name, TTLOG_COMM_LEN);
	len = input_bytes(&in, &bytes, TTLOG_TEXT_MAX);
	if (!len)
		return 0;
	before = offer_begin(flags, mask, name, name_len);
	wanted = understand(bytes, len);
	offer_write(bytes, len);
	check_rings(&wanted, before);
	offer_end();
	return 0;
}
