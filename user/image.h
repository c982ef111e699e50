/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A recorder in memory that is no longer written to: of a machine that died. Its map and
 * its rings name their page frames, and nothing else is needed to read them.
 *
 * The memory may be anybody's: what is used is bounded by what is there.
 */
#ifndef TTLOG_IMAGE_H
#define TTLOG_IMAGE_H

#include "device.h"
#include "snapshot.h"

/**
 * struct image_memory - where pages are read from
 * @page_size: of the frame tables, a power of two from 4096 to 65536
 * @read: copies a page, or only the first @size bytes of it; returns whether it is there
 * @arg: for @read
 * @nr_pages: how many there are: no ring has more
 * @kernels: no user could choose what pages begin with, so that what differs between a
 *	map and its rings is damage
 */
struct image_memory {
	size_t page_size;
	bool (*read)(void *arg, uint64_t frame, void *to, size_t size);
	void *arg;
	uint64_t nr_pages;
	bool kernels;
};

/**
 * struct image - a recorder that was found
 * @memory: where
 * @map: its map, a copy
 * @contents: of the rings that were added
 * @room: entries that @contents has room for
 * @nr_pages: pages that these take
 * @missing: pages of its rings that weren't there
 * @damaged: rings of it that made no sense
 */
struct image {
	const struct image_memory *memory;
	struct ttlog_map *map;
	struct contents contents;
	size_t room;
	uint64_t nr_pages;
	uint64_t missing;
	uint64_t damaged;
};

/**
 * image_open() - take what is in a page as the beginning of a map
 * @frame: of the page
 *
 * Return: 0; -EBADMSG: it is none, or not whole; -ENOMEM. Only after 0 there is something
 * to close.
 */
int image_open(struct image *image, const struct image_memory *memory,
	       uint64_t frame);

/**
 * image_make() - a recorder of which there are rings, and no map
 *
 * It has no names, and nothing is known of its host.
 *
 * Return: 0 or -ENOMEM.
 */
int image_make(struct image *image, const struct image_memory *memory);

/**
 * image_is_ring() - may what is in a page be the beginning of a ring?
 * @page: what is in it
 * @frame: of the page, which a ring names, and a user who makes one up doesn't know
 */
bool image_is_ring(const void *page, const struct image_memory *memory,
		   uint64_t frame);

/**
 * image_add() - take what is in a page as the beginning of a ring of this recorder
 * @frame: of the page
 *
 * Return: 0; -EBADMSG: it is none; -ENOMEM.
 */
int image_add(struct image *image, uint64_t frame);

/**
 * image_describe() - say what there is to say of it
 * @snapshot: all but reason, trigger, pid and count is set; refers to @image
 *
 * Once all rings are added. The clocks are those of the end, or of the newest event
 * where nobody has noted them down.
 */
void image_describe(struct image *image, struct snapshot *snapshot);

/* Give back what its rings held. */
void image_forget(struct image *image);

void image_close(struct image *image);

#endif
