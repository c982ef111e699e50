/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_EVIDENCE_H
#define TTLOG_EVIDENCE_H

#include <stdbool.h>

/**
 * evidence_is() - was a snapshot made by this trigger?
 * @dir: its folder
 * @name: of the file
 * @trigger: as "oops"
 *
 * Of the file only each block's first bytes and one block are read. One that isn't
 * whole, or not as the helper writes them, was not.
 */
bool evidence_is(int dir, const char *name, const char *trigger);

#endif
