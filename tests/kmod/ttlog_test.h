/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of the module have in common: loading it, asking it, and its
 * rings as the real reader sees them.
 */
#ifndef TTLOG_TEST_H
#define TTLOG_TEST_H

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "../../user/reader.c"

#define DEVICE		"/dev/ttlog"
#define ALICE		1001
#define BOB		1002
#define PAGE		4096UL
#define NR_TEST_CPUS	4	/* of the guest; all are up when a test begins */
#define SECOND		1000000000ULL
/*
 * What the kernel's function of a system call begins with, and whether tests can
 * have NMIs.
 */
#ifdef __aarch64__
#define SYSCALL		"__arm64_sys_"
#define HAS_NMI		false
#else
#define SYSCALL		"__x64_sys_"
#define HAS_NMI		true
#endif
/* What is probed: call_probed() calls it, and nobody else in the guest. */
#define PROBED		SYSCALL "getppid"
#define SERVICE_ROOM	1	/* bytes in front of a text with TTLOG_EVENT_SERVICE */
#define USER_CHANNELS	2	/* the first two: what users write goes there */
#define ALL_OF_USERS	TTLOG_NR_CHANNELS	/* for ledger_sum() */

/* errno of a call that gives -1, 0 where it didn't fail. */
#define ERRNO(call)	((long)(call) == -1 ? errno : 0)

/* Load the module; 0 or an errno. */
static inline int ttlog_load(const char *params)
{
	const char *path = getenv("TTLOG_KO");
	int fd, ret;

	fd = open(path ? path : "ttlog.ko", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	ret = ERRNO(syscall(SYS_finit_module, fd, params, 0));
	close(fd);
	return ret;
}

/* Unload the module, which may be in use; 0 or an errno. */
static inline int ttlog_unload(void)
{
	return ERRNO(syscall(SYS_delete_module, "ttlog", O_NONBLOCK));
}

/* Load it anew, whatever a test that failed has left. */
static inline int ttlog_reload(const char *params)
{
	int ret = ttlog_unload();

	return ret && ret != ENOENT ? ret : ttlog_load(params);
}

static inline int pin(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set);
}

/* Take a CPU down or up. */
static inline int cpu_online(unsigned int cpu, bool up)
{
	char path[64];
	int fd, ret;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/online", cpu);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ret = write(fd, up ? "1" : "0", 1) == 1 ? 0 : -1;
	close(fd);
	return ret;
}

static inline void call_probed(uint64_t times)
{
	while (times--)
		syscall(SYS_getppid);
}

static inline uint64_t mono_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* Become a plain user for good. */
static inline int become(unsigned int uid)
{
	return setgroups(0, NULL) || setresgid(uid, uid, uid) ||
	       setresuid(uid, uid, uid) ? -1 : 0;
}

