/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_LINE_H
#define TTLOG_LINE_H

#include <linux/types.h>

/**
 * struct line - a record of the kernel's log, taken apart
 * @text: the message, with a newline between its lines and none at its end; no NUL
 * @len: bytes of it
 * @caller: who printed it, as printk names it; where it does
 * @caller_len: bytes of it; 0: it isn't said
 * @us: printk's time in microseconds, if @timed
 * @facility: syslog's
 * @level: TTLOG_EMERG to TTLOG_DEBUG
 * @timed: the record says its time
 */
struct line {
	char *text;
	size_t len;
	const char *caller;
	size_t caller_len;
	u64 us;
	u32 facility;
	u32 level;
	bool timed;
};

struct line ttlog_line_parse(char *at, size_t len, bool timed, bool called);

#endif
