// SPDX-License-Identifier: GPL-2.0-only
/*
 * Preloaded: a device whose answers are told, for programs where there is none.
 * FAKE_DEVICE has words NAME=NUMBER: an ioctl's errno, with NAME@N that of its Nth call
 * alone; or what stands in the struct that one gives; end=N: a SIGTERM at the Nth SYNC;
 * FOLDER=NUMBER: what the default folder can't be opened for; tell=1: changes of
 * filters, and probes that are set, are told on stderr; astray=1: the next filter is
 * always the first; up=N: the machine has been up for N s more than it has.
 * FAKE_RING is a file with the memory of channel 1's ring, FAKE_PREVIOUS one with what
 * an earlier boot left in the first half of reserved memory, FAKE_PREVIOUS_1 in the
 * second; given back it is removed. FAKE_LATER is what is in FAKE_RING's file when rings
 * are read again: "later" seconds have passed then, and "written" events were written in
 * between. What is in the folder FAKE_ROOT is read instead of the kernel's file of that
 * path. Events are written to the file FAKE_EVENTS as they come. Filters and the share of
 * keep are in the file FAKE_FILTERS, for who comes later, or in memory.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <ttlog.h>
#include <unistd.h>

#define RING_KEY	0x9d2c5680b5297a4dULL	/* TEST_KEY of ring.h */
#define BLOCK		8192
#define RING_AT		(1ULL << 30)
#define SENSELESS_AT	(2ULL << 30)
#define SENSELESS_SIZE	65536
#define PREVIOUS_AT	(4ULL << 30)
#define PREVIOUS_FRAME	1000	/* FRAME of helpers/regionmake.c */
#define MAP_SIZE	((sizeof(struct ttlog_map) + 4095) & ~4095ULL)
#define NOW		3000000000ULL

static int device = -1, readings;
static struct ttlog_map *map;

static long said(const char *name, long otherwise)
{
	const char *word = getenv("FAKE_DEVICE");
	size_t len = strlen(name);

	for (; word && *word; word += strcspn(word, " "), word += *word == ' ')
		if (!strncmp(word, name, len) && word[len] == '=')
			return atol(word + len + 1);
	return otherwise;
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
	if (syscall(SYS_clock_gettime, clock, time))
		return -1;
	if (clock == CLOCK_MONOTONIC)
		time->tv_sec += said("up", 0);
	return 0;
}

static int refused(const char *name)
{
	static struct { const char *name; int times; } calls[32];
	char nth[32];
	int i = 0;

	while (calls[i].name && strcmp(calls[i].name, name))
		i++;
	calls[i].name = name;
	snprintf(nth, sizeof(nth), "%s@%d", name, ++calls[i].times);
	errno = said(nth, said(name, 0));
	return errno;
}

int open(const char *path, int flags, ...)
{
	va_list args;
	int mode;

	va_start(args, flags);
	mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(args, int) : 0;
	va_end(args);
	if (!strcmp(path, "/var/lib/ttlog") && refused("FOLDER"))
		return -1;
	if (strcmp(path, "/dev/ttlog"))
		return syscall(SYS_openat, AT_FDCWD, path, flags, mode);
	if (refused("OPEN"))
		return -1;
	path = said("file", 0) ? "/etc/passwd" : "/dev/null";
	device = syscall(SYS_openat, AT_FDCWD, path, flags, 0);
	return device;
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));

FILE *fopen(const char *path, const char *mode)
{
	FILE *(*real)(const char *path, const char *mode) = dlsym(RTLD_NEXT, "fopen");
	const char *root = getenv("FAKE_ROOT");
	char other[4096];

	snprintf(other, sizeof(other), "%s%s", root, path);
	return real(root ? other : path, mode);
}

