// SPDX-License-Identifier: GPL-2.0-only
/*
 * How many places of instrumented code, as kcov has it, a write comes through:
 *
 *	places FILE TEXT
 */
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define KCOV		"/sys/kernel/debug/kcov"
#define KCOV_INIT_TRACE	_IOR('c', 1, unsigned long)
#define KCOV_ENABLE	_IO('c', 100)
#define KCOV_DISABLE	_IO('c', 101)
#define KCOV_TRACE_PC	0
#define PLACES		(64UL << 10)

/* The first is how many follow. */
static volatile uint64_t *begin(int fd)
{
	uint64_t *places;

	if (ioctl(fd, KCOV_INIT_TRACE, PLACES))
		err(2, "KCOV_INIT_TRACE");
	places = mmap(NULL, PLACES * sizeof(*places), PROT_READ | PROT_WRITE,
		      MAP_SHARED, fd, 0);
	if (places == MAP_FAILED || ioctl(fd, KCOV_ENABLE, KCOV_TRACE_PC))
		err(2, "KCOV_ENABLE");
	return places;
}

int main(int argc, char **argv)
{
	int fd = open(KCOV, O_RDWR), to = argc == 3 ? open(argv[1], O_WRONLY) : -1;
	volatile uint64_t *places;
	ssize_t len;

	if (fd < 0 || to < 0)
		err(2, "%s, or what is given", KCOV);
	places = begin(fd);
	len = write(to, argv[2], strlen(argv[2]));
	ioctl(fd, KCOV_DISABLE, 0);
	if (len < 0)
		err(2, "%s", argv[1]);
	printf("%llu\n", (unsigned long long)places[0]);
	return 0;
}
