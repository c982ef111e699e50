/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rings as the reader gives them, made up: events, blocks and counters chosen by
 * a test.
 */
#ifndef SYNTH_H
#define SYNTH_H

#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "snapshot.h"

#define SYNTH_RINGS	8

/**
 * struct synth_event - what an event is made from; what is left out is 0
 * @time: mono
 * @asleep: boot - mono of its block
 * @text: message and fields
 * @len: bytes at @text; 0: up to its NUL
 * @flags: TTLOG_EVENT_ASYNC
 * @service: 1 more than its service's id
 * @leader: name of the thread group's leader, if it has another
 * @kind: TTLOG_KIND_*
 */
struct synth_event {
	uint64_t time;
	uint64_t asleep;
	unsigned int level;
	uint32_t pid;
	uint32_t tid;
	uint32_t uid;
	uint64_t cgroup;
	const char *comm;
	const char *text;
	size_t len;
	uint16_t flags;
	unsigned int service;
	const char *leader;
	unsigned int kind;
};

static inline size_t synth_body(uint8_t *body, const struct synth_event *from)
{
	if (from->service) {
		body[0] = from->service - 1;
		return 1;
	}
	if (from->leader) {
		strncpy((char *)body, from->leader, TTLOG_COMM_LEN);
		return TTLOG_COMM_LEN;
	}
	return 0;
}

/* Add an event to a ring. */
static inline void synth_add(struct reader_ring *ring, struct synth_event from)
{
	size_t len = from.len ? from.len : strlen(from.text);
	size_t size = (TTLOG_EVENT_SIZE + TTLOG_COMM_LEN + len + 7) & ~7;
	struct ttlog_event *slot = calloc(1, size);
	struct ttlog_block *block = calloc(1, sizeof(*block));
	struct reader_event *event;
	size_t head;

	block->mono = from.time;
	block->boot = from.time + from.asleep;
	slot->time = from.time;
	slot->ids = (uint64_t)from.pid << TTLOG_IDS_PID_SHIFT |
		    (uint64_t)(from.tid ? from.tid : from.pid) <<
			TTLOG_IDS_TID_SHIFT |
		    (uint64_t)len << TTLOG_IDS_LEN_SHIFT |
		    (uint64_t)from.level << TTLOG_IDS_LEVEL_SHIFT |
		    (uint64_t)from.kind << TTLOG_IDS_KIND_SHIFT;
	slot->uid = from.uid;
	slot->cgroup_lo = from.cgroup;
	slot->cgroup_hi = from.cgroup >> 32 | from.flags |
			  (from.service ? TTLOG_EVENT_SERVICE : 0) |
			  (from.leader ? TTLOG_EVENT_LEADER : 0);
	strncpy((char *)slot->comm, from.comm ? from.comm : "",
		TTLOG_COMM_LEN);
	head = synth_body(slot->body, &from);
	memcpy(slot->body + head, from.text, len);

	ring->events = reallocarray(ring->events, ring->nr_events + 1,
				    sizeof(*ring->events));
	event = &ring->events[ring->nr_events++];
	event->slot = slot;
	event->block = block;
	event->size = size;
	event->number = ring->to++;
	event->position = ring->position;
	ring->position += size;
}

static inline void synth_free(struct reader_ring *ring)
{
	size_t i;

	for (i = 0; i < ring->nr_events; i++) {
		free((void *)ring->events[i].slot);
		free((void *)ring->events[i].block);
	}
	free(ring->events);
	memset(ring, 0, sizeof(*ring));
}

/* A snapshot's head: fixed values, and boot and real that are round numbers. */
static inline void synth_head(struct snapshot *snapshot,
			      struct reader_ring *rings, size_t nr_rings)
{
	static const struct names names = {
		.services = { { .name = "sshd" }, { .name = "backup" } },
		.nr_services = 2,
		.probes = {
			{ .symbol = "do_sys_openat2", .nr_args = 3 },
			{ .symbol = "vfs_read", .flags = TTLOG_PROBE_RETURN,
			  .nr_args = 1 },
			{ .symbol = "schedule", .offset = 16 },
		},
		.nr_probes = 3,
	};
	int i;

	memset(snapshot, 0, sizeof(*snapshot));
	snapshot->service = "ttlog";
	snapshot->pid = 4711;
	snapshot->reason = "request";
	snapshot->trigger = "request";
	strcpy(snapshot->boot_id, "01234567-89ab-4cde-8f01-23456789abcd");
	for (i = 0; i < 16; i++)
		snapshot->recorder_id[i] = 0x11 * i;
	strcpy(snapshot->kernel.nodename, "host.example");
	strcpy(snapshot->kernel.release, "6.1.0-test");
	strcpy(snapshot->kernel.version, "#1 SMP");
	strcpy(snapshot->kernel.machine, "x86_64");
	/* 2026-11-23 10:11:12.5 UTC; up 1000 s, of which 100 s asleep. */
	snapshot->clocks.mono = 900 * NSEC_PER_SEC;
	snapshot->clocks.boot = 1000 * NSEC_PER_SEC;
	snapshot->clocks.real = 1795428672 * NSEC_PER_SEC + NSEC_PER_SEC / 2;
	snapshot->abi_major = TTLOG_ABI_MAJOR;
	snapshot->abi_minor = TTLOG_ABI_MINOR;
	snapshot->layout = TTLOG_LAYOUT;
	snapshot->names = &names;
	snapshot->count = 1;
	snapshot->rings = rings;
	snapshot->nr_rings = nr_rings;
}

/* CLOCK_REALTIME at which CLOCK_BOOTTIME was 0. */
#define SYNTH_BOOTED	((1795428672 - 1000) * NSEC_PER_SEC + NSEC_PER_SEC / 2)

#endif
