// SPDX-License-Identifier: GPL-2.0-only
/* Names of files, what is in their way, and what dead writers leave behind. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "snapfile.h"
#include "synth.h"
#include "folder.h"
#include "tap.h"

static struct snapfile file;
static struct snapshot snapshot;

static int write_one(const char *name)
{
	int err = snapfile_open(&file, folder);

	if (err)
		return err;
	err = snapshot_write(&snapshot, file.fd);
	if (err) {
		snapfile_abort(&file);
		return err;
	}
	return snapfile_commit(&file, name, &snapshot);
}

/* Entries in the folder; @dots: only those whose name begins with a dot. */
static int count(bool dots)
{
	DIR *list = opendir(folder);
	struct dirent *entry;
	int n = 0;

	while ((entry = readdir(list))) {
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			n += !dots || entry->d_name[0] == '.';
	}
	closedir(list);
	return n;
}

static void named(const char *expected)
{
	int err = write_one(NULL);

	tap_ok(!err && !strcmp(file.path, in_folder(expected)), "%s", expected);
}

static void names(void)
{
	named("ttlog-4711-20261123101112-request.bin");
	named("ttlog-4711-20261123101112-request.1.bin");
	named("ttlog-4711-20261123101112-request.2.bin");
	unlink(in_folder("ttlog-4711-20261123101112-request.1.bin"));
	named("ttlog-4711-20261123101112-request.1.bin");
	snapshot.reason = "a-B_9";
	snapshot.pid = 4294967295;
	named("ttlog-4294967295-20261123101112-a-B_9.bin");
	snapshot.clocks.real = 0;
	named("ttlog-4294967295-19700101000000-a-B_9.bin");
	tap_ok(count(true) == 0 && count(false) == 5, "and nothing else is left");
	empty_folder();
}

static void all_numbers(void)
{
	char name[80] = "ttlog-4711-20261123101112-request.bin";
	int i;

	for (i = 1; i <= 10000; i++) {
		if (symlink("nowhere", in_folder(name)))
			perror(name);
		sprintf(name, "ttlog-4711-20261123101112-request.%d.bin", i);
	}
	tap_ok(write_one(NULL) == -EEXIST && count(true) == 0 && count(false) == 10000,
	       "with 10,000 files of one second no number is left: cannot %s", file.doing);
	unlink(in_folder("ttlog-4711-20261123101112-request.9999.bin"));
	named("ttlog-4711-20261123101112-request.9999.bin");
	empty_folder();
}

static void own_names(void)
{
	char text[8] = "";
	int fd;

	tap_ok(!write_one("mine") && !strcmp(file.path, in_folder("mine")),
	       "a name of one's own");
	tap_ok(write_one("mine") == -EEXIST && count(false) == 1,
	       "a second time: EEXIST, and nothing is left");
	fd = open(in_folder("precious"), O_RDWR | O_CREAT, 0600);
	tap_ok(write(fd, "keep me", 7) == 7 &&
	       write_one("precious") == -EEXIST &&
	       pread(fd, text, 7, 0) == 7 && !strcmp(text, "keep me"),
	       "another's file stays as it is");
	close(fd);
	tap_ok(!symlink("nowhere", in_folder("link")) &&
	       write_one("link") == -EEXIST && !exists("nowhere"),
	       "a dangling link is in the way too");
	tap_ok(strstr(file.doing, in_folder("link")), "the message: cannot %s",
	       file.doing);
	empty_folder();
}

/* The group ttlog, where there is one, and what comes of giving a file to a group. */
static struct group *ttlog;
static int chown_error;

struct group *__wrap_getgrnam(const char *name);
struct group *__wrap_getgrnam(const char *name)
{
	return strcmp(name, "ttlog") ? NULL : ttlog;
}

int __real_fchown(int fd, uid_t uid, gid_t gid);
int __wrap_fchown(int fd, uid_t uid, gid_t gid);
int __wrap_fchown(int fd, uid_t uid, gid_t gid)
{
	errno = chown_error;
	return errno ? -1 : __real_fchown(fd, uid, gid);
}

