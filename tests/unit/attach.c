// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a helper makes of the file that the last one may have finished, and of what an
 * earlier boot left, and when.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#include "cookie.h"
#include "describe.h"
#include "folder.h"
#include "previous.h"
#include "retain.h"
#include "save.h"
#include "serve.h"
#include "tap.h"
#include "timer.h"

#define STEM	"ttlog-1-20261101000000-timer"

/**
 * struct module - what it holds, and what it was told
 */
static struct module {
	bool prepared;
	uint8_t cookie[COOKIE_SIZE];
	int committed;
	int discarded;
} module, at_poll;

static struct reader_ring ring;
static int nr_waiting, nr_served, ends_after, serve_status;

/**
 * struct previous - how what an earlier boot left is saved
 * @fails: so many times it is not
 * @asked: calls
 * @waits: of these, how many may wait
 * @first: nothing had been decided or served at the first call
 * @patience: that the helper had when it waited, ms
 * @passed: since the beginning, ms
 */
static struct previous {
	int fails;
	int asked;
	int waits;
	bool first;
	int patience;
	int64_t passed;
} previous;

/* Files grow old; how often they were looked at; how often until it is told to end. */
static bool in_time;
static int nr_retained, nr_wakes;
#define LOOKS	4

int __real_clock_gettime(clockid_t id, struct timespec *ts);
int __wrap_clock_gettime(clockid_t id, struct timespec *ts);
int __wrap_clock_gettime(clockid_t id, struct timespec *ts)
{
	int ret = __real_clock_gettime(id, ts);

	ts->tv_sec += previous.passed / 1000;
	return ret;
}

int __wrap_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...)
{
	struct ttlog_progress *progress;
	va_list args;

	(void)fd;
	va_start(args, request);
	progress = va_arg(args, void *);
	va_end(args);
	if (request != TTLOG_IOC_PROGRESS)
		return 0;
	if (progress->op == TTLOG_PROGRESS_READ) {
		progress->nr = 0;
		progress->prepared = module.prepared;
		memcpy(progress->cookie, module.cookie, COOKIE_SIZE);
		return 0;
	}
	module.prepared = false;
	module.committed += progress->op == TTLOG_PROGRESS_COMMIT;
	module.discarded += progress->op == TTLOG_PROGRESS_DISCARD;
	return 0;
}

/*
 * It waits for the first time: the file goes away, and a signal comes. Before that time
 * passes, while what an earlier boot left could not be saved.
 */
int __wrap_poll(struct pollfd *fds, nfds_t nr, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t nr, int timeout)
{
	nfds_t i;

	if (!timeout)
		return nr_waiting > 0;
	if (!previous.passed)
		at_poll = module;
	for (i = 0; i < nr; i++)
		fds[i].revents = 0;
	previous.patience = timeout;
	/* Something else wakes it at first. */
	if (in_time && !nr_wakes++)
		return 0;
	if (timeout > 0 && nr_retained < LOOKS) {
		previous.passed += timeout + 1000;
		return 0;
	}
	empty_folder();
	raise(SIGTERM);
	fds[nr - 1].revents = POLLIN;
	return 1;
}

int device_read(struct device *device, const struct wanted *wanted,
		struct contents *contents)
{
	(void)device;
	(void)wanted;
	contents->rings = &ring;
	contents->nr = 1;
	return EXIT_OK;
}

int device_failed(const char *doing)
{
	(void)doing;
	return EXIT_OTHER;
}

void contents_free(struct contents *contents)
{
	(void)contents;
}

int describe_boot(char *boot_id)
{
	(void)boot_id;
	return EXIT_OK;
}

void describe_host(struct snapshot *snapshot, const char *boot_id)
{
	(void)snapshot;
	(void)boot_id;
}

void describe_contents(struct snapshot *snapshot, const struct device *device,
		       const struct contents *contents)
{
	(void)snapshot;
	(void)device;
	(void)contents;
}

int snapshot_write(const struct snapshot *snapshot, int fd)
{
	(void)snapshot;
	(void)fd;
	return 0;
}

void snapfile_stem(char *to, const struct snapshot *snapshot)
{
	(void)snapshot;
	strcpy(to, STEM);
}

int save_open(struct helper *helper, struct snapfile *file)
{
	(void)helper;
	(void)file;
	return 0;
}

int save_commit(struct helper *helper, struct snapfile *file,
		const struct snapshot *snapshot, int err)
{
	(void)helper;
	(void)file;
	(void)snapshot;
	(void)err;
	return -ENOSPC;
}

void device_close(struct device *device)
{
	(void)device;
}

void save_retain(const struct helper *helper)
{
	nr_retained++;
	(void)helper;
}

bool save_stash(struct helper *helper)
{
	(void)helper;
	return true;
}

bool serve_next(struct helper *helper, int *status)
{
	if (!helper->once || !nr_waiting)
		return false;
	nr_waiting--;
	*status = serve_status;
	if (++nr_served == ends_after)
		raise(SIGTERM);
	return true;
}

int previous_save(struct helper *helper, bool wait)
{
	(void)helper;
	if (!previous.asked)
		previous.first = !module.committed && !module.discarded && !nr_served;
	previous.waits += wait;
	return previous.asked++ < previous.fails ? EXIT_DISK_FULL : EXIT_OK;
}

bool retain_any(const struct retention *keep)
{
	(void)keep;
	return false;
}

