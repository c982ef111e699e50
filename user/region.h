/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reserved memory, as far as an earlier boot left something there: mapped, and looked at
 * page by page. What is in it may be anything; it doesn't change.
 */
#ifndef TTLOG_REGION_H
#define TTLOG_REGION_H

#include "recorders.h"

/**
 * struct region_half - one half of it
 * @previous: what the module says of it
 * @memory: mapped; NULL: nothing was left there
 * @known: something in it is of the layout that this program reads
 * @layout: the layout of something in it that is of another one; 0: nothing is
 * @damaged: pages that begin like a map or a ring of this layout or another, and that
 *	this program can't read
 */
struct region_half {
	struct ttlog_previous previous;
	const uint8_t *memory;
	bool known;
	uint32_t layout;
	uint64_t damaged;
};

/**
 * struct region - all of it
 * @device: whose
 * @halves: by index
 * @busy: another helper is at it
 * @memory: both of them together
 */
struct region {
	const struct device *device;
	struct region_half halves[TTLOG_PREVIOUS_MAX];
	bool busy;
	struct image_memory memory;
};

/**
 * region_open() - map what was left there
 *
 * Return: EXIT_*; unless it is EXIT_OK there is nothing to close.
 */
int region_open(struct region *region, const struct device *device);

/* Was anything left there? */
bool region_full(const struct region *region);

/**
 * region_look() - look for recorders
 *
 * Return: 0 or -ENOMEM.
 */
int region_look(struct region *region, struct recorders *recorders);

/* Is what is in this half for a program that reads another layout? */
bool region_foreign(const struct region_half *half);

/**
 * region_saved() - say that all that this program reads is saved
 *
 * Return: EXIT_*.
 */
int region_saved(const struct region *region);

void region_close(struct region *region);

#endif
