// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cut a device off at the points of its log, and look at what the file system there
 * has afterwards:
 *
 *	walk FSTYPE LOG BASE SPARE MOUNT FILES POINTS SEED
 *
 * LOG has what dm-log-writes wrote down, BASE the device as it was before that, SPARE
 * takes what a recovery writes. The file system is mounted at MOUNT. FILES is a folder
 * with what was saved of the files while all went well; the file "removed" beside it
 * has lines "STEP NAME". Marks in the log: "step:STEP" before something is done,
 * "ack:NAME" when a file was acknowledged.
 *
 * A cut is after an entry of the log. What came after the last flush may be there
 * or not: all of it, a part chosen by SEED, and nothing but what was forced (FUA) are
 * tried. With fewer POINTS than entries they are tried by turns; where a
 * file was acknowledged is among the points, and there it is the last.
 *
 * In the file system's folder "ttlog" each ttlog-*.bin must be, byte for byte, one of
 * FILES, and all must be there that were acknowledged before the cut and not removed
 * in a step that had begun. What else is there may only be a temporary file; an hour
 * later the next writer takes that away.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

#define FILES_MAX	256
#define TOLD_MAX	12	/* of what is wrong */

/* How much of what came after the last flush is there. */
enum { ALL, PART, NONE };

/**
 * struct kept - a file as it was when all went well
 * @ack: the entry of the log with what acknowledged it, or none
 * @removed: the entry with the mark of the step that removed it, or none
 * @seen: it was at the cut that is looked at
 */
struct kept {
	char name[NAME_MAX + 1];
	char *bytes;
	size_t size;
	size_t ack;
	size_t removed;
	bool seen;
};

static struct {
	const char *type;
	const char *base;
	const char *spare;
	const char *mount;
	char folder[PATH_MAX];
	char device[64];
	char name[32];
	unsigned long sectors;
	struct log log;
	struct kept kept[FILES_MAX];
	size_t nr_kept;
	size_t files;	/* seen at all cuts together */
	size_t temps;
	size_t swept;
	int wrong;
} walk;

static void say_wrong(size_t at, const char *what, const char *name)
{
	if (walk.wrong++ < TOLD_MAX)
		printf("# %s, cut after entry %zu: %s %s\n", walk.type, at,
		       what, name);
}

static void run(const char *command)
{
	if (system(command))
		errx(2, "failed: %s", command);
}

/* The content of a file; NULL if it can't be read. */
static char *slurp(const char *folder, const char *name, size_t *size)
{
	char path[2 * PATH_MAX];
	struct stat st;
	char *bytes;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		return NULL;
	bytes = malloc(st.st_size + 1);
	if (bytes && read(fd, bytes, st.st_size) != st.st_size) {
		free(bytes);
		bytes = NULL;
	}
	close(fd);
	*size = st.st_size;
	return bytes;
}

static struct kept *find_kept(const char *name)
{
	size_t i;

	for (i = 0; i < walk.nr_kept; i++)
		if (!strcmp(walk.kept[i].name, name))
			return &walk.kept[i];
	return NULL;
}

static void read_kept(const char *folder)
{
	DIR *list = opendir(folder);
	char mark[CUT_MARK_ROOM];
	struct dirent *entry;
	struct kept *kept;

	while (list && (entry = readdir(list))) {
		if (entry->d_name[0] == '.')
			continue;
		if (walk.nr_kept == FILES_MAX)
			errx(2, "more than %d files", FILES_MAX);
		kept = &walk.kept[walk.nr_kept++];
		strcpy(kept->name, entry->d_name);
		kept->bytes = slurp(folder, kept->name, &kept->size);
		if (!kept->bytes)
			err(2, "%s", kept->name);
		snprintf(mark, sizeof(mark), "ack:%.*s", 120, kept->name);
		kept->ack = log_find(&walk.log, mark);
		kept->removed = walk.log.nr;
	}
	closedir(list);
}