/* How a child ended: its exit status, -1 if a signal ended it. */
static inline int end_of(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* Run a function in a child that is a plain user; its result, 0 to 254. */
static inline int run_as(unsigned int uid, int (*run)(void *), void *arg)
{
	pid_t pid = fork();

	if (!pid)
		_exit(become(uid) ? 255 : run(arg));
	return end_of(pid);
}

/**
 * struct seen - an event, and where it was
 */
struct seen {
	const struct reader_event *event;
	const struct ttlog_event *slot;
	uint32_t cpu;
	uint32_t channel;
};

/**
 * struct recorder - the loaded module and what its rings held
 * @fd: the device, open for reading and writing
 * @info: as it was at recorder_open()
 * @map: the mapped map header
 * @nr: rings, by CPU and channel
 * @at: their mappings; NULL: no ring
 * @size: of the mappings
 * @ring: as of the last recorder_read()
 * @klog: the kernel's lines are to be among @seen
 * @seen: all events, by time
 * @nr_seen: entries of @seen
 */
struct recorder {
	int fd;
	struct ttlog_info info;
	const struct ttlog_map *map;
	unsigned int nr;
	const void **at;
	size_t *size;
	struct reader_ring *ring;
	bool klog;
	struct seen *seen;
	size_t nr_seen;
};

/* Map the rings that aren't yet; false if one that is there can't be. */
static inline bool recorder_map(struct recorder *r)
{
	struct ttlog_ring_info info;
	unsigned int i;
	void *at;

	for (i = 0; i < r->nr; i++) {
		if (r->at[i])
			continue;
		info = (struct ttlog_ring_info){
			.cpu = i / TTLOG_NR_CHANNELS,
			.channel = i % TTLOG_NR_CHANNELS,
		};
		if (ioctl(r->fd, TTLOG_IOC_RING, &info)) {
			if (errno == ENXIO)
				continue;
			return false;
		}
		at = mmap(NULL, info.size, PROT_READ, MAP_SHARED, r->fd,
			  info.offset);
		if (at == MAP_FAILED)
			return false;
		r->at[i] = at;
		r->size[i] = info.size;
	}
	return true;
}

static inline bool recorder_open(struct recorder *r)
{
	void *map;

	memset(r, 0, sizeof(*r));
	r->fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	if (r->fd < 0 || ioctl(r->fd, TTLOG_IOC_INFO, &r->info))
		return false;
	map = mmap(NULL, r->info.map_size, PROT_READ, MAP_SHARED, r->fd, 0);
	if (map == MAP_FAILED)
		return false;
	r->map = map;
	r->nr = r->info.nr_cpus * r->info.nr_channels;
	r->at = calloc(r->nr, sizeof(*r->at));
	r->size = calloc(r->nr, sizeof(*r->size));
	r->ring = calloc(r->nr, sizeof(*r->ring));
	return r->at && r->size && r->ring && recorder_map(r);
}

static inline void recorder_forget(struct recorder *r)
{
	unsigned int i;

	for (i = 0; i < r->nr && r->ring; i++)
		reader_ring_free(&r->ring[i]);
	free(r->seen);
	r->seen = NULL;
	r->nr_seen = 0;
}

static inline void recorder_close(struct recorder *r)
{
	unsigned int i;

	recorder_forget(r);
	for (i = 0; i < r->nr && r->at; i++)
		if (r->at[i])
			munmap((void *)r->at[i], r->size[i]);
	if (r->map)
		munmap((void *)r->map, r->info.map_size);
	free(r->at);
	free(r->size);
	free(r->ring);
	if (r->fd >= 0)
		close(r->fd);
	memset(r, 0, sizeof(*r));
	r->fd = -1;
}

static inline int seen_order(const void *a, const void *b)
{
	uint64_t x = ((const struct seen *)a)->slot->time;
	uint64_t y = ((const struct seen *)b)->slot->time;

	return x < y ? -1 : x > y;
}

/* Is this a ring for what users write? By its place in struct recorder. */
static inline bool is_user_ring(unsigned int i)
{
	return i % TTLOG_NR_CHANNELS < USER_CHANNELS;
}

/* Copy all rings; what was copied before is forgotten. */
static inline bool recorder_read(struct recorder *r)
{
	size_t n = 0, k;
	unsigned int i;

	recorder_forget(r);
	for (i = 0; i < r->nr; i++) {
		if (!r->at[i])
			continue;
		if (reader_ring_read(r->at[i], r->size[i], r->map->key,
				     &READER_ALL, &r->ring[i]))
			return false;
		n += r->ring[i].nr_events;
	}
	r->seen = calloc(n ? n : 1, sizeof(*r->seen));
	if (!r->seen)
		return false;
	for (i = 0; i < r->nr; i++) {
		if (r->ring[i].channel == TTLOG_KLOG && !r->klog)
			continue;
		for (k = 0; k < r->ring[i].nr_events; k++) {
			r->seen[r->nr_seen++] = (struct seen){
				.event = &r->ring[i].events[k],
				.slot = r->ring[i].events[k].slot,
				.cpu = r->ring[i].cpu,
				.channel = r->ring[i].channel,
			};
		}
	}
	qsort(r->seen, r->nr_seen, sizeof(*r->seen), seen_order);
	return true;
}

static inline struct reader_ring *recorder_ring(struct recorder *r,
						unsigned int cpu,
						unsigned int channel)
{
	return &r->ring[cpu * TTLOG_NR_CHANNELS + channel];
}

static inline struct ttlog_ledger ledger_of(const struct recorder *r,
					    unsigned int cpu,
					    unsigned int channel)
{
	struct ttlog_ledger ledger = { .cpu = cpu, .channel = channel };

	if (ioctl(r->fd, TTLOG_IOC_LEDGER, &ledger))
		memset(&ledger, 0xff, sizeof(ledger));
	return ledger;
}

/* The ledgers of one channel together, or of all that users write to. */
static inline struct ttlog_ledger ledger_sum(const struct recorder *r,
					     unsigned int channel)
{
	struct ttlog_ledger sum = {}, one;
	unsigned int i, k;

	for (i = 0; i < r->nr; i++) {
		if (channel == ALL_OF_USERS ? !is_user_ring(i) :
		    i % TTLOG_NR_CHANNELS != channel)
			continue;
		one = ledger_of(r, i / TTLOG_NR_CHANNELS, i % TTLOG_NR_CHANNELS);
		sum.offered += one.offered;
		sum.written += one.written;
		for (k = 0; k < TTLOG_NR_LOST; k++)
			sum.lost[k] += one.lost[k];
		sum.demoted += one.demoted;
	}
	return sum;
}

static inline uint64_t lost_of(const struct ttlog_ledger *ledger)
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i < TTLOG_NR_LOST; i++)
		sum += ledger->lost[i];
	return sum;
}

/* What the ABI says of a slot, read anew from its words. */

static inline uint32_t slot_pid(const struct ttlog_event *e)
{
	return e->ids & 0x3fffff;
}

static inline uint32_t slot_tid(const struct ttlog_event *e)
{
	return e->ids >> 22 & 0x3fffff;
}

static inline size_t slot_len(const struct ttlog_event *e)
{
	return e->ids >> 44 & 0x1fff;
}

static inline unsigned int slot_level(const struct ttlog_event *e)
{
	return e->ids >> 57 & 7;
}

static inline unsigned int slot_kind(const struct ttlog_event *e)
{
	return e->ids >> 60;
}

static inline unsigned int slot_flags(const struct ttlog_event *e)
{
	return e->cgroup_hi & 0xf000;
}

static inline uint64_t slot_cgroup(const struct ttlog_event *e)
{
	return (uint64_t)(e->cgroup_hi & 0xfff) << 32 | e->cgroup_lo;
}

static inline const uint8_t *slot_text(const struct ttlog_event *e)
{
	unsigned int flags = slot_flags(e);

	return (const uint8_t *)e + 49 + (flags & 0x2000 ? SERVICE_ROOM : 0) +
	       (flags & 0x4000 ? 15 : 0);
}

static inline bool slot_is(const struct ttlog_event *e, const void *text,
			   size_t len)
{
	return slot_len(e) == len && !memcmp(slot_text(e), text, len);
}

/* The one event with this text, NULL if there is none or more than one. */
static inline const struct seen *find_text(const struct recorder *r,
					   const char *text)
{
	const struct seen *found = NULL;
	size_t i;

	for (i = 0; i < r->nr_seen; i++) {
		if (!slot_is(r->seen[i].slot, text, strlen(text)))
			continue;
		if (found)
			return NULL;
		found = &r->seen[i];
	}
	return found;
}

#endif
