// SPDX-License-Identifier: GPL-2.0-only
/*
 * Be the one-shot that the module starts. It does what the file once.how beside it
 * says, and tells in once.log what it was and did, a line each:
 *
 *	begin PID NS, uid N, argument TEXT, variable TEXT, took ID COUNT FLAGS, end PID NS
 *
 *	serve MS	wait for MS, then take and serve what there is
 *	hold MS		become it, then wait for MS before taking and serving
 *	exit STATUS	nothing but that
 *	kill SIGNAL	take one, and be killed by that
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <ttlog.h>
#include <unistd.h>

static FILE *told;

static void tell_when(const char *what)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	fprintf(told, "%s %d %lld\n", what, getpid(),
		now.tv_sec * 1000000000LL + now.tv_nsec);
	fflush(told);
}

static void be_it(int fd)
{
	if (ioctl(fd, TTLOG_IOC_ONCE, 0))
		err(10, "TTLOG_IOC_ONCE");
}

static int take(int fd, struct ttlog_trigger *t)
{
	memset(t, 0, sizeof(*t));
	if (ioctl(fd, TTLOG_IOC_TAKE, t))
		return 0;
	fprintf(told, "took %llu %u %u\n", (unsigned long long)t->id, t->count,
		t->flags);
	fflush(told);
	return 1;
}

static void serve(int fd)
{
	struct ttlog_trigger t;
	struct ttlog_done done = { .path = (uintptr_t)"/x", .path_size = 3 };

	while (take(fd, &t)) {
		done.id = t.id;
		if (ioctl(fd, TTLOG_IOC_DONE, &done))
			err(11, "TTLOG_IOC_DONE");
	}
}

static int run(const char *how, int n)
{
	struct ttlog_trigger t;
	int fd = -1;

	if (!strcmp(how, "exit"))
		return n;
	if (!strcmp(how, "serve"))
		usleep(n * 1000);
	fd = open("/dev/ttlog", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 12 : 13;
	be_it(fd);
	if (!strcmp(how, "hold"))
		usleep(n * 1000);
	if (!strcmp(how, "kill")) {
		take(fd, &t);
		fflush(told);
		kill(getpid(), n);
	}
	serve(fd);
	return 0;
}

int main(int argc, char **argv, char **env)
{
	char how[20] = "exit";
	FILE *file;
	int i, n = 99;

	if (argc < 2 || chdir(dirname(strdup(argv[0]))))
		return 14;
	told = fopen("once.log", "ae");
	file = fopen("once.how", "re");
	if (!told || !file || fscanf(file, "%19s %d", how, &n) != 2)
		return 15;
	fclose(file);
	tell_when("begin");
	fprintf(told, "uid %d\n", geteuid());
	for (i = 0; i < argc; i++)
		fprintf(told, "argument %s\n", argv[i]);
	for (; *env; env++)
		fprintf(told, "variable %s\n", *env);
	fflush(told);
	n = run(how, n);
	tell_when("end");
	return n;
}
