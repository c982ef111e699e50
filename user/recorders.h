/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The recorders that are in the memory of a machine that died: found by what a map and a
 * ring begin with.
 */
#ifndef TTLOG_RECORDERS_H
#define TTLOG_RECORDERS_H

#include "image.h"

/* Recorders that are kept, the newest; and pages that may be a ring's first. */
#define RECORDERS_MAX	64
#define RECORDERS_HEADS	(1U << 20)

/**
 * struct recorders_head - a page that a ring may begin with
 * @frame: of the page
 * @key: what it says which recorder it is of
 * @boot_id: likewise
 */
struct recorders_head {
	uint64_t frame;
	uint64_t key;
	uint8_t boot_id[16];
};

/**
 * struct recorders - what was found up to now
 * @memory: where
 * @images: recorders, the newest first
 * @nr_images: entries of @images
 * @too_many: there was more than is kept
 * @heads: pages that may be a ring's first
 * @nr_heads: entries of @heads
 * @room: entries that @heads has room for
 */
struct recorders {
	const struct image_memory *memory;
	struct image images[RECORDERS_MAX];
	size_t nr_images;
	bool too_many;
	struct recorders_head *heads;
	size_t nr_heads;
	size_t room;
};

/**
 * recorders_look() - look at a page that is there
 * @frame: of the page
 * @magic: its first eight bytes
 *
 * Return: 0 or -ENOMEM.
 */
int recorders_look(struct recorders *recorders, uint64_t frame, uint64_t magic);

/**
 * recorders_mend() - make up for maps that are damaged or gone
 *
 * Once all pages were looked at, of memory that is the kernels' alone. A map that none of
 * its rings agrees with gets their boot id and key, and rings of which there is no map
 * one that says nothing else.
 *
 * Return: 0 or -ENOMEM.
 */
int recorders_mend(struct recorders *recorders);

/**
 * recorders_read() - read the rings of one of them
 * @image: one of @images, once all pages were looked at
 *
 * Return: 0 or -ENOMEM.
 */
int recorders_read(const struct recorders *recorders, struct image *image);

void recorders_close(struct recorders *recorders);

#endif
