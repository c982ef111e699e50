/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_EVIDENCE_H
#define TTLOG_EVIDENCE_H

/**
 * evidence_is() - was a snapshot made by this trigger?
 * @dir: its folder
 * @name: of the file
 * @trigger: as "oops"
 *
 * Of the file only each block's first bytes and one block are read. One that isn't
 * whole, or not as the helper writes them, was not.
 *
 * Return: 1 if so, 0 if not, or a negative errno where that can't be found out now.
 */
int evidence_is(int dir, const char *name, const char *trigger);

/**
 * evidence_of_end() - is there a snapshot of this recorder by "panic" or "reset"?
 * @folder: where; files that are named as snapshots are looked at as above
 * @recorder_id: of the recorder, as it stands there
 *
 * A file that can't be read is none: it is better to have one twice.
 *
 * Return: 1 if so, 0 if not, or a negative errno where the folder can't be read.
 */
int evidence_of_end(int folder, const char *recorder_id);

#endif
