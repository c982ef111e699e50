// SPDX-License-Identifier: GPL-2.0-only
/*
 * Triggers: what asks the helper for a snapshot, and the way back of its path.
 *
 * A request lives on the stack of the task that made it and waits. Everything
 * about it is under trigger_lock; who leaves takes it off the list first.
 */
#include <linux/completion.h>
#include <linux/cred.h>
#include <linux/ctype.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include "trigger.h"

/**
 * struct waiter - a request
 * @list: in waiters, oldest first
 * @trigger: what the helper is told
 * @taken: the helper has it
 * @error: how it ended, once @done is complete
 * @path: the file, once @done is complete; the requester frees it
 * @done: completed when the helper is done or gone
 */
struct waiter {
	struct list_head list;
	struct ttlog_trigger trigger;
	bool taken;
	int error;
	char *path;
	struct completion done;
};

#define TIMEOUT_MS_MAX	600000

DECLARE_WAIT_QUEUE_HEAD(ttlog_trigger_queue);
static DEFINE_MUTEX(trigger_lock);
static LIST_HEAD(waiters);
static unsigned int nr_waiters;
static struct file *helper;
static u64 last_id;

/**
 * ttlog_trigger_wake() - let readers that poll look again
 *
 * Context: task.
 */
void ttlog_trigger_wake(void)
{
	wake_up_interruptible(&ttlog_trigger_queue);
}

static bool valid_reason(const char *reason)
{
	size_t i;

	for (i = 0; i <= TTLOG_REASON_MAX && reason[i]; i++)
		if (!isascii(reason[i]) ||
		    (!isalnum(reason[i]) && reason[i] != '_' && reason[i] != '-'))
			return false;
	return i && i <= TTLOG_REASON_MAX;
}

/* Caller holds trigger_lock. */
static void finish(struct waiter *w, int error, char *path)
{
	list_del_init(&w->list);
	nr_waiters--;
	w->error = error;
	w->path = path;
	complete(&w->done);
}

static int enqueue(struct waiter *w)
{
	int ret = 0;

	mutex_lock(&trigger_lock);
	if (!helper) {
		ret = -ESRCH;
	} else if (nr_waiters == TTLOG_REQUESTS_MAX) {
		ret = -EAGAIN;
	} else {
		w->trigger.id = ++last_id;
		list_add_tail(&w->list, &waiters);
		nr_waiters++;
	}
	mutex_unlock(&trigger_lock);
	if (!ret)
		ttlog_trigger_wake();
	return ret;
}

/* Wait for the end; on a timeout or signal the request is withdrawn. */
static int wait_for_end(struct waiter *w, u32 timeout_ms)
{
	long left;
	int ret;

	left = wait_for_completion_interruptible_timeout(&w->done,
							 msecs_to_jiffies(timeout_ms));
	mutex_lock(&trigger_lock);
	if (list_empty(&w->list)) {
		ret = w->error;
	} else {
		ret = left ? -EINTR : -ETIMEDOUT;
		list_del_init(&w->list);
		nr_waiters--;
	}
	mutex_unlock(&trigger_lock);
	return ret;
}

static int give_path(const struct ttlog_request *request, const char *path)
{
	size_t size = strlen(path) + 1;

	if (size > request->path_size)
		return -ENAMETOOLONG;
	if (copy_to_user(u64_to_user_ptr(request->path), path, size))
		return -EFAULT;
	return 0;
}

/**
 * ttlog_trigger_request() - ask the helper for a snapshot and wait for its path
 * @request: from a reader
 *
 * Context: task; sleeps.
 * Return: 0 or an error as the ABI says.
 */
