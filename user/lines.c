// SPDX-License-Identifier: GPL-2.0-only
/*
 * A pipe or a terminal that nobody reads, or the journal's socket while that hangs,
 * makes who writes wait. O_NONBLOCK is shared by all who have the same open file, so
 * it is set for one of our own; where that can't be had, we look before we write, which
 * is as good where nobody else writes at that moment. Of a socket there can't be
 * another open file, but it has a flag for each call.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lines.h"

/**
 * struct lines - where they go
 * @fd: the file
 * @socket: it is one
 * @look: it may make us wait: look before
 * @cut: the last that was taken has no end
 * @missing: lines that were not taken since
 */
static struct lines {
	int fd;
	bool socket;
	bool look;
	bool cut;
	unsigned int missing;
} lines = { .fd = STDERR_FILENO };

static ssize_t put_some(const char *text, size_t len)
{
	struct pollfd fd = { .fd = lines.fd, .events = POLLOUT };

	if (lines.socket)
		return send(lines.fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (lines.look && poll(&fd, 1, 0) <= 0)
		return -1;
	return write(lines.fd, text, len);
}

static bool put(const char *text, size_t len)
{
	ssize_t put = put_some(text, len);

	if (put > 0)
		lines.cut = put < (ssize_t)len;
	return put == (ssize_t)len;
}

static bool put_missing(void)
{
	char text[128];
	int len;

	if (!lines.missing)
		return true;
	len = snprintf(text, sizeof(text),
		       "%s%s: lines that nobody read are missing here: %u\n",
		       lines.cut ? "\n" : "", program_invocation_short_name,
		       lines.missing);
	if (!put(text, len))
		return false;
	lines.missing = 0;
	return true;
}

/* What becomes of a line is no error of the stream, which would say no more then. */
static ssize_t put_line(void *cookie, const char *line, size_t len)
{
	(void)cookie;
	if (!put_missing() || !put(line, len))
		lines.missing++;
	return len;
}

/* Of a file that is none of these more than one must not have a position. */
static void choose_file(void)
{
	struct stat st = { 0 };
	int fd;

	fstat(STDERR_FILENO, &st);
	lines.socket = S_ISSOCK(st.st_mode);
	if (!S_ISFIFO(st.st_mode) && !isatty(STDERR_FILENO))
		return;
	fd = open("/proc/self/fd/2",
		  O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	lines.look = fd < 0;
	if (fd >= 0)
		lines.fd = fd;
}

void lines_open(void)
{
	static const cookie_io_functions_t io = { .write = put_line };
	static char line[16384];
	FILE *stream = fopencookie(NULL, "w", io);

	if (!stream)
		return;
	choose_file();
	setvbuf(stream, line, _IOLBF, sizeof(line));
	stderr = stream;
}
