// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an earlier boot left in reserved memory, whole, damaged, made up: what comes of it,
 * and whether the memory is given back. The snapshots are looked at before they would be
 * encoded.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "evidence.h"
#include "folder.h"
#include "previous.h"
#include "recorder.h"
#include "said.h"
#include "save.h"
#include "tap.h"
#include "version.h"

_Thread_local shim_fn shim_interrupt;
_Thread_local struct task_struct *current;
_Thread_local int shim_interrupts;

#define DEVICE		1000	/* no descriptor of ours */
#define FRAME		500
#define SIZE		(2 * RECORDER_SIZE)
#define EVENTS		(RECORDER_RINGS * RECORDER_EVENTS)
#define RING(i)		((RECORDER_MAP_PAGES + (i) * RECORDER_RING_PAGES) * RECORDER_PAGE)
#define SAVES_MAX	8

#define NOTHING		"nothing can be read of what an earlier boot left\n"
#define MISSING		"what an earlier boot left is damaged: rings that are missing: %d, pages of others: %d\n"
#define SENSELESS	"what an earlier boot left is damaged: maps or rings that make no sense: %d\n"

/**
 * struct half - of the memory, as the module has it
 * @there: and not saved
 * @size: bytes that are used of @memory
 */
struct half {
	bool there;
	size_t size;
	u8 memory[SIZE] __attribute__((aligned(RECORDER_PAGE)));
};

/**
 * struct saved - a snapshot that was written
 * @seen: how often each event was in it
 * @right: of these, with time and texts as they were
 * @others: events that nobody wrote
 */
struct saved {
	u8 id[16];
	char reason[8];
	char trigger[8];
	char host[sizeof(((struct utsname *)0)->nodename)];
	struct clocks clocks;
	size_t nr_rings;
	int seen[EVENTS];
	int right;
	int others;
	bool service;
};

static struct half halves[TTLOG_PREVIOUS_MAX];
static const struct recorder panicked = { 0x11, TTLOG_STATE_PANIC, FRAME, 500 };
static struct saved saved[SAVES_MAX];
static int nr_saved, save_error, saved_error, ask_error, map_error, search_error;
static int nr_naps, nr_in_folder;

static u64 frame_of(u32 index)
{
	return FRAME + index * (SIZE / RECORDER_PAGE);
}

int __wrap_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...)
{
	struct ttlog_previous *previous;
	struct half *half;
	va_list args;

	va_start(args, request);
	previous = va_arg(args, void *);
	va_end(args);
	half = &halves[previous->index];
	errno = ask_error ? ask_error : ENOENT;
	if (fd != DEVICE || request != TTLOG_IOC_PREVIOUS || ask_error || !half->there)
		return -1;
	if (previous->flags & TTLOG_PREVIOUS_SAVED) {
		errno = saved_error;
		half->there = saved_error;
		return saved_error ? -1 : 0;
	}
	previous->offset = 4096 * (previous->index + 1);
	previous->size = half->size;
	previous->frame = frame_of(previous->index);
	return 0;
}

void *__real_mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset);
void *__wrap_mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset);
void *__wrap_mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset)
{
	if (fd != DEVICE)
		return __real_mmap(at, size, prot, flags, fd, offset);
	errno = map_error;
	return map_error || prot != PROT_READ ? MAP_FAILED :
						halves[offset / 4096 - 1].memory;
}

int __real_munmap(void *at, size_t size);
int __wrap_munmap(void *at, size_t size);
int __wrap_munmap(void *at, size_t size)
{
	if (at == halves[0].memory || at == halves[1].memory)
		return 0;
	return __real_munmap(at, size);
}

int __wrap_nanosleep(const struct timespec *time, struct timespec *left);
int __wrap_nanosleep(const struct timespec *time, struct timespec *left)
{
	(void)time;
	(void)left;
	nr_naps++;
	return 0;
}

void snapshot_recorder_id(char *to, const uint8_t *id)
{
	memcpy(to, id, 16);
}

