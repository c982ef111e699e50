// SPDX-License-Identifier: GPL-2.0-only
/* Set from which level on an event is a trigger: 0 to 7, or 8 for none. */
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <ttlog.h>

int main(int argc, char **argv)
{
	struct ttlog_levels levels = { .flags = TTLOG_LEVELS_TRIGGER };
	int fd = open("/dev/ttlog", O_WRONLY);

	if (argc != 2)
		errx(2, "usage: trigger-level LEVEL");
	levels.trigger = atoi(argv[1]);
	if (fd < 0 || ioctl(fd, TTLOG_IOC_LEVELS, &levels))
		err(1, "/dev/ttlog");
	return 0;
}