static void read_removed(const char *files)
{
	char path[PATH_MAX], mark[CUT_MARK_ROOM], name[NAME_MAX + 1];
	struct kept *kept;
	unsigned int step;
	FILE *list;

	snprintf(path, sizeof(path), "%s/../removed", files);
	list = fopen(path, "r");
	if (!list)
		err(2, "%s", path);
	while (fscanf(list, "%u %255s", &step, name) == 2) {
		kept = find_kept(name);
		snprintf(mark, sizeof(mark), "step:%u", step);
		if (!kept || log_find(&walk.log, mark) == walk.log.nr)
			errx(2, "'%s', removed in step %u, isn't known", name,
			     step);
		kept->removed = log_find(&walk.log, mark);
	}
	fclose(list);
}

static bool is_temp(const char *name)
{
	size_t len = strlen(name);

	return !strncmp(name, ".ttlog-", 7) && len > 11 &&
	       !strcmp(name + len - 4, ".tmp");
}

/* Make it old, so that the next writer takes it for a leftover. */
static void age(const char *name)
{
	struct timespec old[2] = { { .tv_sec = time(NULL) - 4000 } };
	char path[2 * PATH_MAX];

	old[1] = old[0];
	snprintf(path, sizeof(path), "%s/%s", walk.folder, name);
	if (utimensat(AT_FDCWD, path, old, AT_SYMLINK_NOFOLLOW))
		err(2, "%s", path);
	walk.temps++;
}

static void look_at(size_t at, const char *name)
{
	struct kept *kept;
	size_t size;
	char *bytes;

	if (is_temp(name)) {
		age(name);
		return;
	}
	kept = find_kept(name);
	if (!kept) {
		say_wrong(at, "nobody wrote", name);
		return;
	}
	bytes = slurp(walk.folder, name, &size);
	if (!bytes || size != kept->size || memcmp(bytes, kept->bytes, size))
		say_wrong(at, "not whole:", name);
	free(bytes);
	kept->seen = true;
	walk.files++;
}

/* Returns how many temporary files there are. */
static size_t look(size_t at)
{
	size_t before = walk.temps, i;
	DIR *list = opendir(walk.folder);
	struct dirent *entry;

	for (i = 0; i < walk.nr_kept; i++)
		walk.kept[i].seen = false;
	while (list && (entry = readdir(list))) {
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			look_at(at, entry->d_name);
	}
	if (list)
		closedir(list);
	for (i = 0; i < walk.nr_kept; i++) {
		const struct kept *kept = &walk.kept[i];

		if (kept->ack <= at && kept->removed > at && !kept->seen)
			say_wrong(at, "acknowledged and gone:", kept->name);
	}
	return walk.temps - before;
}

/* A writer comes to this folder after the cut. */
static void sweep(size_t at)
{
	char command[PATH_MAX + 64];
	struct dirent *entry;
	DIR *list;

	snprintf(command, sizeof(command), "ttlog-dump -o %s >/dev/null",
		 walk.folder);
	run(command);
	list = opendir(walk.folder);
	while (list && (entry = readdir(list)))
		if (is_temp(entry->d_name))
			say_wrong(at, "an hour later still there:",
				  entry->d_name);
	closedir(list);
	walk.swept++;
}

static void set_up(void)
{
	char command[512];

	snprintf(command, sizeof(command),
		 "dmsetup create %s --table '0 %lu snapshot %s %s N 8'",
		 walk.name, walk.sectors, walk.base, walk.spare);
	run(command);
}

static void tear_down(void)
{
	char command[64];

	snprintf(command, sizeof(command), "dmsetup remove --retry %s",
		 walk.name);
	run(command);
}

static bool is_ack(size_t i)
{
	return !strncmp(walk.log.entry[i].mark, "ack:", 4);
}

