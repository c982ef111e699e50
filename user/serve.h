/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_SERVE_H
#define TTLOG_SERVE_H

#include "helper.h"

/**
 * serve_next() - take the next trigger, write its snapshot, tell how it ended
 * @helper: attached
 * @status: EXIT_* of that snapshot, unless none was taken
 *
 * An automatic one that can't be written goes to the stash; with @helper->once it
 * will wait again when the device is closed.
 *
 * Return: false if there was none to take.
 */
bool serve_next(struct helper *helper, int *status);

#endif
