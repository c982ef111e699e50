// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file is text: what it says of all, then a line for each trigger and reason. It is
 * replaced as a whole. A helper and the one-shot may both add to it, under a lock that
 * nobody waits for: at worst one file more isn't counted.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "counts.h"
#include "snapname.h"

#define FILE_MAX	32768	/* bytes, and more than COUNTS_MAX lines can have */
#define HEAD		"ttlog counts 1\n"
#define REQUESTS_MAX	16	/* reasons */
#define REASONS_MAX	64	/* of one trigger */
/* Room is left for COUNTS_OTHER of each trigger. */
#define OWN_MAX		(COUNTS_MAX - 8)

static struct count *find(struct counts *counts, const char *trigger,
			  const char *reason)
{
	size_t i;

	for (i = 0; i < counts->nr; i++) {
		if (!strcmp(counts->of[i].trigger, trigger) &&
		    !strcmp(counts->of[i].reason, reason))
			return &counts->of[i];
	}
	return NULL;
}

static struct count *add(struct counts *counts, const char *trigger,
			 const char *reason)
{
	struct count *count = &counts->of[counts->nr];

	if (counts->nr == COUNTS_MAX)
		return NULL;
	counts->nr++;
	memset(count, 0, sizeof(*count));
	snprintf(count->trigger, sizeof(count->trigger), "%s", trigger);
	snprintf(count->reason, sizeof(count->reason), "%s", reason);
	return count;
}

static bool has_room(const struct counts *counts, const char *trigger)
{
	size_t most = strcmp(trigger, "request") ? REASONS_MAX : REQUESTS_MAX;
	size_t i, nr = 0;

	for (i = 0; i < counts->nr; i++)
		nr += !strcmp(counts->of[i].trigger, trigger);
	return nr < most && counts->nr < OWN_MAX;
}

struct count *counts_find(struct counts *counts, const char *trigger,
			  const char *reason)
{
	struct count *count = find(counts, trigger, reason);

	if (!count && has_room(counts, trigger))
		count = add(counts, trigger, reason);
	if (!count)
		count = find(counts, trigger, COUNTS_OTHER);
	return count ?: add(counts, trigger, COUNTS_OTHER);
}

/* Returns the length of the text, which has FILE_MAX bytes. */
static ssize_t format(const struct counts *counts, char *text)
{
	const char *end = text + FILE_MAX;
	const struct count *c;
	char *to = text;
	int i;

	to += snprintf(to, end - to, HEAD "failed %" PRIu64 " %" PRIu64 "\noverwritten",
		       counts->failed, counts->in_a_row);
	for (i = 0; i < TTLOG_NR_CHANNELS; i++)
		to += snprintf(to, end - to, " %" PRIu64, counts->overwritten[i]);
	to += snprintf(to, end - to, "\n");
	for (c = counts->of; c < counts->of + counts->nr; c++)
		to += snprintf(to, end - to, "files %s %s %" PRIu64 " %" PRIu64
			       " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
			       c->trigger, c->reason, c->files, c->triggers, c->bytes,
			       c->last, c->last_bytes, c->last_ns);
	return to - text;
}

/* Takes what it likes: that it was all of it is for the caller to find out. */
static void scan(struct counts *counts, const char *text)
{
	char trigger[COUNTS_TRIGGER + 1], reason[TTLOG_REASON_MAX + 1];
	struct count c, *to;
	int n = 0;

	sscanf(text, HEAD "failed %" SCNu64 " %" SCNu64 " overwritten %" SCNu64
	       " %" SCNu64 " %" SCNu64 " %" SCNu64 "%n",
	       &counts->failed, &counts->in_a_row, &counts->overwritten[0],
	       &counts->overwritten[1], &counts->overwritten[2],
	       &counts->overwritten[3], &n);
	for (text += n; n; text += n) {
		n = 0;
		sscanf(text, " files %15[a-z] %32[A-Za-z0-9_()-] %" SCNu64
		       " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
		       " %" SCNu64 "%n", trigger, reason, &c.files, &c.triggers,
		       &c.bytes, &c.last, &c.last_bytes, &c.last_ns, &n);
		if (!n || find(counts, trigger, reason) ||
		    (strcspn(reason, "()") < strlen(reason) &&
		     strcmp(reason, COUNTS_OTHER)))
			return;
		to = add(counts, trigger, reason);
		if (!to)
			return;
		memcpy(c.trigger, to->trigger, sizeof(c.trigger));
		memcpy(c.reason, to->reason, sizeof(c.reason));
		*to = c;
	}
}

/* A file is believed if it is, to the byte, what would be written for what it says. */
static int parse(struct counts *counts, const char *text, ssize_t len)
{
	char again[FILE_MAX];

	scan(counts, text);
	if (format(counts, again) == len && !memcmp(again, text, len))
		return 0;
	memset(counts, 0, sizeof(*counts));
	return -EBADMSG;
}

static const char *folder(void)
{
	const char *given = getenv("RUNTIME_DIRECTORY");

	return given && *given == '/' ? given : COUNTS_FOLDER;
}

