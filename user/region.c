// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "region.h"

#define LAYOUT_MAX	255

static const uint8_t *page_in(const struct region *region,
			      const struct region_half *half, uint64_t frame)
{
	size_t page_size = region->memory.page_size;

	if (!half->memory || frame < half->previous.frame ||
	    frame - half->previous.frame >= half->previous.size / page_size)
		return NULL;
	return half->memory + (frame - half->previous.frame) * page_size;
}

/* A struct image_memory's read(). */
static bool read_page(void *arg, uint64_t frame, void *to, size_t size)
{
	const struct region *region = arg;
	const uint8_t *page;
	size_t i;

	for (i = 0; i < TTLOG_PREVIOUS_MAX; i++) {
		page = page_in(region, &region->halves[i], frame);
		if (page) {
			memcpy(to, page, size);
			return true;
		}
	}
	return false;
}

/* An older module has no such memory. */
static int nothing_there(struct region *region)
{
	if (errno == ENOENT || errno == ENOTTY)
		return EXIT_OK;
	region->busy = errno == EBUSY;
	if (region->busy)
		return EXIT_OK;
	return device_failed("find what an earlier boot left");
}

static int map_half(struct region *region, uint32_t index)
{
	struct region_half *half = &region->halves[index];
	void *memory;

	half->previous.index = index;
	if (ioctl(region->device->fd, TTLOG_IOC_PREVIOUS, &half->previous))
		return nothing_there(region);
	memory = mmap(NULL, half->previous.size, PROT_READ, MAP_SHARED,
		      region->device->fd, half->previous.offset);
	if (memory == MAP_FAILED)
		return device_failed("map what an earlier boot left");
	half->memory = memory;
	region->memory.nr_pages += half->previous.size /
				   region->memory.page_size;
	return EXIT_OK;
}

int region_open(struct region *region, const struct device *device)
{
	size_t page_size = device->info.page_size;
	uint32_t i;
	int status = EXIT_OK;

	memset(region, 0, sizeof(*region));
	region->device = device;
	region->memory.page_size = page_size;
	region->memory.read = read_page;
	region->memory.arg = region;
	region->memory.kernels = true;
	if (page_size < 4096 || page_size > 65536 || page_size & (page_size - 1)) {
		warnx("%s: pages of %zu bytes make no sense", DEVICE_PATH,
		      page_size);
		return EXIT_OTHER;
	}
	for (i = 0; !status && i < TTLOG_PREVIOUS_MAX; i++)
		status = map_half(region, i);
	if (status)
		region_close(region);
	return status;
}

bool region_full(const struct region *region)
{
	return region->memory.nr_pages;
}

/*
 * Behind a ring's head is what users wrote, who may know what a head looks like. Its pages
 * are one after the other here, whatever a damaged table says.
 */
static uint64_t pages_of_ring(const struct region *region,
			      const struct region_half *half, uint64_t frame)
{
	const struct ttlog_ring *ring =
		(const struct ttlog_ring *)page_in(region, half, frame);

	return ring->nr_frames;
}

/* In a map there are names that users gave. The module's has room. */
static uint64_t pages_of_map(const struct region *region,
			     const struct region_half *half, uint64_t frame)
{
	const struct ttlog_map *map =
		(const struct ttlog_map *)page_in(region, half, frame);

	return map->room ? map->nr_frames : 1;
}

/* What a map and a ring begin with, in all layouts. */
struct beginning {
	uint64_t magic;
	uint32_t layout;
};

/* Layouts count from 1: a larger number is damage. */
static bool other_layout(uint32_t layout)
{
	return layout && layout != TTLOG_LAYOUT && layout <= LAYOUT_MAX;
}

/**
 * struct owner - the recorder whose memory the pages are that follow
 * @end: page frame behind it; 0: there is none
 * @key: of its map
 * @boot_id: likewise
 */