static void shared(const char *what, mode_t mode, gid_t gid)
{
	mode_t before = umask(077);
	struct stat st = { 0 };

	write_one("mode");
	umask(before);
	stat(in_folder("mode"), &st);
	tap_ok((st.st_mode & 07777) == mode && st.st_gid == gid,
	       "%s: mode %o, group %d, whatever the umask", what,
	       st.st_mode & 07777, st.st_gid);
	empty_folder();
}

#define TTLOG_GID	4711
#define FOLDER_GID	4712
#define OTHER_ID	4713

/* In a folder whose files belong to its group, at first. */
static void shared_by_root(void)
{
	struct group group = { .gr_gid = TTLOG_GID };

	if (chown(folder, -1, FOLDER_GID) || chmod(folder, 02700))
		perror(folder);
	shared("no group ttlog, the folder has another: root's", 0640, 0);
	chown_error = EPERM;
	shared("and that can't be set: the owner's alone", 0600, FOLDER_GID);
	ttlog = &group;
	shared("nor the group ttlog: the owner's alone", 0600, FOLDER_GID);
	chown_error = 0;
	shared("the group ttlog", 0640, TTLOG_GID);
	ttlog = NULL;
	if (chmod(folder, 0700) || setegid(OTHER_ID))
		perror(folder);
	shared("no group ttlog, root runs with another: root's", 0640, 0);
	if (setegid(0) || chmod(folder, 0777) || setegid(OTHER_ID) ||
	    seteuid(OTHER_ID))
		perror(folder);
	shared("no group ttlog, and not root: the owner's alone", 0600, OTHER_ID);
	if (seteuid(0) || setegid(0) || chmod(folder, 0700))
		perror(folder);
}

static void modes(void)
{
	struct group own = { .gr_gid = getegid() };

	if (!geteuid()) {
		shared_by_root();
		return;
	}
	shared("no group ttlog, and not root: the owner's alone", 0600, getegid());
	ttlog = &own;
	shared("the group ttlog, and in it", 0640, getegid());
	ttlog = NULL;
}

static void failures(void)
{
	char path[PATH_MAX + 16];
	int err;

	snprintf(path, sizeof(path), "%s/none", folder);
	err = snapfile_open(&file, path);
	tap_ok(err == -ENOENT && strstr(file.doing, path),
	       "no folder: cannot %s", file.doing);
	err = snapfile_open(&file, "/dev/null");
	tap_ok(err == -ENOTDIR, "no folder, but a file");
	err = snapfile_open(&file, "/proc");
	tap_ok(err == -ENOENT || err == -EACCES || err == -EPERM,
	       "where no file can be made: cannot %s", file.doing);
	snapfile_open(&file, folder);
	snapfile_abort(&file);
	tap_ok(count(false) == 0, "given up: nothing is left");
}

/* A folder whose path leaves no room for that of a file in it. */
static void deep(void)
{
	char path[PATH_MAX];
	size_t len = strlen(folder), n;
	int err;

	strcpy(path, folder);
	while (len < PATH_MAX - 20) {
		n = PATH_MAX - 16 - len < 250 ? PATH_MAX - 16 - len : 250;
		path[len] = '/';
		memset(path + len + 1, 'x', n - 1);
		path[len += n] = '\0';
		if (mkdir(path, 0700))
			perror("mkdir");
	}
	err = snapfile_open(&file, path) ?: snapshot_write(&snapshot, file.fd) ?:
	      snapfile_commit(&file, NULL, &snapshot);
	tap_ok(err == -ENAMETOOLONG && !*file.path &&
	       !strncmp(file.doing, "say the path in ", 16) && !strcmp(file.doing + 16, path),
	       "a path that can't be said: cannot %.40s…", file.doing);
	if (chdir(path) || unlink("ttlog-4711-20261123101112-request.bin"))
		perror("the file is there");
	while (len > strlen(folder)) {
		rmdir(path);
		while (path[--len] != '/')
			;
		path[len] = '\0';
	}
	tap_ok(count(false) == 0, "and nothing else is left");
}