/* The device as it may be when it is cut off after entry @at. */
static void cut(size_t flushed, size_t at, int how)
{
	int fd = open(walk.device, O_WRONLY | O_CLOEXEC);
	size_t i;

	if (fd < 0)
		err(2, "%s", walk.device);
	for (i = flushed; i <= at; i++)
		if (how == ALL || walk.log.entry[i].flags & CUT_FUA ||
		    (how == PART && random() & 1))
			log_apply(&walk.log, i, fd);
	if (fsync(fd) || close(fd))
		err(2, "%s", walk.device);
}

static void check(size_t flushed, size_t at, int how)
{
	set_up();
	cut(flushed, at, how);
	if (mount(walk.device, walk.mount, walk.type, MS_NOATIME, NULL)) {
		say_wrong(at, "can't be mounted:", strerror(errno));
	} else {
		if (look(at))
			sweep(at);
		if (umount(walk.mount))
			err(2, "%s", walk.mount);
	}
	tear_down();
}

/* Is this one of the points? */
static bool chosen(size_t i, size_t points, size_t acks)
{
	size_t left = points > acks ? points - acks : 1;

	if (points >= walk.log.nr || is_ack(i))
		return true;
	return (size_t)random() % walk.log.nr < left;
}

static size_t count_acks(void)
{
	size_t i, n = 0;

	for (i = 0; i < walk.log.nr; i++)
		n += is_ack(i);
	return n;
}

/* A file that isn't need not be there, so each is to be. */
static size_t count_acked(void)
{
	size_t i, n = 0;

	for (i = 0; i < walk.nr_kept; i++) {
		if (walk.kept[i].ack < walk.log.nr)
			n++;
		else
			say_wrong(walk.log.nr, "never acknowledged:",
				  walk.kept[i].name);
	}
	return n;
}

/* BASE goes along, up to the last flush; SPARE has the rest. Returns how many cuts there were. */
static size_t walk_through(size_t points)
{
	int base = open(walk.base, O_WRONLY | O_CLOEXEC);
	size_t i, flushed = 0, done = 0, acks = count_acks();
	int how;

	for (i = 0; i < walk.log.nr; i++) {
		/* What came before it, that is. */
		if (walk.log.entry[i].flags & CUT_FLUSH) {
			for (; flushed < i; flushed++)
				log_apply(&walk.log, flushed, base);
			if (fsync(base))
				err(2, "%s", walk.base);
		}
		if (!chosen(i, points, acks))
			continue;
		if (points < walk.log.nr) {
			check(flushed, i, is_ack(i) ? NONE : (int)(done % 3));
			done++;
			continue;
		}
		for (how = ALL; how <= NONE; how++, done++)
			check(flushed, i, how);
	}
	close(base);
	return done;
}

static void open_base(void)
{
	int fd = open(walk.base, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, BLKGETSIZE, &walk.sectors))
		err(2, "%s", walk.base);
	close(fd);
}

int main(int argc, char **argv)
{
	size_t done;

	if (argc != 9)
		errx(2, "usage: walk FSTYPE LOG BASE SPARE MOUNT FILES POINTS SEED");
	walk.type = argv[1];
	walk.base = argv[3];
	walk.spare = argv[4];
	walk.mount = argv[5];
	snprintf(walk.folder, sizeof(walk.folder), "%s/ttlog", walk.mount);
	snprintf(walk.name, sizeof(walk.name), "cut-%s", walk.type);
	snprintf(walk.device, sizeof(walk.device), "/dev/mapper/%s", walk.name);
	srandom(atoi(argv[8]));
	log_open(&walk.log, argv[2]);
	open_base();
	read_kept(argv[6]);
	read_removed(argv[6]);
	done = walk_through(atol(argv[7]));
	printf("# %s: %zu cuts in a log of %zu entries, %zu files, of which %zu were acknowledged; a file was there %zu times, a temporary one %zu times; seed %s\n",
	       walk.type, done, walk.log.nr, walk.nr_kept, count_acked(),
	       walk.files, walk.temps, argv[8]);
	/* Cuts at which nothing is there show nothing. */
	return walk.wrong || !walk.files || done < 2;
}
