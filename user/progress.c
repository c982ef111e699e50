// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file and the module's memory can't change at one moment. So the new ends are
 * prepared first, the file gets its name, and then they are put into force. Who
 * finds prepared ends looks whether the file has its name.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "folder.h"
#include "progress.h"

static int run(const struct device *device, uint32_t op)
{
	struct ttlog_progress progress = { .op = op };

	return ioctl(device->fd, TTLOG_IOC_PROGRESS, &progress) ? -errno : 0;
}

int progress_prepare(const struct device *device,
		     const struct ttlog_end *ends, uint32_t nr,
		     const uint8_t *cookie)
{
	struct ttlog_progress progress = {
		.op = TTLOG_PROGRESS_PREPARE,
		.nr = nr,
		.ends = (uintptr_t)ends,
	};

	memcpy(progress.cookie, cookie, sizeof(progress.cookie));
	return ioctl(device->fd, TTLOG_IOC_PROGRESS, &progress) ? -errno : 0;
}

int progress_commit(const struct device *device)
{
	return run(device, TTLOG_PROGRESS_COMMIT);
}

/*
 * A folder that is gone has no file; one that can't be looked into now may have
 * it, so nothing is decided.
 */
static int find(const uint8_t *cookie, const char *folder)
{
	int dir, found;

	dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return errno == ENOENT ? 0 : -errno;
	found = cookie_find(cookie, dir);
	/* Its writer may not have come to that. */
	if (found > 0 && fsync(dir) && errno != EINVAL)
		found = -errno;
	close(dir);
	return found;
}

static int resolve(const struct device *device, const uint8_t *cookie,
		   const char *folder)
{
	int found = find(cookie, folder);
	int err;

	if (found < 0) {
		warnx("cannot find out in %s whether the last timer snapshot was finished: %s",
		      folder, strerror(-found));
		return folder_status(found);
	}
	err = run(device, found ? TTLOG_PROGRESS_COMMIT : TTLOG_PROGRESS_DISCARD);
	if (!err)
		return EXIT_OK;
	errno = -err;
	return device_failed("say whether the last timer snapshot was finished");
}

static int read_ends(const struct device *device, struct advance *advance,
		     struct ttlog_progress *progress)
{
	uint32_t room = device->info.nr_cpus * device->info.nr_channels;

	memset(progress, 0, sizeof(*progress));
	progress->op = TTLOG_PROGRESS_READ;
	progress->nr = room;
	progress->ends = (uintptr_t)advance->ends;
	if (ioctl(device->fd, TTLOG_IOC_PROGRESS, progress))
		return device_failed("learn where timer snapshots go on");
	advance->nr = progress->nr < room ? progress->nr : room;
	return EXIT_OK;
}

int progress_read(const struct device *device, const char *folder,
		  struct advance *advance)
{
	struct ttlog_progress progress;
	int status;

	advance->ends = calloc((size_t)device->info.nr_cpus *
			       device->info.nr_channels,
			       sizeof(*advance->ends));
	if (!advance->ends) {
		warn("learning where timer snapshots go on");
		return EXIT_OTHER;
	}
	status = read_ends(device, advance, &progress);
	if (status || !progress.prepared)
		return status;
	status = resolve(device, progress.cookie, folder);
	return status ? status : read_ends(device, advance, &progress);
}
