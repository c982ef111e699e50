// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "describe.h"
#include "folder.h"
#include "hold.h"
#include "save.h"
#include "serve.h"

/*
 * What is kept in memory takes at most so many times the rings' memory. As a rule
 * it is a quarter; text made to be incompressible takes two to three times as much
 * as in a ring, as what isn't UTF-8 is there twice.
 */
#define STASH_LIMIT	4

static const char *kind_name(uint32_t kind)
{
	switch (kind) {
	case TTLOG_TRIGGER_REQUEST:
		return "request";
	case TTLOG_TRIGGER_OOPS:
		return "oops";
	case TTLOG_TRIGGER_PROBE:
		return "probe";
	case TTLOG_TRIGGER_LEVEL:
		return "level";
	}
	return "other";
}

/* What TTLOG_IOC_REQUEST says by itself is no word of ours. */
static int told(int error)
{
	switch (error) {
	case ETIMEDOUT:
	case EAGAIN:
	case EINTR:
	case ESRCH:
	case ENAMETOOLONG:
		return EIO;
	}
	return error;
}

/*
 * Who waits is told; a requester that went away needs no answer. An automatic trigger
 * that took too long is given out again: then it is late, if it is @saved.
 */
static void done(struct helper *helper, const struct ttlog_trigger *trigger,
		 int error, const char *path, bool saved)
{
	struct ttlog_done done = {
		.id = trigger->id,
		.error = told(error),
		.path_size = error ? 0 : strlen(path) + 1,
		.path = error ? 0 : (uintptr_t)path,
	};

	if (!ioctl(helper->device.fd, TTLOG_IOC_DONE, &done))
		return;
	if (errno != ENOENT)
		device_failed("say that a trigger is served");
	else if (trigger->kind != TTLOG_TRIGGER_REQUEST && saved)
		helper->late = *trigger;
}

/*
 * It has another id then, but it is of the same moment. Where the rings are held for
 * it anew, they are read anew, as the hold may be that of another that waits.
 */
static bool is_late(const struct helper *helper,
		    const struct ttlog_trigger *trigger)
{
	return trigger->kind == helper->late.kind &&
	       trigger->kind != TTLOG_TRIGGER_REQUEST &&
	       trigger->time == helper->late.time &&
	       !strcmp(trigger->reason, helper->late.reason) &&
	       !(trigger->flags & TTLOG_TRIGGER_HELD);
}

static int read_rings(struct helper *helper,
		      const struct ttlog_trigger *trigger,
		      struct contents *contents)
{
	struct hold hold = { .fd = helper->device.fd };
	struct wanted wanted = { .choose = hold_choose, .arg = &hold };
	int status;

	if (!(trigger->flags & TTLOG_TRIGGER_HELD))
		return device_read(&helper->device, NULL, contents);
	status = device_read(&helper->device, &wanted, contents);
	/* What wasn't copied stays held, for whoever tries next. */
	if (!status)
		hold_end(&hold);
	return status;
}

static void describe(struct snapshot *snapshot, const struct helper *helper,
		     const struct ttlog_trigger *trigger,
		     const struct contents *contents)
{
	describe_host(snapshot, helper->boot_id);
	snapshot->service = helper->service;
	/* The idle task, which an interrupt may strike, has no pid. */
	if (trigger->pid)
		snapshot->pid = trigger->pid;
	snapshot->reason = trigger->reason;
	snapshot->trigger = kind_name(trigger->kind);
	snapshot->count = trigger->count;
	describe_contents(snapshot, &helper->device, contents);
}

/*
 * Instead of the one that is kept, if there is one: that is lost then. Returns true if
 * it is kept.
 */
static bool keep(struct helper *helper, const struct snapshot *snapshot,
		 uint32_t kind)
{
	char before[sizeof(helper->stash.reason)] = "";
	int err;

	if (stash_full(&helper->stash))
		strcpy(before, helper->stash.reason);
	err = stash_put(&helper->stash, snapshot, kind,
			STASH_LIMIT * helper->device.info.memory);
	if (err == -EBUSY) {
		warnx("the snapshot '%s' is lost: that of an oops is kept in memory",
		      snapshot->reason);
	} else if (err) {
		warnx("the snapshot '%s' is lost: cannot keep it in memory: %s",
		      snapshot->reason, strerror(-err));
	} else {
		if (*before)
			warnx("the snapshot '%s' is lost: a newer one takes its place in memory",
			      before);
		warnx("the snapshot '%s' is kept in memory and will be tried again",
		      snapshot->reason);
	}
	return !err;
}

/* Returns 0 or a negative errno; sets @saved if it isn't lost then. */
static int write_file(struct helper *helper,
		      const struct ttlog_trigger *trigger,
		      const struct snapshot *snapshot, bool *saved)
{
	struct snapfile file;
	int err;

	err = save_open(helper, &file);
	if (!err)
		err = save_commit(helper, &file, snapshot,
				  snapshot_write(snapshot, file.fd));
	if (!err) {
		done(helper, trigger, 0, file.path, true);
		save_retain(helper);
	} else if (trigger->kind != TTLOG_TRIGGER_REQUEST && !helper->once) {
		*saved = keep(helper, snapshot, trigger->kind);
	}
	return err;
}

static int serve(struct helper *helper, const struct ttlog_trigger *trigger)
{
	struct snapshot snapshot = { 0 };
	struct contents contents = { 0 };
	bool saved = false;
	int status, err = 0;

	status = read_rings(helper, trigger, &contents);
	if (!status) {
		describe(&snapshot, helper, trigger, &contents);
		err = write_file(helper, trigger, &snapshot, &saved);
		status = err ? folder_status(err) : EXIT_OK;
	} else if (trigger->kind == TTLOG_TRIGGER_REQUEST) {
		err = -EIO;
	} else {
		/* The module gives it out once more, as it isn't done. */
		warnx("the snapshot '%s' could not be read and will be tried again",
		      trigger->reason);
	}
	contents_free(&contents);
	/*
	 * The one-shot keeps nothing for later, and leaves it to the module to start
	 * another one: what isn't done waits again when this one ends.
	 */
	if (err && !helper->once)
		done(helper, trigger, -err, NULL, saved);
	return status;
}

bool serve_next(struct helper *helper, int *status)
{
	struct ttlog_trigger trigger = { 0 };

	if (!ioctl(helper->device.fd, TTLOG_IOC_TAKE, &trigger)) {
		/* It is text from the kernel, and still no reason to trust it. */
		trigger.reason[TTLOG_REASON_MAX] = '\0';
		if (is_late(helper, &trigger))
			done(helper, &trigger, EALREADY, NULL, true);
		else
			*status = serve(helper, &trigger);
		return true;
	}
	if (errno != EAGAIN)
		*status = device_failed("take a trigger");
	return false;
}
