// SPDX-License-Identifier: GPL-2.0-only
/*
 * The content of a file, put into a frame here so that no checksum is in the way.
 * The input: log2 of the bytes a block, where to damage the file (0: nowhere),
 * then CBOR.
 *
 * What was decoded from a whole file, encoded again, is decoded to the same; and
 * encoded once more it is the same bytes.
 */
#include <unistd.h>

#include "cat.h"
#include "encode.h"
#include "decode.h"
#include "frame.h"

/**
 * struct copy - events on their way from one file to another
 * @out: encodes them
 * @error: an event didn't fit, which one that has all keys may not
 */
struct copy {
	struct encoder out;
	int error;
};

/* All content of a file, as one that has events and nothing else. */
static void begin(struct copy *copy, struct frame *frame, int fd, size_t events)
{
	require(!frame_begin(frame, fd));
	encode_init(&copy->out, frame);
	copy->error = 0;
	encode_map(&copy->out, 1);
	encode_name(&copy->out, "events");
	encode_array(&copy->out, events);
	require(!encode_unit(&copy->out));
}

static void on_event(void *context, const struct event *event)
{
	struct copy *copy = context;

	if (!copy->error)
		copy->error = encode_event(&copy->out, event);
}

static int on_item(void *context, struct decoder *in, struct slice key)
{
	(void)context;
	(void)key;
	return decode_skip(in);
}

/* Decode file @from, which has so many events, and encode them to @to. */
static bool encode_again(int from, int to, size_t events)
{
	static struct copy copy;
	const struct decode_sink sink = {
		.event = on_event, .item = on_item, .context = &copy };
	struct decoder in;
	struct frame frame;

	require(!ftruncate(to, 0) && !lseek(to, 0, SEEK_SET) &&
		!lseek(from, 0, SEEK_SET));
	begin(&copy, &frame, to, events);
	require(!decode_open(&in, "input", from));
	decode_run(&in, &sink);
	require(!in.damaged);
	decode_free(&in);
	if (!copy.error)
		require(!encode_flush(&copy.out) && !frame_end(&frame));
	frame_free(&frame);
	return !copy.error;
}

static struct caught keep(struct caught caught)
{
	struct caught copy = { malloc(caught.len + 1), caught.len };

	require(copy.text);
	memcpy(copy.text, caught.text, caught.len);
	return copy;
}

static bool same_bytes(int a, int b)
{
	char from_a[4096], from_b[4096];
	ssize_t got_a, got_b;
	off_t at = 0;

	do {
		got_a = pread(a, from_a, sizeof(from_a), at);
		got_b = pread(b, from_b, sizeof(from_b), at);
		if (got_a != got_b || memcmp(from_a, from_b, got_a))
			return false;
		at += got_a;
	} while (got_a > 0);
	return true;
}

static void round_trip(int fd)
{
	static int again = -1, once_more;
	struct caught events;
	size_t nr;

	if (again < 0) {
		again = memfd_of("again");
		once_more = memfd_of("once more");
	}
	if (cat(file_path(fd), "--json", NULL))
		return;
	events = keep(caught_stdout());
	nr = require_json_lines(events);
	if (encode_again(fd, again, nr)) {
		require(!cat(file_path(again), "--json", NULL));
		require(caught_stdout().len == events.len &&
			!memcmp(caught_stdout().text, events.text, events.len));
		require(encode_again(again, once_more, nr));
		require(same_bytes(again, once_more));
	}
	free(events.text);
}

/* Flip a bit somewhere. */
static void damage(int fd, uint32_t where)
{
	off_t at = where % lseek(fd, 0, SEEK_END);
	unsigned char byte;

	require(pread(fd, &byte, 1, at) == 1);
	byte ^= 1 << where / 8191 % 8;
	require(pwrite(fd, &byte, 1, at) == 1);
}

static void put(int fd, size_t block, const uint8_t *bytes, size_t len)
{
	struct frame frame;
	size_t part;

	require(!frame_begin(&frame, fd));
	for (; len; bytes += part, len -= part) {
		part = len < block ? len : block;
		require(!frame_block(&frame, bytes, part));
	}
	require(!frame_end(&frame));
	frame_free(&frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	size_t block = (size_t)1 << (4 + input_number(&in, 1) % 13);
	uint32_t where = input_number(&in, 2);
	const uint8_t *bytes;
	int fd = file_of("", 0);
	size_t len;

	len = input_bytes(&in, &bytes, SIZE_MAX);
	put(fd, block, bytes, len);
	if (where)
		damage(fd, where);
	cat_all(file_path(fd));
	round_trip(fd);
	return 0;
}
