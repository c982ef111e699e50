// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device.h"
#include "version.h"

/**
 * struct mapping - a mapped ring
 * @memory: NULL: not mapped
 * @size: bytes
 */
struct mapping {
	void *memory;
	size_t size;
};

static int open_failed(int flags)
{
	switch (errno) {
	case ENOENT:
	case ENXIO:
	case ENODEV:
		warnx("%s: there is no such device: the module ttlog isn't loaded",
		      DEVICE_PATH);
		return EXIT_NOT_LOADED;
	case EACCES:
	case EPERM:
		warnx("%s: no permission to %s: %s", DEVICE_PATH,
		      flags == O_WRONLY ? "write" : "read",
		      flags == O_WRONLY ? "see its mode" :
		      "root and the members of its group (ttlog) may");
		return EXIT_PERMISSION;
	}
	warn("%s", DEVICE_PATH);
	return EXIT_OTHER;
}

int device_failed(const char *doing)
{
	int err = errno;

	warn("%s: cannot %s", DEVICE_PATH, doing);
	return err == EPERM || err == EACCES || err == EBADF ? EXIT_PERMISSION :
							       EXIT_OTHER;
}

/* A module of another major may even have another INFO. */
static int check_version(struct device *device)
{
	if (ioctl(device->fd, TTLOG_IOC_INFO, &device->info)) {
		if (errno != ENOTTY && errno != E2BIG && errno != EINVAL)
			return device_failed("get its description");
		warnx("%s: this is no ttlog module of ABI %d, which this program (%s) is for",
		      DEVICE_PATH, TTLOG_ABI_MAJOR, TTLOG_VERSION);
		return EXIT_VERSION;
	}
	if (device->info.abi_major != TTLOG_ABI_MAJOR ||
	    device->info.layout != TTLOG_LAYOUT) {
		warnx("the module has ABI %u.%u and layout %u, this program (%s) is for ABI %d.%d and layout %d",
		      device->info.abi_major, device->info.abi_minor,
		      device->info.layout, TTLOG_VERSION, TTLOG_ABI_MAJOR,
		      TTLOG_ABI_MINOR, TTLOG_LAYOUT);
		return EXIT_VERSION;
	}
	return EXIT_OK;
}

/* Who writes there before the module is loaded makes a file, and hides it. */
static int check_type(const struct device *device)
{
	struct stat st;

	if (fstat(device->fd, &st))
		return device_failed("find out what it is");
	if (S_ISCHR(st.st_mode))
		return EXIT_OK;
	warnx("%s is no device: something was written there while the module ttlog wasn't loaded; remove it and load the module again",
	      DEVICE_PATH);
	return EXIT_NOT_LOADED;
}

int device_open(struct device *device, int flags)
{
	int status;

	memset(device, 0, sizeof(*device));
	/* Whatever stands there instead of the device must not make us wait. */
	device->fd = open(DEVICE_PATH, flags | O_CLOEXEC | O_NONBLOCK);
	if (device->fd < 0)
		return open_failed(flags);
	status = check_type(device);
	if (!status)
		status = check_version(device);
	if (status)
		close(device->fd);
	return status;
}

size_t device_nr_rings(const struct device *device)
{
	return (size_t)device->info.nr_cpus * device->info.nr_channels;
}

void device_close(struct device *device)
{
	size_t i;

	for (i = 0; device->rings && i < device_nr_rings(device); i++) {
		if (device->rings[i].memory)
			munmap(device->rings[i].memory, device->rings[i].size);
	}
	free(device->rings);
	device->rings = NULL;
	if (device->map)
		munmap((void *)device->map, device->info.map_size);
	device->map = NULL;
	if (device->fd >= 0)
		close(device->fd);
	device->fd = -1;
}

static int map_header(struct device *device)
{
	const struct ttlog_map *map;

	if (device->map)
		return EXIT_OK;
	/* What came later isn't read here. */
	if (device->info.map_size < offsetof(struct ttlog_map, host)) {
		warnx("%s: a map of %llu bytes makes no sense", DEVICE_PATH,
		      (unsigned long long)device->info.map_size);
		return EXIT_OTHER;
	}
	map = mmap(NULL, device->info.map_size, PROT_READ, MAP_SHARED,
		   device->fd, 0);
	if (map == MAP_FAILED)
		return device_failed("map it");
	if (map->magic != TTLOG_MAP_MAGIC || map->layout != TTLOG_LAYOUT) {
		munmap((void *)map, device->info.map_size);
		warnx("%s: its map is none of layout %d", DEVICE_PATH,
		      TTLOG_LAYOUT);
		return EXIT_VERSION;
	}
	/* Only now, as it isn't checked once more. */
	device->map = map;
	return EXIT_OK;
}

