// SPDX-License-Identifier: GPL-2.0-only
/*
 * Be the helper: say "attached", then take each trigger and answer it.
 *
 *	take path PATH      each is served, by this file
 *	take error ERRNO    each fails
 *	take nothing        each is taken and never served
 */
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <ttlog.h>

static void answer(int fd, uint64_t id, char **how)
{
	struct ttlog_done done = { .id = id };

	if (!strcmp(how[0], "nothing"))
		return;
	if (!strcmp(how[0], "error")) {
		done.error = atoi(how[1]);
	} else {
		done.path = (uintptr_t)how[1];
		done.path_size = strlen(how[1]) + 1;
	}
	if (ioctl(fd, TTLOG_IOC_DONE, &done))
		warn("done");
}

int main(int argc, char **argv)
{
	struct pollfd wait = { .events = POLLIN };
	struct ttlog_trigger trigger;

	if (argc < 2)
		errx(2, "path PATH, error ERRNO or nothing");
	wait.fd = open("/dev/ttlog", O_RDONLY);
	if (wait.fd < 0 || ioctl(wait.fd, TTLOG_IOC_HELPER, 0))
		err(1, "/dev/ttlog");
	puts("attached");
	fflush(stdout);
	for (;;) {
		poll(&wait, 1, -1);
		memset(&trigger, 0, sizeof(trigger));
		if (!ioctl(wait.fd, TTLOG_IOC_TAKE, &trigger))
			answer(wait.fd, trigger.id, argv + 1);
	}
}
