// SPDX-License-Identifier: GPL-2.0-only
/*
 * Probes of kernel functions: what a hit says, which hits are recorded, that each
 * is counted, and what is refused.
 */
#include <kselftest_harness.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include "ttlog_test.h"

/* Marked so by each kernel, with no tracer at its entry. */
#define NOTRACE		"trace_clock_local"
#define CONFIG		"memory_per_cpu=16M probe_share=90 keep_share=5"

FIXTURE(probe)
{
	struct recorder r;
};

FIXTURE_SETUP(probe)
{
	ASSERT_EQ(0, ttlog_reload(CONFIG));
	ASSERT_TRUE(recorder_open(&self->r));
}

FIXTURE_TEARDOWN(probe)
{
	recorder_close(&self->r);
	EXPECT_EQ(0, ttlog_unload());
}

static struct ttlog_probe on(const char *symbol)
{
	struct ttlog_probe p = { .level = TTLOG_NOTICE, .sample = 1 };

	snprintf(p.symbol, sizeof(p.symbol), "%s", symbol);
	return p;
}

/* Set it; 0 or an errno. */
static int add(struct recorder *r, struct ttlog_probe *p)
{
	return ERRNO(ioctl(r->fd, TTLOG_IOC_PROBE_ADD, p));
}

static int del(struct recorder *r, uint32_t id)
{
	struct ttlog_probe_id which = { .id = id };

	return ERRNO(ioctl(r->fd, TTLOG_IOC_PROBE_DEL, &which));
}

static struct ttlog_probe_stat stat_of(struct recorder *r, uint32_t id)
{
	struct ttlog_probe_stat stat = { .probe.id = id };

	if (ioctl(r->fd, TTLOG_IOC_PROBE_STAT, &stat) || stat.probe.id != id)
		memset(&stat, 0xff, sizeof(stat));
	return stat;
}

static uint64_t stat_lost(const struct ttlog_probe_stat *stat)
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i < TTLOG_NR_LOST; i++)
		sum += stat->lost[i];
	return sum;
}

static unsigned int id_of(const struct ttlog_event *e)
{
	return e->body[0] | e->body[1] << 8;
}

static uint64_t value_of(const struct ttlog_event *e, unsigned int i)
{
	uint64_t value;

	memcpy(&value, (const char *)e + 56 + 8 * i, sizeof(value));
	return value;
}

static bool is_hit(const struct seen *seen, uint32_t id)
{
	return seen->channel == TTLOG_PROBE && slot_kind(seen->slot) == 1 &&
	       id_of(seen->slot) == id;
}

/* Events of a probe by this process; @last is the newest of them. */
static unsigned int hits_of_mine(struct recorder *r, uint32_t id,
				 const struct seen **last)
{
	unsigned int nr = 0;
	size_t i;

	if (!recorder_read(r))
		return -1;
	for (i = 0; i < r->nr_seen; i++) {
		if (!is_hit(&r->seen[i], id) ||
		    slot_pid(r->seen[i].slot) != (uint32_t)getpid())
			continue;
		nr++;
		*last = &r->seen[i];
	}
	return nr;
}

TEST_F(probe, arguments)
{
	struct ttlog_probe p = on("do_sys_openat2");
	const struct seen *seen = NULL;
	static const char name[] = "/nowhere";

	p.nr_args = 2;
	ASSERT_EQ(0, add(&self->r, &p));
	EXPECT_EQ(ENOENT, ERRNO(syscall(SYS_openat, 0x1234567, name, O_RDWR, 0)));
	ASSERT_EQ(0, del(&self->r, p.id));
	ASSERT_EQ(1, hits_of_mine(&self->r, p.id, &seen));
	EXPECT_EQ(7 + 2 * 8, slot_len(seen->slot));
	EXPECT_EQ(56 + 2 * 8, seen->event->size);
	EXPECT_EQ(0x1234567, value_of(seen->slot, 0));
	EXPECT_EQ((uint64_t)(unsigned long)name, value_of(seen->slot, 1));
}

