/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A sequence is bytes: who runs it, then operations, each a number and what it
 * takes. All bytes mean something, so that any change makes another sequence.
 */
#ifndef TTLOG_FUZZ_OPS_H
#define TTLOG_FUZZ_OPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Most bytes of a sequence. */
#define SEQUENCE_MAX	1024

/* Once in each process that runs sequences, before it gives up anything. */
void ops_init(void);

/* Run a sequence, and undo what it left: descriptors, mappings, children. */
void ops_run(const uint8_t *bytes, size_t len);

/* Make a few bytes that are an operation: @random gives numbers. */
size_t ops_make(uint8_t *to, uint64_t (*random)(void));

/* Most ioctls that there may be. */
#define OPS_CALLS	64

/*
 * Things that take long are done once in a while only: is it time (or always)?
 * Shared by all processes. While @in_region is set the module may have its rings in
 * reserved memory; @called and @succeeded are by an ioctl's number.
 */
struct ops_shared {
	bool always;
	bool in_region;
	uint64_t last_hotplug;
	uint64_t last_probe;
	uint64_t last_reload;
	uint64_t nr_hotplugs;
	uint64_t nr_reloads;
	uint64_t nr_probes;
	uint64_t nr_events;
	uint64_t nr_failures;
	uint64_t nr_left;
	uint64_t called[OPS_CALLS];
	uint64_t succeeded[OPS_CALLS];
};

/* Say how often each ioctl was called, and with success; how many never were. */
unsigned int calls_tell(void);

extern struct ops_shared *ops_shared;

#endif
