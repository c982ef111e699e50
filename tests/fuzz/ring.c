// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mapped memory of any content, to all that reads it: from user/device.c, whose
 * system calls are answered here, to the file and to ttlog cat.
 *
 * The input is a script of operations. Those that write are done by the real
 * writer; those that spoil memory come after them all, some while the reader is at
 * work. Sizes that the module's ioctls say are right, as the kernel's own mmap sees
 * to that; what stands in memory is anything.
 */
#include <errno.h>
#include <linux/limits.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../kmod/ring.h"
#include "cat.h"
#include "decode.h"
#include "device.h"
#include "encode.h"
#include "print.h"
#include "snapshot.h"

#define CPUS		2
#define RINGS		(CPUS * TTLOG_NR_CHANNELS)
#define BLOCK		8192
#define PAGE		4096
#define KEY		0x9d2c5680b5297a4dULL
#define DEVICE_FD	1000
#define SPOILS		64
/* Where a ring is mapped, as map offset. */
#define STRIDE		(1ULL << 32)

_Thread_local shim_fn shim_interrupt;
_Thread_local struct task_struct *current;
_Thread_local int shim_interrupts;

/**
 * struct spoil - a place in memory that is to hold something else
 * @memory: of a ring or the map's head
 * @size: its bytes
 * @at: where in it
 * @bytes: what to put there
 * @len: how many
 * @late: when the reader is at work
 */
struct spoil {
	uint8_t *memory;
	size_t size;
	size_t at;
	uint8_t bytes[512];
	size_t len;
	bool late;
};

static struct ring rings[RINGS];
static struct ring_geometry geometry[RINGS];
static uint8_t *memory[RINGS];
static struct ttlog_map *map;
static struct spoil spoils[SPOILS];
static size_t nr_spoils;
static bool at_work;
static struct reader_range range;

static void spoil_now(bool late)
{
	struct spoil *s;

	for (s = spoils; s < spoils + nr_spoils; s++) {
		if (s->late == late)
			memcpy(s->memory + s->at, s->bytes, s->len);
	}
}

/* ---- what the kernel would answer */

int __wrap_open(const char *path, int flags, ...);
int __wrap_close(int fd);
int __wrap_fstat(int fd, struct stat *st);
int __wrap_ioctl(int fd, unsigned long request, ...);
void *__wrap_mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset);
int __wrap_munmap(void *at, size_t size);
void *__wrap_reallocarray(void *old, size_t nr, size_t size);
int __real_open(const char *path, int flags, ...);
int __real_close(int fd);
int __real_fstat(int fd, struct stat *st);
void *__real_reallocarray(void *old, size_t nr, size_t size);

int __wrap_open(const char *path, int flags, ...)
{
	return strcmp(path, DEVICE_PATH) ? __real_open(path, flags) : DEVICE_FD;
}

int __wrap_close(int fd)
{
	return fd == DEVICE_FD ? 0 : __real_close(fd);
}

int __wrap_fstat(int fd, struct stat *st)
{
	if (fd != DEVICE_FD)
		return __real_fstat(fd, st);
	st->st_mode = S_IFCHR | 0660;
	return 0;
}

static int say_ring(struct ttlog_ring_info *info)
{
	size_t i = info->cpu * TTLOG_NR_CHANNELS + info->channel;

	require(i < RINGS);
	if (!memory[i]) {
		errno = ENXIO;
		return -1;
	}
	info->offset = (i + 1) * STRIDE;
	info->size = geometry[i].size;
	info->nr_blocks = geometry[i].nr_blocks;
	return 0;
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;

	require(fd == DEVICE_FD);
	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	switch (request) {
	case TTLOG_IOC_INFO:
		*(struct ttlog_info *)arg = (struct ttlog_info) {
			.abi_major = TTLOG_ABI_MAJOR, .layout = TTLOG_LAYOUT,
			.nr_cpus = CPUS, .nr_channels = TTLOG_NR_CHANNELS,
			.block_size = BLOCK, .map_size = sizeof(*map),
			.mono = 900 * NSEC_PER_SEC, .boot = 1000 * NSEC_PER_SEC,
			.real = 1795428672 * NSEC_PER_SEC };
		return 0;
	case TTLOG_IOC_RING:
		return say_ring(arg);
	default:	/* SYNC, LEDGER */
		return 0;
	}
}

