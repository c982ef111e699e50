// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "describe.h"
#include "image.h"

/* A map is some 60 KiB; later ones may have more behind it. */
#define MAP_MAX		(1U << 20)

/* The largest ring there can be: all blocks of the largest size, and a head. */
#define RING_MAX	((1ULL << TTLOG_HEAD_BLOCK_BITS) * 65536 + (1U << 26))

/* More CPUs no kernel is built for. */
#define CPUS_MAX	8192

static bool check_map(const struct ttlog_map *map, size_t page_size)
{
	/* By division, as products of what is hostile may be anything. */
	return map->magic == TTLOG_MAP_MAGIC && map->layout == TTLOG_LAYOUT &&
	       map->size >= sizeof(*map) && map->size <= MAP_MAX &&
	       map->size % page_size == 0 &&
	       map->nr_frames == map->size / page_size &&
	       map->frames_offset < map->size &&
	       map->frames_offset % sizeof(uint64_t) == 0 &&
	       map->nr_frames <= (page_size - map->frames_offset % page_size) /
				 sizeof(uint64_t) &&
	       map->nr_cpus <= CPUS_MAX;
}

/* Half a map would name services and probes that it isn't of. */
static bool read_map(struct image *image, const struct ttlog_map *head,
		     uint64_t frame)
{
	const struct image_memory *memory = image->memory;
	size_t size = memory->page_size, i;
	uint8_t table[65536];
	uint64_t at;
	bool whole;

	whole = memory->read(memory->arg, head->frames_page, table, size);
	for (i = 0; whole && i < head->nr_frames; i++) {
		memcpy(&at, table + head->frames_offset % size +
		       i * sizeof(at), sizeof(at));
		whole = (i || at == frame) &&
			memory->read(memory->arg, at, (uint8_t *)image->map + i * size, size);
	}
	return whole;
}

int image_open(struct image *image, const struct image_memory *memory,
	       uint64_t frame)
{
	struct ttlog_map head;
	uint8_t page[65536];

	memset(image, 0, sizeof(*image));
	image->memory = memory;
	if (!memory->read(memory->arg, frame, page, memory->page_size))
		return -EBADMSG;
	memset(&head, 0, sizeof(head));
	memcpy(&head, page, offsetof(struct ttlog_map, service));
	if (!check_map(&head, memory->page_size))
		return -EBADMSG;
	image->map = malloc(head.size);
	if (!image->map)
		return -ENOMEM;
	/* The page may have been read twice, and be another's the second time. */
	if (read_map(image, &head, frame) && check_map(image->map, memory->page_size))
		return 0;
	image_close(image);
	return -EBADMSG;
}

int image_make(struct image *image, const struct image_memory *memory)
{
	memset(image, 0, sizeof(*image));
	image->memory = memory;
	image->map = calloc(1, sizeof(*image->map));
	if (!image->map)
		return -ENOMEM;
	image->map->layout = TTLOG_LAYOUT;
	return 0;
}

bool image_is_ring(const void *page, const struct image_memory *memory,
		   uint64_t frame)
{
	size_t page_size = memory->page_size;
	struct ttlog_ring ring;
	uint64_t first;

	memcpy(&ring, page, sizeof(ring));
	if (ring.magic != TTLOG_RING_MAGIC || ring.layout != TTLOG_LAYOUT ||
	    ring.channel >= TTLOG_NR_CHANNELS || ring.size > RING_MAX ||
	    ring.size % page_size || !ring.nr_frames ||
	    ring.nr_frames != ring.size / page_size ||
	    ring.nr_frames > memory->nr_pages ||
	    ring.frames_offset % sizeof(first) ||
	    ring.frames_offset < sizeof(ring) || ring.frames_offset >= page_size ||
	    ring.nr_frames > (ring.size - ring.frames_offset) / sizeof(first))
		return false;
	memcpy(&first, (const uint8_t *)page + ring.frames_offset, sizeof(first));
	return first == frame;
}

/* The seal is what no user knows. */
static bool is_of(const struct image *image, const struct ttlog_ring *ring)
{
	const struct ttlog_map *map = image->map;
	bool sealed = ring->seal == (map->key ^ TTLOG_RING_MAGIC);
	bool named = !memcmp(ring->boot_id, map->boot_id, sizeof(map->boot_id));

	if (image->memory->kernels)
		return sealed || named;
	return sealed && named && ring->cpu < map->nr_cpus;
}

static bool check_ring(const struct image *image, const void *page,
		       uint64_t frame)
{
	const struct ttlog_ring *ring = page;

	return image_is_ring(page, image->memory, frame) &&
	       is_of(image, ring) &&
	       ring->nr_frames <= image->memory->nr_pages - image->nr_pages;
}

/*
 * All pages but the first, which is there. The table lies in the ring: a page's entry is
 * in a page before it, or there is none. A page that isn't there stays zeroes, in which
 * no block is ready and no slot begun.
 */