static int give_info(struct ttlog_info *info)
{
	*info = (struct ttlog_info) {
		.abi_major = said("abi_major", TTLOG_ABI_MAJOR),
		.abi_minor = said("abi_minor", TTLOG_ABI_MINOR),
		.layout = said("layout", TTLOG_LAYOUT),
		.page_size = said("page_size", 4096),
		.nr_cpus = said("cpus", 1),
		.nr_channels = said("channels", 2),
		.block_size = BLOCK,
		.text_max = said("text_max", TTLOG_TEXT_MAX),
		.map_size = said("map_size", MAP_SIZE),
		.memory = 8 * BLOCK,
		.mono = NOW + (readings > 1 ? said("later", 0) * 1000000000ULL : 0),
		.boot = NOW,
		.real = NOW,
		.level_mask = said("levels", 0xff),
		.helper = said("helper", 0),
		.services = 1,
	};
	return 0;
}

static int give_ring(struct ttlog_ring_info *ring)
{
	const char *path = getenv("FAKE_RING");
	static long moves;
	struct stat st;

	/* As if a CPU had come, behind the last ring. */
	if (ring->channel && moves < said("moves", 0))
		map->generation = ++moves;
	if (!ring->channel && said("senseless", 0)) {
		ring->offset = SENSELESS_AT;
		ring->size = SENSELESS_SIZE;
		return 0;
	}
	errno = ENXIO;
	if (!ring->channel || said("only", ring->channel) != ring->channel || !path ||
	    stat(path, &st))
		return -1;
	ring->offset = RING_AT;
	ring->size = st.st_size;
	ring->nr_blocks = 8;
	return 0;
}

static int give_probe(struct ttlog_probe_stat *stat)
{
	struct ttlog_probe *probe = &stat->probe;

	errno = ENOENT;
	if (probe->id > 1)
		return -1;
	*stat = (struct ttlog_probe_stat) { .probe.id = probe->id };
	strcpy(probe->symbol, "vfs_read");
	probe->level = TTLOG_ERR;
	probe->sample = 10;
	stat->hits = 100;
	stat->recorded = 90;
	stat->lost[0] = 10;
	probe->nr_args = said("args", 0);
	probe->flags = said("ret", 0) ? TTLOG_PROBE_RETURN : 0;
	if (!probe->id)
		return 0;
	probe->flags |= TTLOG_PROBE_TRIGGER | TTLOG_PROBE_GONE;
	probe->rate = 5;
	strcpy(probe->reason, "slow");
	return 0;
}

static int add_probe(struct ttlog_probe *probe)
{
	if (said("tell", 0))
		dprintf(2, "%s+%llu: %u args, flags %u, %s, 1/%u, %u/s, '%s'\n", probe->symbol,
			(unsigned long long)probe->offset, probe->nr_args, probe->flags,
			probe->level == TTLOG_ERR ? "err" : "another level", probe->sample,
			probe->rate, probe->reason);
	probe->id = 7;
	return 0;
}

static int give_trigger(struct ttlog_trigger *trigger)
{
	static const char *const names[] = { "trigger", "then" };
	static int taken;
	long kind = taken < 2 ? said(names[taken], -1) : -1;

	if (kind < 0) {
		if (said("stop", 0))
			raise(SIGTERM);
		errno = EAGAIN;
		return -1;
	}
	*trigger = (struct ttlog_trigger) { .id = ++taken, .kind = kind, .count = 1,
					     .pid = said("pid", 0) };
	strcpy(trigger->reason, taken == 1 ? "why" : "then");
	return 0;
}

static int give_progress(struct ttlog_progress *progress)
{
	static const char *const ops[] = { "READ", "PREPARE", "COMMIT", "DISCARD" };
	static char resolved;

	if (refused(ops[progress->op]))
		return -1;
	if (progress->op != TTLOG_PROGRESS_READ) {
		resolved = 1;
		return 0;
	}
	progress->nr = 0;
	progress->prepared = resolved ? 0 : said("prepared", 0);
	/* A size, a sum, and the stem of a file's name. */
	strcpy((char *)progress->cookie + 12, "ttlog-1-stem");
	return 0;
}

static const char *previous_path(unsigned int index)
{
	return getenv(index ? "FAKE_PREVIOUS_1" : "FAKE_PREVIOUS");
}