int ttlog_trigger_request(struct ttlog_request *request)
{
	struct waiter w = {
		.trigger.kind = TTLOG_TRIGGER_REQUEST,
		.trigger.uid = __kuid_val(current_euid()),
		.trigger.pid = task_tgid_nr(current),
		.trigger.time = ktime_get_ns(),
	};
	int ret;

	if (!valid_reason(request->reason) || !request->timeout_ms ||
	    request->timeout_ms > TIMEOUT_MS_MAX || !request->path_size ||
	    request->path_size > TTLOG_PATH_MAX)
		return -EINVAL;
	strscpy(w.trigger.reason, request->reason, sizeof(w.trigger.reason));
	INIT_LIST_HEAD(&w.list);
	init_completion(&w.done);

	ret = enqueue(&w);
	if (ret)
		return ret;
	ret = wait_for_end(&w, request->timeout_ms);
	if (!ret)
		ret = give_path(request, w.path);
	kfree(w.path);
	return ret;
}

/**
 * ttlog_trigger_attach() - make a file the helper
 * @file: open for reading
 *
 * Context: task.
 * Return: 0, or -EBUSY if there is one.
 */
int ttlog_trigger_attach(struct file *file)
{
	int ret = 0;

	mutex_lock(&trigger_lock);
	if (helper)
		ret = -EBUSY;
	else
		helper = file;
	mutex_unlock(&trigger_lock);
	return ret;
}

/**
 * ttlog_trigger_detach() - a file is being closed
 * @file: if it was the helper, requests end, as nobody is left to wait for
 *
 * Context: task.
 */
void ttlog_trigger_detach(struct file *file)
{
	struct waiter *w, *next;

	mutex_lock(&trigger_lock);
	if (helper == file) {
		helper = NULL;
		list_for_each_entry_safe(w, next, &waiters, list)
			finish(w, -ESRCH, NULL);
	}
	mutex_unlock(&trigger_lock);
}

/**
 * ttlog_trigger_attached() - is there a helper?
 *
 * Context: any.
 * Return: true if there is one now.
 */
bool ttlog_trigger_attached(void)
{
	return READ_ONCE(helper);
}

static struct waiter *oldest_waiting(void)
{
	struct waiter *w;

	list_for_each_entry(w, &waiters, list)
		if (!w->taken)
			return w;
	return NULL;
}

/**
 * ttlog_trigger_waits() - is there a trigger for this file to take?
 * @file: only the helper's may
 *
 * Context: task.
 * Return: true if there is one.
 */
bool ttlog_trigger_waits(struct file *file)
{
	bool waits;

	mutex_lock(&trigger_lock);
	waits = helper == file && oldest_waiting();
	mutex_unlock(&trigger_lock);
	return waits;
}

/**
 * ttlog_trigger_take() - hand the oldest trigger to the helper
 * @file: the helper
 * @trigger: filled in
 *
 * Context: task.
 * Return: 0, -EPERM: not the helper, -EAGAIN: none waits.
 */
int ttlog_trigger_take(struct file *file, struct ttlog_trigger *trigger)
{
	struct waiter *w;
	int ret = 0;

	mutex_lock(&trigger_lock);
	w = oldest_waiting();
	if (helper != file) {
		ret = -EPERM;
	} else if (!w) {
		ret = -EAGAIN;
	} else {
		w->taken = true;
		*trigger = w->trigger;
	}
	mutex_unlock(&trigger_lock);
	return ret;
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

static struct waiter *find_taken(u64 id)
{
	struct waiter *w;

	list_for_each_entry(w, &waiters, list)
		if (w->taken && w->trigger.id == id)
			return w;
	return NULL;
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
	struct waiter *w;
	int ret = 0;

	if (IS_ERR(path))
		return PTR_ERR(path);
	mutex_lock(&trigger_lock);
	w = find_taken(done->id);
	if (helper != file) {
		ret = -EPERM;
	} else if (!w) {
		ret = -ENOENT;
	} else {
		finish(w, -(int)done->error, path);
		path = NULL;
	}
	mutex_unlock(&trigger_lock);
	kfree(path);
	return ret;
}
