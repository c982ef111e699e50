// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each recorder is saved exactly once, whenever we are killed and whoever else is at it:
 * while the folder is locked a file is written only where none of the same recorder is,
 * and the memory is given back behind the last one.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "evidence.h"
#include "folder.h"
#include "previous.h"
#include "region.h"
#include "save.h"
#include "version.h"
#include "watchdog.h"

/* Who may read the folder may lock it for as long as he likes. */
#define LOCK_TRIES	30
#define LOCK_PAUSE_MS	100

/**
 * struct previous - what is being saved
 * @helper: who does it
 * @folder: of its files, locked
 * @region: where it is
 * @recorders: what was found there
 */
struct previous {
	struct helper *helper;
	int folder;
	struct region region;
	struct recorders recorders;
};

static int failed(int err)
{
	errno = -err;
	warn("saving what an earlier boot left");
	return EXIT_OTHER;
}

static bool try_lock(int folder, int tries)
{
	const struct timespec pause = { .tv_nsec = LOCK_PAUSE_MS * 1000000 };

	/* Not every file system has locks. */
	while (flock(folder, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK) {
		if (!tries--)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

static int lock_folder(const struct helper *helper, bool wait, int *folder)
{
	int err;

	if (helper->make)
		folder_make_default();
	*folder = open(helper->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*folder < 0) {
		err = -errno;
		warn("cannot save what an earlier boot left: the folder %s",
		     helper->folder);
		return folder_status(err);
	}
	if (try_lock(*folder, wait ? LOCK_TRIES : 0))
		return EXIT_OK;
	warnx("cannot save what an earlier boot left: somebody else has locked %s",
	      helper->folder);
	close(*folder);
	return EXIT_OTHER;
}

static void tell_missing(const struct image *image)
{
	if (image->missing || image->damaged)
		warnx("what an earlier boot left is damaged: rings that are missing: %llu, pages of others: %llu",
		      (unsigned long long)image->damaged,
		      (unsigned long long)image->missing);
}

static int write_image(struct previous *previous, struct image *image,
		       struct snapfile *file)
{
	struct snapshot snapshot = { .pid = getpid(), .count = 1 };
	int err;

	err = recorders_read(&previous->recorders, image);
	if (err) {
		snapfile_abort(file);
		return failed(err);
	}
	tell_missing(image);
	image_describe(image, &snapshot);
	snapshot.service = previous->helper->service;
	snapshot.alive = watchdog_alive;
	snapshot.reason = image->map->host.state == TTLOG_STATE_PANIC ?
			  "panic" : "reset";
	snapshot.trigger = snapshot.reason;
	err = save_commit(previous->helper, file, &snapshot,
			  snapshot_write(&snapshot, file->fd));
	if (err)
		return folder_status(err);
	save_retain(previous->helper);
	return EXIT_OK;
}

/* The file first: without one all the work would be for nothing, each time. */
static int save_image(struct previous *previous, struct image *image)
{
	struct snapfile file;
	int err = save_open(previous->helper, &file);

	return err ? folder_status(err) : write_image(previous, image, &file);
}

static int save_recorder(struct previous *previous, struct image *image)
{
	char id[SNAPSHOT_RECORDER_ID];
	int status, found;

	watchdog_alive();
	if (image->map->over == TTLOG_OVER)
		return EXIT_OK;
	snapshot_recorder_id(id, image->map->boot_id);
	found = evidence_of_end(previous->folder, id);
	if (found < 0)
		return failed(found);
	if (found) {
		warnx("what an earlier boot left was saved already: a file is of recorder %s",
		      id);
		return EXIT_OK;
	}
	status = save_image(previous, image);
	image_forget(image);
	return status;
}

/* One that can't be written is no reason to go without another. */
static int save_all(struct previous *previous)
{
	struct recorders *recorders = &previous->recorders;
	size_t i = recorders->nr_images;
	int status = EXIT_OK, err;

	while (i--) {
		err = save_recorder(previous, &recorders->images[i]);
		if (err)
			status = err;
	}
	return status;
}

static void tell_rest(const struct previous *previous)
{
	const struct region_half *half;
	bool foreign = false;
	uint64_t damaged = 0;
	size_t i;

	for (i = 0; i < TTLOG_PREVIOUS_MAX; i++) {
		half = &previous->region.halves[i];
		if (!region_foreign(half)) {
			damaged += half->damaged;
			continue;
		}
		foreign = true;
		warnx("what an earlier boot left has layout %u, this program (%s) reads layout %d: it stays where it is",
		      half->layout, TTLOG_VERSION, TTLOG_LAYOUT);
	}
	if (damaged)
		warnx("what an earlier boot left is damaged: maps or rings that make no sense: %llu",
		      (unsigned long long)damaged);
	if (previous->recorders.too_many)
		warnx("there is more in what an earlier boot left that looks like recorders than is looked at: the newest %d, and the first %u rings",
		      RECORDERS_MAX, RECORDERS_HEADS);
	if (!previous->recorders.nr_images && !foreign)
		warnx("nothing can be read of what an earlier boot left");
}

static int save_found(struct previous *previous)
{
	int err, status;

	err = region_look(&previous->region, &previous->recorders);
	if (!err)
		err = recorders_mend(&previous->recorders);
	if (err)
		return failed(err);
	tell_rest(previous);
	status = save_all(previous);
	if (status)
		return status;
	/* What was dropped isn't saved; nor is a name that may be gone with the power. */
	if (previous->recorders.too_many)
		return EXIT_OTHER;
	if (fsync(previous->folder)) {
		err = -errno;
		warn("making what an earlier boot left durable: the folder %s",
		     previous->helper->folder);
		return folder_status(err);
	}
	return region_saved(&previous->region);
}

/* With the folder locked: what was there before may be saved by now. */
static int save_locked(struct helper *helper, int folder)
{
	struct previous *previous = calloc(1, sizeof(*previous));
	int status;

	if (!previous)
		return failed(-ENOMEM);
	previous->helper = helper;
	previous->folder = folder;
	status = region_open(&previous->region, &helper->device);
	if (!status) {
		if (region_full(&previous->region))
			status = save_found(previous);
		recorders_close(&previous->recorders);
		region_close(&previous->region);
	}
	free(previous);
	return status;
}

/* To another helper. It may fail: who stays tries again, who is to serve and end doesn't. */
static int leave_it(const struct helper *helper)
{
	warnx("another helper is saving what an earlier boot left");
	return helper->once ? EXIT_OK : EXIT_OTHER;
}

int previous_save(struct helper *helper, bool wait)
{
	struct region region;
	int status, folder;
	bool full, busy;

	status = region_open(&region, &helper->device);
	if (status)
		return status;
	full = region_full(&region);
	busy = region.busy;
	region_close(&region);
	if (busy)
		return leave_it(helper);
	if (!full)
		return EXIT_OK;
	status = lock_folder(helper, wait, &folder);
	if (status)
		return status;
	status = save_locked(helper, folder);
	close(folder);
	return status;
}
