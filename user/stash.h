/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The newest automatic snapshot that could not be written, compressed and in
 * memory, until it can be.
 */
#ifndef TTLOG_STASH_H
#define TTLOG_STASH_H

#include <stdbool.h>
#include <ttlog.h>

#include "snapshot.h"

/**
 * struct stash - it
 * @fd: the file's content; -1: there is none
 * @kind: TTLOG_TRIGGER_* that it is of
 * @head: what its name is made of, and what is counted; the rest isn't there
 * @reason: backs @head.reason
 */
struct stash {
	int fd;
	uint32_t kind;
	struct snapshot head;
	char reason[TTLOG_REASON_MAX + 1];
};

#define STASH_NONE	((struct stash){ .fd = -1 })

static inline bool stash_full(const struct stash *stash)
{
	return stash->fd >= 0;
}

/**
 * stash_put() - keep a snapshot in memory, instead of the one before
 * @snapshot: encoded here
 * @kind: of its trigger. An oops gives way to another oops only
 * @limit: most bytes that it may take
 *
 * Return: 0; -EBUSY: the one before stays; -EFBIG: over @limit; another negative
 * errno. After an error the one before is still there.
 */
int stash_put(struct stash *stash, const struct snapshot *snapshot,
	      uint32_t kind, uint64_t limit);

/**
 * stash_copy() - write what is kept
 * @fd: an empty file
 *
 * Return: 0 or a negative errno.
 */
int stash_copy(const struct stash *stash, int fd);

/* Forget it. */
void stash_drop(struct stash *stash);

#endif