int evidence_of_end(int dir, const char *id)
{
	int i;

	(void)dir;
	for (i = 0; i < nr_in_folder; i++) {
		if (!memcmp(saved[i].id, id, 16))
			return 1;
	}
	return search_error;
}

int save_open(struct helper *helper, struct snapfile *file)
{
	(void)helper;
	file->fd = -1;
	return save_error;
}

int save_commit(struct helper *helper, struct snapfile *file,
		const struct snapshot *snapshot, int error)
{
	(void)helper;
	(void)file;
	(void)snapshot;
	nr_in_folder = nr_saved;
	return error;
}

void snapfile_abort(struct snapfile *file)
{
	(void)file;
}

void save_retain(const struct helper *helper)
{
	(void)helper;
}

static bool is_text(struct slice slice, const char *text)
{
	return slice.len == strlen(text) && !memcmp(slice.ptr, text, slice.len);
}

/* Which event is it, of any recorder? */
static int number_of(const struct event *event)
{
	int ring, number, end = -1;
	char text[64] = "";

	if (event->message.len < sizeof(text))
		memcpy(text, event->message.ptr, event->message.len);
	if (sscanf(text, "ring %1d, event %2d of a disk that is slow%n", &ring, &number,
		   &end) != 2 ||
	    end < 0 || text[end] || ring >= RECORDER_RINGS)
		return -1;
	return ring * RECORDER_EVENTS + number;
}

static void look_at(struct saved *to, const struct snapshot *snapshot,
		    const struct merged *merged)
{
	const struct recorder recorder = { .started = snapshot->recorder_id[0] == 0x22 ?
						      700 : 500 };
	static struct event event;
	int number;

	if (!event.store && event_init(&event))
		abort();
	if (event_from_slot(&event, merged->event, snapshot->names))
		abort();
	number = number_of(&event);
	if (number < 0) {
		to->others++;
	} else {
		to->seen[number]++;
		to->service = is_text(event.service, "billing");
		to->right += event.nr_fields == 1 && is_text(event.comm, "writer") &&
			     event.pid == 42 && event.level == 4 &&
			     merged->time == recorder_time(&recorder,
							   number / RECORDER_EVENTS,
							   number % RECORDER_EVENTS) +
					     RECORDER_ASLEEP + RECORDER_BOOTED;
	}
}

int snapshot_write(const struct snapshot *snapshot, int fd)
{
	struct saved *to = &saved[nr_saved];
	struct merged merged;
	struct merge merge;

	(void)fd;
	if (nr_saved == SAVES_MAX - 1 || snapshot->count != 1 ||
	    snapshot->pid != (uint32_t)getpid())
		abort();
	nr_saved++;
	memset(to, 0, sizeof(*to));
	memcpy(to->id, snapshot->recorder_id, sizeof(to->id));
	snprintf(to->reason, sizeof(to->reason), "%s", snapshot->reason);
	snprintf(to->trigger, sizeof(to->trigger), "%s", snapshot->trigger);
	strcpy(to->host, snapshot->kernel.nodename);
	to->clocks = snapshot->clocks;
	to->nr_rings = snapshot->nr_rings;
	if (merge_init(&merge, snapshot->rings, snapshot->nr_rings, &snapshot->clocks))
		abort();
	while (merge_next(&merge, &merged))
		look_at(to, snapshot, &merged);
	merge_free(&merge);
	return 0;
}

/* Events of a ring that are in the snapshots, together; -1: one is there twice. */
static int nr_seen(int ring)
{
	int i, j, times, nr = 0;

	for (i = 0; i < RECORDER_EVENTS; i++) {
		for (times = 0, j = 0; j < nr_saved; j++)
			times += saved[j].seen[ring * RECORDER_EVENTS + i];
		if (times > 1)
			return -1;
		nr += times;
	}
	return nr;
}

static int all_seen(void)
{
	int i, nr = 0;

	for (i = 0; i < RECORDER_RINGS; i++)
		nr += nr_seen(i);
	return nr;
}

