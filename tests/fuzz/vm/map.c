// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <ttlog.h>
#include <unistd.h>

#include "op.h"

#define MAPS		6

/**
 * struct map - a mapping
 */
struct map {
	uint8_t *at;
	size_t size;
};

static struct map map[MAPS];
static sigjmp_buf faulted;
static volatile sig_atomic_t touching;

static struct map *map_of(struct bytes *in)
{
	return &map[take(in, 1) % MAPS];
}

void do_mmap(struct bytes *in)
{
	static const int prots[] = { PROT_READ, PROT_READ, PROT_READ | PROT_WRITE,
				     PROT_READ | PROT_EXEC, PROT_NONE, PROT_WRITE };
	static const int kinds[] = { MAP_SHARED, MAP_SHARED, MAP_PRIVATE,
				     MAP_SHARED | MAP_POPULATE, MAP_SHARED | MAP_LOCKED };
	struct map *m = map_of(in);
	int fd = *slot_of(in);
	unsigned int how = take(in, 1);
	struct ttlog_ring_info ring = { .cpu = how & 3, .channel = how >> 2 & 3 };
	struct ttlog_previous left = { .index = how & 1 };
	size_t size = sizeof(struct ttlog_map);
	off_t offset = 0;
	void *at;

	if (how & 0x10 && !ioctl(fd, TTLOG_IOC_RING, &ring)) {
		size = ring.size;
		offset = ring.offset;
	}
	if (how >> 4 == 8 && !ioctl(fd, TTLOG_IOC_PREVIOUS, &left)) {
		size = left.size;
		offset = left.offset;
	}
	if (how & 0x20)
		size = take(in, 2) * 512;
	if (how & 0x40)
		offset += (int16_t)take(in, 2) * (off_t)PAGE;
	if (how >= 0xf0)
		offset = take(in, 8) & ~(PAGE - 1ULL);
	fail_no_mapping();
	at = mmap(NULL, size, choose(in, prots), choose(in, kinds), fd, offset);
	if (at == MAP_FAILED)
		return;
	if (m->at)
		munmap(m->at, m->size);
	m->at = at;
	m->size = size;
}

void do_munmap(struct bytes *in)
{
	struct map *m = map_of(in);
	size_t half = m->size / 2 & ~(PAGE - 1UL);

	if (!m->at)
		return;
	if (take(in, 1) & 1 && half) {	/* its end alone */
		munmap(m->at + half, m->size - half);
		m->size = half;
		return;
	}
	munmap(m->at, m->size);
	m->at = NULL;
}

void do_remap(struct bytes *in)
{
	static const int prots[] = { PROT_READ, PROT_WRITE | PROT_READ, PROT_EXEC,
				     PROT_NONE };
	static const int advices[] = { MADV_DONTNEED, MADV_WILLNEED, MADV_DONTFORK,
				       MADV_REMOVE, MADV_PAGEOUT, MADV_MERGEABLE,
				       MADV_HUGEPAGE, MADV_POPULATE_READ };
	struct map *m = map_of(in);
	size_t size = take(in, 2) * 512;
	void *at;

	if (!m->at)
		return;
	fail_no_mapping();
	switch (take(in, 1) % 5) {
	case 0:
		mprotect(m->at, m->size, choose(in, prots));
		break;
	case 1:
		at = mremap(m->at, m->size, size, MREMAP_MAYMOVE);
		if (at != MAP_FAILED) {
			m->at = at;
			m->size = size;
		}
		break;
	case 2:
		madvise(m->at, m->size, choose(in, advices));
		break;
	case 3:
		msync(m->at, m->size, MS_SYNC);
		break;
	default:
		mlock(m->at, m->size);
		break;
	}
}

static void on_fault(int signal)
{
	if (touching)
		siglongjmp(faulted, signal);
	_exit(3);
}

/* Read or write a byte that may not be there. */
static __attribute__((noinline)) void touch(volatile uint8_t *at, bool writing)
{
	touching = 1;
	if (!sigsetjmp(faulted, 1)) {
		if (writing)
			*at = 1;
		else
			(void)*at;
	}
	touching = 0;
}

void do_touch(struct bytes *in)
{
	struct map *m = map_of(in);
	unsigned int how = take(in, 3);

	if (m->at && m->size)
		touch(m->at + (how >> 1) % m->size, how & 1);
}

void map_init(void)
{
	struct sigaction fault = { .sa_handler = on_fault };

	sigaction(SIGSEGV, &fault, NULL);
	sigaction(SIGBUS, &fault, NULL);
}

void unmap_all(void)
{
	size_t i;

	for (i = 0; i < MAPS; i++) {
		if (map[i].at)
			munmap(map[i].at, map[i].size);
		map[i].at = NULL;
	}
}
