// SPDX-License-Identifier: GPL-2.0-only
/*
 * Open the device, write, close, again and again until a file is there:
 * hammer FILE. That the device comes and goes meanwhile is expected; all else
 * that goes wrong isn't. Prints how often it got in.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/uio.h>
#include <unistd.h>

static bool write_some(int fd)
{
	struct iovec v[] = { { "<4>ham", 6 }, { "mer", 3 } };
	int i;

	for (i = 0; i < 20; i++)
		if (write(fd, "hammer", 6) != 6 || writev(fd, v, 2) != 9)
			return false;
	return true;
}

int main(int argc, char **argv)
{
	unsigned long opened = 0;
	int fd;

	if (argc != 2)
		return 2;
	while (access(argv[1], F_OK)) {
		fd = open("/dev/ttlog", O_WRONLY);
		if (fd < 0 && errno != ENOENT && errno != ENODEV && errno != ENXIO) {
			perror("open");
			return 1;
		}
		if (fd >= 0) {
			opened++;
			if (!write_some(fd)) {
				perror("write");
				return 1;
			}
			close(fd);
		}
		/* Leave it a moment in which nobody has it open. */
		usleep(1000);
	}
	printf("%lu\n", opened);
	return 0;
}
