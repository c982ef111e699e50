// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exit.h"
#include "folder.h"

int folder_status(int err)
{
	switch (-err) {
	case ENOSPC:
	case EDQUOT:
		return EXIT_DISK_FULL;
	case ENOENT:
	case ENOTDIR:
	case EACCES:
	case EPERM:
	case EROFS:
		return EXIT_FOLDER;
	}
	return EXIT_OTHER;
}

/* The name of a new folder is durable only when the folder that it is in is. */
static void sync_parent(void)
{
	int fd = open(FOLDER_DEFAULT "/..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || (fsync(fd) && errno != EINVAL))
		warn("cannot make the folder %s durable", FOLDER_DEFAULT);
	if (fd >= 0)
		close(fd);
}

int folder_make_default(void)
{
	struct group *group;

	if (mkdir(FOLDER_DEFAULT, 0750)) {
		if (errno == EEXIST)
			return EXIT_OK;
		warn("cannot make the folder %s", FOLDER_DEFAULT);
		return folder_status(-errno);
	}
	group = getgrnam("ttlog");
	if (group && chown(FOLDER_DEFAULT, -1, group->gr_gid))
		warn("cannot give %s to the group ttlog", FOLDER_DEFAULT);
	/* Whatever the caller's umask is. */
	if (chmod(FOLDER_DEFAULT, 0750))
		warn("cannot set the mode of %s", FOLDER_DEFAULT);
	sync_parent();
	return EXIT_OK;
}
