// SPDX-License-Identifier: GPL-2.0-only
/*
 * Triggers: what asks a helper for a snapshot, and how they come and go. Requests
 * are in request.c, what comes from the kernel itself is in auto.c.
 */
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "auto.h"
#include "hold.h"
#include "host.h"
#include "map.h"
#include "previous.h"
#include "once.h"
#include "progress.h"
#include "request.h"
#include "trigger.h"

DECLARE_WAIT_QUEUE_HEAD(ttlog_trigger_queue);
/* Of the following, of requests, of automatic triggers, and of the hold's end. */
DEFINE_MUTEX(ttlog_trigger_lock);
static struct file *helper;
static struct file *once;
static u64 last_id;
static bool unsaved;		/* an automatic trigger whose file couldn't be written */

/**
 * ttlog_trigger_wake() - let readers that poll look again
 *
 * Context: task.
 */
void ttlog_trigger_wake(void)
{
	wake_up_interruptible(&ttlog_trigger_queue);
}

/**
 * ttlog_trigger_id() - a new trigger's id
 *
 * Context: task, under ttlog_trigger_lock.
 * Return: the id, never 0.
 */
u64 ttlog_trigger_id(void)
{
	return ++last_id;
}

/**
 * ttlog_trigger_reason() - is this a reason?
 * @reason: TTLOG_REASON_MAX + 1 bytes, or up to a NUL
 *
 * Context: any.
 * Return: true if it is [A-Za-z0-9_-]{1,32}.
 */
bool ttlog_trigger_reason(const char *reason)
{
	size_t i;

	for (i = 0; i <= TTLOG_REASON_MAX && reason[i]; i++)
		if (!isascii(reason[i]) ||
		    (!isalnum(reason[i]) && reason[i] != '_' && reason[i] != '-'))
			return false;
	return i && i <= TTLOG_REASON_MAX;
}

/**
 * ttlog_trigger_attach() - make a file a helper
 * @file: open for reading
 * @as_once: the one-shot, for automatic triggers that nobody takes
 *
 * Context: task.
 * Return: 0, or -EBUSY if there is one.
 */
int ttlog_trigger_attach(struct file *file, bool as_once)
{
	struct file **which = as_once ? &once : &helper;
	int ret = 0;

	mutex_lock(&ttlog_trigger_lock);
	if (*which || helper == file || once == file)
		ret = -EBUSY;
	else
		WRITE_ONCE(*which, file);
	mutex_unlock(&ttlog_trigger_lock);
	return ret;
}

/**
 * ttlog_trigger_is_helper() - is this file a helper, or what ONCE makes of it?
 * @file: in whose call we are
 *
 * Who isn't is told so without the lock: others wait for that, and those who keep it
 * may be kept from running. Only a call on this file attaches it, and only its release
 * ends that, so neither comes between.
 *
 * Context: any.
 */
bool ttlog_trigger_is_helper(const struct file *file)
{
	return READ_ONCE(helper) == file || READ_ONCE(once) == file;
}

/**
 * ttlog_trigger_detach() - a file is being closed
 * @file: if it was a helper, requests end, and others may take what it had taken
 *
 * Context: task.
 */
void ttlog_trigger_detach(struct file *file)
{
	if (!ttlog_trigger_is_helper(file))
		return;
	mutex_lock(&ttlog_trigger_lock);
	if (helper == file) {
		WRITE_ONCE(helper, NULL);
		ttlog_request_end_all();
	} else {
		WRITE_ONCE(once, NULL);
	}
	ttlog_auto_gone(file);
	mutex_unlock(&ttlog_trigger_lock);
	ttlog_previous_let_go(file);
}

/**
 * ttlog_trigger_attached() - is there a helper?
 *
 * Context: any.
 * Return: true if there is one now, the one-shot not counted.
 */
bool ttlog_trigger_attached(void)
{
	return READ_ONCE(helper);
}

/**
 * ttlog_trigger_waits() - is there a trigger for this file to take?
 * @file: only a helper's may
 *
 * Context: task.
 * Return: true if there is one.
 */
bool ttlog_trigger_waits(struct file *file)
{
	bool waits;

	if (!ttlog_trigger_is_helper(file))
		return false;
	mutex_lock(&ttlog_trigger_lock);
	if (helper == file)
		waits = ttlog_auto_waits(false) || ttlog_request_waits();
	else
		waits = ttlog_auto_waits(true);
	mutex_unlock(&ttlog_trigger_lock);
	return waits;
}

/**
 * ttlog_trigger_all_saved() - is there a file for each automatic trigger?
 *
 * Context: task; for the kernel's end, and waits for nobody.
 * Return: false if not, or if that can't be found out now.
 */