bool retain_in_time(const struct retention *keep)
{
	(void)keep;
	return in_time;
}

int orders_take(struct orders *orders, struct helper *helper)
{
	(void)orders;
	(void)helper;
	return EXIT_OK;
}

void orders_enforce(const struct orders *orders, const struct device *device)
{
	(void)orders;
	(void)device;
}

void stash_drop(struct stash *stash)
{
	(void)stash;
}

/* For run() and once(). */
static int left_fails;

/* A file that was prepared and may have got its name. Returns the helper's status. */
static int run(const char *name, const char *where)
{
	struct helper helper = { .stash = STASH_NONE, .folder = where };
	int fd = open(in_folder(name), O_RDWR | O_CREAT | O_EXCL, 0600);

	if (write(fd, "a snapshot", 10) != 10)
		perror(name);
	memset(&module, 0, sizeof(module));
	memset(&previous, 0, sizeof(previous));
	nr_served = 0;
	nr_retained = 0;
	previous.fails = left_fails;
	module.prepared = !cookie_make(module.cookie, fd, STEM);
	close(fd);
	helper.device.info.nr_cpus = 1;
	helper.device.info.nr_channels = TTLOG_NR_CHANNELS;
	return helper_run(&helper);
}

static void settled(void)
{
	int status = run(STEM ".bin", folder);

	tap_ok(!status && at_poll.committed == 1 && !at_poll.discarded,
	       "finished: said so before anything is waited for");
	tap_ok(module.committed == 1 && !module.discarded,
	       "finished: and it stays so when the file is gone");
	status = run("none", folder);
	tap_ok(!status && !at_poll.committed && at_poll.discarded == 1,
	       "not finished: likewise");
	status = run(STEM ".bin", "/dev/null");
	tap_ok(status && at_poll.prepared && module.prepared,
	       "a folder that can't be looked into: nothing is decided");
}

/* Also where no file is written. */
static void each_hour(void)
{
	tap_ok(!run("none", folder) && !nr_retained,
	       "no file grows too old: none is looked at");
	in_time = true;
	tap_ok(!run("none", folder) && nr_retained == LOOKS &&
	       previous.passed / 1000 == (LOOKS - 1) * 3601 &&
	       previous.patience <= 3600000 && previous.patience > 3590000,
	       "else they are at the start and then each hour");
	tap_ok(nr_wakes == LOOKS + 1, "whatever wakes it before");
	in_time = false;
}

static void full(void)
{
	ring.to = 1;
	tap_ok(run("none", folder) == EXIT_DISK_FULL,
	       "a timer snapshot that can't be written is an error at the end");
}

/* Serve @waiting triggers; after so many it is told to end. Returns its status. */
static int once(int waiting, int after)
{
	struct helper helper = { .stash = STASH_NONE, .once = true };
	sigset_t pending;
	int signal;

	nr_waiting = waiting;
	nr_served = 0;
	memset(&module, 0, sizeof(module));
	memset(&previous, 0, sizeof(previous));
	previous.fails = left_fails;
	ends_after = after;
	if (!after)
		raise(SIGTERM);
	waiting = helper_once(&helper);
	sigpending(&pending);
	if (sigismember(&pending, SIGTERM))
		sigwait(&pending, &signal);
	return waiting;
}

static void told_to_end(void)
{
	tap_ok(once(3, -1) == EXIT_OK && nr_served == 3, "once: all that wait");
	tap_ok(once(3, 2) == EXIT_OTHER && nr_served == 2,
	       "once, told to end: what waits is left");
	tap_ok(once(2, 2) == EXIT_OK && nr_served == 2,
	       "once, told to end with the last: that was all");
	tap_ok(once(2, 0) == EXIT_OTHER && nr_served == 0,
	       "once, told to end before the first: none");
	tap_ok(once(0, 0) == EXIT_OK, "once, told to end, nothing waits");
	serve_status = EXIT_FOLDER;
	tap_ok(once(2, 1) == EXIT_FOLDER && nr_served == 1,
	       "once, told to end: what failed before is what counts");
}

static void left_by_earlier_boot(void)
{
	int status = run("none", folder);

	tap_ok(!status && previous.asked == 1 && previous.waits == 1 && previous.first &&
	       previous.patience == -1, "what an earlier boot left comes first, and once");
	left_fails = 3;
	status = run("none", folder);
	tap_ok(!status && previous.asked == 4 && previous.waits == 1 && previous.first &&
	       previous.patience == -1 && previous.passed >= 30000 &&
	       previous.passed < 40000,
	       "where it can't be saved it is tried again after 10 s, and nobody waits for it");
	left_fails = 1;
	tap_ok(once(3, -1) == EXIT_DISK_FULL && nr_served == 3 && previous.asked == 1 &&
	       previous.waits == 1 && !previous.first,
	       "once: what waits comes first; that the other can't be saved is said");
	left_fails = 0;
	tap_ok(once(3, -1) == EXIT_OK && nr_served == 3 && previous.asked == 1,
	       "once: it is saved");
}

int main(void)
{
	strcpy(folder, "/tmp/ttlog-test-XXXXXX");
	if (!mkdtemp(folder))
		return 1;
	settled();
	left_by_earlier_boot();
	each_hour();
	full();
	told_to_end();
	rmdir(folder);
	return tap_done();
}