static int save(void)
{
	struct helper helper = { .folder = folder };

	helper.device.fd = DEVICE;
	helper.device.info.page_size = RECORDER_PAGE;
	nr_saved = 0;
	nr_in_folder = 0;
	nr_naps = 0;
	*said = '\0';
	return previous_save(&helper, true);
}

static bool given_back(void)
{
	return !halves[0].there && !halves[1].there;
}

static void fill(int index, const void *memory, size_t size)
{
	memset(&halves[index].memory, 0, SIZE);
	memcpy(&halves[index].memory, memory, size);
	halves[index].there = true;
	halves[index].size = SIZE;
}

static u8 whole[RECORDER_SIZE] __attribute__((aligned(RECORDER_PAGE)));
static u8 other[RECORDER_SIZE] __attribute__((aligned(RECORDER_PAGE)));

static void make(u8 *memory, struct recorder recorder)
{
	memset(memory, 0, RECORDER_SIZE);
	recorder_make(&recorder, memory);
}

/* All of the first recorder, and nothing else, in this file? */
static bool is_whole(const struct saved *s, const char *reason)
{
	int i, seen = 0;

	for (i = 0; i < EVENTS; i++)
		seen += s->seen[i] == 1;
	return seen == EVENTS && s->right == EVENTS && !s->others && s->service &&
	       s->nr_rings == RECORDER_RINGS && !strcmp(s->host, "host.example") &&
	       !strcmp(s->reason, reason) && !strcmp(s->trigger, reason);
}

static void wholes(void)
{
	u64 end = (RECORDER_RINGS * RECORDER_EVENTS) * 1000000ULL;

	tap_ok(!save() && !nr_saved && !*said, "nothing is there");
	ask_error = ENOTTY;
	fill(0, whole, sizeof(whole));
	tap_ok(!save() && !nr_saved && !*said, "an older module");
	ask_error = EIO;
	tap_ok(save() == EXIT_OTHER && !nr_saved &&
	       said_just("/dev/ttlog: cannot find what an earlier boot left: Input/output error\n"),
	       "that there is anything can't be found out");
	ask_error = EBUSY;
	tap_ok(save() == EXIT_OTHER && !nr_saved &&
	       said_just("another helper is saving what an earlier boot left\n") &&
	       halves[0].there, "another helper is at it");
	ask_error = 0;
	tap_ok(!save() && nr_saved == 1 && is_whole(saved, "panic") && !*said &&
	       given_back() && saved->clocks.mono == 501 * RECORDER_SECOND,
	       "a panic: all of it, with the clocks of then");
	fill(1, whole, sizeof(whole));
	tap_ok(!save() && !nr_saved && said_just(SENSELESS NOTHING, 5) && given_back(),
	       "elsewhere than its frames say it is none");

	make(other, (struct recorder) { 0x22, TTLOG_STATE_RUNS, frame_of(1), 700 });
	fill(1, other, sizeof(other));
	tap_ok(!save() && nr_saved == 1 && is_whole(saved, "reset") && !*said &&
	       given_back() && saved->clocks.mono == 700 * RECORDER_SECOND + end &&
	       saved->clocks.real == saved->clocks.mono + RECORDER_ASLEEP + RECORDER_BOOTED,
	       "a reset: all of it, with the clocks of the newest event");
	fill(0, whole, sizeof(whole));
	fill(1, other, sizeof(other));
	tap_ok(!save() && nr_saved == 2 && is_whole(saved, "panic") &&
	       is_whole(saved + 1, "reset") && given_back(), "both, the older first");

	make(other, (struct recorder) { 0x22, TTLOG_STATE_CLEAN, frame_of(1), 700 });
	fill(1, other, sizeof(other));
	tap_ok(!save() && !nr_saved && !*said && given_back(), "shut down: nothing to save");
}

