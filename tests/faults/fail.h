/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Failures on demand: the Nth time that the recorder asks for memory is refused, or that
 * the kernel does on the way, or copies from or to user space.
 */
#ifndef TTLOG_FAIL_H
#define TTLOG_FAIL_H

#include <stdlib.h>
#include "../kmod/ttlog_test.h"

#define REFUSE	"/sys/module/refuse/parameters/"

/* Ways in which an operation may end, beside success. */
#define NR_ERRNOS	160

/**
 * struct outcome - how an operation ended, over all of its failures
 * @chances: calls that may fail, each of which was let fail once
 * @unharmed: it succeeded all the same
 * @failed: it didn't, by errno
 */
struct outcome {
	unsigned int chances;
	unsigned int unharmed;
	unsigned int failed[NR_ERRNOS];
};

static inline bool fail_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool good;

	if (fd < 0)
		return false;
	good = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return good;
}

/* All that may fail does, and says nothing of it. */
static inline bool fail_prepare(void)
{
	static const char * const parts[] = {
		"failslab", "fail_page_alloc", "fail_usercopy",
	};
	char path[80];
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s/verbose", parts[i]);
		if (!fail_write(path, "0"))
			return false;
	}
	return fail_write("/sys/kernel/debug/failslab/ignore-gfp-wait", "N") &&
	       fail_write("/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N") &&
	       fail_write("/sys/kernel/debug/fail_page_alloc/ignore-gfp-highmem", "N") &&
	       fail_write("/sys/kernel/debug/fail_page_alloc/min-order", "0");
}

static inline int fail_file(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = open("/proc/self/fail-nth", O_RDWR | O_CLOEXEC);
	return fd;
}

/* Let the nth from now on fail; 0: none. What asks for it may be what fails. */
static inline void fail_nth(unsigned int n)
{
	char text[16];
	int len = sprintf(text, "%u", n);

	while (pwrite(fail_file(), text, len, 0) != len)
		;
}

/* Has it failed meanwhile? Reading that is a chance itself. */
static inline bool fail_done(void)
{
	char text[16] = "";
	bool done = pread(fail_file(), text, sizeof(text) - 1, 0) > 0 &&
		    !atoi(text);

	fail_nth(0);
	return done;
}

/* As fail_nth() and fail_done(), for what the recorder asks for itself. */
static inline void fail_own(unsigned int n)
{
	char text[16];

	sprintf(text, "%u", n);
	fail_write(REFUSE "own", text);
}

static inline bool fail_own_done(void)
{
	char text[16] = "";
	int fd = open(REFUSE "own", O_RDONLY | O_CLOEXEC);
	bool done = read(fd, text, sizeof(text) - 1) > 0 && !atoi(text);

	close(fd);
	fail_own(0);
	return done;
}

/**
 * struct way - a way to let something fail
 * @begin: let the nth fail
 * @done: did it? And let no other fail
 */
struct way {
	void (*begin)(unsigned int n);
	bool (*done)(void);
};

static const struct way fail_way = { fail_nth, fail_done };
static const struct way fail_way_own = { fail_own, fail_own_done };

/**
 * fail_each() - let each chance of an operation fail, one at a time
 * @o: what came of it is added
 * @way: whose chances
 * @first: from this one on
 * @op: does it, and undoes it where it succeeded; 0 or an errno
 * @after: called after each, with failures off; NULL: nothing
 * @arg: for these
 *
 * Return: what it ended with when nothing failed, after which there was no more.
 */
static inline int fail_each(struct outcome *o, const struct way *way, unsigned int first,
			    int (*op)(void *arg), void (*after)(void *arg, int error),
			    void *arg)
{
	unsigned int n;
	bool failed;
	int error;

	for (n = first;; n++) {
		way->begin(n);
		error = op(arg);
		failed = way->done();
		if (after)
			after(arg, error);
		if (!failed)
			return error;
		o->chances++;
		if (!error)
			o->unharmed++;
		else
			o->failed[error < NR_ERRNOS ? error : 0]++;
	}
}

/* All chances, the recorder's own and then those on the way. */
static inline int fail_all(struct outcome *o, int (*op)(void *arg),
			   void (*after)(void *arg, int error), void *arg)
{
	int error = fail_each(o, &fail_way_own, 1, op, after, arg);

	return fail_each(o, &fail_way, 1, op, after, arg) == error ? error : -1;
}

/* Failures that ended with none of these, a list that ends with 0. */
static inline unsigned int fail_others(const struct outcome *o, const int *expected)
{
	unsigned int others = o->chances - o->unharmed;

	for (; *expected; expected++)
		others -= o->failed[*expected];
	return others;
}

static inline void fail_print(const char *name, const struct outcome *o)
{
	int i;

	fprintf(stderr, "# %-24s %4u chances to fail: %u unharmed", name, o->chances,
		o->unharmed);
	for (i = 0; i < NR_ERRNOS; i++)
		if (o->failed[i])
			fprintf(stderr, ", %u %s", o->failed[i], strerrorname_np(i));
	fprintf(stderr, "\n");
}

#endif
