// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests: somebody asks for a snapshot and waits for its path.
 *
 * A request lives on the stack of the task that made it. Everything about it is
 * under ttlog_trigger_lock; who leaves takes it off the list first.
 */
#include <linux/completion.h>
#include <linux/cred.h>
#include <linux/list.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include "request.h"
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

static LIST_HEAD(waiters);
static unsigned int nr_waiters;

/* Caller holds ttlog_trigger_lock. */
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

	mutex_lock(&ttlog_trigger_lock);
	if (!ttlog_trigger_attached()) {
		ret = -ESRCH;
	} else if (nr_waiters == TTLOG_REQUESTS_MAX) {
		ret = -EAGAIN;
	} else {
		w->trigger.id = ttlog_trigger_id();
		list_add_tail(&w->list, &waiters);
		nr_waiters++;
	}
	mutex_unlock(&ttlog_trigger_lock);
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
	mutex_lock(&ttlog_trigger_lock);
	if (list_empty(&w->list)) {
		ret = w->error;
	} else {
		ret = left ? -EINTR : -ETIMEDOUT;
		list_del_init(&w->list);
		nr_waiters--;
	}
	mutex_unlock(&ttlog_trigger_lock);
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
 * ttlog_request() - ask the helper for a snapshot and wait for its path
 * @request: from a reader
 *
 * Context: task; sleeps.
 * Return: 0 or an error as the ABI says.
 */
int ttlog_request(struct ttlog_request *request)
{
	struct waiter w = {
		.trigger.kind = TTLOG_TRIGGER_REQUEST,
		.trigger.uid = __kuid_val(current_euid()),
		.trigger.pid = task_tgid_nr(current),
		.trigger.time = ktime_get_ns(),
		.trigger.count = 1,
	};
	int ret;

	if (!ttlog_trigger_reason(request->reason) || !request->timeout_ms ||
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

static struct waiter *oldest_waiting(void)
{
	struct waiter *w;

	list_for_each_entry(w, &waiters, list)
		if (!w->taken)
			return w;
	return NULL;
}

/**
 * ttlog_request_waits() - is there one to take?
 *
 * Context: task, under ttlog_trigger_lock.
 * Return: true if there is.
 */
bool ttlog_request_waits(void)
{
	return oldest_waiting();
}

/**
 * ttlog_request_take() - hand the oldest request to the helper
 * @trigger: filled in
 *
 * Context: task, under ttlog_trigger_lock.
 * Return: false if none waits.
 */
bool ttlog_request_take(struct ttlog_trigger *trigger)
{
	struct waiter *w = oldest_waiting();

	if (!w)
		return false;
	w->taken = true;
	*trigger = w->trigger;
	return true;
}

/**
 * ttlog_request_done() - a taken request is served
 * @id: of the trigger
 * @error: 0, or the negative errno with which the helper gave up
 * @path: of the file, kmalloc()ed; taken over
 *
 * Context: task, under ttlog_trigger_lock.
 * Return: false if no taken request has this id; @path is still the caller's.
 */
bool ttlog_request_done(u64 id, int error, char *path)
{
	struct waiter *w;

	list_for_each_entry(w, &waiters, list) {
		if (!w->taken || w->trigger.id != id)
			continue;
		finish(w, error, path);
		return true;
	}
	return false;
}

/**
 * ttlog_request_end_all() - the helper is gone: nobody is left to wait for
 *
 * Context: task, under ttlog_trigger_lock.
 */
void ttlog_request_end_all(void)
{
	struct waiter *w, *next;

	list_for_each_entry_safe(w, next, &waiters, list)
		finish(w, -ESRCH, NULL);
}