TEST_F(probe, six_arguments)
{
	struct ttlog_probe p = on("vm_mmap_pgoff");
	const struct seen *seen = NULL;
	void *at;

	p.nr_args = 6;
	ASSERT_EQ(0, add(&self->r, &p));
	at = mmap((void *)0x12340000, 12345, PROT_READ,
		  MAP_PRIVATE | MAP_ANONYMOUS, -1, 7 * PAGE);
	ASSERT_NE(MAP_FAILED, at);
	ASSERT_EQ(0, del(&self->r, p.id));
	munmap(at, 12345);
	ASSERT_EQ(1, hits_of_mine(&self->r, p.id, &seen));
	EXPECT_EQ(56 + 6 * 8, seen->event->size);
	EXPECT_EQ(0, value_of(seen->slot, 0));
	EXPECT_EQ(0x12340000, value_of(seen->slot, 1));
	EXPECT_EQ(12345, value_of(seen->slot, 2));
	EXPECT_EQ(PROT_READ, value_of(seen->slot, 3));
	EXPECT_EQ(MAP_PRIVATE | MAP_ANONYMOUS, value_of(seen->slot, 4));
	EXPECT_EQ(7, value_of(seen->slot, 5));
}

TEST_F(probe, returns)
{
	struct ttlog_probe p = on("do_sys_openat2");
	const struct seen *seen = NULL;
	int fd;

	p.flags = TTLOG_PROBE_RETURN;
	ASSERT_EQ(0, add(&self->r, &p));
	EXPECT_EQ(1, self->r.map->probe[p.id].nr_args);
	EXPECT_EQ(TTLOG_PROBE_RETURN, self->r.map->probe[p.id].flags);
	EXPECT_EQ(-1, open("/nowhere", O_RDONLY));
	ASSERT_EQ(1, hits_of_mine(&self->r, p.id, &seen));
	EXPECT_EQ(-ENOENT, (int)value_of(seen->slot, 0));
	EXPECT_EQ(7 + 8, slot_len(seen->slot));
	fd = open("/dev/null", O_RDONLY);
	ASSERT_EQ(2, hits_of_mine(&self->r, p.id, &seen));
	EXPECT_EQ(fd, (int)value_of(seen->slot, 0));
	close(fd);
}

/* It says of the caller what a write of the caller's says. */
TEST_F(probe, stamps)
{
	const struct seen *hit = NULL, *written;
	struct ttlog_probe p = on(PROBED);
	uint64_t before, after;

	ASSERT_EQ(0, pin(2));
	ASSERT_EQ(0, add(&self->r, &p));
	before = mono_now();
	call_probed(1);
	after = mono_now();
	ASSERT_EQ(1, write(self->r.fd, "x", 1));
	ASSERT_EQ(1, hits_of_mine(&self->r, p.id, &hit));
	written = find_text(&self->r, "x");
	ASSERT_NE(NULL, written);
	EXPECT_LE(before, hit->slot->time);
	EXPECT_GE(after, hit->slot->time);
	EXPECT_EQ(2, hit->cpu);
	EXPECT_EQ(TTLOG_NOTICE, slot_level(hit->slot));
	EXPECT_EQ(7, slot_len(hit->slot));
	EXPECT_EQ(56, hit->event->size);
	EXPECT_EQ(getpid(), slot_pid(hit->slot));
	EXPECT_EQ(slot_tid(written->slot), slot_tid(hit->slot));
	EXPECT_EQ(written->slot->uid, hit->slot->uid);
	EXPECT_EQ(slot_cgroup(written->slot), slot_cgroup(hit->slot));
	EXPECT_EQ(0, memcmp(written->slot->comm, hit->slot->comm, 15));
	EXPECT_EQ(0, slot_flags(hit->slot));
	EXPECT_EQ(0, memcmp("\0\0\0\0\0", hit->slot->body + 2, 5));
}

