// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cookie.h"

/**
 * struct cookie - what is in one
 * @inode: of the file
 * @stem: of its name, NUL-terminated; empty: there is no file. A timer's or exit's
 *	is at most 38 bytes long
 */
struct cookie {
	uint64_t inode;
	char stem[COOKIE_SIZE - sizeof(uint64_t)];
};

_Static_assert(sizeof(struct cookie) == COOKIE_SIZE, "what the module stores");

void cookie_none(uint8_t *to)
{
	memset(to, 0, COOKIE_SIZE);
}

int cookie_make(uint8_t *to, int fd, const char *stem)
{
	struct cookie cookie = { 0 };
	struct stat st;

	if (strlen(stem) >= sizeof(cookie.stem))
		return -ENAMETOOLONG;
	if (fstat(fd, &st))
		return -errno;
	cookie.inode = st.st_ino;
	strcpy(cookie.stem, stem);
	memcpy(to, &cookie, sizeof(cookie));
	return 0;
}

static int is_it(const struct cookie *cookie, int dir, const char *name)
{
	size_t len = strlen(cookie->stem);
	struct stat st;

	if (strncmp(name, cookie->stem, len) || name[len] != '.')
		return 0;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? 0 : -errno;
	return S_ISREG(st.st_mode) && st.st_ino == cookie->inode;
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
