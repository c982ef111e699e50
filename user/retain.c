// SPDX-License-Identifier: GPL-2.0-only
/*
 * The folder is read as often as it takes, and of each reading the files that are
 * to go first are noted, a fixed number: so memory is bounded, however many files
 * there are. So is time: where very many are to go, it is some with each new file.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "evidence.h"
#include "retain.h"
#include "snapname.h"
#include "snapshot.h"

/* Files that are noted in one reading. */
#define NOTED	32

/* Readings for one new file. */
#define READINGS	8

/* What goes first. */
enum rank {
	RANK_TIMER,
	RANK_OTHER,
	RANK_EVIDENCE,
};

/**
 * struct candidate - a file that may go
 * @rank: lower ones go first
 * @ahead: @stamp is still to come
 * @stamp: when its snapshot was taken, as its name says
 * @mtime: when it was written, ns
 * @size: bytes
 * @name: in the folder
 */
struct candidate {
	enum rank rank;
	bool ahead;
	char stamp[15];
	uint64_t mtime;
	uint64_t size;
	char name[NAME_MAX + 1];
};

/**
 * struct survey - one reading of the folder
 * @dir: the folder
 * @why: files are removed, for messages
 * @newest: what isn't a candidate
 * @all: others go, too, as those of timers didn't do
 * @stuck: the last candidate that could not be removed: only those behind it are
 *	noted; none while its name is empty
 * @total: bytes of all
 * @nr: entries of @first
 * @first: the candidates that go first, in order
 */
struct survey {
	int dir;
	const char *why;
	const char *newest;
	bool all;
	struct candidate stuck;
	uint64_t total;
	size_t nr;
	struct candidate first[NOTED];
};

/* These reasons are kept for evidence, but who asks for a snapshot may give them. */
static bool named_evidence(const char *reason)
{
	return !strcmp(reason, "oops") || !strcmp(reason, "panic") ||
	       !strcmp(reason, "reset");
}

/* Nobody gains by such a name. */
static bool named_timer(const char *reason)
{
	return !strcmp(reason, "timer") || !strcmp(reason, "exit");
}

/* Whether an "oops" is one, the file knows. One that can't be read now may be one. */
static enum rank rank_of(int dir, const char *name, const char *reason)
{
	if (named_timer(reason))
		return RANK_TIMER;
	if (named_evidence(reason) && evidence_is(dir, name, reason) != 0)
		return RANK_EVIDENCE;
	return RANK_OTHER;
}

/*
 * Such a stamp is of a clock that was wrong. By it the file would be the newest until
 * that time comes, and each file that is written until then the first to go. To be asked
 * after its name was read: what somebody finishes meanwhile isn't ahead.
 */
static bool is_ahead(const char *stamp)
{
	char now[SNAPSHOT_STAMP];
	struct timespec clock;

	clock_gettime(CLOCK_REALTIME, &clock);
	snapshot_stamp(now, clock.tv_sec * NSEC_PER_SEC);
	return strcmp(stamp, now) > 0;
}

static bool before(const struct candidate *a, const struct candidate *b)
{
	int order = strcmp(a->stamp, b->stamp);

	if (a->rank != b->rank)
		return a->rank < b->rank;
	if (a->ahead != b->ahead)
		return a->ahead;
	if (order)
		return order < 0;
	if (a->mtime != b->mtime)
		return a->mtime < b->mtime;
	return strcmp(a->name, b->name) < 0;
}

static void note(struct survey *survey, const struct candidate *candidate)
{
	struct candidate *first = survey->first;
	size_t i = survey->nr;

	while (i && before(candidate, &first[i - 1]))
		i--;
	if (i == NOTED)
		return;
	if (survey->nr < NOTED)
		survey->nr++;
	memmove(&first[i + 1], &first[i],
		(survey->nr - i - 1) * sizeof(*first));
	first[i] = *candidate;
}

static void look_at(struct survey *survey, const char *name)
{
	struct candidate candidate;
	struct snapname parts;
	struct stat st;

	if (!snapname_parse(name, &parts) ||
	    fstatat(survey->dir, name, &st, AT_SYMLINK_NOFOLLOW) ||
	    !S_ISREG(st.st_mode) || st.st_uid != geteuid())
		return;
	survey->total += st.st_size;
	if ((survey->newest && !strcmp(name, survey->newest)) ||
	    (!survey->all && !named_timer(parts.reason)))
		return;
	candidate.rank = rank_of(survey->dir, name, parts.reason);
	strcpy(candidate.stamp, parts.stamp);
	candidate.ahead = is_ahead(candidate.stamp);
	candidate.mtime = st.st_mtim.tv_sec * UINT64_C(1000000000) +
			  st.st_mtim.tv_nsec;
	candidate.size = st.st_size;
	snprintf(candidate.name, sizeof(candidate.name), "%s", name);
	if (!*survey->stuck.name || before(&survey->stuck, &candidate))
		note(survey, &candidate);
}

static int look(struct survey *survey, DIR *list)
{
	struct dirent *entry;

	survey->total = 0;
	survey->nr = 0;
	rewinddir(list);
	while (errno = 0, (entry = readdir(list)))
		look_at(survey, entry->d_name);
	return errno;
}

static int remove_one(const struct survey *survey, const char *folder,
		      const char *name)
{
	int err;

	if (!unlinkat(survey->dir, name, 0)) {
		warnx("%s/%s is removed: %s", folder, name, survey->why);
		return 0;
	}
	err = -errno;
	/* Somebody else was faster? */
	if (err != -ENOENT)
		warn("cannot remove %s/%s, which is %s", folder, name,
		     survey->why);
	return err == -ENOENT ? 0 : err;
}

/*
 * Remove what one reading found. One that may not be removed (it is immutable, say)
 * is no reason to keep those that come after it. Returns false if there was none to
 * try, or no sense in that.
 */
static bool reduce(struct survey *survey, const char *folder, uint64_t keep)
{
	bool any = false;
	size_t i;
	int err;

	for (i = 0; i < survey->nr && survey->total > keep; i++) {
		err = remove_one(survey, folder, survey->first[i].name);
		if (err && err != -EPERM)
			break;
		any = true;
		if (err)
			survey->stuck = survey->first[i];
		else
			survey->total -= survey->first[i].size;
	}
	return any;
}

static void reduce_to(struct survey *survey, DIR *list, const char *folder,
		      uint64_t keep)
{
	int i;

	for (i = 0; i < READINGS; i++) {
		errno = look(survey, list);
		if (errno) {
			warn("cannot read the folder %s", folder);
			return;
		}
		if (survey->total <= keep)
			return;
		if (reduce(survey, folder, keep))
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

void retain(const char *folder, uint64_t keep, const char *newest)
{
	struct survey survey = { .why = "over --keep", .newest = newest };
	DIR *list;

	if (!keep)
		return;
	list = open_list(&survey, folder);
	if (!list)
		return;
	reduce_to(&survey, list, folder, keep);
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

/* As if that many bytes less than there are were to be kept. */
bool retain_make_room(const char *folder, uint64_t bytes)
{
	struct survey survey = { .why = "in the way of evidence" };
	DIR *list = open_list(&survey, folder);
	uint64_t keep;
	bool made = false;

	if (!list)
		return false;
	if (!look(&survey, list) && suffice(&survey, bytes)) {
		keep = survey.total - bytes;
		reduce(&survey, folder, keep);
		made = survey.total <= keep;
	}
	closedir(list);
	return made;
}