/* What ready() found, and what it is to return. */
static struct {
	int calls;
	bool temp;
	int finals;
	ino_t ino;
	int err;
} seen;

static int ready(void *arg, struct snapfile *at, const struct snapshot *what)
{
	struct stat st;

	seen.calls += arg == &seen && what == &snapshot;
	seen.temp = !fstatat(at->dir, at->temp, &st, AT_SYMLINK_NOFOLLOW);
	seen.ino = st.st_ino;
	seen.finals = count(false) - count(true);
	if (seen.err)
		strcpy(at->doing, "be ready");
	return seen.err;
}

static void hook(void)
{
	struct stat st;
	int err;

	for (seen.err = 0; seen.err >= -EIO; seen.err -= EIO) {
		snapfile_open(&file, folder);
		file.ready = ready;
		file.arg = &seen;
		snapshot_write(&snapshot, file.fd);
		err = snapfile_commit(&file, NULL, &snapshot);
		tap_ok(err == seen.err && seen.calls == 1 && seen.temp &&
		       !seen.finals, "ready: before the name, returning %d",
		       seen.err);
		if (err)
			break;
		tap_ok(!stat(file.path, &st) && st.st_ino == seen.ino,
		       "ready: it is the same file under its name");
		empty_folder();
		seen.calls = 0;
	}
	tap_ok(count(false) == 0 && !strcmp(file.doing, "be ready"),
	       "ready: an error gives the file up");
}

/* A temporary file as a dead writer leaves it; its descriptor. */
static int leftover(const char *name, int age)
{
	int fd = open(in_folder(name), O_RDWR | O_CREAT, 0600);
	struct timespec times[2] = {
		{ .tv_sec = time(NULL) - age }, { .tv_sec = time(NULL) - age },
	};

	futimens(fd, times);
	return fd;
}

static void sweeping(void)
{
	int locked = leftover(".ttlog-1-0000000000000000.tmp", 4000);

	flock(locked, LOCK_EX);
	close(leftover(".ttlog-2-0000000000000000.tmp", 4000));
	close(leftover(".ttlog-3-0000000000000000.tmp", 3000));
	close(leftover(".ttlog-4-0000000000000000.bin", 4000));
	close(leftover("ttlog-5-0000000000000000.tmp", 4000));
	close(leftover("precious", 4000));
	if (symlink("precious", in_folder(".ttlog-6-0.tmp")) ||
	    mkfifo(in_folder(".ttlog-7-0.tmp"), 0600))
		perror("sweeping");
	write_one("new");
	tap_ok(exists(".ttlog-1-0000000000000000.tmp"), "a locked one stays");
	tap_ok(!exists(".ttlog-2-0000000000000000.tmp"),
	       "one older than an hour goes");
	tap_ok(exists(".ttlog-3-0000000000000000.tmp"), "a younger one stays");
	tap_ok(exists(".ttlog-4-0000000000000000.bin") &&
	       exists("ttlog-5-0000000000000000.tmp") && exists("precious"),
	       "what has another name stays");
	tap_ok(exists(".ttlog-6-0.tmp") && exists(".ttlog-7-0.tmp"),
	       "what is no file stays, and holds nobody up");
	close(locked);
	empty_folder();
}

static void race(void)
{
	int i, child, status, bad = 0;

	for (child = 0; child < 4; child++) {
		if (fork())
			continue;
		for (i = 0; i < 50; i++)
			bad += !!write_one(NULL);
		_exit(bad);
	}
	for (child = 0; child < 4; child++) {
		wait(&status);
		bad += !!status;
	}
	tap_ok(!bad && count(false) == 200 && count(true) == 0,
	       "4 writers at once, 200 files of one second");
	empty_folder();
}

int main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	strcpy(folder, "/tmp/ttlog-test-XXXXXX");
	if (!mkdtemp(folder))
		return 1;
	synth_head(&snapshot, NULL, 0);
	names();
	synth_head(&snapshot, NULL, 0);
	all_numbers();
	own_names();
	modes();
	failures();
	deep();
	hook();
	sweeping();
	race();
	rmdir(folder);
	return tap_done();
}
