// SPDX-License-Identifier: GPL-2.0-only
/*
 * One who uses the recorder as it is meant: a warning and a call of getpriority(2),
 * which a probe is on, five times a second on each CPU in turn, until SIGTERM. Prints
 * how many. Each warning says which it is: "honest N".
 */
#include <signal.h>
#include <sys/resource.h>
#include "user.h"

static volatile sig_atomic_t over;

static void end(int signal)
{
	(void)signal;
	over = 1;
}

int main(void)
{
	unsigned long n = 0;
	char text[32];
	int fd;

	if (become(BOB))
		return 1;
	fd = open(DEVICE, O_WRONLY | O_CLOEXEC);
	signal(SIGTERM, end);
	for (; !over; n++) {
		pin(n % NR_TEST_CPUS);
		snprintf(text, sizeof(text), "<4>honest %lu", n);
		/* A signal may come at any time; a write isn't cut short by it. */
		if (!say(fd, text))
			return 1;
		syscall(SYS_getpriority, PRIO_PROCESS, 0);
		usleep(200000);
	}
	printf("%lu\n", n);
	return 0;
}
