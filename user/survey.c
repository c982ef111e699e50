// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "evidence.h"
#include "snapname.h"
#include "survey.h"
#include "watchdog.h"

/*
 * Before there were any recorders: what has such a time in its name was written by a
 * machine that didn't know it, so that nobody knows how old it is.
 */
#define KNOWN_SINCE	"20200101000000"

/* These reasons are kept for evidence, but who asks for a snapshot may give them. */
static bool named_evidence(const char *reason)
{
	return !strcmp(reason, "oops") || !strcmp(reason, "panic") ||
	       !strcmp(reason, "reset");
}

/* What a storm of events, or of hits, makes, unless somebody gave it another name. */
static bool named_automatic(const char *reason)
{
	return !strcmp(reason, "level") || !strcmp(reason, "probe");
}

/* Whether an "oops" is one, the file knows. One that can't be read now may be one. */
static enum rank rank_of(int dir, const char *name, const char *reason)
{
	if (snapname_of_timer(reason))
		return RANK_TIMER;
	if (named_evidence(reason) && evidence_is(dir, name, reason) != 0)
		return RANK_EVIDENCE;
	return named_automatic(reason) ? RANK_AUTOMATIC : RANK_ASKED;
}

/* Was it, so many seconds ago, before that time? */
static bool is_before(uint64_t ago, const char *stamp)
{
	char then[SNAPSHOT_STAMP];
	struct timespec clock;

	clock_gettime(CLOCK_REALTIME, &clock);
	if ((uint64_t)clock.tv_sec < ago)
		return true;
	snapshot_stamp(then, (clock.tv_sec - ago) * NSEC_PER_SEC);
	return strcmp(then, stamp) < 0;
}

/*
 * Such a stamp is of a clock that was wrong. By it the file would be the newest until
 * that time comes, and each file that is written until then the first to go. To be asked
 * after its name was read: what somebody finishes meanwhile isn't ahead.
 */
static bool is_ahead(const char *stamp)
{
	return is_before(0, stamp);
}

/* That many seconds ago or earlier? */
static bool is_expired(const char *stamp, uint64_t age)
{
	return age && strcmp(stamp, KNOWN_SINCE) >= 0 && !is_before(age, stamp);
}

static bool before(const struct candidate *a, const struct candidate *b)
{
	int order = strcmp(a->stamp, b->stamp);

	if (a->expired != b->expired)
		return a->expired;
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
	if (i == SURVEY_NOTED)
		return;
	if (survey->nr < SURVEY_NOTED)
		survey->nr++;
	memmove(&first[i + 1], &first[i],
		(survey->nr - i - 1) * sizeof(*first));
	first[i] = *candidate;
}

static bool covers(const struct share *share, const char *reason)
{
	return !share->reason || !strcmp(share->reason, reason);
}

static void count(struct survey *survey, const struct candidate *file,
		  bool newest)
{
	struct share *share;

	for (share = survey->shares;
	     share < survey->shares + survey->nr_shares; share++) {
		if (!covers(share, file->reason))
			continue;
		share->files++;
		share->bytes += file->size;
		share->expired += !newest && is_expired(file->stamp, share->age);
	}
}

void survey_gone(struct survey *survey, const struct candidate *candidate)
{
	struct share *share;

	for (share = survey->shares;
	     share < survey->shares + survey->nr_shares; share++) {
		if (!covers(share, candidate->reason))
			continue;
		share->files--;
		share->bytes -= candidate->size;
		/* It may have become so just now. */
		if (share->expired && is_expired(candidate->stamp, share->age))
			share->expired--;
	}
}

static void look_at(struct survey *survey, const char *name)
{
	bool newest = survey->newest && !strcmp(name, survey->newest);
	struct candidate file;
	struct snapname parts;
	struct stat st;

	if (!snapname_parse(name, &parts) ||
	    fstatat(survey->dir, name, &st, AT_SYMLINK_NOFOLLOW) ||
	    !S_ISREG(st.st_mode) || st.st_uid != geteuid())
		return;
	strcpy(file.stamp, parts.stamp);
	strcpy(file.reason, parts.reason);
	file.size = st.st_size;
	count(survey, &file, newest);
	if (newest || !covers(survey->of, file.reason) ||
	    (!survey->all && !snapname_of_timer(file.reason)))
		return;
	file.expired = is_expired(file.stamp, survey->of->age);
	file.rank = rank_of(survey->dir, name, file.reason);
	file.ahead = is_ahead(file.stamp);
	file.mtime = st.st_mtim.tv_sec * NSEC_PER_SEC + st.st_mtim.tv_nsec;
	snprintf(file.name, sizeof(file.name), "%s", name);
	if (!*survey->stuck.name || before(&survey->stuck, &file))
		note(survey, &file);
}

int survey_look(struct survey *survey, DIR *list)
{
	struct dirent *entry;
	size_t i;

	for (i = 0; i < survey->nr_shares; i++) {
		survey->shares[i].files = 0;
		survey->shares[i].bytes = 0;
		survey->shares[i].expired = 0;
	}
	survey->nr = 0;
	rewinddir(list);
	while (errno = 0, (entry = readdir(list))) {
		watchdog_alive();
		look_at(survey, entry->d_name);
	}
	return -errno;
}
