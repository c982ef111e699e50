/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the helper says on stderr, a line at a time. No line is waited for.
 */
#ifndef TTLOG_LINES_H
#define TTLOG_LINES_H

/**
 * lines_open() - from now on let stderr drop what nobody takes
 *
 * How many lines are missing is said in front of the next that is taken. Others who
 * have the same file open wait as before. A file on a disk waits for that, as ever.
 */
void lines_open(void);

#endif