/* Its rings are in the other half; a frame table names pages of both. */
static void in_both_halves(void)
{
	size_t tail = sizeof(whole) - RING(1);
	u64 *table;
	int i, j;

	memset(halves[0].memory, 0, SIZE);
	fill(1, whole + RING(1), tail);
	for (i = 1; i < RECORDER_RINGS; i++) {
		table = (u64 *)(halves[1].memory + RING(i) - RING(1) +
				sizeof(struct ttlog_ring));
		for (j = 0; j < RECORDER_RING_PAGES; j++)
			table[j] = frame_of(1) + (RING(i) - RING(1)) / RECORDER_PAGE + j;
	}
	memcpy(halves[1].memory + tail, whole + RING(1) - RECORDER_PAGE, RECORDER_PAGE);
	fill(0, whole, RING(1));
	table = (u64 *)(halves[0].memory + RING(0) + sizeof(struct ttlog_ring));
	table[RECORDER_RING_PAGES - 1] = frame_of(1) + tail / RECORDER_PAGE;
	tap_ok(!save() && nr_saved == 1 && is_whole(saved, "panic") && given_back(),
	       "a recorder, and a ring, that lie in both halves");
}

/* What became of a byte's damage, against what may. */
static bool is_good(size_t at)
{
	bool clocks = at >= offsetof(struct ttlog_map, host.mono) &&
		      at < offsetof(struct ttlog_map, host.reserved);
	int i;

	if (nr_saved != 1 || !given_back())
		return false;
	for (i = 0; i < RECORDER_RINGS; i++) {
		/* Of the ring whose head it is some may be missing, or all. */
		if (nr_seen(i) != RECORDER_EVENTS && (at < RING(0) || i))
			return false;
	}
	if (strcmp(saved->reason, "panic") && strcmp(saved->reason, "reset"))
		return false;
	return at >= RING(0) || clocks || saved->right == EVENTS;
}

/* Damage each byte of a range in some ways. */
static void scramble(size_t from, size_t size, const char *what)
{
	static const u8 ways[] = { 0xff, 1, 2, 0x80 };
	size_t i, way, bad = 0, lost = 0;

	for (i = 0; i < size; i++) {
		for (way = 0; way < sizeof(ways); way++) {
			fill(0, whole, sizeof(whole));
			halves[0].memory[from + i] ^= ways[way];
			if (save() || !is_good(from + i)) {
				bad++;
				printf("# byte %zu of %s, %#x: %d files, %d events\n%s",
				       i, what, ways[way], nr_saved, all_seen(), said);
			}
			lost += all_seen() != EVENTS;
		}
	}
	tap_ok(!bad, "%s is damaged, each of %zu bytes: all is saved that can be (%zu lack some)",
	       what, size, lost);
}

static void damaged_maps(void)
{
	struct ttlog_map *map = (struct ttlog_map *)halves[0].memory;

	fill(0, whole, sizeof(whole));
	map->magic = 0;
	tap_ok(!save() && nr_saved == 1 && saved->right == EVENTS && !saved->service &&
	       !*saved->host && !strcmp(saved->reason, "reset") && given_back() &&
	       saved->id[0] == 0x11 && saved->nr_rings == RECORDER_RINGS,
	       "without a map: all events, without names, by reset");
	fill(0, whole, sizeof(whole));
	map->key = 0;
	tap_ok(!save() && nr_saved == 1 && is_whole(saved, "panic"),
	       "a map's key is gone: the rings know it");
	fill(0, whole, sizeof(whole));
	memset(map->boot_id, 0, sizeof(map->boot_id));
	tap_ok(!save() && nr_saved == 1 && is_whole(saved, "panic") && saved->id[0] == 0x11,
	       "a map's boot id is gone: likewise");
	fill(0, whole, sizeof(whole));
	map->nr_cpus = 0;
	tap_ok(!save() && nr_saved == 1 && is_whole(saved, "panic"), "a map without CPUs");
	fill(0, whole, sizeof(whole));
	make(other, (struct recorder) { 0x22, TTLOG_STATE_PANIC, frame_of(1), 700 });
	fill(1, other, sizeof(other));
	map->magic = 0;
	((struct ttlog_map *)halves[1].memory)->key = 0;
	tap_ok(!save() && nr_saved == 2 && saved[0].right == EVENTS &&
	       !strcmp(saved[0].reason, "reset") && is_whole(saved + 1, "panic"),
	       "one has lost its map, the other's is damaged: no mixing up");
	make(other, (struct recorder) { 0x22, TTLOG_STATE_RUNS, frame_of(1), 700 });
	fill(1, other, sizeof(other));
	((struct ttlog_map *)halves[1].memory)->host.state = TTLOG_STATE_CLEAN;
	tap_ok(!save() && nr_saved == 1 && is_whole(saved, "reset"),
	       "shut down, but it isn't said when: damage");
	fill(0, whole, RECORDER_MAP_PAGES * RECORDER_PAGE);
	tap_ok(!save() && nr_saved == 1 && !saved->nr_rings && given_back() &&
	       !strcmp(saved->reason, "panic"), "a map without rings: when and by what");
}

