// SPDX-License-Identifier: GPL-2.0-only
/* Was a file finished whose writer died? */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cookie.h"
#include "tap.h"

#define STEM	"ttlog-4294967295-20261123101112-timer"

static int dir;
static uint8_t cookie[COOKIE_SIZE];

static bool found_as(const char *name)
{
	bool found;

	renameat(dir, "temp", dir, name);
	found = cookie_find(cookie, dir) == 1;
	renameat(dir, name, dir, "temp");
	return found;
}

/* A file of that content. Returns its descriptor. */
static int make(const char *name, const char *content)
{
	int fd = openat(dir, name, O_RDWR | O_CREAT | O_EXCL, 0600);

	if (write(fd, content, strlen(content)) < 0)
		perror(name);
	return fd;
}

/* Is a file of that content taken for it? */
static bool taken(const char *name, const char *content)
{
	bool found;

	close(make(name, content));
	found = cookie_find(cookie, dir) == 1;
	unlinkat(dir, name, 0);
	return found;
}

static void names(void)
{
	int fd = make("temp", "some content, its sum");

	tap_ok(!cookie_make(cookie, fd, STEM), "made");
	tap_ok(cookie_find(cookie, dir) == 0, "no name yet: not finished");
	tap_ok(found_as(STEM ".bin"), "it has its name");
	tap_ok(found_as(STEM ".17.bin"), "with a number");
	tap_ok(!found_as(STEM "s.bin"), "a longer reason is another name");
	tap_ok(!found_as("ttlog-429496729-20261123101112-timer.bin"),
	       "another pid, too");
	linkat(dir, "temp", dir, STEM ".1.bin", 0);
	tap_ok(cookie_find(cookie, dir) == 1, "it has both names");
	unlinkat(dir, STEM ".1.bin", 0);
	unlinkat(dir, "temp", 0);
	tap_ok(symlinkat(STEM ".2.bin", dir, STEM ".bin") == 0 &&
	       cookie_find(cookie, dir) == 0, "a link isn't it");
	unlinkat(dir, STEM ".bin", 0);
	mkdirat(dir, STEM ".bin", 0700);
	tap_ok(cookie_find(cookie, dir) == 0, "a folder isn't it");
	unlinkat(dir, STEM ".bin", AT_REMOVEDIR);
	close(fd);
}

/* Not every file system gives a file the same inode each time. */
static void contents(void)
{
	int fd = make("temp", "some content, its sum");
	int other = make(STEM ".bin", "some content, its SUM");
	int empty = open("/dev/null", O_RDWR);

	cookie_make(cookie, fd, STEM);
	tap_ok(cookie_find(cookie, dir) == 0,
	       "another file has the name, as large: not finished");
	tap_ok(taken(STEM ".1.bin", "some content, its sum"),
	       "by another inode, beside such a file: finished");
	unlinkat(dir, STEM ".bin", 0);
	tap_ok(!taken(STEM ".bin", "more than content, its sum") &&
	       !taken(STEM ".bin", "content, its sum") && !taken(STEM ".bin", ""),
	       "files that end alike aren't it");
	tap_ok(taken(STEM ".bin", "some content, its sum"), "by another inode alone");
	tap_ok(pwrite(fd, "S", 1, 18) == 1 && !found_as(STEM ".bin"),
	       "another file has the inode, and the name: not finished");
	memset(cookie, 'x', sizeof(cookie));
	tap_ok(cookie_make(cookie, empty, STEM) < 0 && cookie[0] == 'x',
	       "no snapshot: an error");
	unlinkat(dir, "temp", 0);
	close(empty);
	close(other);
	close(fd);
}

static void none(void)
{
	int fd = make(".0.bin", "some content, its sum");

	cookie_none(cookie);
	tap_ok(cookie_find(cookie, dir) == 0, "none: never found");
	memset(cookie, 0xff, sizeof(cookie));
	tap_ok(cookie_find(cookie, dir) == 0, "no end in it: not found");
	memset(cookie, 'x', sizeof(cookie));
	tap_ok(cookie_make(cookie, fd, STEM "-and-much-more-than-fits") ==
	       -ENAMETOOLONG && cookie[0] == 'x',
	       "a name that doesn't fit is refused");
	cookie_make(cookie, fd, STEM);
	tap_ok(cookie_find(cookie, fd) == -ENOTDIR, "no folder: an error");
	unlinkat(dir, ".0.bin", 0);
	close(fd);
}

int main(void)
{
	char folder[] = "/tmp/ttlog-test-XXXXXX";

	if (!mkdtemp(folder))
		return 1;
	dir = open(folder, O_RDONLY | O_DIRECTORY);
	names();
	contents();
	none();
	rmdir(folder);
	return tap_done();
}
