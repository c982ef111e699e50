// SPDX-License-Identifier: GPL-2.0-only
/*
 * The protocol that sd_notify(3) documents for programs without its library: each
 * note is a datagram to the socket that NOTIFY_SOCKET names. sd_notify() itself sleeps
 * while that socket is full, which is for as long as systemd hangs, and nothing can
 * make it not do so.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "notify.h"

#define KINDS	5	/* READY, RELOADING, STATUS, STOPPING, WATCHDOG */

/**
 * struct left - notes that were not taken yet, one of a kind
 * @fd: the socket, while there are any; else -1
 * @nr: entries of @text
 * @text: from malloc(), in order
 */
static struct left {
	int fd;
	unsigned int nr;
	char *text[KINDS];
} left = { .fd = -1 };

/* A name that begins with @ is an abstract one, which begins with NUL. */
static int open_socket(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	const char *name = getenv("NOTIFY_SOCKET");
	size_t len = strlen(name);
	int fd;

	if (len >= sizeof(to.sun_path))
		return -1;
	memcpy(to.sun_path, name, len);
	if (*name == '@')
		to.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || !connect(fd, (struct sockaddr *)&to,
			       offsetof(struct sockaddr_un, sun_path) + len))
		return fd;
	close(fd);
	return -1;
}

static void drop(unsigned int i)
{
	free(left.text[i]);
	left.nr--;
	memmove(&left.text[i], &left.text[i + 1],
		(left.nr - i) * sizeof(left.text[0]));
}

static bool same_kind(const char *a, const char *b)
{
	return !strncmp(a, b, strcspn(a, "=") + 1);
}

/* What was to be told before of the same holds no longer. */
static void append(char *text)
{
	unsigned int i = 0;

	while (i < left.nr && !same_kind(left.text[i], text))
		i++;
	if (i < left.nr)
		drop(i);
	left.text[left.nr++] = text;
}

void notify(const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	if (!getenv("NOTIFY_SOCKET"))
		return;
	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0)
		return;
	append(text);
	notify_flush();
}

int notify_fd(void)
{
	return left.fd;
}

/* Where nobody is there to be told, nothing is left either. */
void notify_flush(void)
{
	if (left.fd < 0)
		left.fd = open_socket();
	while (left.nr && (send(left.fd, left.text[0], strlen(left.text[0]),
				MSG_NOSIGNAL) >= 0 || errno != EAGAIN))
		drop(0);
	if (!left.nr && left.fd >= 0) {
		close(left.fd);
		left.fd = -1;
	}
}