void *__wrap_mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset)
{
	size_t i = offset / STRIDE;

	require(!at && prot == PROT_READ && flags == MAP_SHARED && fd == DEVICE_FD);
	if (!i) {
		require(size == sizeof(*map));
		return map;
	}
	require(i <= RINGS && size == geometry[i - 1].size);
	return memory[i - 1];
}

int __wrap_munmap(void *at, size_t size)
{
	(void)at;
	(void)size;
	return 0;
}

/* The reader asks for room when it has looked at heads and tags. */
void *__wrap_reallocarray(void *old, size_t nr, size_t size)
{
	if (at_work)
		spoil_now(true);
	return __real_reallocarray(old, nr, size);
}

/* ---- the script */

static void make_ring(size_t i, unsigned int blocks)
{
	static const u8 boot_id[16] = "0123456789abcdef";
	struct ring_geometry *g = &geometry[i];
	u64 bytes = (u64)BLOCK * blocks + PAGE;

	require(ttlog_ring_geometry(bytes, BLOCK, PAGE, 0, g));
	memory[i] = aligned_alloc(PAGE, g->size);
	require(memory[i]);
	memset(memory[i], 0, g->size);
	ttlog_ring_init(&rings[i], memory[i], g, i / TTLOG_NR_CHANNELS,
			i % TTLOG_NR_CHANNELS, KEY, boot_id);
}

static void make_map(void)
{
	map = calloc(1, sizeof(*map));
	require(map);
	map->magic = TTLOG_MAP_MAGIC;
	map->layout = TTLOG_LAYOUT;
	map->nr_cpus = CPUS;
	map->nr_channels = TTLOG_NR_CHANNELS;
	map->block_size = BLOCK;
	map->key = KEY;
	map->nr_services = 1;
	strcpy(map->service[0].name, "billing");
	map->nr_probes = 1;
	strcpy(map->probe[0].symbol, "vfs_read");
	map->probe[0].nr_args = 3;
}

/* An event of any content, committed or not. */
static void write_event(struct ring *r, struct input *in, bool commit)
{
	const uint8_t *bytes;
	size_t len = input_number(in, 2) % 4120, have;
	struct slot slot = ring_reserve(r, TTLOG_EVENT_SIZE + len);

	if (!slot.event)
		return;
	slot.event->time = input_number(in, 4) << 10;
	slot.event->ids = input_number(in, 2) << 48 |
			  (uint64_t)len << TTLOG_IDS_LEN_SHIFT | 42;
	slot.event->cgroup_hi = input_number(in, 2);
	memset(slot.event->comm, 'c', TTLOG_COMM_LEN);
	have = input_bytes(in, &bytes, len);
	memcpy(slot.event->body, bytes, have);
	memset(slot.event->body + have, 'x', len - have);
	if (commit)
		ring_commit(r, slot);
}

static void write_many(struct ring *r, struct input *in)
{
	size_t len = input_number(in, 2) % 4096, nr = input_number(in, 1);
	struct slot slot;

	while (nr--) {
		slot = ring_reserve(r, TTLOG_EVENT_SIZE + len);
		if (!slot.event)
			return;
		memset(slot.event->body, 'y', len);
		slot.event->time = 1000;
		slot.event->ids = (uint64_t)len << TTLOG_IDS_LEN_SHIFT;
		ring_commit(r, slot);
	}
}

