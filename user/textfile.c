// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "textfile.h"

/* Ends @fd. */
static int fill(int fd, void (*print)(FILE *to, const void *what), const void *what)
{
	FILE *to = fdopen(fd, "w");
	int err = 0;

	if (!to) {
		err = -errno;
		close(fd);
		return err;
	}
	errno = 0;
	print(to, what);
	/* The mode whatever our umask is. */
	if (ferror(to) || fflush(to) || fchmod(fd, 0644))
		err = -(errno ?: EIO);
	return fclose(to) && !err ? -errno : err;
}

int textfile_write(const char *path, void (*print)(FILE *to, const void *what),
		   const void *what)
{
	char *temp;
	int fd, err;

	if (asprintf(&temp, "%s.XXXXXX", path) < 0)
		return -ENOMEM;
	fd = mkostemp(temp, O_CLOEXEC);
	err = fd < 0 ? -errno : fill(fd, print, what);
	if (!err && rename(temp, path))
		err = -errno;
	if (err && fd >= 0)
		unlink(temp);
	free(temp);
	return err;
}
