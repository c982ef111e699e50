// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "recorders.h"

/* Among the newest that are found so far? Then it is kept, in its place. */
static void keep_image(struct recorders *recorders, struct image *image)
{
	struct image *images = recorders->images;
	size_t at = recorders->nr_images;

	while (at && images[at - 1].map->created_real < image->map->created_real)
		at--;
	if (recorders->nr_images == RECORDERS_MAX) {
		recorders->too_many = true;
		if (at == RECORDERS_MAX) {
			image_close(image);
			return;
		}
		image_close(&images[--recorders->nr_images]);
	}
	memmove(&images[at + 1], &images[at],
		(recorders->nr_images - at) * sizeof(*image));
	images[at] = *image;
	recorders->nr_images++;
}

static int found_map(struct recorders *recorders, uint64_t frame)
{
	struct image image;
	int err = image_open(&image, recorders->memory, frame);

	if (!err)
		keep_image(recorders, &image);
	return err == -EBADMSG ? 0 : err;
}

static int make_room(struct recorders *recorders)
{
	size_t room = recorders->room ? recorders->room * 2 : 256;
	struct recorders_head *heads;

	if (recorders->nr_heads < recorders->room)
		return 0;
	heads = reallocarray(recorders->heads, room, sizeof(*heads));
	if (!heads)
		return -ENOMEM;
	recorders->heads = heads;
	recorders->room = room;
	return 0;
}

static int found_ring(struct recorders *recorders, uint64_t frame)
{
	const struct image_memory *memory = recorders->memory;
	uint8_t page[65536] __attribute__((aligned(8)));
	const struct ttlog_ring *ring = (const struct ttlog_ring *)page;
	struct recorders_head *head;

	if (memory->read(memory->arg, frame, page, memory->page_size) ||
	    !image_is_ring(page, memory, frame))
		return 0;
	if (recorders->nr_heads == RECORDERS_HEADS) {
		recorders->too_many = true;
		return 0;
	}
	if (make_room(recorders))
		return -ENOMEM;
	head = &recorders->heads[recorders->nr_heads++];
	head->frame = frame;
	memcpy(head->boot_id, ring->boot_id, sizeof(head->boot_id));
	return 0;
}

int recorders_look(struct recorders *recorders, uint64_t frame, uint64_t magic)
{
	if (magic == TTLOG_MAP_MAGIC)
		return found_map(recorders, frame);
	if (magic == TTLOG_RING_MAGIC)
		return found_ring(recorders, frame);
	return 0;
}

int recorders_read(const struct recorders *recorders, struct image *image)
{
	size_t i;
	int err;

	for (i = 0; i < recorders->nr_heads; i++) {
		if (memcmp(recorders->heads[i].boot_id, image->map->boot_id,
			   sizeof(recorders->heads[i].boot_id)))
			continue;
		err = image_add(image, recorders->heads[i].frame);
		if (err && err != -EBADMSG)
			return err;
	}
	return 0;
}

void recorders_close(struct recorders *recorders)
{
	size_t i;

	for (i = 0; i < recorders->nr_images; i++)
		image_close(&recorders->images[i]);
	free(recorders->heads);
}