/* Where a breakpoint is, and later a jump where there is room for one. */
TEST_F(probe, inside_a_function)
{
	struct ttlog_probe_stat stat;
	unsigned int offset, found = 0;
	struct ttlog_probe p;
	int error;

	for (offset = 1; offset < 40; offset++) {
		p = on(PROBED);
		p.offset = offset;
		error = add(&self->r, &p);
		if (error == EILSEQ || error == EOPNOTSUPP)
			continue;
		ASSERT_EQ(0, error);
		found++;
		EXPECT_EQ(offset, self->r.map->probe[p.id].offset);
		call_probed(50);
		usleep(300000);
		call_probed(50);
		stat = stat_of(&self->r, p.id);
		/* Not all of it need be run through. */
		EXPECT_TRUE(stat.hits == 100 || stat.hits == 0);
		EXPECT_EQ(stat.hits, stat.recorded);
		ASSERT_EQ(0, del(&self->r, p.id));
	}
	EXPECT_LT(2, found);
	EXPECT_EQ(0, ledger_sum(&self->r, TTLOG_PROBE).written % 100);
	EXPECT_LT(0, ledger_sum(&self->r, TTLOG_PROBE).written);
}

TEST_F(probe, every_hit_is_counted)
{
	struct ttlog_probe p = on(PROBED);
	struct ttlog_probe_stat stat;
	struct ttlog_ledger ledger;

	ASSERT_EQ(0, add(&self->r, &p));
	call_probed(12345);
	stat = stat_of(&self->r, p.id);
	EXPECT_EQ(12345, stat.hits);
	EXPECT_EQ(12345, stat.recorded);
	EXPECT_EQ(0, stat.missed);
	EXPECT_EQ(0, stat_lost(&stat));
	ledger = ledger_sum(&self->r, TTLOG_PROBE);
	EXPECT_EQ(12345, ledger.offered);
	EXPECT_EQ(12345, ledger.written);
	ASSERT_EQ(0, del(&self->r, p.id));
	call_probed(10);
	EXPECT_EQ(12345, ledger_sum(&self->r, TTLOG_PROBE).offered);
	EXPECT_EQ(ENOENT, del(&self->r, p.id));
}

TEST_F(probe, levels)
{
	struct ttlog_levels levels = { .flags = TTLOG_LEVELS_SET, .mask = 0xdf };
	struct ttlog_probe p = on(PROBED);
	struct ttlog_probe_stat stat;
	struct ttlog_ledger ledger;

	ASSERT_EQ(0, add(&self->r, &p));
	call_probed(10);
	ASSERT_EQ(0, ioctl(self->r.fd, TTLOG_IOC_LEVELS, &levels));
	call_probed(20);
	stat = stat_of(&self->r, p.id);
	EXPECT_EQ(30, stat.hits);
	EXPECT_EQ(10, stat.recorded);
	EXPECT_EQ(20, stat.lost[TTLOG_LOST_FILTERED]);
	ledger = ledger_sum(&self->r, TTLOG_PROBE);
	EXPECT_EQ(20, ledger.lost[TTLOG_LOST_FILTERED]);
	EXPECT_EQ(30, ledger.offered);
}

/* Of each CPU's hits exactly every seventh. */
TEST_F(probe, sampling)
{
	struct ttlog_probe p = on(PROBED);
	struct ttlog_probe_stat stat;
	struct ttlog_ledger ledger;
	unsigned int cpu;

	p.sample = 7;
	ASSERT_EQ(0, add(&self->r, &p));
	for (cpu = 0; cpu < NR_TEST_CPUS; cpu++) {
		ASSERT_EQ(0, pin(cpu));
		call_probed(1000 + cpu);
		ledger = ledger_of(&self->r, cpu, TTLOG_PROBE);
		EXPECT_EQ((1000 + cpu) / 7, ledger.written);
		EXPECT_EQ(1000 + cpu - (1000 + cpu) / 7,
			  ledger.lost[TTLOG_LOST_SAMPLED]);
	}
	stat = stat_of(&self->r, p.id);
	EXPECT_EQ(4006, stat.hits);
	EXPECT_EQ(142 + 143 + 143 + 143, stat.recorded);
	EXPECT_EQ(4006 - stat.recorded, stat.lost[TTLOG_LOST_SAMPLED]);
}

