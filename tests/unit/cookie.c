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

static void names(void)
{
	int fd = openat(dir, "temp", O_WRONLY | O_CREAT, 0600);
	int other = openat(dir, STEM ".bin", O_WRONLY | O_CREAT, 0600);

	tap_ok(!cookie_make(cookie, fd, STEM), "made");
	tap_ok(cookie_find(cookie, dir) == 0,
	       "another file has the name: not finished");
	unlinkat(dir, STEM ".bin", 0);
	close(other);
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
	close(fd);
}

static void none(void)
{
	int fd = openat(dir, ".0.bin", O_WRONLY | O_CREAT, 0600);

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
	none();
	rmdir(folder);
	return tap_done();
}
