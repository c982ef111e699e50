/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A snapshot: what the rings held, and all that is needed to read it elsewhere.
 */
#ifndef TTLOG_SNAPSHOT_H
#define TTLOG_SNAPSHOT_H

#include <sys/utsname.h>

#include "event.h"
#include "merge.h"
#include "recorded.h"

/* Grows when a reader of the former format would misread the new. */
#define SNAPSHOT_FORMAT	1

/* As text, with its NUL. */
#define BOOT_ID_SIZE	37

/* Of a ring the file says which events it has, in so many runs of numbers at most. */
#define SNAPSHOT_RUNS	32

/**
 * struct snapshot - what goes into a file
 * @service: name of this recorder
 * @pid: who asked for it
 * @reason: why
 * @trigger: what kind of event made it: "request", "oops", …
 * @boot_id: the kernel's own, as text
 * @recorder_id: struct ttlog_map.boot_id
 * @kernel: of this machine
 * @clocks: when the rings were read
 * @abi_major: of the module
 * @abi_minor: of the module
 * @layout: of the rings
 * @names: of services and probes
 * @filters: of what is recorded; none: the module told none
 * @count: triggers that it stands for, at least 1
 * @rings: what the rings held
 * @nr_rings: entries of @rings
 * @alive: called now and then while it is written; NULL: none is
 */
struct snapshot {
	const char *service;
	uint32_t pid;
	const char *reason;
	const char *trigger;
	char boot_id[BOOT_ID_SIZE];
	uint8_t recorder_id[16];
	struct utsname kernel;
	struct clocks clocks;
	uint32_t abi_major;
	uint32_t abi_minor;
	uint32_t layout;
	const struct names *names;
	struct recorded filters;
	uint64_t count;
	struct reader_ring *rings;
	size_t nr_rings;
	void (*alive)(void);
};

/* "YYYYMMDDHHMMSS" in UTC. */
#define SNAPSHOT_STAMP	16
void snapshot_stamp(char *to, uint64_t real);

/* 32 hex digits, with their NUL. */
#define SNAPSHOT_RECORDER_ID	33
void snapshot_recorder_id(char *to, const uint8_t *id);

/**
 * snapshot_write() - encode, compress, write
 * @fd: an empty file
 *
 * Return: 0 or a negative errno.
 */
int snapshot_write(const struct snapshot *snapshot, int fd);

#endif