/* A place that is likely to matter: the heads, the first slots, the next one. */
static size_t place_in(size_t i, struct input *in)
{
	const struct ring_geometry *g = &geometry[i];
	uint32_t where = input_number(in, 3), in_block = where >> 4;
	uint64_t head = rings[i].shared->head;

	switch (where & 3) {
	case 0:
		return in_block % sizeof(struct ttlog_ring);
	case 1:
		return g->data_offset + (in_block & 7) % g->nr_blocks * BLOCK +
		       (in_block >> 3) % (sizeof(struct ttlog_block) + 64);
	case 2:
		return g->data_offset + ring_head_block(head) * BLOCK +
		       ring_head_offset(head);
	default:
		return in_block % g->size;
	}
}

/* The tag of a slot there, in the lap that its block is in. */
static uint64_t tag_at(size_t i, size_t at, size_t words)
{
	const struct ring_geometry *g = &geometry[i];
	size_t offset = at - g->data_offset;
	const struct ttlog_block *block;

	if (at < g->data_offset)
		return KEY;
	block = (const struct ttlog_block *)(memory[i] + at - offset % BLOCK);
	return KEY ^ (words << TTLOG_TAG_SIZE_SHIFT |
		      (block->start + offset % BLOCK));
}

static uint64_t word_for(uint8_t kind, const uint8_t *old, struct input *in)
{
	uint64_t word;

	switch (kind & 7) {
	case 1:
		return input_number(in, 8);
	case 3:			/* a little off */
		memcpy(&word, old, sizeof(word));
		return word + (int8_t)input_number(in, 1);
	case 4:
		return 1ULL << input_number(in, 1) % 64;
	case 5:
		return ~0ULL;
	default:
		return 0;
	}
}

/* Any bytes, or a word of some kind. Ring @i; RINGS: the map's head. */
static void add_spoil(size_t i, struct input *in)
{
	struct spoil *s = &spoils[nr_spoils];
	uint8_t kind = input_number(in, 1);
	const uint8_t *bytes;
	uint64_t word;

	if (nr_spoils == SPOILS)
		return;
	s->memory = i < RINGS ? memory[i] : (uint8_t *)map;
	s->size = i < RINGS ? geometry[i].size : sizeof(*map);
	s->at = i < RINGS ? place_in(i, in) : input_number(in, 2);
	s->at &= kind & 0x40 ? ~7ULL : ~0ULL;
	s->late = kind & 0x80;
	if (s->at + sizeof(word) > s->size)
		return;
	if (kind & 7) {
		word = (kind & 7) == 2 && i < RINGS ?
		       tag_at(i, s->at, input_number(in, 2)) ^ (kind >> 3 & 1) :
		       word_for(kind, s->memory + s->at, in);
		s->len = (kind & 7) == 6 ? 4 : sizeof(word);
		memcpy(s->bytes, &word, sizeof(word));
	} else {
		s->len = input_bytes(in, &bytes, input_number(in, 2) %
				     sizeof(s->bytes));
		if (s->len > s->size - s->at)
			s->len = s->size - s->at;
		memcpy(s->bytes, bytes, s->len);
	}
	nr_spoils++;
}

static void run_script(struct input *in)
{
	size_t i = 0, nr;
	uint8_t op;

	for (nr = 0; in->left && nr < 256; nr++) {
		op = input_number(in, 1);
		if (op & 0x80)		/* most go on with the same ring */
			i = op >> 3 & 7;
		if (!memory[i])
			make_ring(i, 2 + input_number(in, 1) % 4);
		switch (op & 7) {
		case 0:
			write_event(&rings[i], in, true);
			break;
		case 1:
			write_event(&rings[i], in, false);
			break;
		case 2:
			write_many(&rings[i], in);
			break;
		case 3:
			ttlog_ring_close_block(&rings[i]);
			break;
		case 4:
			ttlog_ring_hold(&rings[i]);
			break;
		case 5:
			add_spoil(RINGS, in);
			break;
		default:
			add_spoil(i, in);
			break;
		}
	}
}

/* ---- reading */

static void on_copied(void *arg, uint64_t position)
{
	(void)arg;
	(void)position;
}