struct owner {
	uint64_t end;
	uint64_t key;
	uint8_t boot_id[16];
};

static struct owner owner_of(const struct region *region,
			     const struct region_half *half, uint64_t frame)
{
	const struct ttlog_map *map =
		(const struct ttlog_map *)page_in(region, half, frame);
	struct owner owner = { .key = map->key };

	owner.end = frame + map->room / region->memory.page_size;
	memcpy(owner.boot_id, map->boot_id, sizeof(owner.boot_id));
	return owner;
}

/* In a recorder's memory there are rings of its own, and what users made up. */
static bool is_foreign(const struct owner *owner, uint64_t frame, const uint8_t *page)
{
	const struct ttlog_ring *ring = (const struct ttlog_ring *)page;

	if (frame >= owner->end)
		return false;
	return ring->magic != TTLOG_RING_MAGIC ||
	       ((ring->seal ^ TTLOG_RING_MAGIC) != owner->key &&
		memcmp(ring->boot_id, owner->boot_id, sizeof(ring->boot_id)));
}

/* Returns how many pages have been seen to, or -ENOMEM. */
static int64_t look_at(const struct region *region, struct region_half *half,
		       uint64_t frame, struct recorders *recorders,
		       struct owner *owner)
{
	size_t rings = recorders->nr_heads, maps = recorders->nr_images;
	const uint8_t *page = page_in(region, half, frame);
	struct beginning beginning;
	int err;

	memcpy(&beginning, page, sizeof(beginning));
	if ((beginning.magic != TTLOG_MAP_MAGIC &&
	     beginning.magic != TTLOG_RING_MAGIC) ||
	    is_foreign(owner, frame, page))
		return 1;
	if (other_layout(beginning.layout))
		half->layout = beginning.layout;
	err = recorders_look(recorders, frame, beginning.magic);
	if (err)
		return err;
	if (recorders->nr_heads > rings) {
		half->known = true;
		return pages_of_ring(region, half, frame);
	}
	if (recorders->nr_images > maps) {
		half->known = true;
		*owner = owner_of(region, half, frame);
		return pages_of_map(region, half, frame);
	}
	half->damaged++;
	return 1;
}

static int look_at_half(const struct region *region, struct region_half *half,
			struct recorders *recorders)
{
	uint64_t frame = half->previous.frame;
	struct owner owner = { .end = 0 };
	int64_t seen;

	while (page_in(region, half, frame)) {
		if (region->device->alive)
			region->device->alive();
		seen = look_at(region, half, frame, recorders, &owner);
		if (seen < 0)
			return seen;
		frame += seen;
	}
	return 0;
}

int region_look(struct region *region, struct recorders *recorders)
{
	size_t i;
	int err = 0;

	recorders->memory = &region->memory;
	for (i = 0; !err && i < TTLOG_PREVIOUS_MAX; i++)
		err = look_at_half(region, &region->halves[i], recorders);
	return err;
}

bool region_foreign(const struct region_half *half)
{
	return half->layout && !half->known;
}

int region_saved(const struct region *region)
{
	struct ttlog_previous saved;
	int status = EXIT_OK;
	uint32_t i;

	for (i = 0; i < TTLOG_PREVIOUS_MAX; i++) {
		if (!region->halves[i].memory ||
		    region_foreign(&region->halves[i]))
			continue;
		saved = (struct ttlog_previous) {
			.index = i, .flags = TTLOG_PREVIOUS_SAVED,
		};
		if (ioctl(region->device->fd, TTLOG_IOC_PREVIOUS, &saved) &&
		    errno != ENOENT)
			status = device_failed("say that what an earlier boot left is saved");
	}
	return status;
}

void region_close(struct region *region)
{
	size_t i;

	for (i = 0; i < TTLOG_PREVIOUS_MAX; i++) {
		if (region->halves[i].memory)
			munmap((void *)region->halves[i].memory,
			       region->halves[i].previous.size);
	}
}
