// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "describe.h"
#include "folder.h"
#include "progress.h"
#include "save.h"
#include "timer.h"

/**
 * struct saving - a timer snapshot on its way
 * @helper: who writes it
 * @ends: how far rings are saved once it is
 * @nr: entries of @ends
 */
struct saving {
	struct helper *helper;
	struct ttlog_end *ends;
	uint32_t nr;
};

static uint64_t mono_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

static int prepare(const struct saving *saving, const uint8_t *cookie)
{
	return progress_prepare(&saving->helper->device, saving->ends,
				saving->nr, cookie);
}

static int commit(const struct saving *saving)
{
	int err = progress_commit(&saving->helper->device);

	if (!err)
		return EXIT_OK;
	errno = -err;
	return device_failed("say how far timer snapshots have come");
}

/* The file is durable and has no name yet. */
static int ready(void *arg, struct snapfile *file,
		 const struct snapshot *snapshot)
{
	uint8_t cookie[COOKIE_SIZE];
	char stem[SNAPFILE_STEM];
	int err;

	snapfile_stem(stem, snapshot);
	err = cookie_make(cookie, file->fd, stem);
	if (!err)
		err = prepare(arg, cookie);
	if (err)
		snprintf(file->doing, sizeof(file->doing),
			 "say how far %s/%s comes", file->folder, stem);
	return err;
}

static int write_file(struct saving *saving, const struct contents *contents,
		      const char *reason)
{
	struct snapshot snapshot = { .reason = reason, .trigger = reason };
	struct helper *helper = saving->helper;
	struct snapfile file;
	int err, status;

	describe_host(&snapshot, helper->boot_id);
	snapshot.service = helper->service;
	describe_contents(&snapshot, &helper->device, contents);
	err = save_open(helper, &file);
	if (err)
		return folder_status(err);
	file.ready = ready;
	file.arg = saving;
	err = save_commit(helper, &file, &snapshot,
			  snapshot_write(&snapshot, file.fd));
	if (err)
		return folder_status(err);
	status = commit(saving);
	save_retain(helper);
	return status;
}

/* No event is new, but one is now known to be open, or not to be any longer. */
static int note_open(const struct saving *saving)
{
	uint8_t cookie[COOKIE_SIZE];
	int err;

	cookie_none(cookie);
	err = prepare(saving, cookie);
	if (!err)
		return commit(saving);
	errno = -err;
	return device_failed("say which events aren't committed");
}

static int save(struct helper *helper, const struct advance *advance,
		const struct contents *contents, const char *reason)
{
	struct saving saving = { .helper = helper };
	int status = EXIT_OK;

	saving.ends = calloc(contents->nr + 1, sizeof(*saving.ends));
	if (!saving.ends) {
		warn("saving what is new");
		return EXIT_OTHER;
	}
	saving.nr = advance_ends(advance, contents->rings, contents->nr,
				 saving.ends);
	if (advance_news(contents->rings, contents->nr))
		status = write_file(&saving, contents, reason);
	else if (saving.nr)
		status = note_open(&saving);
	free(saving.ends);
	return status;
}

int timer_snapshot(struct helper *helper, const char *reason)
{
	struct advance advance = { .now = mono_now() };
	struct wanted wanted = { .choose = advance_choose, .arg = &advance };
	struct contents contents = { 0 };
	int status;

	status = progress_read(&helper->device, helper->folder, &advance);
	if (!status)
		status = device_read(&helper->device, &wanted, &contents);
	if (!status)
		status = save(helper, &advance, &contents, reason);
	contents_free(&contents);
	free(advance.ends);
	return status;
}

void timer_settle(struct helper *helper)
{
	struct advance advance;

	progress_read(&helper->device, helper->folder, &advance);
	free(advance.ends);
}
