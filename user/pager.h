/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_PAGER_H
#define TTLOG_PAGER_H

#include <stdbool.h>

/* Is stdout a terminal that can do more than print lines? */
bool pager_terminal(void);

/**
 * pager_begin() - from now on to the end of the program stdout goes through a pager
 *
 * That is $TTLOG_PAGER, $PAGER or less; none if it is empty or "cat". Messages on a
 * terminal go there too. When the pager is quit, the program ends without a word, and its
 * exit status is EXIT_OK.
 */
void pager_begin(void);

#endif
