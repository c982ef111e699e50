// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a write costs, in guest instructions: under the VM's instruction clock one
 * tick of the TSC is one instruction. Prints a line a case:
 *
 *	NAME BYTES INSTRUCTIONS
 *
 * INSTRUCTIONS is the median of batches, a call, the loop included.
 */
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>
#include <x86intrin.h>
#include <ttlog.h>

#define BATCHES	31
#define CALLS	1000

struct target {
	const char *name;
	const char *path;
};

static const struct target peers[] = {
	{ "null", "/dev/null" },
	{ "trace_marker", "/sys/kernel/tracing/trace_marker" },
	{ "trace_marker_raw", "/sys/kernel/tracing/trace_marker_raw" },
	{ "kmsg", "/dev/kmsg" },
};

static char text[4096];

static int compare(const void *a, const void *b)
{
	unsigned long long x = *(const unsigned long long *)a;
	unsigned long long y = *(const unsigned long long *)b;

	return (x > y) - (x < y);
}

static void batch(int fd, size_t size, const char *name)
{
	int i;

	for (i = 0; i < CALLS; i++)
		if (write(fd, text, size) != (ssize_t)size)
			err(1, "%s: write of %zu bytes", name, size);
}

static void batch_writev(int fd, size_t size, const char *name)
{
	struct iovec iov = { text, size };
	int i;

	for (i = 0; i < CALLS; i++)
		if (writev(fd, &iov, 1) != (ssize_t)size)
			err(1, "%s: writev of %zu bytes", name, size);
}

/* Prints the median, rounded down to a multiple of @round. */
static void measure(const char *name, const char *path, size_t size,
		    void (*run)(int fd, size_t size, const char *name),
		    unsigned int round)
{
	unsigned long long cost[BATCHES], begin;
	int fd = open(path, O_WRONLY), i;

	if (fd < 0)
		err(1, "%s", path);
	run(fd, size, name);
	for (i = 0; i < BATCHES; i++) {
		begin = __rdtsc();
		run(fd, size, name);
		cost[i] = (__rdtsc() - begin) / CALLS;
	}
	qsort(cost, BATCHES, sizeof(cost[0]), compare);
	printf("%s %zu %llu\n", name, size,
	       cost[BATCHES / 2] / round * round);
	close(fd);
}

static void filter(uint32_t flags, const char *service)
{
	struct ttlog_filter f = { .flags = flags, .levels = 1 << TTLOG_INFO };
	int fd = open("/dev/ttlog", O_RDWR);

	strcpy(f.service, service);
	f.rate[TTLOG_INFO] = TTLOG_FILTER_MAX;
	f.burst[TTLOG_INFO] = TTLOG_FILTER_MAX;
	if (fd < 0 || ioctl(fd, TTLOG_IOC_FILTER, &f))
		err(1, "filter of '%s'", service);
	close(fd);
}

/*
 * An event that a limit lets through, the same beside filters of 63 services, and one
 * that is left out.
 */
static void measure_filters(size_t size)
{
	char service[TTLOG_SERVICE_LEN];
	int i;

	filter(TTLOG_FILTER_RATE, "");
	measure("ttlog-limit", "/dev/ttlog", size, batch, 1);
	for (i = 1; i < TTLOG_NR_FILTERS; i++) {
		snprintf(service, sizeof(service), "service-%d", i);
		filter(TTLOG_FILTER_RATE, service);
	}
	measure("ttlog-limit-63-services", "/dev/ttlog", size, batch, 1);
	for (i = 1; i < TTLOG_NR_FILTERS; i++) {
		snprintf(service, sizeof(service), "service-%d", i);
		filter(TTLOG_FILTER_REMOVE, service);
	}
	filter(TTLOG_FILTER_LEVELS, "");
	measure("ttlog-left-out", "/dev/ttlog", size, batch, 1);
	filter(TTLOG_FILTER_REMOVE, "");
}

/*
 * Without an argument what there is without the recorder, with "loaded" what there
 * is with it, with "reserved" a write where its rings are in reserved memory.
 */
int main(int argc, char **argv)
{
	static const size_t sizes[] = { 64, 200 };
	const char *what = argc > 1 ? argv[1] : "";
	size_t s, t;

	/* All at the end: a serial line's interrupts would be measured too. */
	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	memset(text, 'x', sizeof(text));
	for (s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		for (t = 0; !*what && t < sizeof(peers) / sizeof(peers[0]); t++)
			measure(peers[t].name, peers[t].path, sizes[s], batch, 1);
		if (!strcmp(what, "reserved"))
			measure("ttlog-reserved", "/dev/ttlog", sizes[s], batch, 1);
		if (strcmp(what, "loaded"))
			continue;
		measure("ttlog", "/dev/ttlog", sizes[s], batch, 1);
		measure("ttlog-writev", "/dev/ttlog", sizes[s], batch_writev, 1);
		/* Recording a line takes an interrupt, whose place may differ. */
		measure("kmsg-and-klog", "/dev/kmsg", sizes[s], batch, 100);
		measure_filters(sizes[s]);
	}
	return 0;
}
