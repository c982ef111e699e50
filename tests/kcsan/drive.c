// SPDX-License-Identifier: GPL-2.0-only
/*
 * In the guest, for so many seconds at once, with readers in the kernel beside it:
 *
 *	drive wide SECONDS	everything that the recorder does
 *	drive close SECONDS	one writer of each of a CPU's rings and one reader, but each of
 *				KCSAN's watches follows closely on the one before
 *
 * Fails if a part of it did nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <ttlog.h>
#include "text.h"

#define CPUS		4	/* of the guest */
#define USER		1000	/* and those that follow */
#define FUNCTION	"race_target"

static time_t deadline;

static time_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

static bool is_over(void)
{
	return now() >= deadline;
}

static int must_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	perror(path);
	exit(1);
}

static void pin(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static bool say(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool good;

	if (fd < 0)
		return false;
	good = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return good;
}

/* Each of the following does one thing until it is over; how often it succeeded. */

/* The names of a writer, in turn. */
static void service_name(char *name, unsigned int writer, unsigned long times)
{
	snprintf(name, TTLOG_SERVICE_LEN, "race-%u-%lu", writer, times % 12);
}

static unsigned long write_events(unsigned int id)
{
	char text[RACE_TEXT_MAX + 3] = "<6>";
	int fd = must_open("/dev/ttlog", O_WRONLY);
	struct ttlog_service_name name = {};
	unsigned long done = 0;
	struct iovec v[2];
	size_t len;

	pin(id % CPUS);
	/* Some have a share of what is kept, root has no account. */
	if (id % 2 && setresuid(USER + id, USER + id, USER + id))
		return 0;
	while (!is_over()) {
		text[1] = done % 8 ? '6' : '4';
		len = 3 + race_text(text + 3, id, done);
		v[0] = (struct iovec){ text, len / 2 };
		v[1] = (struct iovec){ text + len / 2, len - len / 2 };
		if (done % 16 ? write(fd, text, len) < 0 : writev(fd, v, 2) < 0)
			return 0;
		if (++done % 1024)
			continue;
		service_name(name.name, id, done / 1024);
		if (done % 4096 == 0) {
			close(fd);
			fd = must_open("/dev/ttlog", O_WRONLY);
		} else if (ioctl(fd, TTLOG_IOC_SERVICE, &name)) {
			return 0;
		}
	}
	return done;
}

/* What the kernel prints for us; level and time come and go in front of it. */
static unsigned long write_lines(unsigned int id)
{
	int fd = must_open("/dev/kmsg", O_WRONLY);
	char text[RACE_TEXT_MAX];
	unsigned long done = 0;
	size_t len;

	for (; !is_over(); usleep(20000)) {
		len = race_text(text, id, done++);
		if (write(fd, text, len) < 0)
			return 0;
		if (done % 16 == 0)
			say("/sys/module/printk/parameters/time",
			    done % 32 ? "N" : "Y");
	}
	say("/sys/module/printk/parameters/time", "Y");
	return done;
}

/* Tell a module to do something, again and again; how often it did. */
static unsigned long keep_telling(const char *path, const char *what, size_t len)
{
	int fd = must_open(path, O_WRONLY);
	unsigned long done = 0;

	for (; !is_over(); done++)
		if (write(fd, what, len) != (ssize_t)len)
			return 0;
	return done;
}

static unsigned long call_all(unsigned int id)
{
	pin(id % CPUS);
	return keep_telling("/dev/ring_writer", "", 1);
}

static unsigned long write_alone(unsigned int id)
{
	pin(0);
	return keep_telling("/dev/ring_writer", "alone", 5);
}

static unsigned long read_all(unsigned int id)
{
	return keep_telling("/dev/ring_reader", "all", 3);
}

static unsigned long read_held(unsigned int id)
{
	int fd = must_open("/dev/ring_reader", O_WRONLY);
	unsigned long done = 0;

	for (; !is_over(); usleep(100000)) {
		if (write(fd, "held", 4) == 4)
			done++;
		else if (errno != EAGAIN)
			return 0;
	}
	return done;
}

/* The rings of who writes alone, as events come. */
static unsigned long follow(unsigned int id)
{
	pin(1);
	return keep_telling("/dev/ring_reader", "follow", 6);
}

/*
 * What KCSAN takes for late is the access that it has watched last, and it tells that
 * this is a race when it is watched again, so many accesses later. For a store that a
 * commit should have ordered both have to be in one writer's way through the ring, the
 * latter behind the commit. So each distance that may be has its turn.
 */
static unsigned long watch_closely(unsigned int id)
{
	static const char path[] = "/sys/module/kcsan/parameters/skip_watch";
	unsigned long done = 0;
	char text[16];

	for (; !is_over(); usleep(50000)) {
		snprintf(text, sizeof(text), "%lu", 2 + done++ * 7 % 29);
		if (!say(path, text))
			return 0;
	}
	return say(path, "4000") ? done : 0;
}

/* Names that change under who writes. */
static void *rename_all(void *arg)
{
	char path[64], name[16];
	unsigned long i;

	for (i = 0; !is_over(); i++) {
		snprintf(name, sizeof(name), "%08lx", i * 0x9e3779b9);
		snprintf(path, sizeof(path), "/proc/self/task/%d/comm",
			 i % 2 ? getpid() : *(int *)arg);
		say(path, name);
	}
	return NULL;
}

static void *write_as_thread(void *arg)
{
	int fd = must_open("/dev/ttlog", O_WRONLY);
	char text[RACE_TEXT_MAX];
	unsigned long i;

	*(int *)arg = gettid();
	for (i = 0; !is_over(); i++)
		if (write(fd, text, race_text(text, 50, i)) < 0)
			break;
	return NULL;
}

static unsigned long write_renamed(unsigned int id)
{
	static int tid;
	pthread_t writer, renamer;

	tid = getpid();
	pthread_create(&writer, NULL, write_as_thread, &tid);
	pthread_create(&renamer, NULL, rename_all, &tid);
	pthread_join(writer, NULL);
	pthread_join(renamer, NULL);
	return tid != getpid();
}

static struct ttlog_probe probe_of(unsigned int kind)
{
	struct ttlog_probe p = {
		.symbol = FUNCTION, .level = TTLOG_NOTICE, .sample = 1,
	};

	if (kind == 0)
		p.nr_args = 3;
	if (kind == 1)
		p.flags = TTLOG_PROBE_RETURN;
	if (kind == 2)
		p.rate = 1000;
	if (kind == 3) {
		p.flags = TTLOG_PROBE_TRIGGER;
		p.sample = 100;
		strcpy(p.reason, "race");
	}
	return p;
}

/* One that stays. */
static unsigned long set_probe(unsigned int id)
{
	int fd = must_open("/dev/ttlog", O_RDONLY);
	struct ttlog_probe p = probe_of(0);
	struct ttlog_probe_id which;

	if (ioctl(fd, TTLOG_IOC_PROBE_ADD, &p))
		return 0;
	while (!is_over())
		usleep(100000);
	which = (struct ttlog_probe_id){ .id = p.id };
	return !ioctl(fd, TTLOG_IOC_PROBE_DEL, &which);
}

/* One probe is there all the time, the others come and go. */
static unsigned long set_probes(unsigned int id)
{
	int fd = must_open("/dev/ttlog", O_RDONLY);
	struct ttlog_probe p = probe_of(0);
	struct ttlog_probe_stat stat;
	struct ttlog_probe_id which;
	unsigned long done = 0;

	if (ioctl(fd, TTLOG_IOC_PROBE_ADD, &p))
		return 0;
	for (; !is_over(); done++) {
		p = probe_of(1 + done % 3);
		if (ioctl(fd, TTLOG_IOC_PROBE_ADD, &p))
			return 0;
		which = (struct ttlog_probe_id){ .id = p.id };
		for (stat.probe.id = 0; !ioctl(fd, TTLOG_IOC_PROBE_STAT, &stat);
		     stat.probe.id++)
			;
		usleep(50000);
		if (ioctl(fd, TTLOG_IOC_PROBE_DEL, &which))
			return 0;
	}
	which.id = 0;
	ioctl(fd, TTLOG_IOC_PROBE_DEL, &which);
	return done;
}

/* Levels that are recorded, and those that are triggers. */
static unsigned long set_levels(unsigned int id)
{
	int fd = must_open("/dev/ttlog", O_RDWR);
	unsigned long done = 0;

	for (; !is_over(); usleep(30000), done++) {
		struct ttlog_levels levels = {
			.flags = TTLOG_LEVELS_SET | TTLOG_LEVELS_TRIGGER,
			.mask = done % 4 ? 0xff : 0xef,
			.trigger = done % 3 ? 1 : TTLOG_TRIGGER_NEVER,
		};

		if (ioctl(fd, TTLOG_IOC_LEVELS, &levels) ||
		    write(fd, "<1>strike", 9) != 9)
			return 0;
	}
	return done;
}

/* Of all rings together. */
static struct ttlog_ledger ledger_sum(int fd)
{
	struct ttlog_ledger sum = {}, one;
	unsigned int i, k;

	for (i = 0; i < CPUS * TTLOG_NR_CHANNELS; i++) {
		one = (struct ttlog_ledger){
			.cpu = i / TTLOG_NR_CHANNELS, .channel = i % TTLOG_NR_CHANNELS,
		};
		if (ioctl(fd, TTLOG_IOC_LEDGER, &one))
			continue;
		sum.demoted += one.demoted;
		for (k = 0; k < TTLOG_NR_LOST; k++)
			sum.lost[k] += one.lost[k];
	}
	return sum;
}

/* Says that some of what is below warnings is left out, in this way or that. */
static struct ttlog_filter filter_of(unsigned long kind)
{
	static const unsigned int what[] = {
		TTLOG_FILTER_LEVELS, TTLOG_FILTER_SAMPLE, TTLOG_FILTER_RATE,
		TTLOG_FILTER_LEVELS | TTLOG_FILTER_SAMPLE | TTLOG_FILTER_RATE,
	};
	struct ttlog_filter f = {
		.flags = what[kind % 4], .levels = 1 << TTLOG_INFO,
		.record = kind % 8 < 4 ? 0 : 1 << TTLOG_INFO,
	};

	f.sample[TTLOG_INFO] = 2 + kind % 3;
	f.rate[TTLOG_INFO] = 10;
	f.burst[TTLOG_INFO] = 1;
	return f;
}

/* They come, are read and go: those of writers' names, and that for all. */
static unsigned long set_filters(unsigned int id)
{
	int fd = must_open("/dev/ttlog", O_RDONLY);
	struct ttlog_ledger ledger;
	unsigned long done = 0;

	for (; !is_over(); done++) {
		struct ttlog_filter f = filter_of(done), next = {
			.flags = TTLOG_FILTER_NEXT,
		};

		if (done % 5)
			service_name(f.service, done % CPUS, done / CPUS);
		if (ioctl(fd, TTLOG_IOC_FILTER, &f))
			return 0;
		usleep(20000);
		for (; !ioctl(fd, TTLOG_IOC_FILTER, &next); next.index++)
			next.flags = TTLOG_FILTER_NEXT;
		f.flags = TTLOG_FILTER_REMOVE;
		if (ioctl(fd, TTLOG_IOC_FILTER, &f))
			return 0;
	}
	ledger = ledger_sum(fd);
	return ledger.lost[TTLOG_LOST_FILTERED] && ledger.lost[TTLOG_LOST_SAMPLED] &&
	       ledger.lost[TTLOG_LOST_LIMITED] ? done : 0;
}

/* What a user may keep, from next to nothing to all. */
static unsigned long set_shares(unsigned int id)
{
	int fd = must_open("/dev/ttlog", O_RDONLY);
	unsigned long done = 0;

	for (; !is_over(); usleep(30000), done++) {
		struct ttlog_share set = {
			.flags = TTLOG_SHARE_SET,
			.rate = done % 2 ? TTLOG_SHARE_MAX : 1000,
			.burst = done % 3 ? TTLOG_SHARE_BURST_MIN : TTLOG_SHARE_MAX,
		}, get = {};

		if (ioctl(fd, TTLOG_IOC_SHARE, &set) || ioctl(fd, TTLOG_IOC_SHARE, &get))
			return 0;
	}
	return ledger_sum(fd).demoted ? done : 0;
}

static void release_all(int fd)
{
	struct ttlog_release r;
	unsigned int i;

	for (i = 0; i < CPUS * TTLOG_NR_CHANNELS; i++) {
		r = (struct ttlog_release){
			.cpu = i / TTLOG_NR_CHANNELS,
			.channel = i % TTLOG_NR_CHANNELS,
			.position = i * 4096,
		};
		ioctl(fd, TTLOG_IOC_RELEASE, &r);
		r.position = TTLOG_NO_HOLD;
		ioctl(fd, TTLOG_IOC_RELEASE, &r);
	}
}

/* Where timer snapshots go on, moved to where the rings are now. */
static void move_progress(int fd, unsigned long times)
{
	static struct ttlog_end ends[64];
	struct ttlog_progress p = {
		.op = TTLOG_PROGRESS_READ, .nr = 64, .ends = (uintptr_t)ends,
	};
	struct ttlog_ledger ledger;
	unsigned int i;

	if (ioctl(fd, TTLOG_IOC_PROGRESS, &p))
		return;
	for (i = 0; i < p.nr; i++) {
		ledger = (struct ttlog_ledger){
			.cpu = ends[i].cpu, .channel = ends[i].channel,
		};
		if (!ioctl(fd, TTLOG_IOC_LEDGER, &ledger))
			ends[i].number = ledger.written;
	}
	p.op = TTLOG_PROGRESS_PREPARE;
	ioctl(fd, TTLOG_IOC_PROGRESS, &p);
	p.op = times % 2 ? TTLOG_PROGRESS_COMMIT : TTLOG_PROGRESS_DISCARD;
	ioctl(fd, TTLOG_IOC_PROGRESS, &p);
}

static unsigned long help(unsigned int id)
{
	static const char path[] = "/nowhere";
	int fd = must_open("/dev/ttlog", O_RDONLY);
	unsigned long times = 0, done = 0;
	struct ttlog_trigger t;

	if (ioctl(fd, TTLOG_IOC_HELPER, 0))
		return 0;
	for (; !is_over(); times++) {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		poll(&p, 1, 50);
		move_progress(fd, times);
		if (ioctl(fd, TTLOG_IOC_TAKE, &t))
			continue;
		if (t.flags & TTLOG_TRIGGER_HELD)
			release_all(fd);
		struct ttlog_done d = {
			.id = t.id, .path_size = sizeof(path),
			.path = (uintptr_t)path,
		};
		done += !ioctl(fd, TTLOG_IOC_DONE, &d);
		if (times % 8)
			continue;
		/* It goes, and another comes. */
		close(fd);
		fd = must_open("/dev/ttlog", O_RDONLY);
		while (ioctl(fd, TTLOG_IOC_HELPER, 0) && !is_over())
			usleep(1000);
	}
	return done;
}

static unsigned long request(unsigned int id)
{
	int fd = must_open("/dev/ttlog", O_RDONLY);
	unsigned long done = 0;
	char path[64];

	while (!is_over()) {
		struct ttlog_request r = {
			.reason = "race", .timeout_ms = 500,
			.path_size = sizeof(path), .path = (uintptr_t)path,
		};

		if (!ioctl(fd, TTLOG_IOC_REQUEST, &r))
			done++;
		else
			usleep(10000);
	}
	return done;
}

/* One ring, as any reader asks for it and maps it. */
static bool map_one(int fd, unsigned int i)
{
	struct ttlog_ring_info info = {
		.cpu = i / TTLOG_NR_CHANNELS, .channel = i % TTLOG_NR_CHANNELS,
	};
	void *at;

	if (ioctl(fd, TTLOG_IOC_RING, &info))
		return true;
	at = mmap(NULL, info.size, PROT_READ, MAP_SHARED, fd, info.offset);
	return at != MAP_FAILED && !munmap(at, info.size);
}

static unsigned long ask(unsigned int id)
{
	struct ttlog_levels levels = {};
	unsigned long done = 0;
	struct ttlog_info info;
	struct pollfd p;
	int fd, page;

	for (; !is_over(); done++) {
		fd = must_open("/dev/ttlog", O_RDWR);
		p = (struct pollfd){ .fd = fd, .events = POLLIN | POLLPRI };
		if (ioctl(fd, TTLOG_IOC_INFO, &info) ||
		    ioctl(fd, TTLOG_IOC_LEVELS, &levels) ||
		    ioctl(fd, TTLOG_IOC_SYNC, 0) || poll(&p, 1, 0) < 0 ||
		    !map_one(fd, done % (CPUS * TTLOG_NR_CHANNELS)))
			return 0;
		page = ioctl(fd, TTLOG_IOC_CONTROL, 0);
		if (page < 0)
			return 0;
		close(page);
		close(fd);
	}
	return done;
}

static unsigned long switch_cpu(unsigned int id)
{
	static const char path[] = "/sys/devices/system/cpu/cpu3/online";
	unsigned long done = 0;

	for (; !is_over(); done++) {
		if (!say(path, "0"))
			return 0;
		usleep(300000);
		if (!say(path, "1"))
			return 0;
		usleep(300000);
	}
	return done;
}

struct part {
	const char *name;
	unsigned int times;
	unsigned long (*run)(unsigned int id);
};

static const struct part wide[] = {
	{ "writers", CPUS, write_events },
	{ "lines", 1, write_lines },
	{ "contexts", CPUS, call_all },
	{ "readers", 2, read_all },
	{ "held", 1, read_held },
	{ "renamed", 1, write_renamed },
	{ "probes", 1, set_probes },
	{ "levels", 1, set_levels },
	{ "filters", 1, set_filters },
	{ "shares", 1, set_shares },
	{ "helper", 1, help },
	{ "requests", 2, request },
	{ "ask", 1, ask },
	{ "hotplug", 1, switch_cpu },
	{}
};

static const struct part close_by[] = {
	{ "alone", 1, write_alone },
	{ "follow", 1, follow },
	{ "probe", 1, set_probe },
	{ "watches", 1, watch_closely },
	{}
};

static const struct part *parts_of(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "wide"))
		return wide;
	if (argc == 3 && !strcmp(argv[1], "close"))
		return close_by;
	fprintf(stderr, "usage: drive wide|close SECONDS\n");
	exit(2);
}

int main(int argc, char **argv)
{
	const struct part *part, *parts = parts_of(argc, argv);
	unsigned long *done = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status, failed = 0;
	size_t k, id = 0;

	if (done == MAP_FAILED)
		return 2;
	deadline = now() + atoi(argv[2]);
	for (part = parts; part->name; part++) {
		for (k = 0; k < part->times; k++, id++) {
			if (fork())
				continue;
			done[id] = part->run(k);
			exit(0);
		}
	}
	while (wait(&status) > 0)
		failed += status != 0;
	for (id = 0, part = parts; part->name; part++) {
		for (k = 0; k < part->times; k++, id++) {
			printf("%s%s=%lu", id ? " " : "", part->name, done[id]);
			failed += !done[id];
		}
	}
	printf("\n");
	return failed != 0;
}
