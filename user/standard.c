// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "exit.h"
#include "standard.h"

/* Also where argp ends the program, as with --help. */
static void check_output(int status, void *unused)
{
	(void)unused;
	if (!fflush(stdout) && !ferror(stdout))
		return;
	warn("standard output");
	_exit(status ? status : EXIT_OTHER);
}

void standard_begin(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
	on_exit(check_output, NULL);
}