static int give_previous(struct ttlog_previous *previous)
{
	const char *path = previous_path(previous->index);
	struct stat st;

	errno = ENOENT;
	if (!path || stat(path, &st))
		return -1;
	if (previous->flags & TTLOG_PREVIOUS_SAVED) {
		if (said("killed", 0))
			raise(SIGKILL);
		return refused("SAVED") ? -1 : unlink(path);
	}
	previous->offset = PREVIOUS_AT + previous->index * (1ULL << 30);
	previous->size = st.st_size;
	previous->frame = PREVIOUS_FRAME * (previous->index + 1);
	return 0;
}

/* All rings are about to be read. */
static int sync_rings(void)
{
	const char *from = getenv("FAKE_LATER"), *to = getenv("FAKE_RING");
	char bytes[4096];
	ssize_t n;
	int in, out;

	if (++readings == said("end", 0))
		return raise(SIGTERM);
	if (readings != 2 || !from)
		return 0;
	in = syscall(SYS_openat, AT_FDCWD, from, O_RDONLY);
	out = syscall(SYS_openat, AT_FDCWD, to, O_WRONLY);
	while ((n = read(in, bytes, sizeof(bytes))) > 0)
		syscall(SYS_write, out, bytes, n);
	close(in);
	return close(out);
}

static int give_ledger(struct ttlog_ledger *ledger)
{
	ledger->lost[0] = 4;
	ledger->written = readings * said("written", 0);
	ledger->offered = ledger->written + 4;
	ledger->demoted = said("demoted", 0);
	return 0;
}

/* What the module keeps: filters that are there, that for all first. */
struct kept {
	struct ttlog_filter filters[TTLOG_NR_FILTERS];
	struct ttlog_share share;
	char there[TTLOG_NR_FILTERS];
};

static void load(struct ttlog_filter *filter)
{
	int i;

	filter->levels = 0xff;
	filter->record = said("levels", 0xff);
	for (i = 0; i < TTLOG_NR_LEVELS; i++) {
		filter->sample[i] = 1;
		filter->rate[i] = TTLOG_FILTER_NO_LIMIT;
		filter->burst[i] = 0;
	}
}

static struct kept *kept(void)
{
	const char *path = getenv("FAKE_FILTERS");
	static struct kept own, *at;
	int fd;

	if (at)
		return at;
	at = &own;
	if (path) {
		fd = syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT, 0600);
		if (fd >= 0 && !ftruncate(fd, sizeof(*at)))
			at = (void *)syscall(SYS_mmap, NULL, sizeof(*at),
					     PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		close(fd);
	}
	if (!at->there[0]) {
		at->there[0] = 1;
		load(&at->filters[0]);
		at->share = (struct ttlog_share) { .rate = 4096, .burst = 8192 };
	}
	return at;
}

static bool none_such(int error)
{
	errno = error;
	return false;
}

static bool find_filter(struct kept *in, const struct ttlog_filter *like, unsigned int *at)
{
	bool next = like->flags == TTLOG_FILTER_NEXT;

	for (*at = next ? like->index : 0; *at < TTLOG_NR_FILTERS; ++*at)
		if (in->there[*at] &&
		    (next || !strcmp(in->filters[*at].service, like->service)))
			return true;
	return none_such(ENOENT);
}

static bool make_filter(struct kept *in, const struct ttlog_filter *like, unsigned int *at)
{
	for (*at = 1; *at < TTLOG_NR_FILTERS && in->there[*at]; ++*at)
		;
	if (*at == TTLOG_NR_FILTERS)
		return none_such(ENOSPC);
	in->filters[*at] = (struct ttlog_filter) { .index = *at };
	strcpy(in->filters[*at].service, like->service);
	in->there[*at] = 1;
	return true;
}

static bool is_amount(uint32_t amount, bool all)
{
	return amount == TTLOG_FILTER_INHERIT ? !all : amount <= TTLOG_FILTER_MAX;
}

static bool is_level_right(const struct ttlog_filter *set, int level)
{
	bool all = !*set->service;

	if (set->flags & TTLOG_FILTER_SAMPLE && !is_amount(set->sample[level], all))
		return false;
	if (!(set->flags & TTLOG_FILTER_RATE) || set->rate[level] == TTLOG_FILTER_NO_LIMIT ||
	    (set->rate[level] == TTLOG_FILTER_INHERIT && !all))
		return true;
	return is_amount(set->rate[level], true) && is_amount(set->burst[level], true);
}

