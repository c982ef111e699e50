// SPDX-License-Identifier: GPL-2.0-only
/* Lines that are taken in part, and a stderr that can't be opened again. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lines.h"
#include "tap.h"

static int fail_open;
static size_t take = 4096;
static int nr_writes;

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
	errno = fail_open;
	return fail_open ? -1 : __real_open(path, flags);
}

ssize_t __real_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_write(int fd, const void *bytes, size_t len)
{
	nr_writes++;
	errno = EAGAIN;
	return take ? __real_write(fd, bytes, len < take ? len : take) : -1;
}

/* What stands in the pipe. */
static bool holds(int fd, const char *text)
{
	char found[4096] = "";
	ssize_t len = read(fd, found, sizeof(found) - 1);

	return len > 0 && !strcmp(found, text);
}

static int new_stderr(void)
{
	int fds[2];

	if (pipe(fds))
		exit(1);
	dup2(fds[1], STDERR_FILENO);
	close(fds[1]);
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	return fds[0];
}

static void parts(void)
{
	int fd = new_stderr();

	nr_writes = 0;
	lines_open();
	warnx("one %d", 1);
	tap_ok(holds(fd, "lines: one 1\n") && nr_writes == 1, "a line, in one piece");
	errno = ENOENT;
	warn("two");
	tap_ok(holds(fd, "lines: two: No such file or directory\n"), "and an error");
	take = 9;
	warnx("three");
	take = 0;
	warnx("four");
	take = 4096;
	warnx("five");
	warnx("six");
	tap_ok(holds(fd, "lines: th\nlines: lines that nobody read are missing here: 2\n"
		     "lines: five\nlines: six\n"),
	       "a part of one, nothing of another: said when the next one is taken");
	close(fd);
	warnx("seven");
	tap_ok(true, "nobody can read any longer");
}

/* Who waits there is killed. */
static int says_one_more(void)
{
	static char part[4096];
	pid_t pid = fork();
	int status = -1;

	if (pid)
		return waitpid(pid, &status, 0) == pid ? status : -1;
	alarm(5);
	fcntl(STDERR_FILENO, F_SETFL, O_NONBLOCK);
	while (__real_write(STDERR_FILENO, part, sizeof(part)) > 0)
		;
	fcntl(STDERR_FILENO, F_SETFL, 0);
	warnx("one more");
	_exit(0);
}

static void shared(void)
{
	int fd = new_stderr();

	fail_open = EACCES;
	lines_open();
	warnx("said");
	tap_ok(holds(fd, "lines: said\n"), "a file that can't be opened again: a line");
	tap_ok(says_one_more() == 0, "and none where it is full");
	close(fd);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	shared();
	fail_open = 0;
	parts();
	return tap_done();
}
