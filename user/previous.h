/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_PREVIOUS_H
#define TTLOG_PREVIOUS_H

#include "helper.h"

/**
 * previous_save() - save what an earlier boot left in reserved memory
 * @helper: attached
 * @wait: for some seconds, where somebody else is at it
 *
 * A file for each recorder that is found there, but for one that was shut down. Only when
 * all of them are there the memory is given back. What goes wrong is said on stderr.
 *
 * Return: EXIT_*; unless it is EXIT_OK it is to be tried again.
 */
int previous_save(struct helper *helper, bool wait);

#endif