static bool is_right(const struct ttlog_filter *set)
{
	const uint32_t both = TTLOG_FILTER_LEVELS | TTLOG_FILTER_LEVELS_INHERIT;
	const uint32_t parts = both | TTLOG_FILTER_SAMPLE | TTLOG_FILTER_RATE;
	int i;

	if (!set->flags || set->flags == TTLOG_FILTER_NEXT ||
	    set->flags == TTLOG_FILTER_REMOVE)
		return true;
	if (set->flags & ~parts || (set->flags & both) == both || !set->levels ||
	    set->levels > 0xff ||
	    (!*set->service && set->flags & TTLOG_FILTER_LEVELS_INHERIT))
		return none_such(EINVAL);
	for (i = 0; i < TTLOG_NR_LEVELS; i++)
		if (set->levels >> i & 1 && !is_level_right(set, i))
			return none_such(EINVAL);
	return true;
}

static void set_level(struct ttlog_filter *filter, const struct ttlog_filter *set, int level)
{
	uint32_t bit = 1u << level;

	if (set->flags & (TTLOG_FILTER_LEVELS | TTLOG_FILTER_LEVELS_INHERIT)) {
		filter->levels &= ~bit;
		filter->record &= ~bit;
	}
	if (set->flags & TTLOG_FILTER_LEVELS) {
		filter->levels |= bit;
		filter->record |= set->record & bit;
	}
	if (set->flags & TTLOG_FILTER_SAMPLE)
		filter->sample[level] = set->sample[level];
	if (!(set->flags & TTLOG_FILTER_RATE))
		return;
	filter->rate[level] = set->rate[level];
	filter->burst[level] = set->rate[level] == TTLOG_FILTER_NO_LIMIT ||
			       set->rate[level] == TTLOG_FILTER_INHERIT ? 0 : set->burst[level];
}

static int remove_filter(struct kept *in, unsigned int at)
{
	if (at)
		in->there[at] = 0;
	else
		load(&in->filters[0]);
	return 0;
}

/* The first of a service has left out so many. */
static int give_filter(struct ttlog_filter *filter)
{
	uint32_t flags = filter->flags;
	bool sets = flags && flags != TTLOG_FILTER_NEXT;
	struct kept *in = kept();
	unsigned int at;
	int i;

	if (sets && refused("FILTER_SET"))
		return -1;
	if (sets && said("tell", 0))
		dprintf(2, "filter '%s': %u of %#x\n", filter->service, flags, filter->levels);
	if (!is_right(filter))
		return -1;
	if (!find_filter(in, filter, &at) &&
	    (!sets || flags == TTLOG_FILTER_REMOVE || !make_filter(in, filter, &at)))
		return -1;
	if (flags == TTLOG_FILTER_REMOVE)
		return remove_filter(in, at);
	for (i = 0; sets && i < TTLOG_NR_LEVELS; i++)
		if (filter->levels >> i & 1)
			set_level(&in->filters[at], filter, i);
	*filter = in->filters[at];
	filter->flags = flags;
	filter->index = said("astray", 0) ? 0 : filter->index;
	for (i = 0; at == 1 && i <= TTLOG_LOST_LIMITED; i++)
		filter->lost[i] = said("left_out", 0) * (i + 1);
	return 0;
}

static int give_share(struct ttlog_share *share)
{
	struct kept *in = kept();

	if (share->flags && refused("SHARE_SET"))
		return -1;
	if (share->flags && (!share->rate || share->rate > TTLOG_SHARE_MAX ||
			     share->burst < TTLOG_SHARE_BURST_MIN ||
			     share->burst > TTLOG_SHARE_MAX)) {
		errno = EINVAL;
		return -1;
	}
	if (share->flags)
		in->share = *share;
	share->rate = in->share.rate;
	share->burst = in->share.burst;
	return 0;
}

