// SPDX-License-Identifier: GPL-2.0-only
/*
 * Write on each CPU "w CPU NUMBER", in bursts, until killed: events of 64 bytes, and
 * who reads them sees which are missing: writers CPUS PAUSE, with so many microseconds
 * between two bursts.
 */
#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <signal.h>
#include <unistd.h>

#define BURST	100

static void run(int cpu, unsigned int pause_us)
{
	int fd = open("/dev/ttlog", O_WRONLY);
	char text[32];
	cpu_set_t set;
	unsigned int i;
	int len;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (fd < 0 || sched_setaffinity(0, sizeof(set), &set))
		err(1, "writer %d", cpu);
	for (i = 0;; i++) {
		len = sprintf(text, "w %d %010u", cpu, i);
		if (write(fd, text, len) != len)
			err(1, "writer %d", cpu);
		if (i % BURST == BURST - 1)
			usleep(pause_us);
	}
}

int main(int argc, char **argv)
{
	unsigned int pause_us;
	int cpu, nr;

	if (argc != 3)
		errx(1, "usage: writers CPUS PAUSE");
	nr = atoi(argv[1]);
	pause_us = atoi(argv[2]);
	for (cpu = 1; cpu < nr; cpu++) {
		if (!fork()) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			run(cpu, pause_us);
		}
	}
	run(0, pause_us);
}
