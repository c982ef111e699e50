/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The helper: waits for triggers and the timer, and has a snapshot written for
 * each.
 */
#ifndef TTLOG_HELPER_H
#define TTLOG_HELPER_H

#include <limits.h>

#include "device.h"
#include "hooks.h"
#include "orders.h"
#include "retain.h"
#include "stash.h"

/**
 * struct helper - one run of it
 * @device: opened for reading
 * @boot_id: the kernel's, which stays what it is
 * @orders: what it was told, which the following is made of
 * @folder: absolute path of where files go
 * @make: make that folder when it is missing: it is the default
 * @keep: which of its files are to stay
 * @service: name of this recorder
 * @interval: seconds between timer snapshots; 0: none
 * @hooks: programs that are run for its files
 * @newest: name of the last file that was written; empty: none
 * @once: it is to serve what waits, and no more
 * @stash: the snapshot that could not be written
 * @gave_way: timer snapshots gave way to what is kept, and no file was written since
 * @left: what an earlier boot left isn't saved
 * @failures: files in a row that could not be written
 * @late: an automatic trigger that was written or kept when the module had given us up
 */
struct helper {
	struct device device;
	char boot_id[BOOT_ID_SIZE];
	struct orders *orders;
	const char *folder;
	bool make;
	struct retention keep;
	const char *service;
	unsigned int interval;
	struct hooks hooks;
	char newest[NAME_MAX + 1];
	bool once;
	struct stash stash;
	bool gave_way;
	bool left;
	unsigned int failures;
	struct ttlog_trigger late;
};

/**
 * helper_run() - be the helper until a signal ends it
 *
 * Return: EXIT_*.
 */
int helper_run(struct helper *helper);

/**
 * helper_once() - serve the automatic triggers that wait, until one can't be; then save
 *	what an earlier boot left
 *
 * A signal that ends it does so behind the file in hand.
 *
 * Return: EXIT_*.
 */
int helper_once(struct helper *helper);

#endif
