/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_STANDARD_H
#define TTLOG_STANDARD_H

/**
 * standard_fill() - open /dev/null as what is missing of standard input, output
 *	and error
 *
 * A file that we open must not become one of these.
 */
void standard_fill(void);

#endif
