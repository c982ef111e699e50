// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes the memory of a ring with some events to standard output, for
 * preload/device.c; with "open" one that isn't committed, and no other; with a number
 * as many plain ones; with "text" one of what standard input has.
 */
#include <stdio.h>
#include <stdlib.h>
#include "ring.h"

static struct test_ring ring;
static u64 now = 1000000000;

static void put(u64 kind, const void *body, size_t len)
{
	struct slot slot = ring_reserve(&ring.ring, TTLOG_EVENT_SIZE + len);
	struct ttlog_event *event = slot.event;

	event->time = now;
	event->ids = kind << TTLOG_IDS_KIND_SHIFT |
		     (u64)TTLOG_INFO << TTLOG_IDS_LEVEL_SHIFT |
		     (u64)len << TTLOG_IDS_LEN_SHIFT |
		     1ULL << TTLOG_IDS_PID_SHIFT | 1ULL << TTLOG_IDS_TID_SHIFT;
	event->uid = 0;
	event->cgroup_lo = 0;
	event->cgroup_hi = 0;
	memcpy(event->comm, "writer", 7);
	memcpy(event->body, body, len);
	ring_commit(&ring.ring, slot);
}

static void put_fields(void)
{
	char text[1024] = "many";
	size_t len = 5;
	int i;

	for (i = 0; i < 40; i++)
		len += sprintf(text + len, "key%d:=%d", i, i) + 1;
	put(TTLOG_KIND_LOG, text, len - 1);
}

static void put_input(void)
{
	char text[TTLOG_TEXT_MAX];

	put(TTLOG_KIND_LOG, text, fread(text, 1, sizeof(text), stdin));
}

int main(int argc, char **argv)
{
	static const char fields[] = "text\0a=b\0n:=-1\0x:=0.5\0t:=true\0raw=\xff\0none";
	static const u8 hit[TTLOG_PROBE_BODY_SIZE + 16] = { 0 };
	int i, nr = argc > 1 ? atoi(argv[1]) : 97;
	char plain[32] = "event ";

	current = (struct task_struct *)&ring;
	test_ring_make(&ring, 8192, 8, 0, TTLOG_FLOW);
	if (argc > 1 && !strcmp(argv[1], "open")) {
		ring_reserve(&ring.ring, TTLOG_EVENT_SIZE);
		goto out;
	}
	if (argc > 1 && !strcmp(argv[1], "text")) {
		put_input();
		goto out;
	}
	put(TTLOG_KIND_PROBE, hit, sizeof(hit));
	put(TTLOG_KIND_LOG, fields, sizeof(fields) - 1);
	put_fields();
	for (i = 0; i < nr; i++) {
		sprintf(plain + 6, "%d", i);
		/* A time that makes no sense. */
		if (i == 96)
			now = 1ULL << 62;
		put(TTLOG_KIND_LOG, plain, strlen(plain));
	}
out:
	fwrite(ring.memory, 1, ring.geometry.size, stdout);
	test_ring_free(&ring);
	return fflush(stdout) ? 1 : 0;
}