static void damaged_rings(void)
{
	struct ttlog_ring *ring = (struct ttlog_ring *)(halves[0].memory + RING(0));

	fill(0, whole, sizeof(whole));
	ring->seal = 0;
	tap_ok(!save() && nr_saved == 1 && is_whole(saved, "panic"),
	       "a ring's seal is gone: the map knows it");
	fill(0, whole, sizeof(whole));
	memset(ring->boot_id, 0, sizeof(ring->boot_id));
	tap_ok(!save() && nr_saved == 1 && is_whole(saved, "panic"),
	       "a ring's boot id is gone: its seal will do");
	fill(0, whole, sizeof(whole));
	ring->nr_blocks = 0;
	tap_ok(!save() && nr_saved == 1 && !nr_seen(0) && all_seen() == EVENTS * 3 / 4 &&
	       said_just(MISSING, 1, 0) && given_back(), "a ring without blocks is told");
	fill(0, whole, sizeof(whole));
	ring->nr_frames = 1ULL << 60;
	tap_ok(!save() && nr_saved == 1 && !nr_seen(0) && all_seen() == EVENTS * 3 / 4 &&
	       said_just(SENSELESS, 1) && given_back(),
	       "one of a senseless size, too");
	fill(0, whole, sizeof(whole));
	ring->frames_offset = RECORDER_PAGE - sizeof(u64);
	((u64 *)ring)[RECORDER_PAGE / sizeof(u64) - 1] = FRAME + RING(0) / RECORDER_PAGE;
	tap_ok(!save() && nr_saved == 1 && !nr_seen(0) && all_seen() == EVENTS * 3 / 4 &&
	       said_just(MISSING, 1, 0) && given_back(),
	       "one that names its second page in that page");
	fill(0, whole, sizeof(whole));
	((u64 *)(ring + 1))[3] = 1;
	tap_ok(!save() && nr_saved == 1 && all_seen() < EVENTS && said_just(MISSING, 0, 1) &&
	       given_back(), "and one of which a page is elsewhere");
}

/* By the same numbers each time. */
static u32 next_random(void)
{
	static u64 state = 1;

	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return state >> 33;
}

static void random_damage(void)
{
	int i, j, nr, wrong = 0, events = 0;

	for (i = 0; i < 1000; i++) {
		fill(0, whole, sizeof(whole));
		nr = 1 << next_random() % 12;
		for (j = 0; j < nr; j++)
			halves[0].memory[next_random() % sizeof(whole)] = next_random();
		wrong += save() || nr_saved > 2 || !given_back();
		events += all_seen();
	}
	tap_ok(!wrong && events > 1000 * EVENTS / 2,
	       "damage at random, 1 to 2,048 bytes: %d of %d events", events, 1000 * EVENTS);
	wrong = 0;
	for (i = 0; i < 200; i++) {
		fill(0, whole, sizeof(whole));
		nr = next_random() % RECORDER_PAGES;
		for (j = 0; j < SIZE; j++)
			halves[0].memory[j] = j / RECORDER_PAGE == nr ? next_random() :
								       halves[0].memory[j];
		wrong += save() || nr_saved != 1 || !given_back();
	}
	tap_ok(!wrong, "a page of garbage");
	for (i = 0; i < SIZE; i++)
		halves[0].memory[i] = next_random();
	halves[0].there = true;
	tap_ok(!save() && !nr_saved && said_just(NOTHING) && given_back(),
	       "garbage alone is told, and given back");
}

