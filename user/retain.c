// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time is bounded, as memory is: where very many files are to go, it is some with each
 * new one.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "retain.h"
#include "snapname.h"
#include "survey.h"

/* Readings for one new file, of each that has limits. */
#define READINGS	8

/**
 * struct bound - limits, and what they are of
 * @limits: them
 * @share: the files
 * @missing: bytes that are to become free
 */
struct bound {
	const struct limits *limits;
	struct share *share;
	uint64_t missing;
};

static bool too_many(const struct bound *bound)
{
	return bound->limits->files && bound->share->files > bound->limits->files;
}

static bool too_large(const struct bound *bound)
{
	return bound->limits->bytes && bound->share->bytes > bound->limits->bytes;
}

static bool too_much(const struct bound *bound)
{
	return too_many(bound) || too_large(bound) || bound->missing;
}

static bool is_over(const struct bound *bound)
{
	return bound->share->expired || too_much(bound);
}

/* Who fills the disk doesn't remove evidence by that. */
static bool is_to_go(const struct bound *bound, const struct candidate *file)
{
	return file->expired || too_many(bound) || too_large(bound) ||
	       (bound->missing && file->rank != RANK_EVIDENCE);
}

static const char *why(const struct bound *bound,
		       const struct candidate *candidate)
{
	if (candidate->expired)
		return "older than keep_age";
	if (too_many(bound))
		return "over keep_files";
	return too_large(bound) ? "over keep_bytes" : "keep_free";
}

static int remove_one(const struct survey *survey, const char *folder,
		      const char *name, const char *reason, const char *because)
{
	const char *of = *reason ? " of " : "";
	int err;

	if (!unlinkat(survey->dir, name, 0)) {
		warnx("%s/%s is removed: %s%s%s", folder, name, because, of,
		      reason);
		return 0;
	}
	err = -errno;
	/* Somebody else was faster? */
	if (err != -ENOENT)
		warn("cannot remove %s/%s, which is to go: %s%s%s", folder, name,
		     because, of, reason);
	return err == -ENOENT ? 0 : err;
}

static void gone(struct survey *survey, struct bound *bound,
		 const struct candidate *candidate)
{
	survey_gone(survey, candidate);
	bound->missing -= bound->missing < candidate->size ? bound->missing :
							     candidate->size;
}

/*
 * Remove what one reading found. One that may not be removed (it is immutable, say)
 * is no reason to keep those that come after it. Returns false if there was none to
 * try, or no sense in that.
 */
static bool reduce(struct survey *survey, struct bound *bound,
		   const char *folder, const char *because)
{
	const struct candidate *file = survey->first;
	const char *reason = bound->limits->reason;
	bool any = false;
	int err;

	for (; file < survey->first + survey->nr; file++) {
		if (!is_to_go(bound, file))
			break;
		err = remove_one(survey, folder, file->name, reason,
				 because ? because : why(bound, file));
		if (err && err != -EPERM)
			break;
		any = true;
		if (err)
			survey->stuck = *file;
		else
			gone(survey, bound, file);
	}
	return any;
}

static int look(struct survey *survey, DIR *list, const char *folder)
{
	int err = survey_look(survey, list);

	if (err) {
		errno = -err;
		warn("cannot read the folder %s", folder);
	}
	return err;
}

/* Those of timers are looked for first: then no file needs to be opened. */
static void reduce_to(struct survey *survey, struct bound *bound, DIR *list,
		      const char *folder)
{
	const char *reason = bound->share->reason;
	int i;

	survey->of = bound->share;
	survey->all = bound->share->expired || (reason && !snapname_of_timer(reason));
	survey->stuck.name[0] = '\0';
	for (i = 0; i < READINGS; i++) {
		/* What could not be looked at before is counted when it can be. */
		if (look(survey, list, folder) || !is_over(bound))
			return;
		if (reduce(survey, bound, folder, NULL))
			continue;
		if (survey->all)
			return;
		survey->all = true;
	}
}

static DIR *open_list(struct survey *survey, const char *folder)
{
	DIR *list = opendir(folder);

	if (list)
		survey->dir = dirfd(list);
	else
		warn("cannot read the folder %s", folder);
	return list;
}

/* How much is to become free, of what who isn't root has. */
static uint64_t missing(const struct retention *keep, int dir,
			const char *folder)
{
	struct statvfs fs;
	uint64_t have, want;

	if (!keep->free)
		return 0;
	if (fstatvfs(dir, &fs)) {
		warn("cannot ask how much is free in %s", folder);
		return 0;
	}
	have = (uint64_t)fs.f_bavail * fs.f_frsize;
	want = keep->per_cent ?
	       (uint64_t)fs.f_blocks * fs.f_frsize / 100 * keep->free : keep->free;
	return want > have ? want - have : 0;
}

static void set_bound(struct bound *bound, const struct limits *limits,
		      struct share *share)
{
	*share = (struct share) {
		.reason = *limits->reason ? limits->reason : NULL,
		.age = limits->age,
	};
	*bound = (struct bound) { .limits = limits, .share = share };
}

/* What the files of each reason lose may do for all. */
static void reduce_all(struct survey *survey, DIR *list, const char *folder,
		       const struct retention *keep)
{
	struct share shares[RETAIN_REASONS + 1];
	struct bound bounds[RETAIN_REASONS + 1];
	size_t i, nr = keep->nr_reasons;

	for (i = 0; i < nr; i++)
		set_bound(&bounds[i], &keep->reasons[i], &shares[i]);
	set_bound(&bounds[nr], &keep->all, &shares[nr]);
	bounds[nr].missing = missing(keep, survey->dir, folder);
	survey->shares = shares;
	survey->nr_shares = nr + 1;
	survey->of = &shares[nr];
	if (look(survey, list, folder))
		return;
	for (i = 0; i <= nr; i++) {
		if (is_over(&bounds[i]))
			reduce_to(survey, &bounds[i], list, folder);
	}
}

static bool is_limit(const struct limits *limits)
{
	return limits->files || limits->bytes || limits->age;
}

bool retain_any(const struct retention *keep)
{
	return is_limit(&keep->all) || keep->free;
}

bool retain_in_time(const struct retention *keep)
{
	bool ages = keep->all.age;
	size_t i;

	for (i = 0; i < keep->nr_reasons; i++)
		ages = ages || keep->reasons[i].age;
	return ages || keep->free;
}

void retain(const char *folder, const struct retention *keep,
	    const char *newest)
{
	struct survey survey = { .newest = newest };
	DIR *list;

	if (!retain_any(keep) && !keep->nr_reasons)
		return;
	list = open_list(&survey, folder);
	if (!list)
		return;
	reduce_all(&survey, list, folder, keep);
	closedir(list);
}

/* Are those that were noted worth as much? */
static bool suffice(const struct survey *survey, uint64_t bytes)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < survey->nr; i++)
		sum += survey->first[i].size;
	return sum >= bytes;
}

bool retain_make_room(const char *folder, uint64_t bytes)
{
	static const struct limits none;
	struct share share = { 0 };
	struct survey survey = { .shares = &share, .nr_shares = 1, .of = &share };
	struct bound bound = { .limits = &none, .share = &share, .missing = bytes };
	DIR *list = open_list(&survey, folder);

	if (!list)
		return false;
	if (!survey_look(&survey, list) && suffice(&survey, bytes))
		reduce(&survey, &bound, folder, "in the way of evidence");
	closedir(list);
	return !bound.missing;
}
