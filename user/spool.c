// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "spool.h"

static int copy(int from, FILE *to)
{
	char bytes[65536];
	ssize_t len;

	while ((len = read(from, bytes, sizeof(bytes)))) {
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0 || fwrite(bytes, 1, len, to) != (size_t)len)
			return -errno;
	}
	return fflush(to) ? -errno : 0;
}

int spool(int fd)
{
	FILE *file = tmpfile();
	int err, kept;

	if (!file)
		return -errno;
	err = copy(fd, file);
	kept = err ? -1 : fcntl(fileno(file), F_DUPFD_CLOEXEC, 0);
	if (!err && (kept < 0 || lseek(kept, 0, SEEK_SET) < 0))
		err = -errno;
	fclose(file);
	return err ? err : kept;
}
