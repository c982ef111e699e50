// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each truncation and each changed byte of a file: the decoder says that the file
 * is damaged, and gives just the events of the blocks that are whole.
 */
#include <err.h>
#include <stdio.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "decode.h"
#include "synth.h"
#include "tap.h"

#define EVENTS		90
#define BLOCKS		16
#define FILE_MAX	65536

static unsigned char whole[FILE_MAX], bytes[FILE_MAX];
static size_t whole_len;
static struct reader_ring ring;

/**
 * struct block - a block of the file: where it is, and the events that it holds
 */
static struct block {
	size_t from, to;
	int first, end;
} blocks[BLOCKS];
static int nr_blocks;

static bool seen[EVENTS];
static bool twice;
static int items;

static void on_event(void *context, const struct event *event)
{
	int i = event->pid - 1;

	(void)context;
	if (i < 0 || i >= EVENTS || seen[i])
		twice = true;
	else
		seen[i] = true;
}

static int on_item(void *context, struct decoder *in, struct slice key)
{
	(void)context;
	(void)key;
	items++;
	return decode_skip(in);
}

/* Return: was it called damaged? */
static bool decode(const unsigned char *data, size_t len)
{
	static const struct decode_sink sink = {
		.event = on_event, .item = on_item,
	};
	static int fd = -1;
	struct decoder in;
	bool damaged;

	if (fd < 0)
		fd = memfd_create("snapshot", 0);
	if (ftruncate(fd, 0) || pwrite(fd, data, len, 0) != (ssize_t)len)
		err(1, "memfd");
	lseek(fd, 0, SEEK_SET);
	memset(seen, 0, sizeof(seen));
	twice = false;
	items = 0;
	decode_open(&in, "file", fd);
	decode_run(&in, &sink);
	damaged = in.damaged;
	decode_free(&in);
	return damaged;
}

static void make(void)
{
	struct snapshot snapshot;
	char text[4000];
	int i, fd = memfd_create("snapshot", 0);

	for (i = 0; i < EVENTS; i++) {
		memset(text, 'a' + i % 26, sizeof(text));
		synth_add(&ring, (struct synth_event) {
			.time = 1000 + i, .level = 6, .pid = i + 1,
			.comm = "x", .text = text, .len = sizeof(text),
		});
	}
	synth_head(&snapshot, &ring, 1);
	snapshot_write(&snapshot, fd);
	whole_len = pread(fd, whole, sizeof(whole), 0);
	close(fd);
}

static uint32_t load32(const unsigned char *at)
{
	return at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24;
}

/*
 * Which events stand in which block: a file that is cut off after the block
 * shows it.
 */
static void map_blocks(void)
{
	size_t at = 7;
	int before = 0, i;

	while (load32(whole + at)) {
		struct block *block = &blocks[nr_blocks++];

		block->from = at;
		at += 4 + (load32(whole + at) & 0x7fffffff) + 4;
		block->to = at;
		decode(whole, at);
		for (i = 0; i < EVENTS && seen[i]; i++)
			;
		block->first = before;
		block->end = i;
		before = i;
	}
	tap_ok(at + 8 == whole_len && before == EVENTS,
	       "%zu bytes, %d blocks, %d events", whole_len, nr_blocks, before);
	tap_ok(nr_blocks >= 6 && blocks[0].end == 0 &&
	       blocks[nr_blocks - 1].first == EVENTS,
	       "head and tail have blocks of their own");
}

/* Are just the events seen whose blocks @lost doesn't name? */
static bool just(const bool *lost)
{
	bool good = !twice;
	int b, i;

	for (b = 0; b < nr_blocks; b++)
		for (i = blocks[b].first; i < blocks[b].end; i++)
			good = good && seen[i] == !lost[b];
	return good;
}

