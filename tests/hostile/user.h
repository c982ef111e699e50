/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An unprivileged user with the device open for writing, in a process in which the
 * rings were mapped before, so that what the attempt came to can be read there. Each
 * test of this folder is an attempt; the comment on it says what is tried and what
 * comes of it. The module stays loaded all the time.
 */
#ifndef HOSTILE_USER_H
#define HOSTILE_USER_H

#include <poll.h>
#include <sys/prctl.h>
#include "../kmod/ttlog_test.h"

#define TTLOG_GROUP	990

/**
 * struct user - one that means harm
 * @r: what root sees; its file is open for reading and writing
 * @fd: what the user opened, for writing
 */
struct user {
	struct recorder r;
	int fd;
};

static inline bool user_open(struct user *user, unsigned int uid)
{
	if (!recorder_open(&user->r) || become(uid))
		return false;
	user->fd = open(DEVICE, O_WRONLY | O_CLOEXEC);
	return user->fd >= 0;
}

static inline void user_close(struct user *user)
{
	close(user->fd);
	recorder_close(&user->r);
}

/* Write this; true if it was taken. */
static inline bool say(int fd, const char *text)
{
	return write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

/* How many of the events that are read have a text that begins with this. */
static inline size_t count_texts(const struct recorder *r, const char *begin)
{
	size_t len = strlen(begin), n = 0, i;

	for (i = 0; i < r->nr_seen; i++)
		n += slot_len(r->seen[i].slot) >= len &&
		     !memcmp(slot_text(r->seen[i].slot), begin, len);
	return n;
}

/* Events of users' rings that were begun and are not there. */
static inline uint64_t count_holes(const struct recorder *r)
{
	uint64_t holes = 0;
	unsigned int i;

	for (i = 0; i < r->nr; i++)
		if (is_user_ring(i))
			holes += r->ring[i].holes;
	return holes;
}

/* Does a ring's part of the ledger add up, as the real reader sees it? */
static inline bool ring_adds_up(const struct recorder *r, unsigned int i)
{
	const struct reader_ring *ring = &r->ring[i];
	struct ttlog_ledger ledger;
	int tries;

	if (ring->to != ring->nr_events + ring->overwritten + ring->holes)
		return false;
	/* What the honest user is about to write may be counted in part. */
	for (tries = 0; tries < 50; tries++) {
		ledger = ledger_of(r, i / TTLOG_NR_CHANNELS,
				   i % TTLOG_NR_CHANNELS);
		if (ledger.offered == ledger.written + lost_of(&ledger))
			return ring->to <= ledger.written;
		usleep(10000);
	}
	return false;
}

static inline bool adds_up(const struct recorder *r)
{
	unsigned int i;

	for (i = 0; i < r->nr; i++) {
		if (!r->at[i] || ring_adds_up(r, i))
			continue;
		printf("# ring %u: %zu events, %zu overwritten, %zu holes, to %zu\n",
		       i, (size_t)r->ring[i].nr_events,
		       (size_t)r->ring[i].overwritten,
		       (size_t)r->ring[i].holes, (size_t)r->ring[i].to);
		return false;
	}
	return true;
}

#endif
