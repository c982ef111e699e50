/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_STANDARD_H
#define TTLOG_STANDARD_H

/**
 * standard_begin() - open /dev/null as what is missing of standard input, output
 *	and error; and see to it that what could not be printed is an error in the end
 *
 * A file that we open must not become one of these. What could not be printed was not
 * done.
 */
void standard_begin(void);

#endif
