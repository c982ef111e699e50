// SPDX-License-Identifier: GPL-2.0-only
/* Be what systemd is to a service: print each line of what it tells. */
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	char text[4096];
	ssize_t len;
	int fd;

	if (argc != 2 || strlen(argv[1]) >= sizeof(at.sun_path))
		errx(2, "usage: notified SOCKET");
	strcpy(at.sun_path, argv[1]);
	unlink(argv[1]);
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)))
		err(1, "%s", argv[1]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	while ((len = recv(fd, text, sizeof(text), 0)) >= 0)
		printf("%.*s\n", (int)len, text);
	return 1;
}