bool contents_have(const struct contents *contents, uint32_t cpu,
		   uint32_t channel)
{
	size_t i;

	for (i = 0; i < contents->nr; i++) {
		if (contents->rings[i].cpu == cpu &&
		    contents->rings[i].channel == channel)
			return true;
	}
	return false;
}

/* It stays mapped: to map it again for each snapshot would cost more. */
static int map_ring(struct device *device, const struct ttlog_ring_info *at,
		    const struct mapping **out)
{
	struct mapping *ring = &device->rings[(size_t)at->cpu *
					      device->info.nr_channels +
					      at->channel];
	void *memory;

	if (!ring->memory) {
		memory = mmap(NULL, at->size, PROT_READ, MAP_SHARED,
			      device->fd, at->offset);
		if (memory == MAP_FAILED)
			return device_failed("map a ring");
		ring->memory = memory;
		ring->size = at->size;
	}
	*out = ring;
	return EXIT_OK;
}

/*
 * A CPU without ring has no memory to map, but may have lost events; one that
 * was never up has neither. Sets @none for the latter.
 */
static int read_losses(struct device *device, struct reader_ring *ring,
		       uint32_t cpu, uint32_t channel, bool *none)
{
	struct ttlog_ledger ledger = { .cpu = cpu, .channel = channel };
	int i;

	if (ioctl(device->fd, TTLOG_IOC_LEDGER, &ledger))
		return device_failed("read a ledger");
	memset(ring, 0, sizeof(*ring));
	ring->cpu = cpu;
	ring->channel = channel;
	ring->demoted = ledger.demoted;
	*none = true;
	for (i = 0; i < TTLOG_NR_LOST; i++) {
		ring->lost[i] = ledger.lost[i];
		*none = *none && !ledger.lost[i];
	}
	return EXIT_OK;
}

/*
 * What broke the kernel may have written into a ring's head as well. The others are
 * all the more of use; of this one nothing is known up to now.
 */
static int read_senseless(struct device *device, struct reader_ring *ring,
			  const struct ttlog_ring_info *at, uint64_t now)
{
	bool none;
	int status;

	warnx("the ring of CPU %u, channel %u, makes no sense and is left out",
	      at->cpu, at->channel);
	status = read_losses(device, ring, at->cpu, at->channel, &none);
	ring->oldest = now;
	return status;
}

static int read_mapped(struct device *device, const struct wanted *wanted,
		       const struct ttlog_ring_info *at, uint64_t now,
		       struct reader_ring *ring)
{
	struct reader_range range = READER_ALL;
	const struct mapping *mapping;
	int status, err;

	status = map_ring(device, at, &mapping);
	if (status)
		return status;
	if (wanted)
		wanted->choose(wanted->arg, at->cpu, at->channel, &range);
	err = reader_ring_read(mapping->memory, mapping->size, device->map->key,
			       &range, ring);
	/* As it was asked for, whatever the ring says of itself. */
	ring->cpu = at->cpu;
	ring->channel = at->channel;
	if (!err)
		return EXIT_OK;
	if (err == -EBADMSG)
		return read_senseless(device, ring, at, now);
	warnx("cannot read the ring of CPU %u, channel %u: %s",
	      at->cpu, at->channel, strerror(-err));
	return EXIT_OTHER;
}

static int read_one(struct device *device, const struct wanted *wanted,
		    struct contents *contents, uint32_t cpu, uint32_t channel)
{
	struct ttlog_ring_info at = { .cpu = cpu, .channel = channel };
	struct reader_ring *ring = &contents->rings[contents->nr];
	bool none = false;
	int status;

	if (contents_have(contents, cpu, channel))
		return EXIT_OK;
	if (device->alive)
		device->alive();
	if (!ioctl(device->fd, TTLOG_IOC_RING, &at))
		status = read_mapped(device, wanted, &at,
				     contents->clocks.mono, ring);
	else if (errno == ENXIO)
		status = read_losses(device, ring, cpu, channel, &none);
	else if (errno == EINVAL)	/* no possible CPU has this number */
		return EXIT_OK;
	else
		return device_failed("find a ring");
	if (!status && !none)
		contents->nr++;
	return status;
}

