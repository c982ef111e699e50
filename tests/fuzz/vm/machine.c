// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ttlog.h>
#include <unistd.h>

#include "op.h"
#include "ops.h"

static int gate;
static pid_t owner;
static bool has_region;			/* as the command line has it */

void do_kmsg(struct bytes *in)
{
	static const char *const lines[] = {
		"fuzz: a line", "<3>fuzz: an error", "<6>fuzz: a\\x00b", "<0>fuzz: worst",
	};
	int fd;

	if (role)
		return;
	fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	(void)!write(fd, lines[take(in, 1) % 4], 14);
	close(fd);
}

void do_hotplug(struct bytes *in)
{
	char path[64];
	unsigned int how = take(in, 1);

	if (role || !is_time(&ops_shared->last_hotplug, 3000))
		return;
	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/online",
		 1 + (how >> 1) % 3);
	put_text(path, how & 1 ? "1" : "0");
	count(&ops_shared->nr_hotplugs);
}

void do_parameter(struct bytes *in)
{
	static const char *const names[] = {
		"memory", "level", "probes", "helper", "trigger_level", "keep_rate",
	};
	char path[80], text[32];
	int fd;

	snprintf(path, sizeof(path), "/sys/module/ttlog/parameters/%s",
		 choose(in, names));
	fd = open(path, (take(in, 1) & 1 ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	if (fd < 0)
		return;
	(void)!read(fd, text, sizeof(text));
	(void)!write(fd, "1", 1);
	close(fd);
}

/*
 * Nobody may have the module open when it is to go: sequences share GATE, a reload
 * has it alone; and while it waits for that, others wait at TURNSTILE. The locks
 * are a process's own and end with it.
 */
enum { TURNSTILE, GATE };

static int set_lock(short type, off_t which)
{
	struct flock lock = { .l_type = type, .l_start = which, .l_len = 1 };

	return fcntl(gate, F_SETLKW, &lock);
}

static void lock_shared(off_t which)
{
	while (set_lock(F_RDLCK, which) && errno == EINTR)
		;
}

/* An alarm may end the wait some times. */
static bool lock_alone(off_t which)
{
	int tries, ret = -1;

	for (tries = 0; ret && tries < 10; tries++)
		ret = set_lock(F_WRLCK, which);
	return !ret;
}

void machine_init(void)
{
	gate = open("/tmp/fuzz.gate", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	owner = getpid();
	(void)!chown(DEVICE, 0, READERS);
	has_region = getenv("REGION");
}

void machine_enter(void)
{
	lock_shared(TURNSTILE);
	lock_shared(GATE);
	set_lock(F_UNLCK, TURNSTILE);
}

void machine_leave(void)
{
	set_lock(F_UNLCK, GATE);
}

/* What pages of the region may begin with, as an earlier boot's recorder left them. */
static void make_left(struct bytes *in, struct ttlog_map *map)
{
	static const uint64_t magics[] = {
		TTLOG_MAP_MAGIC, TTLOG_MAP_MAGIC, TTLOG_RING_MAGIC, TTLOG_BLOCK_MAGIC,
		0x0000000043474244, 0,	/* ramoops', nothing */
	};
	unsigned int how = take(in, 1);

	map->magic = choose(in, magics);
	map->layout = how & 1 ? TTLOG_LAYOUT : how;
	map->size = how & 2 ? sizeof(*map) : take(in, 4);
	map->room = how & 4 ? (how >> 3) * (128ULL << 10) : take(in, 8);
	map->over = how & 0x80 ? TTLOG_OVER : 0;
}

/* While no module has the region: what the next one finds there. */
static void leave(struct bytes *in)
{
	unsigned int nr = take(in, 1) % 4;
	static struct ttlog_map map;
	off_t at;
	int fd;

	if (!has_region)
		return;
	fd = open("/dev/mem", O_RDWR | O_CLOEXEC);
	for (; nr; nr--) {
		make_left(in, &map);
		at = REGION_START + take(in, 2) % (REGION_SIZE / PAGE) * PAGE;
		if (pwrite(fd, &map, PAGE, at) == PAGE)
			count(&ops_shared->nr_left);
	}
	close(fd);
}

static void reload(struct bytes *in)
{
	static const char *const parameters[] = {
		"helper=", "helper= memory=16M block_size=16K", "helper= klog_size=192K",
		"helper= memory_per_cpu=64K", "helper= trigger_level=crit keep_burst=4160",
		"helper= probes=do_unlinkat,args=1;vfs_rename,ret", "helper= memory=1",
	};
	static const char small[] = "helper= memory_per_cpu=64K klog_size=192K "
				    "region_start=0x1a000000 region_size=4M";
	const char *ko = getenv("TTLOG_KO"), *with = choose(in, parameters);
	unsigned int how;
	int fd;

	/* Who was to load it again may have died. */
	if (!ko || (syscall(__NR_delete_module, "ttlog", O_NONBLOCK) &&
		    errno != ENOENT))
		return;
	count(&ops_shared->nr_reloads);
	fd = open(ko, O_RDONLY | O_CLOEXEC);
	/* Whatever becomes of this one, afterwards it is there. */
	how = take(in, 1);
	ops_shared->in_region = has_region && how & 1;
	if (ops_shared->in_region) {
		with = small;
		leave(in);
	}
	fail(how);
	if (syscall(__NR_finit_module, fd, with, 0)) {
		fail(0);
		if (!ops_shared->in_region || syscall(__NR_finit_module, fd, small, 0))
			syscall(__NR_finit_module, fd, "helper=", 0);
	}
	fail(0);
	close(fd);
	(void)!chown(DEVICE, 0, READERS);
}

void do_reload(struct bytes *in)
{
	/* A child has none of the locks. */
	if (role != ROOT || getpid() != owner ||
	    !is_time(&ops_shared->last_reload, 8000))
		return;
	fail(0);	/* probes are removed; see call.c */
	unmap_all();
	close_slots();
	if (lock_alone(TURNSTILE) && lock_alone(GATE))
		reload(in);
	lock_shared(GATE);
	set_lock(F_UNLCK, TURNSTILE);
}
