/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /dev/ttlog as the programs use it. What goes wrong is said on stderr here,
 * where it is known; the caller gets an exit status.
 */
#ifndef TTLOG_DEVICE_H
#define TTLOG_DEVICE_H

#include <stdbool.h>

#include "exit.h"
#include "event.h"
#include "merge.h"

#define DEVICE_PATH	"/dev/ttlog"

/**
 * struct device - the opened device
 * @fd: of the device
 * @info: what the module said when it was opened; @info.memory: at the last read
 * @map: the mapped map header, or NULL
 * @rings: mapped rings, by CPU and channel; each stays mapped once it was read
 * @alive: called before each ring that is read; NULL: none is
 */
struct device {
	int fd;
	struct ttlog_info info;
	const struct ttlog_map *map;
	struct mapping *rings;
	void (*alive)(void);
};

/**
 * struct wanted - what is wanted of the rings
 * @choose: sets what is wanted of one, which is all of it before
 * @arg: for @choose
 */
struct wanted {
	void (*choose)(void *arg, uint32_t cpu, uint32_t channel,
		       struct reader_range *range);
	void *arg;
};

/**
 * struct contents - what the device's rings held
 * @rings: one each; one without ring memory has its losses only
 * @nr: entries of @rings
 * @clocks: just before the rings were read
 * @names: as they were after that
 */
struct contents {
	struct reader_ring *rings;
	size_t nr;
	struct clocks clocks;
	struct names names;
};

/**
 * device_open() - open and check that program and module fit
 * @flags: O_RDONLY or O_WRONLY
 *
 * Return: EXIT_OK or another EXIT_*; then there is nothing to close.
 */
int device_open(struct device *device, int flags);

void device_close(struct device *device);

/* Tell and return the status of a device's errno. */
int device_failed(const char *doing);

/**
 * device_read() - map and copy all rings
 * @device: opened for reading
 * @wanted: what of them; NULL: all
 * @contents: filled in; give it to contents_free(), also after a failure
 *
 * Rings that appear meanwhile are read too.
 *
 * Return: EXIT_*.
 */
int device_read(struct device *device, const struct wanted *wanted,
		struct contents *contents);

/* Entries of an array that has one for each CPU and channel. */
size_t device_nr_rings(const struct device *device);

/**
 * device_moved() - may there be anything that wasn't there when last asked?
 * @seen: DEVICE_SEEN(device_nr_rings()) numbers, all 0 at first; what is seen now is
 *	noted there
 *
 * Rings that were read before are looked at: whether an event was reserved in one, or
 * lost. What is committed late doesn't show, nor what is lost where a CPU has no ring.
 */
bool device_moved(const struct device *device, uint64_t *seen);
#define DEVICE_SEEN(nr_rings)	(1 + 2 * (nr_rings))

/* Is this ring among them? */
bool contents_have(const struct contents *contents, uint32_t cpu,
		   uint32_t channel);

/* Copy the names of services and probes; after the rings, whose events have them. */
void contents_names(struct contents *contents, const struct ttlog_map *map);

void contents_free(struct contents *contents);

/* The size of a ring's blocks together, 0 where it has no memory. */
uint64_t device_ring_room(const struct device *device, uint32_t cpu,
			  uint32_t channel);

#endif