bool ttlog_trigger_all_saved(void)
{
	bool saved;

	if (!mutex_trylock(&ttlog_trigger_lock))
		return false;
	saved = !unsaved && ttlog_auto_all_served();
	mutex_unlock(&ttlog_trigger_lock);
	return saved;
}

/**
 * ttlog_trigger_take() - hand the first trigger to a helper
 * @file: the helper
 * @trigger: filled in
 *
 * Context: task.
 * Return: 0, -EPERM: no helper, -EAGAIN: none waits.
 */
int ttlog_trigger_take(struct file *file, struct ttlog_trigger *trigger)
{
	int ret = 0;

	if (!ttlog_trigger_is_helper(file))
		return -EPERM;
	mutex_lock(&ttlog_trigger_lock);
	if (!ttlog_auto_take(file, once == file, trigger) &&
	    (once == file || !ttlog_request_take(trigger)))
		ret = -EAGAIN;
	mutex_unlock(&ttlog_trigger_lock);
	return ret;
}

/**
 * ttlog_trigger_boot() - a helper says which boot of the kernel this is
 * @file: the helper's
 * @boot: what it says
 *
 * Context: task.
 * Return: 0, -EPERM: no helper.
 */
int ttlog_trigger_boot(struct file *file, const struct ttlog_boot *boot)
{
	if (!ttlog_trigger_is_helper(file))
		return -EPERM;
	mutex_lock(&ttlog_trigger_lock);
	ttlog_host_boot(&ttlog_map->host, boot);
	ttlog_map_keep();
	mutex_unlock(&ttlog_trigger_lock);
	return 0;
}

/* One string, with nothing in it that a terminal would act on. */
static bool valid_path(const char *path, size_t size)
{
	size_t i;

	for (i = 0; i < size && path[i]; i++)
		if ((u8)path[i] < 0x20 || path[i] == 0x7f)
			return false;
	return i == size - 1;
}

static char *take_path(const struct ttlog_done *done)
{
	char *path;

	if (done->error > MAX_ERRNO)
		return ERR_PTR(-EINVAL);
	if (done->error)
		return done->path_size ? ERR_PTR(-EINVAL) : NULL;
	if (!done->path_size || done->path_size > TTLOG_PATH_MAX)
		return ERR_PTR(-EINVAL);
	path = memdup_user(u64_to_user_ptr(done->path), done->path_size);
	if (!IS_ERR(path) && !valid_path(path, done->path_size)) {
		kfree(path);
		return ERR_PTR(-EINVAL);
	}
	return path;
}

/**
 * ttlog_trigger_done() - a taken trigger is served
 * @file: the helper
 * @done: how it ended
 *
 * Context: task.
 * Return: 0 or an error as the ABI says.
 */
int ttlog_trigger_done(struct file *file, const struct ttlog_done *done)
{
	char *path = take_path(done);
	int ret = 0;

	if (IS_ERR(path))
		return PTR_ERR(path);
	if (!ttlog_trigger_is_helper(file)) {
		kfree(path);
		return -EPERM;
	}
	mutex_lock(&ttlog_trigger_lock);
	if (ttlog_auto_done(file, done->id)) {
		/* Taken once more, and its file was there already. */
		if (done->error != EALREADY)
			unsaved |= done->error;
		if (once == file)
			ttlog_once_served();
	} else if (helper == file &&
		   ttlog_request_done(done->id, -(int)done->error, path)) {
		path = NULL;
	} else {
		ret = -ENOENT;
	}
	mutex_unlock(&ttlog_trigger_lock);
	kfree(path);
	return ret;
}

/**
 * ttlog_trigger_release() - a helper has copied blocks of a held ring
 * @file: the helper's
 * @release: which
 *
 * Context: task.
 * Return: 0 or an error as the ABI says.
 */
int ttlog_trigger_release(struct file *file, struct ttlog_release *release)
{
	int ret = -ENOENT;

	if (!ttlog_trigger_is_helper(file))
		return -EPERM;
	mutex_lock(&ttlog_trigger_lock);
	if (ttlog_auto_holds(file))
		ret = ttlog_hold_release(release);
	mutex_unlock(&ttlog_trigger_lock);
	return ret;
}

/**
 * ttlog_trigger_progress() - the helper reads or moves where timer snapshots go on
 * @file: the helper's
 * @progress: as the ABI says
 *
 * Context: task.
 * Return: 0 or an error as the ABI says.
 */
int ttlog_trigger_progress(struct file *file, struct ttlog_progress *progress)
{
	if (READ_ONCE(helper) != file)
		return -EPERM;
	return ttlog_progress(progress);
}