/* All of what is in the first half says that it is of this layout. */
static void set_layout(u32 layout)
{
	int i;

	fill(0, whole, sizeof(whole));
	memcpy(halves[0].memory + 8, &layout, sizeof(layout));
	for (i = 0; i < RECORDER_RINGS; i++)
		memcpy(halves[0].memory + RING(i) + 8, &layout, sizeof(layout));
}

static void other_layouts(void)
{
	u32 layout = TTLOG_LAYOUT + 7;

	fill(0, whole, sizeof(whole));
	memcpy(halves[0].memory + 8, &layout, sizeof(layout));
	tap_ok(!save() && nr_saved == 1 && saved->right == EVENTS && given_back() &&
	       said_just(SENSELESS, 1),
	       "a map alone says it is of another layout: damage");
	set_layout(layout);
	make(other, (struct recorder) { 0x22, TTLOG_STATE_RUNS, frame_of(1), 700 });
	fill(1, other, sizeof(other));
	tap_ok(!save() && nr_saved == 1 && is_whole(saved, "reset") && halves[0].there &&
	       !halves[1].there &&
	       said_just("what an earlier boot left has layout 9, this program (" TTLOG_VERSION
			 ") reads layout 2: it stays where it is\n"),
	       "all of it says so: it stays, and the other half is saved");
	tap_ok(!save() && !nr_saved && halves[0].there, "and stays");
	set_layout(256);
	tap_ok(!save() && !nr_saved && said_just(SENSELESS NOTHING, 5) && given_back(),
	       "there will be no layout of such a number");
}

/* Who writes may know what a head looks like, and where it comes to lie. */
static void forged(void)
{
	u8 *page = halves[0].memory + RING(0) + 2 * RECORDER_PAGE;
	struct ttlog_ring *ring = (struct ttlog_ring *)page;
	struct ttlog_map *map = (struct ttlog_map *)page;

	fill(0, whole, sizeof(whole));
	memcpy(page, halves[0].memory + RING(1), RECORDER_PAGE);
	memset(ring->boot_id, 0x66, sizeof(ring->boot_id));
	ring->seal = 1;
	((u64 *)(ring + 1))[0] = FRAME + (page - halves[0].memory) / RECORDER_PAGE;
	tap_ok(!save() && nr_saved == 1 && saved->id[0] == 0x11, "a ring in a ring is none");
	memcpy(page, whole, RECORDER_PAGE);
	map->frames_page = FRAME + (page - halves[0].memory) / RECORDER_PAGE;
	map->frames_offset = RECORDER_PAGE - RECORDER_MAP_PAGES * sizeof(u64);
	recorder_name_frames(&(struct recorder) { .frame = map->frames_page },
			     (u64 *)(page + map->frames_offset), 0, RECORDER_MAP_PAGES);
	memset(map->boot_id, 0x66, sizeof(map->boot_id));
	map->key = 1;
	halves[0].there = true;
	tap_ok(!save() && nr_saved == 1 && saved->id[0] == 0x11, "nor is a map");
	halves[0].memory[RING(0) + sizeof(struct ttlog_ring) + sizeof(u64)] ^= 0x40;
	halves[0].there = true;
	tap_ok(!save() && nr_saved == 1 && saved->id[0] == 0x11,
	       "nor where the ring's table is damaged");
	halves[0].memory[RING(0)] ^= 1;
	halves[0].there = true;
	tap_ok(!save() && nr_saved == 1 && saved->id[0] == 0x11 && !nr_seen(0) &&
	       nr_seen(1) == RECORDER_EVENTS, "nor where its head is");
}

