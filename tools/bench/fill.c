// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fill the rings of the CPU that it runs on: messages of about 64 bytes as programs
 * write them, warnings among them, and hits of a probe at getppid().
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EVENTS	40000	/* more than a few MiB hold */

int main(void)
{
	int fd = open("/dev/ttlog", O_WRONLY), i, len;
	char text[160];

	if (fd < 0)
		err(1, "/dev/ttlog");
	for (i = 0; i < EVENTS; i++) {
		len = snprintf(text, sizeof(text),
			       "<%d>request %d of client 10.1.%d.%d served in %d us%cstatus:=%d",
			       i % 3 ? 6 : 4, i, i % 7, i * 31 % 251,
			       i * 7919 % 10007, 0, i % 11 ? 200 : 404);
		if (write(fd, text, len) != len)
			err(1, "write");
		syscall(SYS_getppid);
	}
	return 0;
}
