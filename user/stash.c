// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stash.h"
#include "watchdog.h"

/* A file in memory that can't grow beyond the limit: then writing gives EPERM. */
static int make_file(uint64_t limit)
{
	int fd, err;

	fd = memfd_create("ttlog", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -errno;
	if (!ftruncate(fd, limit) && !fcntl(fd, F_ADD_SEALS, F_SEAL_GROW))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* Cut it to what was written. */
static int cut(int fd)
{
	off_t end = lseek(fd, 0, SEEK_CUR);

	return end < 0 || ftruncate(fd, end) ? -errno : 0;
}

int stash_put(struct stash *stash, const struct snapshot *snapshot,
	      uint32_t kind, uint64_t limit)
{
	int fd, err;

	if (stash_full(stash) && stash->kind == TTLOG_TRIGGER_OOPS &&
	    kind != TTLOG_TRIGGER_OOPS)
		return -EBUSY;
	fd = make_file(limit);
	if (fd < 0)
		return fd;
	err = snapshot_write(snapshot, fd);
	if (!err)
		err = cut(fd);
	if (err) {
		close(fd);
		return err == -EPERM ? -EFBIG : err;
	}
	stash_drop(stash);
	stash->fd = fd;
	stash->kind = kind;
	snprintf(stash->reason, sizeof(stash->reason), "%s", snapshot->reason);
	stash->head.pid = snapshot->pid;
	stash->head.clocks = snapshot->clocks;
	stash->head.reason = stash->reason;
	stash->head.trigger = snapshot->trigger;
	stash->head.count = snapshot->count;
	strcpy(stash->head.boot_id, snapshot->boot_id);
	return 0;
}

/* Not every file system takes what is spliced or sent: it is written. */
int stash_copy(const struct stash *stash, int fd)
{
	char bytes[16384];
	off_t from = 0;
	ssize_t have, n;

	while ((have = pread(stash->fd, bytes, sizeof(bytes), from)) > 0) {
		watchdog_alive();
		n = write(fd, bytes, have);
		if (n > 0)
			from += n;
		else if (!n || errno != EINTR)
			return n ? -errno : -EIO;
	}
	return have ? -errno : 0;
}

void stash_drop(struct stash *stash)
{
	if (stash_full(stash))
		close(stash->fd);
	stash->fd = -1;
}
