// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cover.h"

#define KCOV		"/sys/kernel/debug/kcov"
#define KCOV_INIT_TRACE	_IOR('c', 1, unsigned long)
#define KCOV_ENABLE	_IO('c', 100)
#define KCOV_TRACE_PC	0
#define PLACES		(256UL << 10)

/* The first is how many follow. */
static uint64_t *places;
static uint64_t base, size;

void cover_moved(void)
{
	FILE *from = fopen("/proc/modules", "re");
	unsigned long long at, bytes;
	char line[512];

	while (from && fgets(line, sizeof(line), from)) {
		if (sscanf(line, "ttlog %llu %*s %*s %*s %llx", &bytes, &at) == 2) {
			base = at;
			size = bytes;
		}
	}
	if (from)
		fclose(from);
}

bool cover_init(void)
{
	int fd = open(KCOV, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return false;
	if (ioctl(fd, KCOV_INIT_TRACE, PLACES))
		goto close_fd;
	places = mmap(NULL, PLACES * sizeof(*places), PROT_READ | PROT_WRITE,
		      MAP_SHARED, fd, 0);
	if (places == MAP_FAILED)
		goto close_fd;
	/* The descriptor stays open, as its close ends the tracing. */
	if (!ioctl(fd, KCOV_ENABLE, KCOV_TRACE_PC)) {
		cover_moved();
		return true;
	}
	munmap(places, PLACES * sizeof(*places));
close_fd:
	places = NULL;
	close(fd);
	return false;
}

void cover_begin(void)
{
	if (places)
		__atomic_store_n(&places[0], 0, __ATOMIC_RELAXED);
}

size_t cover_end(uint8_t *known)
{
	uint64_t nr = places ? __atomic_load_n(&places[0], __ATOMIC_RELAXED) : 0;
	uint64_t i, at, last = 0;
	size_t new = 0;
	uint32_t edge;

	for (i = 1; i <= nr && i < PLACES; i++) {
		at = places[i] - base;
		if (at >= size)
			continue;
		edge = (at ^ last * 0x9e3779b1) % COVER_EDGES;
		last = at;
		new += !__atomic_exchange_n(&known[edge], 1, __ATOMIC_RELAXED);
	}
	return new;
}
