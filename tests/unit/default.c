// SPDX-License-Identifier: GPL-2.0-only
/* The default folder, when it is made: in which order the kernel is asked for what. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <string.h>
#include <sys/stat.h>

#include "../../user/folder.h"
#include "exit.h"
#include "said.h"
#include "tap.h"

#define PARENT	77	/* its file */

static char calls[256];
static int mkdir_error, chown_error, chmod_error, fsync_error;

/* Note a call; fail with this errno, if any. */
static int note(const char *call, int error)
{
	strncat(calls, call, sizeof(calls) - strlen(calls) - 1);
	errno = error;
	return error ? -1 : 0;
}

int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode)
{
	return note(!strcmp(path, FOLDER_DEFAULT) && mode == 0750 ?
		    "mkdir " : "mkdir? ", mkdir_error);
}

struct group *__wrap_getgrnam(const char *name);
struct group *__wrap_getgrnam(const char *name)
{
	static struct group group = { .gr_gid = 990 };

	return strcmp(name, "ttlog") ? NULL : &group;
}

int __wrap_chown(const char *path, uid_t uid, gid_t gid);
int __wrap_chown(const char *path, uid_t uid, gid_t gid)
{
	return note(!strcmp(path, FOLDER_DEFAULT) && uid == (uid_t)-1 &&
		    gid == 990 ? "chown " : "chown? ", chown_error);
}

int __wrap_chmod(const char *path, mode_t mode);
int __wrap_chmod(const char *path, mode_t mode)
{
	return note(!strcmp(path, FOLDER_DEFAULT) && mode == 0750 ?
		    "chmod " : "chmod? ", chmod_error);
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
/* What counts which lines are run opens files, too. */
int __wrap_open(const char *path, int flags, ...)
{
	if (strcmp(path, FOLDER_DEFAULT "/.."))
		return __real_open(path, flags, 0644);
	note(flags & O_DIRECTORY ? "open " : "open? ", 0);
	return PARENT;
}

int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
	return note(fd == PARENT ? "fsync " : "fsync? ", fsync_error);
}

int __wrap_close(int fd);
int __wrap_close(int fd)
{
	return note(fd == PARENT ? "close " : "close? ", 0);
}

static void make(const char *what, int status, const char *expected, const char *message)
{
	int seen;

	calls[0] = '\0';
	seen = folder_make_default();
	tap_ok(seen == status && !strcmp(calls, expected), "%s: %d, %s", what,
	       seen, calls);
	tap_ok(said_just("%s", message), "%s is said of it", *message ? "that" : "nothing");
}

int main(void)
{
	static const char all[] = "mkdir chown chmod open fsync close ";

	make("made, then durable in its parent", EXIT_OK, all, "");
	chown_error = EPERM;
	make("not to be given to the group", EXIT_OK, all,
	     "cannot give /var/lib/ttlog to the group ttlog: Operation not permitted\n");
	chown_error = 0;
	chmod_error = EPERM;
	make("whose mode stays what it is", EXIT_OK, all,
	     "cannot set the mode of /var/lib/ttlog: Operation not permitted\n");
	chmod_error = 0;
	fsync_error = EINVAL;
	make("on a file system that has no such thing", EXIT_OK, all, "");
	fsync_error = EIO;
	make("where that fails it is there nevertheless", EXIT_OK, all,
	     "cannot make the folder /var/lib/ttlog durable: Input/output error\n");
	mkdir_error = EEXIST;
	make("there already: as it is", EXIT_OK, "mkdir ", "");
	mkdir_error = ENOSPC;
	make("no room", EXIT_DISK_FULL, "mkdir ",
	     "cannot make the folder /var/lib/ttlog: No space left on device\n");
	mkdir_error = EROFS;
	make("no place to write to", EXIT_FOLDER, "mkdir ",
	     "cannot make the folder /var/lib/ttlog: Read-only file system\n");
	return tap_done();
}
