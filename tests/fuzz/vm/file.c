// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "op.h"

void do_open(struct bytes *in)
{
	static const int modes[] = { O_RDONLY, O_WRONLY, O_RDWR, O_PATH };
	static const int flags[] = { 0, O_NONBLOCK, O_APPEND, O_DIRECT, O_SYNC,
				     O_TRUNC, O_ASYNC, O_NOATIME };
	int *at = slot_of(in);
	unsigned int how = take(in, 1);

	put_slot(at, open(DEVICE, modes[how & 3] | flags[how >> 2 & 7] | O_CLOEXEC,
			  0600));
}

void do_close(struct bytes *in)
{
	int *at = slot_of(in);

	if (*at >= 0)
		close(*at);
	*at = -1;
}

void do_dup(struct bytes *in)
{
	int *from = slot_of(in), *to = slot_of(in);

	if (*from >= 0 && from != to)
		put_slot(to, fcntl(*from, F_DUPFD_CLOEXEC, 0));
}

void do_fcntl(struct bytes *in)
{
	int fd = *slot_of(in);
	unsigned int how = take(in, 1);

	switch (how & 7) {
	case 0:
		fcntl(fd, F_SETFL, how & 8 ? O_NONBLOCK | O_ASYNC : 0);
		break;
	case 1:
		(void)!ftruncate(fd, how);
		break;
	case 2:
		fsync(fd);
		break;
	case 3:
		lseek(fd, how, how >> 3 & 3);
		break;
	case 4:
		fcntl(fd, F_SETOWN, getpid());
		break;
	case 5:
		fallocate(fd, how >> 3, 0, PAGE);
		break;
	case 6:
		(void)!sendfile(fd, *slot_of(in), NULL, how);
		break;
	default:
		posix_fadvise(fd, 0, how, how >> 3 & 7);
		break;
	}
}

void do_poll(struct bytes *in)
{
	struct pollfd fds[2] = {
		{ .fd = *slot_of(in), .events = POLLIN | POLLPRI | POLLOUT },
		{ .fd = *slot_of(in), .events = POLLIN | POLLPRI },
	};

	poll(fds, 2, take(in, 1) & 1 ? 0 : 2);
}
