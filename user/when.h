/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_WHEN_H
#define TTLOG_WHEN_H

#include <stdint.h>

/* For messages: what when_parse() accepts. */
#define WHEN_CHOICES \
	"YYYY-MM-DD, HH:MM[:SS[.F]] or both with a space or T between, then Z or +HH:MM if it isn't local; @SECONDS[.F]; now, today, yesterday; -5min, -2h30min (us, ms, s, min, h, d, w) before now; from 1970 to 2554"

/**
 * when_parse() - a moment as people write it
 * @text: one of WHEN_CHOICES
 * @now: ns since the epoch
 * @when: likewise
 *
 * A date alone is its midnight, a time alone is of today. What is local is so by TZ.
 *
 * Return: 0 or -1.
 */
int when_parse(const char *text, uint64_t now, uint64_t *when);

#endif
