// SPDX-License-Identifier: GPL-2.0-only
/* What the helper tells the module of a trigger, and how often it writes one. */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "describe.h"
#include "folder.h"
#include "hold.h"
#include "said.h"
#include "save.h"
#include "serve.h"
#include "tap.h"

static struct ttlog_trigger next;
static struct ttlog_done answer;
static int nr_answers, nr_written, done_fails, read_fails, save_fails, put_fails;
static int retained;

int __wrap_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...)
{
	void *arg;
	va_list args;

	(void)fd;
	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	if (request == TTLOG_IOC_TAKE) {
		*(struct ttlog_trigger *)arg = next;
		return 0;
	}
	answer = *(struct ttlog_done *)arg;
	nr_answers++;
	errno = done_fails;
	return done_fails ? -1 : 0;
}

int device_read(struct device *device, const struct wanted *wanted,
		struct contents *contents)
{
	(void)device;
	(void)wanted;
	(void)contents;
	return read_fails ? EXIT_OTHER : EXIT_OK;
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

int stash_put(struct stash *stash, const struct snapshot *snapshot,
	      uint32_t kind, uint64_t limit)
{
	(void)kind;
	(void)limit;
	if (put_fails)
		return -put_fails;
	stash->fd = 4711;
	strcpy(stash->reason, snapshot->reason);
	return 0;
}

int save_open(struct helper *helper, struct snapfile *file)
{
	(void)helper;
	strcpy(file->path, "/there");
	return 0;
}

int save_commit(struct helper *helper, struct snapfile *file,
		const struct snapshot *snapshot, int err)
{
	(void)helper;
	(void)file;
	(void)snapshot;
	nr_written++;
	return save_fails ? -save_fails : err;
}

/* How often others go for the file when it is told of. */
void save_retain(const struct helper *helper)
{
	(void)helper;
	retained += nr_answers == 1;
}

/* Serve one with this id; DONE gives an error, or 0. */
static void serve(struct helper *helper, uint64_t id, int error)
{
	int status = 0;

	next.id = id;
	done_fails = error;
	nr_written = 0;
	nr_answers = 0;
	*said = '\0';
	serve_next(helper, &status);
}

static void late(struct helper *helper)
{
	serve(helper, 1, ENOENT);
	tap_ok(retained == 1, "others go for the file, when it is told of");
	tap_ok(nr_written == 1 && nr_answers == 1 && answer.id == 1 && !answer.error,
	       "written when the module had given it to others already");
	serve(helper, 2, 0);
	tap_ok(nr_written == 0 && nr_answers == 1 && answer.id == 2,
	       "given out again: it isn't written again, and done");
	next.flags = TTLOG_TRIGGER_HELD;
	serve(helper, 3, 0);
	tap_ok(nr_written == 1, "but where the rings are held for it");
	next.flags = 0;
	next.time++;
	serve(helper, 4, 0);
	tap_ok(nr_written == 1 && answer.id == 4, "a later one of its reason is");
	next.kind = TTLOG_TRIGGER_REQUEST;
	serve(helper, 5, ENOENT);
	serve(helper, 6, 0);
	tap_ok(nr_written == 1, "and one more request");
}

static void unread(struct helper *helper)
{
	read_fails = 1;
	serve(helper, 7, 0);
	tap_ok(nr_answers == 1 && answer.error == EIO,
	       "rings that can't be read: who made a request is told");
	next.kind = TTLOG_TRIGGER_OOPS;
	serve(helper, 8, 0);
	tap_ok(nr_answers == 0 &&
	       said_just("the snapshot 'oops' could not be read and will be tried again\n"),
	       "an oops isn't done, as is said");
	read_fails = 0;
	serve(helper, 9, 0);
	tap_ok(nr_written == 1 && nr_answers == 1 && answer.id == 9 && !answer.error,
	       "and is when they can be read");
}

static void kept(struct helper *helper)
{
	next.kind = TTLOG_TRIGGER_OOPS;
	save_fails = ENOSPC;
	serve(helper, 10, 0);
	tap_ok(said_just("the snapshot 'oops' is kept in memory and will be tried again\n"),
	       "can't be written: kept, as is said");
	strcpy(next.reason, "again");
	serve(helper, 11, 0);
	tap_ok(said_just("the snapshot 'oops' is lost: a newer one takes its place in memory\n"
			 "the snapshot 'again' is kept in memory and will be tried again\n"),
	       "another one: the first is lost, as is said");
}

/* Could not be written for so long that the module gave it out again meanwhile. */
static void too_long(struct helper *helper)
{
	next.kind = TTLOG_TRIGGER_OOPS;
	next.time++;
	save_fails = ENOSPC;
	put_fails = ENOMEM;
	serve(helper, 30, ENOENT);
	tap_ok(said_just("the snapshot 'again' is lost: cannot keep it in memory: "
			 "Cannot allocate memory\n"),
	       "neither written nor kept, as is said");
	save_fails = 0;
	serve(helper, 31, 0);
	tap_ok(nr_written == 1 && answer.id == 31 && !answer.error,
	       "if that wasn't in time it is written when it comes again");
	next.time++;
	save_fails = ENOSPC;
	put_fails = 0;
	serve(helper, 32, ENOENT);
	save_fails = 0;
	serve(helper, 33, 0);
	tap_ok(nr_written == 0 && answer.id == 33 && answer.error == EALREADY,
	       "but kept: it isn't written again");
}

/* What a requester takes for a word of the module's own. */
static void errors(struct helper *helper)
{
	static const struct { int fails, told; } list[] = {
		{ ETIMEDOUT, EIO }, { EAGAIN, EIO }, { EINTR, EIO },
		{ ESRCH, EIO }, { ENAMETOOLONG, EIO }, { ENOSPC, ENOSPC },
		{ EACCES, EACCES }, { EROFS, EROFS },
	};
	size_t i;

	next.kind = TTLOG_TRIGGER_REQUEST;
	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		save_fails = list[i].fails;
		serve(helper, 12 + i, 0);
		tap_ok(nr_answers == 1 && answer.error == (uint32_t)list[i].told,
		       "a request fails with %s: told %s",
		       strerror(list[i].fails), strerror(list[i].told));
	}
}

int main(void)
{
	struct helper helper = { .stash = STASH_NONE };

	next = (struct ttlog_trigger){
		.kind = TTLOG_TRIGGER_OOPS, .time = 4711, .reason = "oops",
		.count = 1,
	};
	late(&helper);
	unread(&helper);
	errors(&helper);
	kept(&helper);
	too_long(&helper);
	return tap_done();
}