/* At once as many as in a second, then so many a second: never more. */
TEST_F(probe, rate)
{
	struct ttlog_probe p = on(PROBED);
	struct ttlog_probe_stat stat;
	uint64_t begin, last, now, took, paused = 0;

	p.rate = 100;
	ASSERT_EQ(0, add(&self->r, &p));
	begin = mono_now();
	call_probed(99);
	stat = stat_of(&self->r, p.id);
	EXPECT_EQ(99, stat.recorded);
	for (last = begin; last - begin < 1500000000ULL; last = now) {
		call_probed(100);
		now = mono_now();
		/* What a machine without time for us lets expire: no more is kept. */
		if (now - last > SECOND)
			paused += now - last - SECOND;
	}
	took = last - begin;
	stat = stat_of(&self->r, p.id);
	/* One each 10 ms; whoever calls all the time gets each of them. */
	EXPECT_LE(stat.recorded, 100 + took / 10000000 + 1);
	EXPECT_GE(stat.recorded + 15, 100 + (took - paused) / 10000000);
	EXPECT_EQ(stat.hits - stat.recorded, stat.lost[TTLOG_LOST_LIMITED]);
	EXPECT_EQ(stat.lost[TTLOG_LOST_LIMITED],
		  ledger_sum(&self->r, TTLOG_PROBE).lost[TTLOG_LOST_LIMITED]);
	EXPECT_EQ(stat.hits, ledger_sum(&self->r, TTLOG_PROBE).offered);
}

TEST_F(probe, ids_are_for_ever)
{
	struct ttlog_probe a = on(PROBED), b = on(PROBED), c = on(PROBED);
	const struct ttlog_map *map = self->r.map;
	struct ttlog_probe_stat next = {};

	b.nr_args = 3;
	c.flags = TTLOG_PROBE_RETURN;
	EXPECT_EQ(0, map->nr_probes);
	ASSERT_EQ(0, add(&self->r, &a));
	ASSERT_EQ(0, add(&self->r, &b));
	ASSERT_EQ(0, add(&self->r, &c));
	EXPECT_EQ(0, a.id);
	EXPECT_EQ(1, b.id);
	EXPECT_EQ(2, c.id);
	EXPECT_EQ(3, map->nr_probes);
	EXPECT_STREQ(PROBED, map->probe[1].symbol);
	EXPECT_EQ(3, map->probe[1].nr_args);
	EXPECT_EQ(0, map->probe[1].flags);
	EXPECT_EQ(EEXIST, add(&self->r, &a));
	ASSERT_EQ(0, del(&self->r, a.id));
	ASSERT_EQ(0, del(&self->r, b.id));
	EXPECT_EQ(ENOENT, del(&self->r, b.id));
	/* The next that is there. */
	ASSERT_EQ(0, ioctl(self->r.fd, TTLOG_IOC_PROBE_STAT, &next));
	EXPECT_EQ(2, next.probe.id);
	next.probe.id = 3;
	EXPECT_EQ(ENOENT, ERRNO(ioctl(self->r.fd, TTLOG_IOC_PROBE_STAT, &next)));
	/* What isn't part of the definition makes no other of it. */
	b.level = TTLOG_ERR;
	b.sample = 5;
	b.rate = 9;
	ASSERT_EQ(0, add(&self->r, &b));
	EXPECT_EQ(1, b.id);
	ASSERT_EQ(0, ioctl(self->r.fd, TTLOG_IOC_PROBE_STAT,
			   memset(&next, 0, sizeof(next))));
	EXPECT_EQ(1, next.probe.id);
	EXPECT_EQ(TTLOG_ERR, next.probe.level);
	EXPECT_EQ(5, next.probe.sample);
	EXPECT_EQ(9, next.probe.rate);
	EXPECT_EQ(0, next.hits);
	ASSERT_EQ(0, add(&self->r, &a));
	EXPECT_EQ(0, a.id);
	EXPECT_EQ(3, map->nr_probes);
}