static void choose(void *arg, uint32_t cpu, uint32_t channel,
		   struct reader_range *of)
{
	(void)arg;
	if ((cpu + channel) % 2)
		*of = range;
}

/* What was accepted lies in the copy, in order, and the sums are right. */
static void check_ring(const struct reader_ring *r)
{
	const struct ring_geometry *g = &geometry[r->cpu * TTLOG_NR_CHANNELS +
						  r->channel];
	size_t blocks = (size_t)g->nr_blocks * BLOCK, i, at;
	const struct reader_event *e;

	require(r->from <= r->to);
	require(r->to - r->from == r->nr_events + r->overwritten + r->holes);
	for (i = 0; i < r->nr_events; i++) {
		e = &r->events[i];
		at = (const uint8_t *)e->slot - (const uint8_t *)r->copy;
		require(at < blocks && e->size >= TTLOG_EVENT_SIZE &&
			at % TTLOG_ALIGN == 0 && e->size % TTLOG_ALIGN == 0);
		require(at % BLOCK + e->size <= BLOCK);
		require((const uint8_t *)e->block - (const uint8_t *)r->copy ==
			(ptrdiff_t)(at - at % BLOCK));
		require(r->from <= e->number && e->number < r->to);
		require(!i || e[-1].number < e->number);
	}
}

/**
 * struct seen - events of the file
 */
struct seen {
	size_t nr;
	uint64_t last;
};

static void on_event(void *context, const struct event *event)
{
	struct seen *seen = context;

	require(event->time >= seen->last);
	seen->last = event->time;
	seen->nr++;
	print_event(stdout, event);
}

static int on_item(void *context, struct decoder *in, struct slice key)
{
	(void)context;
	(void)key;
	return decode_skip(in);
}

static void check_file(int fd, size_t events)
{
	struct seen seen = { 0 };
	const struct decode_sink sink = {
		.event = on_event, .item = on_item, .context = &seen };
	struct decoder in;

	require(!lseek(fd, 0, SEEK_SET));
	catch_output();
	require(!decode_open(&in, "snapshot", fd));
	decode_run(&in, &sink);
	require(!in.damaged && seen.nr == events);
	decode_free(&in);
	require_harmless(caught_stdout());
}

static void write_file(struct device *device, struct contents *contents)
{
	struct snapshot snapshot = {
		.service = "ttlog", .pid = 1, .reason = "fuzz",
		.trigger = "request", .clocks = contents->clocks,
		.names = &contents->names, .count = 1,
		.rings = contents->rings, .nr_rings = contents->nr,
		.layout = device->info.layout,
	};
	size_t i, events = 0;
	int fd = file_of("", 0);

	for (i = 0; i < contents->nr; i++)
		events += contents->rings[i].nr_events;
	require(!snapshot_write(&snapshot, fd));
	check_file(fd, events);
}

static void read_all(void)
{
	const struct wanted wanted = { .choose = choose };
	struct contents contents;
	struct device device;
	size_t i;
	int status;

	catch_output();
	require(!device_open(&device, 0));
	at_work = true;
	status = device_read(&device, &wanted, &contents);
	at_work = false;
	require(!status || status == EXIT_VERSION);
	for (i = 0; i < contents.nr; i++)
		if (contents.rings[i].copy)
			check_ring(&contents.rings[i]);
	if (!status)
		write_file(&device, &contents);
	contents_free(&contents);
	device_close(&device);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	uint8_t flags = input_number(&in, 1);
	size_t i;

	range = (struct reader_range) {
		.from = flags & 1 ? input_number(&in, 2) : 0,
		.closed = flags & 2,
		.passed = flags & 4 ? input_number(&in, 2) : READER_NONE,
		.copied = flags & 8 ? on_copied : NULL,
	};
	nr_spoils = 0;
	make_map();
	run_script(&in);
	spoil_now(false);
	read_all();
	for (i = 0; i < RINGS; i++) {
		free(memory[i]);
		memory[i] = NULL;
	}
	free(map);
	return 0;
}
