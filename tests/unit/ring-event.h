/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_TEST_RING_EVENT_H
#define TTLOG_TEST_RING_EVENT_H

#include "../../kmod/ring.h"

/* An event's words after its tag are told by its writer and sequence number. */
#define TEST_WORDS_MAX	512

/* Bytes of the event that this writer writes with this number. */
size_t test_event_size(u32 writer, u64 sequence);

/* Write it. False: it was lost to a hold. */
bool test_event_write(struct ring *r, u32 writer, u64 sequence);

/* Is this just what test_event_write() wrote? Tells writer and sequence. */
bool test_event_check(const void *slot, size_t size, u32 *writer,
		      u64 *sequence);

#endif
