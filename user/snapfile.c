// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "snapfile.h"

#define TEMP_PREFIX	".ttlog-"
#define TEMP_SUFFIX	".tmp"
#define TEMP_AGE	3600	/* s, before another writer's is swept */

/* Names tried before giving up; a second holds no more snapshots than that. */
#define NAMES_MAX	10000

/* Say what failed; return what errno says. */
__attribute__((format(printf, 2, 3)))
static int failed(struct snapfile *file, const char *format, ...)
{
	int err = -errno;
	va_list args;

	va_start(args, format);
	vsnprintf(file->doing, sizeof(file->doing), format, args);
	va_end(args);
	return err;
}

static bool temp_name(const char *name)
{
	size_t len = strlen(name);
	size_t suffix = strlen(TEMP_SUFFIX);

	return len > suffix + strlen(TEMP_PREFIX) &&
	       !strncmp(name, TEMP_PREFIX, strlen(TEMP_PREFIX)) &&
	       !strcmp(name + len - suffix, TEMP_SUFFIX);
}

/* Whoever writes one holds its lock, so what can be locked is left over. */
static void sweep_one(int dir, const char *name)
{
	struct stat stat;
	int fd;

	fd = openat(dir, name,
		    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return;
	if (!fstat(fd, &stat) && S_ISREG(stat.st_mode) &&
	    stat.st_uid == geteuid() &&
	    time(NULL) - stat.st_mtime > TEMP_AGE &&
	    !flock(fd, LOCK_EX | LOCK_NB))
		unlinkat(dir, name, 0);
	close(fd);
}

/* Leftovers cost room only: what goes wrong here is no reason to stop. */
static void sweep(int dir)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *entry;
	DIR *list;

	if (fd < 0)
		return;
	list = fdopendir(fd);
	if (!list) {
		close(fd);
		return;
	}
	while ((entry = readdir(list))) {
		if (temp_name(entry->d_name))
			sweep_one(dir, entry->d_name);
	}
	closedir(list);
}

/*
 * For the group, if there is one, otherwise root's, where root has written it: up to now
 * it has that of the folder, or whatever we run with. A group that we can't give the
 * file to is not ours: then nobody but us may read it.
 */
static void share(int fd, const struct group *group)
{
	if (!group && geteuid())
		return;
	if (fchown(fd, -1, group ? group->gr_gid : 0))
		return;
	if (fchmod(fd, 0640))
		return;
}

static int temp_open(struct snapfile *file)
{
	uint64_t number;

	do {
		if (getrandom(&number, sizeof(number), 0) != sizeof(number))
			return -1;
		snprintf(file->temp, sizeof(file->temp),
			 TEMP_PREFIX "%d-%016llx" TEMP_SUFFIX, getpid(),
			 (unsigned long long)number);
		file->fd = openat(file->dir, file->temp,
				  O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	} while (file->fd < 0 && errno == EEXIST);
	return file->fd;
}

int snapfile_open(struct snapfile *file, const char *folder)
{
	struct group *group;
	int err;

	snprintf(file->folder, sizeof(file->folder), "%s", folder);
	file->path[0] = '\0';
	file->ready = NULL;
	file->fd = -1;
	file->dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (file->dir < 0)
		return failed(file, "open the folder %s", folder);
	sweep(file->dir);
	group = getgrnam("ttlog");
	if (temp_open(file) < 0) {
		err = failed(file, "make a file in %s", folder);
		close(file->dir);
		return err;
	}
	/* Not every file system has locks; then only age guards it from a sweep. */
	if (flock(file->fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK) {
		err = failed(file, "lock %s/%s", folder, file->temp);
		snapfile_abort(file);
		return err;
	}
	share(file->fd, group);
	return 0;
}

/* Not every file system can rename without replacing. */
static int rename_new(int dir, const char *from, const char *to)
{
	if (!renameat2(dir, from, dir, to, RENAME_NOREPLACE))
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	if (linkat(dir, from, dir, to, 0))
		return -1;
	unlinkat(dir, from, 0);
	return 0;
}

void snapfile_stem(char *to, const struct snapshot *snapshot)
{
	char stamp[SNAPSHOT_STAMP];

	snapshot_stamp(stamp, snapshot->clocks.real);
	snprintf(to, SNAPFILE_STEM, "ttlog-%u-%s-%s", snapshot->pid, stamp,
		 snapshot->reason);
}

static int rename_numbered(struct snapfile *file, char *name, size_t room,
			   const struct snapshot *snapshot)
{
	char stem[SNAPFILE_STEM];
	char number[16] = "";
	int i, err;

	snapfile_stem(stem, snapshot);
	for (i = 0; i < NAMES_MAX; i++) {
		if (i)
			snprintf(number, sizeof(number), ".%d", i);
		snprintf(name, room, "%s%s.bin", stem, number);
		err = rename_new(file->dir, file->temp, name);
		if (!err || errno != EEXIST)
			return err;
	}
	return -1;
}

static const char *slash(const char *folder)
{
	size_t len = strlen(folder);

	return len && folder[len - 1] == '/' ? "" : "/";
}

static int name_file(struct snapfile *file, const char *wanted,
		     const struct snapshot *snapshot)
{
	const char *between = slash(file->folder);
	char name[PATH_MAX];
	int err;

	if (wanted) {
		snprintf(name, sizeof(name), "%s", wanted);
		err = rename_new(file->dir, file->temp, name);
	} else {
		err = rename_numbered(file, name, sizeof(name), snapshot);
	}
	if (err)
		return failed(file, "name a file %s%s%s", file->folder, between,
			      name);
	if (snprintf(file->path, sizeof(file->path), "%s%s%s", file->folder,
		     between, name) >= (int)sizeof(file->path)) {
		file->path[0] = '\0';
		errno = ENAMETOOLONG;
		return failed(file, "say the path in %s", file->folder);
	}
	return 0;
}

int snapfile_commit(struct snapfile *file, const char *name,
		    const struct snapshot *snapshot)
{
	int err;

	if (fsync(file->fd)) {
		err = failed(file, "write %s/%s", file->folder, file->temp);
		snapfile_abort(file);
		return err;
	}
	err = file->ready ? file->ready(file->arg, file, snapshot) : 0;
	if (!err)
		err = name_file(file, name, snapshot);
	if (err) {
		snapfile_abort(file);
		return err;
	}
	/* From here on the file is whole. It stays, whatever happens. */
	err = 0;
	if (fsync(file->dir) && errno != EINVAL)
		err = failed(file, "make %s durable (the file is whole, but its name may not outlive a crash)",
			     file->path);
	close(file->fd);
	close(file->dir);
	return err;
}

void snapfile_abort(struct snapfile *file)
{
	unlinkat(file->dir, file->temp, 0);
	close(file->fd);
	close(file->dir);
}
