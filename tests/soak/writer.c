// SPDX-License-Identifier: GPL-2.0-only
/*
 * For tests/soak/guest: write events of which each tells, to the last byte, who wrote
 * it and as which of his.
 *
 *	writer NUMBER UID FILE	until SIGTERM, on all CPUs in turn; then what was written
 *				goes to FILE, as a line "written too_large faulted"
 *	writer reopen		open the device for each event, as a shell does, while
 *				the module comes and goes
 *	writer hog		take memory until the kernel kills
 *
 * tests/soak/check.py has the same idea of what event N of a writer is.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include <ttlog.h>

#define DEVICE		"/dev/ttlog"
#define LETTERS		"abcdefghijklmnopqrstuvwxyz"
#define MOST		200	/* letters of an event */
#define BATCH		20	/* events between two pauses */
#define PAUSE		50000	/* us */
#define HOG		(16 << 20)
#define PAGE		4096
#define CALLS		200	/* of getppid in each batch, for probes on it */

static volatile sig_atomic_t stop;

static void on_term(int signal)
{
	stop = signal;
}

/**
 * struct counts - what became of attempts
 */
struct counts {
	uint64_t written;
	uint64_t too_large;
	uint64_t faulted;
};

static int level_of(uint64_t number)
{
	if (number % 64 == 0)
		return TTLOG_ERR;
	if (number % 8 == 0)
		return TTLOG_WARNING;
	return number % 3 ? TTLOG_INFO : TTLOG_DEBUG;
}

/* "writer number letters", then the number as a field; bytes of it. */
static size_t text_of(char *text, unsigned int writer, uint64_t number)
{
	size_t len, letters = number * 7 % MOST, i;

	len = sprintf(text, "<%d>%u %" PRIu64 " ", level_of(number), writer, number);
	for (i = 0; i < letters; i++)
		text[len++] = LETTERS[(writer + number + i) % 26];
	return len + sprintf(text + len, "%cn:=%" PRIu64, 0, number);
}

/* Every second by writev. */
static bool put(int fd, unsigned int writer, uint64_t number)
{
	char text[MOST + 100];
	size_t len = text_of(text, writer, number);
	struct iovec v[2] = {
		{ text, len / 2 },
		{ text + len / 2, len - len / 2 },
	};

	return (number % 2 ? write(fd, text, len) : writev(fd, v, 2)) ==
	       (ssize_t)len;
}

/* What isn't accepted, and is counted all the same. */
static void put_wrong(int fd, struct counts *counts)
{
	static const char large[TTLOG_TEXT_MAX + 1];
	const void *volatile nothing = (void *)1;

	if (write(fd, large, sizeof(large)) >= 0 || errno != EMSGSIZE)
		err(1, "too large");
	counts->too_large++;
	if (write(fd, nothing, 10) >= 0 || errno != EFAULT)
		err(1, "faulted");
	counts->faulted++;
}

static void be_user(unsigned int uid)
{
	if (uid && (setgroups(0, NULL) || setresgid(uid, uid, uid) ||
		    setresuid(uid, uid, uid)))
		err(1, "uid %u", uid);
}

/* To the next CPU; one that is offline is left out. */
static void move(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static void report(const char *path, const struct counts *counts)
{
	FILE *file = fopen(path, "we");

	if (!file || fprintf(file, "%" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
			     counts->written, counts->too_large,
			     counts->faulted) < 0 || fclose(file))
		err(1, "%s", path);
}

static int run(unsigned int writer, unsigned int uid, const char *path)
{
	struct ttlog_service_name service = { 0 };
	struct counts counts = { 0 };
	unsigned int batch, i;
	int fd = open(DEVICE, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		err(1, DEVICE);
	/* Before it is another's, as the report is root's. */
	report(path, &counts);
	if (chown(path, uid, uid))
		err(1, "%s", path);
	be_user(uid);
	snprintf(service.name, sizeof(service.name), "w%u", writer);
	if (ioctl(fd, TTLOG_IOC_SERVICE, &service))
		err(1, "service %s", service.name);
	for (batch = 0; !stop; batch++) {
		move((writer + batch / 8) % 4);
		for (i = 0; i < BATCH; i++)
			if (!put(fd, writer, ++counts.written))
				err(1, "event %" PRIu64, counts.written);
		for (i = 0; i < CALLS; i++)
			syscall(SYS_getppid);
		if (batch % 16 == 0)
			put_wrong(fd, &counts);
		usleep(PAUSE);
	}
	report(path, &counts);
	return 0;
}

/* ENODEV, ENXIO: the node is older than the module. */
static int reopen(void)
{
	uint64_t number = 0;
	int fd;

	while (!stop) {
		fd = open(DEVICE, O_WRONLY | O_CLOEXEC);
		if (fd >= 0) {
			if (!put(fd, 99, ++number))
				err(1, "event %" PRIu64, number);
			close(fd);
		} else if (errno != ENOENT && errno != ENODEV && errno != ENXIO) {
			err(1, DEVICE);
		}
		usleep(200);
	}
	return number ? 0 : 2;
}

/* Pages are but touched, as an emulated processor takes its time to fill them. */
static int hog(void)
{
	char *memory;
	size_t i;

	prctl(PR_SET_NAME, "hog");
	for (;;) {
		memory = mmap(NULL, HOG, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (memory == MAP_FAILED)
			err(1, "hog");
		for (i = 0; i < HOG; i += PAGE)
			memory[i] = 1;
	}
}

int main(int argc, char **argv)
{
	signal(SIGTERM, on_term);
	if (argc == 2 && !strcmp(argv[1], "reopen"))
		return reopen();
	if (argc == 2 && !strcmp(argv[1], "hog"))
		return hog();
	if (argc != 4)
		errx(2, "see its source");
	return run(atoi(argv[1]), atoi(argv[2]), argv[3]);
}