static int answer(unsigned int nr, void *arg)
{
	struct ttlog_request *request = arg;

	switch (nr) {
	case _IOC_NR(TTLOG_IOC_INFO):
		return give_info(arg);
	case _IOC_NR(TTLOG_IOC_RING):
		return give_ring(arg);
	case _IOC_NR(TTLOG_IOC_SYNC):
		return sync_rings();
	case _IOC_NR(TTLOG_IOC_LEDGER):
		return give_ledger(arg);
	case _IOC_NR(TTLOG_IOC_REQUEST):
		strcpy((char *)(uintptr_t)request->path, "/there/it/is");
		return 0;
	case _IOC_NR(TTLOG_IOC_HELPER):
		return said("reload", 0) ? raise(SIGHUP) : 0;
	case _IOC_NR(TTLOG_IOC_TAKE):
		return give_trigger(arg);
	case _IOC_NR(TTLOG_IOC_PROGRESS):
		return give_progress(arg);
	case _IOC_NR(TTLOG_IOC_PROBE_ADD):
		return add_probe(arg);
	case _IOC_NR(TTLOG_IOC_PROBE_STAT):
		return give_probe(arg);
	case _IOC_NR(TTLOG_IOC_PREVIOUS):
		return give_previous(arg);
	case _IOC_NR(TTLOG_IOC_FILTER):
		return give_filter(arg);
	case _IOC_NR(TTLOG_IOC_SHARE):
		return give_share(arg);
	}
	return 0;
}

int ioctl(int fd, unsigned long request, ...)
{
	static const char *const names[] = {
		"INFO", "RING", "LEDGER", "SERVICE", "LEVELS", "CONTROL", "REQUEST",
		"HELPER", "TAKE", "DONE", "SYNC", "ONCE", "RELEASE", "PROGRESS",
		"PROBE_ADD", "PROBE_DEL", "PROBE_STAT", "BOOT", "PREVIOUS",
		"FILTER", "SHARE",
	};
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	if (fd != device || _IOC_TYPE(request) != TTLOG_IOC_MAGIC)
		return syscall(SYS_ioctl, fd, request, arg);
	return refused(names[_IOC_NR(request)]) ? -1 : answer(_IOC_NR(request), arg);
}

int mkdir(const char *path, mode_t mode)
{
	return refused("MKDIR") ? -1 : syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}

ssize_t write(int fd, const void *bytes, size_t len)
{
	const char *path = getenv("FAKE_EVENTS");

	if (fd != device || !path)
		return syscall(SYS_write, fd, bytes, len);
	fd = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_APPEND | O_CREAT, 0600);
	syscall(SYS_write, fd, bytes, len);
	return syscall(SYS_close, fd) ?: (ssize_t)len;
}

static void fill_map(void)
{
	map->magic = said("magic", TTLOG_MAP_MAGIC);
	map->layout = TTLOG_LAYOUT;
	map->key = RING_KEY;
	map->nr_services = 1;
	strcpy((char *)map->service[0].name, "svc");
	map->nr_probes = 1;
	strcpy(map->probe[0].symbol, "vfs_read");
	map->probe[0].offset = 16;
	map->probe[0].nr_args = 2;
}

static void *map_file(const char *path, size_t size, int prot, int flags)
{
	int fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY);
	void *memory = (void *)syscall(SYS_mmap, NULL, size, prot, flags, fd, 0);

	close(fd);
	return memory;
}

void *mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset)
{
	void *memory;

	if (fd != device || fd < 0)
		return (void *)syscall(SYS_mmap, at, size, prot, flags, fd, offset);
	if (refused(offset >= (off_t)PREVIOUS_AT ? "MMAP_PREVIOUS" :
		    offset ? "MMAP_RING" : "MMAP"))
		return MAP_FAILED;
	if (offset >= (off_t)PREVIOUS_AT)
		return map_file(previous_path(offset > (off_t)PREVIOUS_AT), size, prot,
				flags);
	if (offset == RING_AT)
		return map_file(getenv("FAKE_RING"), size, prot, flags);
	memory = (void *)syscall(SYS_mmap, at, size, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!offset) {
		map = memory;
		fill_map();
	}
	return memory;
}

void *mmap64(void *at, size_t size, int prot, int flags, int fd, off_t offset)
__attribute__((alias("mmap")));
