// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unload the module as soon as nobody uses it, within 20 s. rmmod(8) would be
 * a new process for each try.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	int tries;

	for (tries = 0; tries < 40000; tries++) {
		if (!syscall(SYS_delete_module, "ttlog", O_NONBLOCK))
			return 0;
		if (errno != EWOULDBLOCK)
			break;
		usleep(500);
	}
	perror("delete_module");
	return 1;
}
