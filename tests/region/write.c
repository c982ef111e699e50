// SPDX-License-Identifier: GPL-2.0-only
/*
 * Write on each CPU "w CPU NUMBER", numbers from 0 on:
 *	write CPUS NUMBER	so many on each
 *	write CPUS FOLDER	until the machine is reset. In FOLDER/CPU is a number that
 *				was written for sure, each 1024 events a newer one
 */
#include <err.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NOTED	1024

static const char *folder;
static unsigned int number;

static int open_note(int cpu)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%d", folder, cpu);
	fd = open(path, O_WRONLY | O_CREAT, 0644);
	if (fd < 0)
		err(1, "%s", path);
	return fd;
}

/* Of one size, so that it is always a whole number. */
static void note(int fd, unsigned int written)
{
	char text[16];

	snprintf(text, sizeof(text), "%010u\n", written);
	if (pwrite(fd, text, 11, 0) != 11)
		err(1, "noting");
}

static void *run(void *arg)
{
	int cpu = (intptr_t)arg, fd = open("/dev/ttlog", O_WRONLY), len, notes = -1;
	unsigned int i;
	char text[32];
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (fd < 0 || sched_setaffinity(0, sizeof(set), &set))
		err(1, "writer %d", cpu);
	if (folder)
		notes = open_note(cpu);
	for (i = 0; folder || i < number; i++) {
		len = snprintf(text, sizeof(text), "w %d %010u", cpu, i);
		if (write(fd, text, len) != len)
			err(1, "writer %d", cpu);
		if (folder && i % NOTED == 0)
			note(notes, i);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[64];
	int cpu, cpus = argc == 3 ? atoi(argv[1]) : 0;

	if (cpus < 1 || cpus > 64)
		errx(2, "usage: write CPUS NUMBER|FOLDER");
	if (*argv[2] == '/')
		folder = argv[2];
	else
		number = atoi(argv[2]);
	for (cpu = 0; cpu < cpus; cpu++)
		if (pthread_create(&threads[cpu], NULL, run, (void *)(intptr_t)cpu))
			errx(1, "no thread");
	for (cpu = 0; cpu < cpus; cpu++)
		pthread_join(threads[cpu], NULL);
	return 0;
}