static int read_all(struct device *device, const struct wanted *wanted,
		    struct contents *contents)
{
	uint32_t cpu, channel;
	int status;

	for (cpu = 0; cpu < device->info.nr_cpus; cpu++) {
		for (channel = 0; channel < device->info.nr_channels; channel++) {
			status = read_one(device, wanted, contents, cpu,
					  channel);
			if (status)
				return status;
		}
	}
	return EXIT_OK;
}

/*
 * Copies, as they are looked at more than once. After the rings: what their events
 * name is there.
 */
void contents_names(struct contents *contents, const struct ttlog_map *map)
{
	struct names *names = &contents->names;
	uint32_t nr;

	/* names.litmus, service.litmus */
	nr = __atomic_load_n(&map->nr_services, __ATOMIC_ACQUIRE);
	names->nr_services = nr < TTLOG_NR_SERVICES ? nr : TTLOG_NR_SERVICES;
	memcpy(names->services, map->service,
	       names->nr_services * sizeof(names->services[0]));
	/* names.litmus */
	nr = __atomic_load_n(&map->nr_probes, __ATOMIC_ACQUIRE);
	names->nr_probes = nr < TTLOG_NR_PROBES ? nr : TTLOG_NR_PROBES;
	memcpy(names->probes, map->probe,
	       names->nr_probes * sizeof(names->probes[0]));
}

int device_read(struct device *device, const struct wanted *wanted,
		struct contents *contents)
{
	struct ttlog_info now = { 0 };
	uint64_t generation;
	int status;

	memset(contents, 0, sizeof(*contents));
	status = map_header(device);
	if (status)
		return status;
	contents->rings = calloc(device_nr_rings(device), sizeof(*contents->rings));
	if (!device->rings)
		device->rings = calloc(device_nr_rings(device),
				       sizeof(*device->rings));
	if (!contents->rings || !device->rings) {
		warn("reading rings");
		return EXIT_OTHER;
	}
	/* The kernel's log, too, up to now. */
	if (ioctl(device->fd, TTLOG_IOC_SYNC))
		return device_failed("bring the kernel's log up to date");
	if (ioctl(device->fd, TTLOG_IOC_INFO, &now))
		return device_failed("get its description");
	/* CPUs that came since have rings, too. */
	device->info.memory = now.memory;
	contents->clocks = (struct clocks) { now.mono, now.boot, now.real };
	do {
		/* Here and below, pairs with ttlog_map_moved(): generation.litmus */
		generation = __atomic_load_n(&device->map->generation,
					     __ATOMIC_ACQUIRE);
		status = read_all(device, wanted, contents);
	} while (!status && generation !=
		 __atomic_load_n(&device->map->generation,	/* generation.litmus */
				 __ATOMIC_ACQUIRE));
	contents_names(contents, device->map);
	return status;
}

static bool note(uint64_t *seen, uint64_t now)
{
	bool moved = *seen != now;

	*seen = now;
	return moved;
}

static bool ring_moved(const struct ttlog_ring *ring, uint64_t *seen)
{
	bool moved = note(&seen[0], __atomic_load_n(&ring->head, __ATOMIC_RELAXED));
	uint64_t lost = 0;
	int i;

	for (i = 0; i < TTLOG_NR_LOST; i++)
		lost += __atomic_load_n(&ring->lost[i], __ATOMIC_RELAXED);
	return note(&seen[1], lost) || moved;
}

bool device_moved(const struct device *device, uint64_t *seen)
{
	bool moved;
	size_t i;

	if (!device->map || !device->rings)
		return true;
	moved = note(seen, __atomic_load_n(&device->map->generation, __ATOMIC_RELAXED));
	for (i = 0; i < device_nr_rings(device); i++) {
		if (device->rings[i].memory)
			moved |= ring_moved(device->rings[i].memory, &seen[1 + 2 * i]);
	}
	return moved;
}

void contents_free(struct contents *contents)
{
	size_t i;

	for (i = 0; i < contents->nr; i++)
		reader_ring_free(&contents->rings[i]);
	free(contents->rings);
}

uint64_t device_ring_room(const struct device *device, uint32_t cpu,
			  uint32_t channel)
{
	struct ttlog_ring_info at = { .cpu = cpu, .channel = channel };

	if (ioctl(device->fd, TTLOG_IOC_RING, &at))
		return 0;
	return (uint64_t)at.nr_blocks * device->info.block_size;
}
