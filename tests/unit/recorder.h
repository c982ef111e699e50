/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A recorder in memory as a machine that died leaves it there: its map, and rings written
 * by the real writer. All of it is the same each time.
 */
#ifndef TTLOG_TEST_RECORDER_H
#define TTLOG_TEST_RECORDER_H

#include <stdio.h>
#include <string.h>
#include <time.h>
#include "../../kmod/ring.h"

#define RECORDER_PAGE		4096
#define RECORDER_MAP_PAGES	15	/* the frame table is in the last one */
#define RECORDER_RINGS		4
#define RECORDER_RING_PAGES	5	/* a head and two blocks */
#define RECORDER_PAGES		(RECORDER_MAP_PAGES + RECORDER_RINGS * RECORDER_RING_PAGES)
#define RECORDER_SIZE		(RECORDER_PAGES * RECORDER_PAGE)
#define RECORDER_EVENTS		100	/* of each ring */
#define RECORDER_BLOCK		8192

#define RECORDER_SECOND		1000000000ULL
#define RECORDER_ASLEEP		(100 * RECORDER_SECOND)
#define RECORDER_BOOTED		(1795428000 * RECORDER_SECOND)	/* real - boot */

/**
 * struct recorder - what is to be told apart
 * @id: each byte of its boot id
 * @state: TTLOG_STATE_*
 * @frame: of the first page
 * @started: CLOCK_MONOTONIC, when the module was loaded, in s
 */
struct recorder {
	u8 id;
	u32 state;
	u64 frame;
	u64 started;
};

static u64 recorder_now;	/* CLOCK_MONOTONIC; link with --wrap=clock_gettime */

int __wrap_clock_gettime(clockid_t id, struct timespec *ts);
int __wrap_clock_gettime(clockid_t id, struct timespec *ts)
{
	u64 now = recorder_now;

	if (id != CLOCK_MONOTONIC)
		now += RECORDER_ASLEEP;
	if (id == CLOCK_REALTIME)
		now += RECORDER_BOOTED;
	*ts = (struct timespec) {
		.tv_sec = now / RECORDER_SECOND, .tv_nsec = now % RECORDER_SECOND,
	};
	return 0;
}

static inline u64 recorder_key(const struct recorder *recorder)
{
	return 0x9d2c5680b5297a4dULL * (recorder->id | 1);
}

/* The time of a ring's event: they take turns. */
static inline u64 recorder_time(const struct recorder *recorder, int ring, int event)
{
	return recorder->started * RECORDER_SECOND +
	       (event * RECORDER_RINGS + ring + 1) * 1000000ULL;
}

static inline size_t recorder_text(char *text, int ring, int event)
{
	return sprintf(text, "ring %d, event %d of a disk that is slow%cring:=%d", ring,
		       event, 0, ring);
}

static inline void recorder_write(const struct recorder *recorder, struct ring *r,
				  int ring, int nr)
{
	struct ttlog_event *event;
	struct slot slot;
	char text[80];
	size_t len = recorder_text(text, ring, nr);

	recorder_now = recorder_time(recorder, ring, nr);
	slot = ring_reserve(r, TTLOG_EVENT_SIZE + 1 + len);
	event = slot.event;
	event->time = recorder_now;
	event->ids = (u64)len << TTLOG_IDS_LEN_SHIFT | 4ULL << TTLOG_IDS_LEVEL_SHIFT |
		     42 << TTLOG_IDS_PID_SHIFT | 42ULL << TTLOG_IDS_TID_SHIFT;
	event->uid = 0;
	event->cgroup_lo = 0;
	event->cgroup_hi = TTLOG_EVENT_SERVICE;
	memset(event->comm, 0, sizeof(event->comm));
	memcpy(event->comm, "writer", 6);
	event->body[0] = 0;
	memcpy(event->body + 1, text, len);
	ring_commit(r, slot);
}

static inline void recorder_name_frames(const struct recorder *recorder, u64 *table,
					u64 first, u64 nr)
{
	u64 i;

	for (i = 0; i < nr; i++)
		table[i] = recorder->frame + first + i;
}

static inline void recorder_make_map(const struct recorder *recorder, u8 *memory)
{
	struct ttlog_map *map = (struct ttlog_map *)memory;
	struct ttlog_host *host = &map->host;
	u64 table = (RECORDER_MAP_PAGES - 1) * RECORDER_PAGE;

	map->magic = TTLOG_MAP_MAGIC;
	map->layout = TTLOG_LAYOUT;
	map->nr_cpus = RECORDER_RINGS;
	map->key = recorder_key(recorder);
	map->room = RECORDER_SIZE;
	map->over = recorder->state == TTLOG_STATE_CLEAN ? TTLOG_OVER : 0;
	memset(map->boot_id, recorder->id, sizeof(map->boot_id));
	map->block_size = RECORDER_BLOCK;
	map->nr_channels = TTLOG_NR_CHANNELS;
	map->generation = RECORDER_RINGS;
	map->nr_services = 1;
	map->created = recorder->started * RECORDER_SECOND;
	map->size = RECORDER_MAP_PAGES * RECORDER_PAGE;
	map->frames_offset = table;
	map->frames_page = recorder->frame + RECORDER_MAP_PAGES - 1;
	map->nr_frames = RECORDER_MAP_PAGES;
	map->created_real = map->created + RECORDER_ASLEEP + RECORDER_BOOTED;
	recorder_name_frames(recorder, (u64 *)(memory + table), 0, RECORDER_MAP_PAGES);
	strcpy(map->service[0].name, "billing");
	strcpy(host->nodename, "host.example");
	strcpy(host->release, "6.1.0-test");
	strcpy(host->version, "#1 SMP");
	strcpy(host->machine, "x86_64");
	memset(host->kernel_boot_id, 0xab, sizeof(host->kernel_boot_id));
	host->abi_major = TTLOG_ABI_MAJOR;
	host->abi_minor = TTLOG_ABI_MINOR;
	host->state = recorder->state;
	if (recorder->state == TTLOG_STATE_RUNS)
		return;
	host->mono = (recorder->started + 1) * RECORDER_SECOND;
	host->boot = host->mono + RECORDER_ASLEEP;
	host->real = host->boot + RECORDER_BOOTED;
}

/* RECORDER_SIZE bytes at @memory, zeroed. */
static inline void recorder_make(const struct recorder *recorder, u8 *memory)
{
	struct ttlog_map *map = (struct ttlog_map *)memory;
	struct ring_geometry g;
	struct ring r;
	int i, event;
	u64 at;

	recorder_make_map(recorder, memory);
	ttlog_ring_geometry(2 * RECORDER_BLOCK + RECORDER_PAGE, RECORDER_BLOCK,
			    RECORDER_PAGE, 0, &g);
	for (i = 0; i < RECORDER_RINGS; i++) {
		at = RECORDER_MAP_PAGES + i * RECORDER_RING_PAGES;
		recorder_now = map->created;
		ttlog_ring_init(&r, memory + at * RECORDER_PAGE, &g, i / 2,
				i % 2 ? TTLOG_FLOW : TTLOG_KEEP, map->key, map->boot_id);
		recorder_name_frames(recorder, (u64 *)(memory + at * RECORDER_PAGE +
						       g.frames_offset),
				     at, RECORDER_RING_PAGES);
		for (event = 0; event < RECORDER_EVENTS; event++)
			recorder_write(recorder, &r, i, event);
	}
}

#endif