/* All pages but the first are the same one, in which it says that they were shut down. */
static void too_many(void)
{
	struct recorder clean = { 0x22, TTLOG_STATE_CLEAN, 0, 700 };
	size_t common = SIZE / RECORDER_PAGE - 1, i, page;
	size_t host = offsetof(struct ttlog_map, host) / RECORDER_PAGE;
	struct ttlog_map *map;
	u64 *table;

	make(other, clean);
	fill(0, other, 0);
	memcpy(halves[0].memory + common * RECORDER_PAGE, other + host * RECORDER_PAGE,
	       RECORDER_PAGE);
	for (i = 0; i < 65; i++) {
		map = (struct ttlog_map *)(halves[0].memory + i * RECORDER_PAGE);
		memcpy(map, other, offsetof(struct ttlog_map, service));
		map->room = 0;
		map->created_real = i * 7 % 65;
		map->frames_page = FRAME + i;
		map->frames_offset = RECORDER_PAGE / 2;
		table = (u64 *)((u8 *)map + map->frames_offset);
		for (page = 0; page < RECORDER_MAP_PAGES; page++)
			table[page] = FRAME + (page ? common : i);
	}
	tap_ok(save() == EXIT_OTHER && !nr_saved &&
	       said_just(SENSELESS
			 "there is more in what an earlier boot left that looks like recorders than is looked at: the newest 64, and the first 1048576 rings\n",
			 1) && halves[0].there,
	       "more than are looked at are told, and stay");
}

static void failures(void)
{
	int lock;

	fill(0, whole, sizeof(whole));
	map_error = ENOMEM;
	tap_ok(save() == EXIT_OTHER &&
	       said_just("/dev/ttlog: cannot map what an earlier boot left: Cannot "
			 "allocate memory\n") &&
	       halves[0].there, "it can't be mapped");
	map_error = 0;
	save_error = -ENOSPC;
	tap_ok(save() == EXIT_DISK_FULL && halves[0].there, "the disk is full: it stays");
	save_error = -EROFS;
	tap_ok(save() == EXIT_FOLDER && halves[0].there, "the folder is read-only: it stays");
	save_error = 0;
	saved_error = EIO;
	tap_ok(save() == EXIT_OTHER && nr_saved == 1 &&
	       said_just("/dev/ttlog: cannot say that what an earlier boot left is "
			 "saved: Input/output error\n"),
	       "that it is saved can't be said");
	saved_error = 0;
	search_error = -EMFILE;
	tap_ok(save() == EXIT_OTHER && !nr_saved && halves[0].there &&
	       said_just("saving what an earlier boot left: Too many open files\n"),
	       "what is in the folder can't be found out");
	search_error = 0;
	lock = open(folder, O_RDONLY | O_DIRECTORY);
	flock(lock, LOCK_SH);
	tap_ok(save() == EXIT_OTHER && !nr_saved && halves[0].there && nr_naps == 30 &&
	       said_just("cannot save what an earlier boot left: somebody else has "
			 "locked %s\n", folder),
	       "somebody has locked the folder");
	close(lock);
	tap_ok(!save() && nr_saved == 1 && given_back(), "and then it is saved");
	fill(0, whole, sizeof(whole));
	rmdir(folder);
	tap_ok(save() == EXIT_FOLDER && halves[0].there &&
	       said_just("cannot save what an earlier boot left: the folder %s: No "
			 "such file or directory\n", folder),
	       "there is no folder");
	mkdir(folder, 0700);
}

int main(void)
{
	strcpy(folder, "/tmp/ttlog-test-XXXXXX");
	if (!mkdtemp(folder))
		return 1;
	halves[0].size = SIZE;
	halves[1].size = SIZE;
	make(whole, panicked);
	wholes();
	in_both_halves();
	damaged_maps();
	damaged_rings();
	scramble(0, offsetof(struct ttlog_map, service), "the map's head");
	scramble(offsetof(struct ttlog_map, host), sizeof(struct ttlog_host), "the host");
	scramble(RING(0), sizeof(struct ttlog_ring), "the first ring's head");
	random_damage();
	other_layouts();
	forged();
	too_many();
	failures();
	rmdir(folder);
	return tap_done();
}
