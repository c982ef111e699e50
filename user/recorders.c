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

	if (!memory->read(memory->arg, frame, page, memory->page_size) ||
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
	head->key = ring->seal ^ TTLOG_RING_MAGIC;
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

static bool same_key(const struct recorders_head *head,
		     const struct image *image)
{
	return head->key == image->map->key;
}

static bool same_id(const struct recorders_head *head,
		    const struct image *image)
{
	return !memcmp(head->boot_id, image->map->boot_id,
		       sizeof(head->boot_id));
}

/* What is damaged is the one or the other: a map is more likely alone than rings. */
static void mend_map(const struct recorders *recorders, struct image *image)
{
	const struct recorders_head *head, *half = NULL;
	size_t i;

	for (i = 0; i < recorders->nr_heads; i++) {
		head = &recorders->heads[i];
		if (same_key(head, image) && same_id(head, image))
			return;
		if (!half && (same_key(head, image) || same_id(head, image)))
			half = head;
	}
	if (!half)
		return;
	image->map->key = half->key;
	memcpy(image->map->boot_id, half->boot_id, sizeof(half->boot_id));
}

static bool has_map(const struct recorders *recorders,
		    const struct recorders_head *head)
{
	size_t i;

	for (i = 0; i < recorders->nr_images; i++) {
		if (same_key(head, &recorders->images[i]) ||
		    same_id(head, &recorders->images[i]))
			return true;
	}
	return false;
}

static int make_map(struct recorders *recorders,
		    const struct recorders_head *head)
{
	struct image image;
	int err = image_make(&image, recorders->memory);

	if (err)
		return err;
	image.map->key = head->key;
	memcpy(image.map->boot_id, head->boot_id, sizeof(head->boot_id));
	keep_image(recorders, &image);
	return 0;
}

int recorders_mend(struct recorders *recorders)
{
	size_t i;
	int err = 0;

	for (i = 0; i < recorders->nr_images; i++)
		mend_map(recorders, &recorders->images[i]);
	for (i = 0; !err && i < recorders->nr_heads; i++) {
		if (!has_map(recorders, &recorders->heads[i]))
			err = make_map(recorders, &recorders->heads[i]);
	}
	return err;
}

/* Which of the two it takes is image_add()'s to say. */
int recorders_read(const struct recorders *recorders, struct image *image)
{
	const struct recorders_head *head;
	size_t i;
	int err;

	for (i = 0; i < recorders->nr_heads; i++) {
		head = &recorders->heads[i];
		if (!same_key(head, image) && !same_id(head, image))
			continue;
		err = image_add(image, head->frame);
		if (err == -EBADMSG)
			image->damaged++;
		else if (err)
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