static bool read_pages(struct image *image, uint8_t *ring)
{
	const struct ttlog_ring *head = (const struct ttlog_ring *)ring;
	const struct image_memory *memory = image->memory;
	size_t size = memory->page_size;
	uint64_t offset = head->frames_offset, nr = head->nr_frames, i, at;

	for (i = 1; i < nr; i++) {
		offset += sizeof(at);
		if (offset / size >= i)
			return false;
		memcpy(&at, ring + offset, sizeof(at));
		/* Without a number a page of the table itself wasn't there. */
		if (!at || !memory->read(memory->arg, at, ring + i * size, size))
			image->missing++;
	}
	return true;
}

static int make_room(struct image *image)
{
	size_t room = image->room ? image->room * 2 : 64;
	struct reader_ring *rings;

	if (image->contents.nr < image->room)
		return 0;
	rings = reallocarray(image->contents.rings, room, sizeof(*rings));
	if (!rings)
		return -ENOMEM;
	image->contents.rings = rings;
	image->room = room;
	return 0;
}

int image_add(struct image *image, uint64_t frame)
{
	const struct image_memory *memory = image->memory;
	uint8_t page[65536] __attribute__((aligned(8))), *ring;
	const struct ttlog_ring *head = (const struct ttlog_ring *)page;
	int err;

	if (!memory->read(memory->arg, frame, page, memory->page_size) ||
	    !check_ring(image, page, frame) ||
	    (!memory->kernels &&
	     contents_have(&image->contents, head->cpu, head->channel)))
		return -EBADMSG;
	err = make_room(image);
	if (err)
		return err;
	/* One at a time; what isn't there takes no memory. */
	ring = mmap(NULL, head->size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (ring == MAP_FAILED)
		return -ENOMEM;
	memcpy(ring, page, memory->page_size);
	image->nr_pages += head->nr_frames;
	err = -EBADMSG;
	if (read_pages(image, ring))
		err = reader_ring_read(ring, head->size, image->map->key,
				       &READER_ALL,
				       &image->contents.rings[image->contents.nr]);
	munmap(ring, head->size);
	if (err)
		return err;
	image->contents.rings[image->contents.nr].cpu = head->cpu;
	image->contents.rings[image->contents.nr].channel = head->channel;
	image->contents.nr++;
	return 0;
}

/* By the newest event and the clocks of the block that it is in. */
static void clocks_of_newest(struct image *image)
{
	struct clocks *clocks = &image->contents.clocks;
	const struct reader_event *e;
	const struct reader_ring *r;
	uint64_t since;
	size_t i, j;

	*clocks = (struct clocks) {
		image->map->created, image->map->created,
		image->map->created_real,
	};
	for (i = 0; i < image->contents.nr; i++) {
		r = &image->contents.rings[i];
		for (j = 0; j < r->nr_events; j++) {
			e = &r->events[j];
			if (e->slot->time < clocks->mono)
				continue;
			since = e->slot->time - e->block->mono;
			*clocks = (struct clocks) {
				e->slot->time, e->block->boot + since,
				e->block->real + since,
			};
		}
	}
}

static void copy_text(char *to, size_t size, const char *from)
{
	size_t len = strnlen(from, TTLOG_HOST_LEN);

	if (len >= size)
		len = size - 1;
	memcpy(to, from, len);
	to[len] = '\0';
}

static void put_boot_id(char *to, const uint8_t *id)
{
	int i;

	for (i = 0; i < 16; i++)
		to += sprintf(to, "%s%02x",
			      i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
			      id[i]);
}

/* They were found in no order. */
static int by_place(const void *a, const void *b)
{
	const struct reader_ring *x = a, *y = b;

	if (x->cpu != y->cpu)
		return x->cpu < y->cpu ? -1 : 1;
	return x->channel < y->channel ? -1 : x->channel > y->channel;
}

void image_describe(struct image *image, struct snapshot *snapshot)
{
	const struct ttlog_map *map = image->map;
	const struct ttlog_host *host = &map->host;
	struct contents *contents = &image->contents;
	struct utsname *kernel = &snapshot->kernel;

	if (host->state == TTLOG_STATE_PANIC)
		contents->clocks = (struct clocks) {
			host->mono, host->boot, host->real,
		};
	else
		clocks_of_newest(image);
	if (contents->nr)
		qsort(contents->rings, contents->nr, sizeof(*contents->rings),
		      by_place);
	contents_names(contents, map);
	copy_text(kernel->nodename, sizeof(kernel->nodename), host->nodename);
	copy_text(kernel->release, sizeof(kernel->release), host->release);
	copy_text(kernel->version, sizeof(kernel->version), host->version);
	copy_text(kernel->machine, sizeof(kernel->machine), host->machine);
	put_boot_id(snapshot->boot_id, host->kernel_boot_id);
	memcpy(snapshot->recorder_id, map->boot_id,
	       sizeof(snapshot->recorder_id));
	snapshot->service = DESCRIBE_SERVICE;
	snapshot->abi_major = host->abi_major;
	snapshot->abi_minor = host->abi_minor;
	snapshot->layout = map->layout;
	snapshot->names = &contents->names;
	snapshot->clocks = contents->clocks;
	snapshot->rings = contents->rings;
	snapshot->nr_rings = contents->nr;
}

void image_forget(struct image *image)
{
	contents_free(&image->contents);
	image->contents.rings = NULL;
	image->contents.nr = 0;
	image->room = 0;
	image->nr_pages = 0;
}

void image_close(struct image *image)
{
	image_forget(image);
	free(image->map);
}
