// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "act.h"
#include "ops.h"

#define SLOTS		8

uint8_t role;

static int slot[SLOTS];
static uint8_t *cut;			/* the page behind it is none */
static uint8_t *sealed;			/* can't be written */
static const char *fail_nth;

uint64_t take(struct bytes *in, unsigned int bytes)
{
	uint64_t value = 0;
	unsigned int i;

	for (i = 0; i < bytes && in->left; i++, in->at++, in->left--)
		value |= (uint64_t)*in->at << 8 * i;
	return value;
}

static uint64_t now_ms(void)
{
	struct timespec now;

	/* It is a call that may have to fail; the next one needn't. */
	while (clock_gettime(CLOCK_MONOTONIC, &now))
		;
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

bool is_time(uint64_t *last, uint64_t ms)
{
	uint64_t was = __atomic_load_n(last, __ATOMIC_RELAXED), now = now_ms();

	if (ops_shared->always)
		return true;
	return now - was >= ms &&
	       __atomic_compare_exchange_n(last, &was, now, false,
					   __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

void count(uint64_t *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

void put_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)!write(fd, text, strlen(text));
	close(fd);
}

/* Did what was to fail do so? To ask is a chance itself; then nobody knows. */
static bool has_failed(void)
{
	int fd = open(fail_nth, O_RDONLY | O_CLOEXEC);
	char text[16] = "";
	bool has = fd >= 0 && read(fd, text, sizeof(text) - 1) > 0 && text[0] == '0';

	if (fd >= 0)
		close(fd);
	return has;
}

void fail(unsigned int nth)
{
	static pid_t set_by;	/* a child begins with none */
	char text[16];

	if (!fail_nth)
		return;
	if (set_by == getpid() && has_failed())
		count(&ops_shared->nr_failures);
	snprintf(text, sizeof(text), "%u", nth);
	put_text(fail_nth, text);
	set_by = nth ? getpid() : 0;
}

void fail_no_mapping(void)
{
	if (ops_shared->in_region)
		fail(0);
}

int *slot_of(struct bytes *in)
{
	unsigned int n = take(in, 1);

	return &slot[n & SLOTS ? n % SLOTS : n % 2];
}

void put_slot(int *at, int fd)
{
	if (fd < 0)
		return;
	if (*at >= 0)
		close(*at);
	*at = fd;
}

size_t make_text(struct bytes *in, uint8_t *to, size_t max)
{
	static const size_t sizes[] = { 0, 1, 3, 64, 200, 1000, 4095, 4096, 4097 };
	unsigned int how = take(in, 1);
	size_t size = sizes[how % 9], seed = how / 16, i;

	if (size > max)
		size = max;
	if (seed > in->left)
		seed = in->left;
	for (i = 0; i < size; i++)
		to[i] = seed ? in->at[i % seed] : 'a' + i % 26;
	in->at += seed;
	in->left -= seed;
	if (size > 3 && how & 8) {
		to[0] = '<';
		to[1] = '0' + seed % 10;
		to[2] = '>';
	}
	return size;
}

void *place(struct bytes *in, const void *good, size_t size)
{
	switch (take(in, 1) % 24) {
	case 0:
		return NULL;
	case 1:
		return (void *)0xffff888000000000;	/* the kernel's */
	case 2:
		return (void *)0x0000800000000000 - 8;
	case 3:			/* its end isn't there */
		memcpy(cut + PAGE - size / 2, good, size / 2);
		return cut + PAGE - size / 2;
	case 4:			/* its end is that of the page */
		if (size <= PAGE)
			memcpy(cut + PAGE - size, good, size);
		return cut + PAGE - size;
	case 5:
		return sealed;
	default:
		return (void *)good;
	}
}

void open_slots(uint8_t how)
{
	static const int modes[] = { -1, O_RDONLY, O_WRONLY, O_RDWR };
	int i;

	for (i = 0; i < 2; i++, how >>= 2) {
		if (modes[how & 3] >= 0)
			slot[i] = open(DEVICE, modes[how & 3] | O_CLOEXEC);
	}
}

void close_slots(void)
{
	size_t i;

	for (i = 0; i < SLOTS; i++) {
		if (slot[i] >= 0)
			close(slot[i]);
		slot[i] = -1;
	}
}

void act_init(void)
{
	size_t i;

	for (i = 0; i < SLOTS; i++)
		slot[i] = -1;
	cut = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(cut + PAGE, PAGE);
	sealed = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!access("/proc/thread-self/fail-nth", W_OK))
		fail_nth = "/proc/thread-self/fail-nth";
}