static void truncations(void)
{
	bool lost[BLOCKS], damaged;
	int b, wrong = 0;
	size_t len;

	for (len = 0; len < whole_len; len++) {
		damaged = decode(whole, len);
		for (b = 0; b < nr_blocks; b++)
			lost[b] = blocks[b].to > len;
		if (damaged && just(lost))
			continue;
		if (!wrong++)
			printf("# wrong when cut off at %zu\n", len);
	}
	tap_ok(!wrong, "%zu truncations", len);
}

static int hit(size_t at)
{
	int b;

	for (b = 0; b < nr_blocks; b++)
		if (at >= blocks[b].from && at < blocks[b].to)
			return b;
	return -1;
}

static void changes(unsigned char by)
{
	bool lost[BLOCKS], damaged;
	int wrong = 0, b;
	size_t at;

	memcpy(bytes, whole, whole_len);
	for (at = 0; at < whole_len; at++) {
		bytes[at] ^= by;
		damaged = decode(bytes, whole_len);
		bytes[at] ^= by;
		for (b = 0; b < nr_blocks; b++)
			lost[b] = b == hit(at);
		if (damaged && just(lost))
			continue;
		if (!wrong++)
			printf("# wrong when byte %zu is changed by %02x\n", at,
			       by);
	}
	tap_ok(!wrong, "%zu bytes changed by %02x", at, by);
}

/* Two blocks, next to each other and apart, whichever bytes are hit. */
static void pairs(void)
{
	bool lost[BLOCKS];
	int a, b, wrong = 0, tried = 0;

	for (a = 0; a < nr_blocks; a++) {
		for (b = a + 1; b < nr_blocks; b++) {
			memcpy(bytes, whole, whole_len);
			memset(lost, 0, sizeof(lost));
			lost[a] = true;
			lost[b] = true;
			memset(bytes + blocks[a].from + 20, 0, 9);
			memset(bytes + blocks[b].from, 0xff, 4);
			tried++;
			if (!decode(bytes, whole_len) || !just(lost))
				wrong++;
		}
	}
	tap_ok(!wrong, "%d pairs of blocks", tried);
}

static void moved(void)
{
	bool lost[BLOCKS] = { false };
	size_t at = blocks[2].from + 100;

	/* Bytes taken out of a block, and bytes put into it. */
	memcpy(bytes, whole, at);
	memcpy(bytes + at, whole + at + 5, whole_len - at - 5);
	lost[2] = true;
	tap_ok(decode(bytes, whole_len - 5) && just(lost), "5 bytes lost");
	memcpy(bytes, whole, at);
	memset(bytes + at, 'x', 5);
	memcpy(bytes + at + 5, whole + at, whole_len - at);
	tap_ok(decode(bytes, whole_len + 5) && just(lost), "5 bytes more");

	lost[2] = false;
	memcpy(bytes, whole, whole_len);
	memcpy(bytes + whole_len, "more", 4);
	tap_ok(decode(bytes, whole_len + 4) && just(lost), "bytes at the end");
	memcpy(bytes + whole_len, whole, whole_len);
	tap_ok(decode(bytes, 2 * whole_len), "a second file at the end");
}

static void noise(void)
{
	uint64_t seed = 1;
	int n, i, at;

	for (n = 0; n < 3000; n++) {
		memcpy(bytes, whole, whole_len);
		for (i = 0; i < 1 + n % 20; i++) {
			seed = seed * 6364136223846793005 + 1442695040888963407;
			at = (seed >> 33) % whole_len;
			bytes[at] = seed >> 25;
		}
		decode(bytes, whole_len);
	}
	tap_ok(!twice, "%d files with up to 20 random bytes", n);
}

int main(void)
{
	FILE *quiet = fopen("/dev/null", "w"), *loud = stderr;

	/* Not the file descriptor: the sanitizers speak there. */
	stderr = quiet;
	make();
	tap_ok(!decode(whole, whole_len) && items == 14, "the whole file");
	map_blocks();
	truncations();
	changes(0x01);
	changes(0x80);
	changes(0xff);
	pairs();
	moved();
	noise();
	synth_free(&ring);
	stderr = loud;
	fclose(quiet);
	return tap_done();
}