TEST_F_TIMEOUT(probe, as_many_as_there_can_be, 180)
{
	static const char *const calls[] = {
		"getppid", "getuid", "getgid", "geteuid", "getegid", "getpgid",
		"getsid", "umask", "sync", "setsid", "personality", "vhangup",
		"sysinfo", "times", "acct", "chroot", "swapon", "swapoff",
		"setgid", "setuid", "setpgid", "setreuid", "setregid",
		"getgroups", "setgroups", "setfsuid", "setfsgid", "mlockall",
		"munlockall", "pivot_root", "sethostname", "setdomainname",
	};
	unsigned int i, k, nr = 0;
	struct ttlog_probe p;
	char symbol[64];

	for (i = 0; i < 32; i++) {
		snprintf(symbol, sizeof(symbol), SYSCALL "%s", calls[i]);
		for (k = 0; k < 8; k++) {
			p = on(symbol);
			p.nr_args = k < 7 ? k : 0;
			p.flags = k < 7 ? 0 : TTLOG_PROBE_RETURN;
			ASSERT_EQ(0, add(&self->r, &p)) {
				TH_LOG("%s", symbol);
			}
			ASSERT_EQ(nr++, p.id);
			ASSERT_EQ(0, del(&self->r, p.id));
		}
	}
	EXPECT_EQ(256, self->r.map->nr_probes);
	p = on("vfs_read");
	EXPECT_EQ(ENOSPC, add(&self->r, &p));
	p = on(PROBED);
	EXPECT_EQ(0, add(&self->r, &p));
	EXPECT_EQ(0, p.id);
}

/* How far it is from PROBED to another system call's, so far away or more. */
static uint32_t to_another(uint64_t at_least)
{
	uint64_t begin = 0, nearest = UINT64_MAX, at;
	FILE *file = fopen("/proc/kallsyms", "r");
	char line[256], symbol[128];
	int pass;

	for (pass = 0; pass < 2; pass++) {
		rewind(file);
		while (fgets(line, sizeof(line), file)) {
			if (sscanf(line, "%" SCNx64 " %*c %127s", &at, symbol) != 2 ||
			    strncmp(symbol, SYSCALL, strlen(SYSCALL)))
				continue;
			if (!strcmp(symbol, PROBED))
				begin = at;
			else if (begin && at >= begin + at_least && at < nearest)
				nearest = at;
		}
	}
	fclose(file);
	return nearest - begin;
}

TEST_F(probe, values_that_are_none)
{
	struct ttlog_probe good = on(PROBED), p;

#define REFUSES(error, ...) do {			\
	p = good;					\
	__VA_ARGS__;					\
	EXPECT_EQ(error, add(&self->r, &p));		\
} while (0)
	REFUSES(EINVAL, p.symbol[0] = '\0');
	REFUSES(EINVAL, memset(p.symbol, 'x', sizeof(p.symbol)));
	REFUSES(EINVAL, strcpy(p.symbol, "a b"));
	REFUSES(EINVAL, strcpy(p.symbol, "a\n"));
	REFUSES(EINVAL, strcpy(p.symbol, "\x80"));
	REFUSES(EINVAL, p.flags = 4);
	REFUSES(EINVAL, p.flags = 1u << 31);
	REFUSES(EINVAL, p.nr_args = 7);
	REFUSES(EINVAL, p.nr_args = 1; p.offset = 5);
	REFUSES(EINVAL, p.nr_args = 1; p.flags = TTLOG_PROBE_RETURN);
	REFUSES(EINVAL, p.offset = 5; p.flags = TTLOG_PROBE_RETURN);
	REFUSES(EINVAL, p.level = 8);
	REFUSES(EINVAL, p.sample = 0);
	REFUSES(EINVAL, p.sample = 1000000001);
	REFUSES(EINVAL, p.rate = 1000000001);
	REFUSES(EINVAL, strcpy(p.reason, "x"));
	REFUSES(EINVAL, p.flags = TTLOG_PROBE_TRIGGER);
	REFUSES(EINVAL, p.flags = TTLOG_PROBE_TRIGGER;
		memset(p.reason, 'x', sizeof(p.reason)));
	REFUSES(EINVAL, p.flags = TTLOG_PROBE_TRIGGER;
		memset(p.reason, 'x', 33));
	REFUSES(EINVAL, p.flags = TTLOG_PROBE_TRIGGER; strcpy(p.reason, "a b"));
	REFUSES(ENOENT, strcpy(p.symbol, "no_such_function"));
	REFUSES(EOPNOTSUPP, strcpy(p.symbol, "get_kprobe"));
	/* All of the recorder, not only what runs with an event. */
	REFUSES(EOPNOTSUPP, strcpy(p.symbol, "ttlog_probe_add"));
	REFUSES(EOPNOTSUPP, strcpy(p.symbol, "ttlog_event_write"));
	REFUSES(EOPNOTSUPP, strcpy(p.symbol, "ttlog_ioctl"));
	REFUSES(EOPNOTSUPP, strcpy(p.symbol, "ttlog_ioctl");
		p.flags = TTLOG_PROBE_RETURN);
	REFUSES(EOPNOTSUPP, strcpy(p.symbol, "ttlog_ring_after_sleep"));
	REFUSES(EILSEQ, p.offset = 1);
	/* Another function is there. */
	REFUSES(EILSEQ, p.offset = to_another(1));
	REFUSES(EILSEQ, p.offset = to_another(0x1000));
