/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The helper's files: into its folder, with what is said of each, and what goes
 * when they are too many. What fails is said and counted, and stops nothing.
 */
#ifndef TTLOG_SAVE_H
#define TTLOG_SAVE_H

#include "helper.h"
#include "snapfile.h"

/**
 * save_open() - make a temporary file in the folder, which is made if it may be
 *
 * Return: 0 or a negative errno; then there is nothing to close.
 */
int save_open(struct helper *helper, struct snapfile *file);

/**
 * save_commit() - finish the file, or give it up
 * @err: how filling it went: 0 or a negative errno
 *
 * What is to be run for the file waits then. Where all that failed was to make its name
 * durable the file counts as written, and that is said.
 *
 * Return: 0, and @file->path says where the file is; or a negative errno; then it
 * is gone.
 */
int save_commit(struct helper *helper, struct snapfile *file,
		const struct snapshot *snapshot, int err);

/**
 * save_retain() - remove what is too much
 *
 * The newest file of this helper stays. That takes its time: who waits for a file is told
 * of it before.
 */
void save_retain(const struct helper *helper);

/**
 * save_stash() - try to write what is kept in memory
 *
 * Where there is no space for it timer snapshots give way, unless all files are to be
 * kept.
 *
 * Return: true if nothing is kept any longer.
 */
bool save_stash(struct helper *helper);

#endif
