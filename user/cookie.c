// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cookie.h"

#define SUM_BYTES	4

/**
 * struct cookie - what is in one
 * @size: of the file
 * @sum: its last bytes: a snapshot's are the checksum of its content
 * @stem: of its name, NUL-terminated; empty: there is no file. A timer's or exit's
 *	is at most 38 bytes long
 */
struct cookie {
	uint64_t size;
	uint8_t sum[SUM_BYTES];
	char stem[COOKIE_SIZE - sizeof(uint64_t) - SUM_BYTES];
};

_Static_assert(sizeof(struct cookie) == COOKIE_SIZE, "what the module stores");

void cookie_none(uint8_t *to)
{
	memset(to, 0, COOKIE_SIZE);
}

/* Take what the file itself says: all but the stem. */
static int look_at(struct cookie *cookie, int fd)
{
	struct stat st;
	ssize_t got;

	if (fstat(fd, &st))
		return -errno;
	cookie->size = st.st_size;
	got = pread(fd, cookie->sum, SUM_BYTES, st.st_size - SUM_BYTES);
	if (got < 0)
		return -errno;
	return got == SUM_BYTES ? 0 : -EIO;
}

int cookie_make(uint8_t *to, int fd, const char *stem)
{
	struct cookie cookie = { 0 };
	int err;

	if (strlen(stem) >= sizeof(cookie.stem))
		return -ENAMETOOLONG;
	err = look_at(&cookie, fd);
	if (err)
		return err;
	strcpy(cookie.stem, stem);
	memcpy(to, &cookie, sizeof(cookie));
	return 0;
}

static int has_content(const struct cookie *cookie, int dir, const char *name)
{
	struct cookie other;
	int fd, err;

	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	err = look_at(&other, fd);
	close(fd);
	if (err)
		return err;
	return other.size == cookie->size &&
	       !memcmp(other.sum, cookie->sum, SUM_BYTES);
}

static int is_it(const struct cookie *cookie, int dir, const char *name)
{
	size_t len = strlen(cookie->stem);
	struct stat st;

	if (strncmp(name, cookie->stem, len) || name[len] != '.')
		return 0;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != cookie->size)
		return 0;
	return has_content(cookie, dir, name);
}

int cookie_find(const uint8_t *from, int dir)
{
	struct cookie cookie;
	struct dirent *entry;
	int fd, found = 0;
	DIR *list;

	memcpy(&cookie, from, sizeof(cookie));
	cookie.stem[sizeof(cookie.stem) - 1] = '\0';
	if (!cookie.stem[0])
		return 0;
	fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	list = fd < 0 ? NULL : fdopendir(fd);
	if (!list) {
		found = -errno;
		if (fd >= 0)
			close(fd);
		return found;
	}
	while (errno = 0, !found && (entry = readdir(list)))
		found = is_it(&cookie, dir, entry->d_name);
	if (!found && errno)
		found = -errno;
	closedir(list);
	return found;
}