#undef REFUSES
	/* And nothing is left of it all. */
	EXPECT_EQ(0, self->r.map->nr_probes);
	EXPECT_EQ(0, add(&self->r, &good));
}

/* Where entries are probed by what they are traced by, one that isn't can't be. */
TEST_F(probe, notrace)
{
	struct ttlog_probe p = on(NOTRACE);
	int error;

#ifdef __aarch64__
	SKIP(return, "entries are probed by an instruction here");
#endif
	EXPECT_EQ(EOPNOTSUPP, add(&self->r, &p));
	p.flags = TTLOG_PROBE_RETURN;
	EXPECT_EQ(EOPNOTSUPP, add(&self->r, &p));
	p.flags = 0;
	do {
		p.offset++;
		error = add(&self->r, &p);
	} while (error == EILSEQ && p.offset < 32);
	EXPECT_EQ(EOPNOTSUPP, error);
	EXPECT_EQ(0, self->r.map->nr_probes);
}

static int as_a_user(void *arg)
{
	struct recorder *r = arg;
	struct ttlog_probe p = on(SYSCALL "getuid");
	struct ttlog_probe_stat stat = {};

	/* A file that root has opened gives none of root's rights. */
	if (add(r, &p) != EPERM)
		return 1;
	if (del(r, 0) != EPERM)
		return 2;
	return ERRNO(ioctl(r->fd, TTLOG_IOC_PROBE_STAT, &stat)) ? 3 : 0;
}

