// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "counts.h"
#include "folder.h"
#include "notify.h"
#include "retain.h"
#include "save.h"

static int save_failed(struct helper *helper, const struct snapfile *file,
		       int err)
{
	helper->failures++;
	counts_failed();
	warnx("cannot %s: %s (%u in a row)", file->doing, strerror(-err),
	      helper->failures);
	notify("STATUS=%u files in a row could not be written: %s",
	       helper->failures, strerror(-err));
	return err;
}

int save_open(struct helper *helper, struct snapfile *file)
{
	int err;

	if (helper->make)
		folder_make_default();
	err = snapfile_open(file, helper->folder);
	return err ? save_failed(helper, file, err) : 0;
}

static void save_done(struct helper *helper, const struct snapfile *file,
		      const struct snapshot *snapshot, off_t size)
{
	helper->failures = 0;
	helper->gave_way = false;
	snprintf(helper->newest, sizeof(helper->newest), "%s",
		 strrchr(file->path, '/') + 1);
	warnx("%s is written, %lld bytes", file->path, (long long)size);
	notify("STATUS=The last file is %s", file->path);
	counts_written(snapshot, size, helper->boot_id);
	hooks_add(&helper->hooks, file->path, snapshot->reason, helper->service);
}

void save_retain(const struct helper *helper)
{
	retain(helper->folder, &helper->keep, helper->newest);
}

int save_commit(struct helper *helper, struct snapfile *file,
		const struct snapshot *snapshot, int err)
{
	struct stat st = { 0 };

	if (err) {
		snprintf(file->doing, sizeof(file->doing), "write %s/%s",
			 file->folder, file->temp);
		snapfile_abort(file);
		return save_failed(helper, file, err);
	}
	fstat(file->fd, &st);
	err = snapfile_commit(file, NULL, snapshot);
	if (err && !*file->path)
		return save_failed(helper, file, err);
	/* It is there: written again each time, it would be there ever more often. */
	if (err)
		warnx("cannot %s: %s", file->doing, strerror(-err));
	save_done(helper, file, snapshot, st.st_size);
	return 0;
}

static int write_stash(struct helper *helper, struct snapfile *file)
{
	struct stash *stash = &helper->stash;
	int err = save_open(helper, file);

	if (err)
		return err;
	return save_commit(helper, file, &stash->head,
			   stash_copy(stash, file->fd));
}

/*
 * What fills the disk may be somebody else, who takes the room that is made as well:
 * once must do, until something could be written.
 */
static bool give_way(struct helper *helper, int err)
{
	struct stat st;

	if ((err != -ENOSPC && err != -EDQUOT) ||
	    !retain_any(&helper->keep) || helper->gave_way || fstat(helper->stash.fd, &st))
		return false;
	helper->gave_way = true;
	return retain_make_room(helper->folder, st.st_size);
}

bool save_stash(struct helper *helper)
{
	struct stash *stash = &helper->stash;
	struct snapfile file;
	int err;

	if (!stash_full(stash))
		return true;
	err = write_stash(helper, &file);
	if (give_way(helper, err))
		err = write_stash(helper, &file);
	if (err)
		return false;
	stash_drop(stash);
	save_retain(helper);
	return true;
}
