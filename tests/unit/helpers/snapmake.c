// SPDX-License-Identifier: GPL-2.0-only
/*
 * Write a snapshot of made-up rings by the shipped code, and print its path:
 *
 *	snapmake KIND FOLDER [NAME]
 *
 * rich   each kind of thing that an event can hold; roundtrip.py knows them
 * empty  no ring at all
 * oops   the same, made by an oops
 * many   5,000 events in 4 rings
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../synth.h"
#include "snapfile.h"

static struct reader_ring rings[SYNTH_RINGS];

#define S(seconds)	((seconds) * NSEC_PER_SEC)
#define TEXT(string)	.text = string, .len = sizeof(string) - 1

static void rich_keep(struct reader_ring *ring)
{
	ring->cpu = 0;
	ring->channel = TTLOG_KEEP;
	ring->to = 7;
	ring->from = 0;
	ring->overwritten = 6;
	ring->holes = 1;
	ring->oldest = S(100);
	ring->lost[TTLOG_LOST_FILTERED] = 3;
	ring->lost[TTLOG_LOST_HELD] = 2;
	synth_add(ring, (struct synth_event) {
		.time = S(101) + 123456789, .level = 0, .pid = 1, .uid = 0,
		.comm = "init", .cgroup = 1, TEXT("first"),
	});
	synth_add(ring, (struct synth_event) {
		.time = S(800), .asleep = S(100), .level = 4, .pid = 100,
		.tid = 101, .uid = 1000, .cgroup = 0xfff00000001,
		.comm = "worker", .leader = "daemon", .flags = TTLOG_EVENT_ASYNC,
		TEXT("slow disk\0dev=sda\0ms:=900\0ratio:=0.5\0ok:=true\0neg:=-7"),
	});
}

static void rich_flow(struct reader_ring *ring)
{
	ring->cpu = 1;
	ring->channel = TTLOG_FLOW;
	ring->oldest = S(102);
	ring->demoted = 1;
	ring->lost[TTLOG_LOST_TOO_LARGE] = 5;
	synth_add(ring, (struct synth_event) {
		.time = S(101) + 999, .level = 6, .pid = 200, .uid = 4294967294,
		.comm = "a\xff" "b", .service = 1,
		TEXT("broken \xff\xe2\x82 text\0k\xff=v\0raw=\x80\x81\0flag"),
	});
	synth_add(ring, (struct synth_event) {
		.time = S(300), .level = 7, .pid = 4194303, .tid = 4194302,
		.comm = "fifteen_bytes__", .service = 2,
		TEXT("dup\0a=1\0a:=2\0b=x\0a\0big:=18446744073709551615\0"
		     "low:=-9223372036854775808\0text:=007\0=empty"),
	});
	synth_add(ring, (struct synth_event) {
		.time = S(301), .level = 3, .pid = 5, .comm = "evil",
		.service = 9,
		TEXT("line\n2026-11-23 fake\x1b[31m \xc2\x9b \xe2\x80\xae \\ \"q\""),
	});
}

static size_t many(void)
{
	char text[200];
	int i, len;

	for (i = 0; i < 5000; i++) {
		struct reader_ring *ring = &rings[i * 7 % 4];

		ring->cpu = i * 7 % 4;
		ring->channel = TTLOG_FLOW;
		len = snprintf(text, sizeof(text), "event %d", i);
		len += 1 + snprintf(text + len + 1, sizeof(text) - len - 1,
				    "n:=%d", i);
		synth_add(ring, (struct synth_event) {
			.time = S(100) + i * 1000, .level = i % 8,
			.pid = 1000 + i % 3, .comm = "many", .text = text,
			.len = len,
		});
	}
	return 4;
}

static size_t make(const char *kind)
{
	if (!strcmp(kind, "rich")) {
		rich_keep(&rings[0]);
		rich_flow(&rings[1]);
		rings[2].cpu = 2;
		rings[2].lost[TTLOG_LOST_NO_RING] = 8;
		return 3;
	}
	if (!strcmp(kind, "many"))
		return many();
	if (!strcmp(kind, "empty") || !strcmp(kind, "oops"))
		return 0;
	errx(2, "'%s' isn't known", kind);
}

/* That for all, and one that says little. */
static void filter(struct recorded *to)
{
	struct ttlog_filter *all = &to->filters[0], *one = &to->filters[1];
	int i;

	to->nr = 2;
	all->levels = 0xff;
	all->record = 0x7f;
	for (i = 0; i < TTLOG_NR_LEVELS; i++) {
		all->sample[i] = 1 + i;
		all->rate[i] = TTLOG_FILTER_NO_LIMIT;
	}
	all->lost[TTLOG_LOST_FILTERED] = 3;
	strcpy(one->service, "sshd");
	one->levels = 1 << TTLOG_ERR | 1 << TTLOG_INFO;
	one->record = 1 << TTLOG_ERR;
	one->sample[TTLOG_DEBUG] = 1000000000;
	one->rate[TTLOG_ERR] = TTLOG_FILTER_NO_LIMIT;
	one->rate[TTLOG_INFO] = 1000;
	one->burst[TTLOG_INFO] = 2000;
	one->lost[TTLOG_LOST_LIMITED] = UINT64_MAX;
}

int main(int argc, char **argv)
{
	struct snapshot snapshot;
	struct snapfile file;
	size_t nr;
	int error;

	if (argc < 3 || argc > 4)
		errx(2, "usage: snapmake KIND FOLDER [NAME]");
	nr = make(argv[1]);
	synth_head(&snapshot, rings, nr);
	if (!strcmp(argv[1], "oops"))
		snapshot.trigger = argv[1];
	if (!strcmp(argv[1], "rich"))
		filter(&snapshot.filters);
	error = snapfile_open(&file, argv[2]);
	if (error)
		errx(1, "cannot %s: %s", file.doing, strerror(-error));
	error = snapshot_write(&snapshot, file.fd);
	if (error) {
		snapfile_abort(&file);
		errx(1, "cannot write %s/%s: %s", file.folder, file.temp,
		     strerror(-error));
	}
	error = snapfile_commit(&file, argv[3], &snapshot);
	if (error)
		errx(1, "cannot %s: %s", file.doing, strerror(-error));
	while (nr--)
		synth_free(&rings[nr]);
	if (puts(file.path) < 0 || fflush(stdout))
		err(1, "standard output");
	return 0;
}
