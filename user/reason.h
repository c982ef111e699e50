/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the reason of a snapshot is made of.
 */
#ifndef TTLOG_REASON_H
#define TTLOG_REASON_H

#include <stdbool.h>
#include <string.h>
#include <ttlog.h>

#define REASON_LETTERS \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

/* 1 to TTLOG_REASON_MAX of these. */
static inline bool reason_valid(const char *reason)
{
	size_t len = strspn(reason, REASON_LETTERS);

	return len && !reason[len] && len <= TTLOG_REASON_MAX;
}

#endif