TEST_F(probe, rights)
{
	struct ttlog_probe p = on(PROBED);
	struct ttlog_probe_stat stat = {};
	struct ttlog_probe_id id = {};
	int fd;

	ASSERT_EQ(0, add(&self->r, &p));
	EXPECT_EQ(0, run_as(ALICE, as_a_user, &self->r));
	EXPECT_EQ(p.id, stat_of(&self->r, p.id).probe.id);
	fd = open(DEVICE, O_WRONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(EBADF, ERRNO(ioctl(fd, TTLOG_IOC_PROBE_ADD, &p)));
	EXPECT_EQ(EBADF, ERRNO(ioctl(fd, TTLOG_IOC_PROBE_DEL, &id)));
	EXPECT_EQ(EBADF, ERRNO(ioctl(fd, TTLOG_IOC_PROBE_STAT, &stat)));
	close(fd);
}

/* 20,000 writes on a CPU: several times what all of its rings hold. */
static int flood(void *arg)
{
	static char text[4000];
	unsigned int i, cpu;
	int fd = open(DEVICE, O_WRONLY);

	(void)arg;
	memset(text, 'x', sizeof(text));
	memcpy(text, "<3>", 3);
	for (cpu = 0; cpu < NR_TEST_CPUS; cpu++) {
		if (pin(cpu))
			return 1;
		for (i = 0; i < 20000; i++)
			if (write(fd, text, sizeof(text)) != sizeof(text))
				return 2;
	}
	return 0;
}

TEST_F(probe, users_do_not_get_there)
{
	struct ttlog_probe p = on(PROBED);
	struct ttlog_ledger ledger;
	unsigned int cpu, nr = 0;
	size_t i;

	ASSERT_EQ(0, add(&self->r, &p));
	for (cpu = 0; cpu < NR_TEST_CPUS; cpu++) {
		ASSERT_EQ(0, pin(cpu));
		call_probed(100 + cpu);
	}
	ASSERT_EQ(0, run_as(ALICE, flood, NULL));
	for (cpu = 0; cpu < NR_TEST_CPUS; cpu++) {
		ledger = ledger_of(&self->r, cpu, TTLOG_PROBE);
		EXPECT_EQ(100 + cpu, ledger.written);
		EXPECT_EQ(100 + cpu, ledger.offered);
	}
	ASSERT_TRUE(recorder_read(&self->r));
	for (i = 0; i < self->r.nr_seen; i++) {
		if (self->r.seen[i].channel != TTLOG_PROBE)
			continue;
		EXPECT_TRUE(is_hit(&self->r.seen[i], p.id));
		nr++;
	}
	EXPECT_EQ(406, nr);
}

/**
 * struct caller - a thread that calls until it is told to stop
 */
struct caller {
	pthread_t thread;
	unsigned int cpu;
	uint64_t calls;
};

static atomic_bool stop;

static void *call_on(void *arg)
{
	struct caller *c = arg;

	if (pin(c->cpu))
		return NULL;
	while (!atomic_load(&stop) || c->calls < 250000) {
		call_probed(100);
		c->calls += 100;
	}
	return NULL;
}

/* Each ring's numbers add up, and whatever it holds is a hit. */
static void check_rings(struct __test_metadata *_metadata, struct recorder *r)
{
	const struct reader_ring *ring;
	unsigned int cpu;
	size_t i;

	ASSERT_TRUE(recorder_read(r));
	for (cpu = 0; cpu < NR_TEST_CPUS; cpu++) {
		ring = recorder_ring(r, cpu, TTLOG_PROBE);
		EXPECT_EQ(ring->to, ring->nr_events + ring->overwritten);
		EXPECT_EQ(0, ring->holes);
		EXPECT_EQ(ring->to, ledger_of(r, cpu, TTLOG_PROBE).written);
	}
	for (i = 0; i < r->nr_seen; i++) {
		ASSERT_EQ(TTLOG_PROBE, r->seen[i].channel);
		ASSERT_GT(2U, id_of(r->seen[i].slot));
	}
}

/* A million calls on 4 CPUs, of which one probe misses none while another goes. */
TEST_F_TIMEOUT(probe, under_fire, 200)
{
	struct ttlog_probe stays = on(PROBED), goes = on(PROBED);
	struct caller callers[NR_TEST_CPUS] = {};
	struct ttlog_probe_stat stat;
	uint64_t calls = 0, gone = 0;
	struct ttlog_ledger ledger;
	unsigned int i;

	goes.nr_args = 2;
	ASSERT_EQ(0, add(&self->r, &stays));
	atomic_store(&stop, false);
	for (i = 0; i < NR_TEST_CPUS; i++) {
		callers[i].cpu = i;
		ASSERT_EQ(0, pthread_create(&callers[i].thread, NULL, call_on,
					    &callers[i]));
	}
	for (i = 0; i < 100; i++) {
		ASSERT_EQ(0, add(&self->r, &goes));
		ASSERT_EQ(1, goes.id);
		usleep(1000);
		stat = stat_of(&self->r, goes.id);
		EXPECT_EQ(stat.hits, stat.recorded);
		gone += stat.hits;
		ASSERT_EQ(0, del(&self->r, goes.id));
	}
	atomic_store(&stop, true);
	for (i = 0; i < NR_TEST_CPUS; i++) {
		pthread_join(callers[i].thread, NULL);
		EXPECT_LE(250000, callers[i].calls);
		calls += callers[i].calls;
	}
	stat = stat_of(&self->r, stays.id);
	EXPECT_EQ(calls, stat.hits + stat.missed);
	EXPECT_EQ(stat.hits, stat.recorded);
	EXPECT_LT(0, gone);
	ledger = ledger_sum(&self->r, TTLOG_PROBE);
	EXPECT_EQ(ledger.offered, ledger.written);
	EXPECT_LE(stat.hits + gone, ledger.written);
	check_rings(_metadata, &self->r);
	TH_LOG("%llu calls, %llu missed, %llu hits of the one that went",
	       (unsigned long long)calls, (unsigned long long)stat.missed,
	       (unsigned long long)gone);
}

TEST_HARNESS_MAIN
