/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A write as kmod/event.c takes it, on a CPU that has rings of two blocks. Headers
 * of the module and of the programs share names, so each side has its own file.
 */
#ifndef TTLOG_FUZZ_OFFER_H
#define TTLOG_FUZZ_OFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OFFER_KEY	0x9d2c5680b5297a4dULL
#define OFFER_TGID	41
#define OFFER_TID	42

/* How the write is offered. */
enum {
	OFFER_SERVICE = 1,
	OFFER_THREAD = 2,	/* not by the leader */
	OFFER_ROOT = 4,
	OFFER_SHARE = 8,	/* its uid has a share left */
	OFFER_ASYNC = 16,
	OFFER_FILTERED = 32,	/* by a mask */
	OFFER_LATE = 64,	/* near the end of a block */
};

/* Make the CPU; @name: of the thread. Returns events that are in TTLOG_FLOW. */
unsigned int offer_begin(uint8_t flags, uint8_t mask, const uint8_t *name,
			 size_t len);

void offer_write(const uint8_t *bytes, size_t len);

/* The ring of a channel, as a reader maps it. */
const void *offer_ring(unsigned int channel, size_t *size);

void offer_end(void);

#endif
