/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_EVENT_H
#define TTLOG_EVENT_H

#include "cpu.h"

/* The largest slot: all of a write is text, and the leader's comm with it. */
#define TTLOG_EVENT_MAX \
	ALIGN(TTLOG_EVENT_SIZE + TTLOG_COMM_LEN + TTLOG_TEXT_MAX, TTLOG_ALIGN)

#define TTLOG_SERVICE_NONE	(-1)

struct ttlog_file;

bool ttlog_event_may_trigger(void);
void ttlog_event_write(struct ttlog_cpu *cpu, size_t len,
		       const struct ttlog_file *file, u16 flags);

#endif