/* Of several that systemd has made, the first. */
static int folder_path(char *path)
{
	const char *given = folder();

	return snprintf(path, PATH_MAX, "%.*s", (int)strcspn(given, ":"), given);
}

static int load_from(struct counts *counts, int fd)
{
	char text[FILE_MAX];
	struct stat st;
	ssize_t len;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return -EBADMSG;
	len = read(fd, text, sizeof(text) - 1);
	if (len < 0)
		return -errno;
	text[len] = '\0';
	return parse(counts, text, len);
}

static int load(struct counts *counts, int at, const char *name)
{
	int fd, err;

	memset(counts, 0, sizeof(*counts));
	/* Whatever stands there must not make us wait. */
	fd = openat(at, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	err = load_from(counts, fd);
	close(fd);
	return err;
}

int counts_read(struct counts *counts, char *path)
{
	char buffer[PATH_MAX];
	int len;

	path = path ?: buffer;
	len = folder_path(path);
	if (len < 0 || len + sizeof("/" COUNTS_NAME) > PATH_MAX)
		return -ENAMETOOLONG;
	strcpy(path + len, "/" COUNTS_NAME);
	return load(counts, AT_FDCWD, path);
}

static bool store_text(int at, const char *temp, const char *text, size_t len)
{
	int fd = openat(at, temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
			0644);
	bool good;

	if (fd < 0)
		return false;
	/* Whatever our umask is. */
	good = !fchmod(fd, 0644) && write(fd, text, len) == (ssize_t)len;
	return !close(fd) && good;
}

static void store(const struct counts *counts, int at)
{
	char text[FILE_MAX], temp[32];
	ssize_t len = format(counts, text);

	snprintf(temp, sizeof(temp), "." COUNTS_NAME ".%d", getpid());
	if (!store_text(at, temp, text, len) ||
	    renameat(at, temp, at, COUNTS_NAME))
		unlinkat(at, temp, 0);
}

/* A folder of our own, in which nobody else puts files. */
static int open_folder(void)
{
	char path[PATH_MAX];
	struct stat st;
	int fd;

	folder_path(path);
	if (!strcmp(path, COUNTS_FOLDER))
		mkdir(path, 0755);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0 && (fstat(fd, &st) || st.st_uid != geteuid())) {
		close(fd);
		return -1;
	}
	return fd;
}

/* What is no such file is replaced; what can't be read now may be next time. */
static void change(int at, void (*add_to)(struct counts *counts, const void *arg),
		   const void *arg)
{
	struct counts counts;
	int err = load(&counts, at, COUNTS_NAME);

	if (err && err != -ENOENT && err != -EBADMSG && err != -ELOOP)
		return;
	add_to(&counts, arg);
	store(&counts, at);
}

static void update(void (*add_to)(struct counts *counts, const void *arg),
		   const void *arg)
{
	int at = open_folder(), lock;

	if (at < 0)
		return;
	/* A file that nobody else may open, and lock for ever. */
	lock = openat(at, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (lock >= 0)
		flock(lock, LOCK_EX | LOCK_NB);
	change(at, add_to, arg);
	if (lock >= 0)
		close(lock);
	close(at);
}

/**
 * struct written - a file
 */
struct written {
	const struct snapshot *snapshot;
	uint64_t bytes;
	bool own_boot;
};

static uint64_t now(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return time.tv_sec * NSEC_PER_SEC + time.tv_nsec;
}

static void count_file(struct count *count, const struct written *file)
{
	uint64_t mono = now(CLOCK_MONOTONIC), read = file->snapshot->clocks.mono;

	count->files++;
	count->triggers += file->snapshot->count;
	count->bytes += file->bytes;
	count->last = now(CLOCK_REALTIME) / 1000000;
	count->last_bytes = file->bytes;
	count->last_ns = file->own_boot && read < mono ? mono - read : 0;
}

static void add_file(struct counts *counts, const void *arg)
{
	const struct written *file = arg;
	const struct snapshot *snapshot = file->snapshot;
	struct count *count;
	size_t i;

	counts->in_a_row = 0;
	count = counts_find(counts, snapshot->trigger, snapshot->reason);
	if (count)
		count_file(count, file);
	if (!snapname_of_timer(snapshot->trigger))
		return;
	for (i = 0; i < snapshot->nr_rings; i++) {
		if (snapshot->rings[i].channel < TTLOG_NR_CHANNELS)
			counts->overwritten[snapshot->rings[i].channel] +=
				snapshot->rings[i].overwritten;
	}
}

void counts_written(const struct snapshot *snapshot, uint64_t bytes,
		    const char *boot_id)
{
	struct written file = {
		.snapshot = snapshot,
		.bytes = bytes,
		.own_boot = !strcmp(snapshot->boot_id, boot_id),
	};

	update(add_file, &file);
}

static void add_failure(struct counts *counts, const void *arg)
{
	(void)arg;
	counts->failed++;
	counts->in_a_row++;
}

void counts_failed(void)
{
	update(add_failure, NULL);
}
