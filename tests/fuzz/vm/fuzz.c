// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random sequences of system calls on /dev/ttlog, in a guest, by several processes
 * at once:
 *
 *	fuzz [--seconds N] [--seed N] [--workers N] [--keep FOLDER] [--guided] [CORPUS]
 *	fuzz --merge --keep FOLDER CORPUS
 *	fuzz --replay FILE...
 *
 * Where the kernel has kcov, a sequence that comes through something new of the
 * module is kept and changed further; elsewhere only what is in CORPUS is, which is
 * said, and with --guided a failure. What each process ran last stands in
 * FOLDER/last.N, so that it is known after a panic.
 *
 * It ends with 1 when a process hangs, or when not all was tried that there is; what
 * else went wrong is in the kernel's log.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cover.h"
#include "ops.h"

#define WORKERS_MAX	8
#define CORPUS_MAX	4096
#define HANG_S		120
#define LAST		8	/* sequences that last.N has */
#define MANY		1000	/* sequences in which each ioctl has its turn */

/**
 * struct sequence - one that is worth to be changed further
 */
struct sequence {
	uint32_t len;
	uint8_t bytes[SEQUENCE_MAX];
};

/**
 * struct shared - of all processes
 * @known: what was come through
 * @lock: of the corpus
 * @nr: sequences in @corpus
 * @unguided: workers that found no kcov
 * @runs: by worker
 */
static struct shared {
	uint8_t known[COVER_EDGES];
	uint32_t lock;
	uint32_t nr;
	uint32_t unguided;
	uint64_t runs[WORKERS_MAX];
	struct ops_shared ops;
	struct sequence corpus[CORPUS_MAX];
} *shared;

static uint64_t state;
static const char *keep;
static unsigned int workers = 3;

static void save(const struct sequence *s, uint32_t nr)
{
	char path[256];
	int fd;

	if (!keep)
		return;
	snprintf(path, sizeof(path), "%s/corpus/%05u", keep, nr);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return;
	(void)!write(fd, s->bytes, s->len);
	close(fd);
}

static uint64_t random_number(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state * 0x2545f4914f6cdd1dULL >> 16;
}

static void corpus_add(const struct sequence *s, bool is_new)
{
	uint32_t nr;

	while (__atomic_exchange_n(&shared->lock, 1, __ATOMIC_ACQUIRE))
		usleep(100);
	nr = shared->nr;
	if (nr < CORPUS_MAX) {
		shared->corpus[nr] = *s;
		__atomic_store_n(&shared->nr, nr + 1, __ATOMIC_RELEASE);
	}
	__atomic_store_n(&shared->lock, 0, __ATOMIC_RELEASE);
	if (is_new && nr < CORPUS_MAX)
		save(s, nr);
}

/* ---- changes */

static void insert(struct sequence *s, size_t at, const uint8_t *bytes, size_t len)
{
	if (s->len + len > SEQUENCE_MAX)
		return;
	memmove(s->bytes + at + len, s->bytes + at, s->len - at);
	memcpy(s->bytes + at, bytes, len);
	s->len += len;
}

static void cut(struct sequence *s, size_t at, size_t len)
{
	if (len > s->len - at)
		len = s->len - at;
	memmove(s->bytes + at, s->bytes + at + len, s->len - at - len);
	s->len -= len;
}

static const struct sequence *any(void)
{
	uint32_t nr = __atomic_load_n(&shared->nr, __ATOMIC_ACQUIRE);

	if (!nr)
		return NULL;
	/* The last ones are tried more often. */
	if (nr > 16 && random_number() % 3 == 0)
		return &shared->corpus[nr - 1 - random_number() % 16];
	return &shared->corpus[random_number() % nr];
}

static void change(struct sequence *s)
{
	const struct sequence *other = any();
	size_t at = s->len ? random_number() % s->len : 0, from, len;
	uint8_t op[16];

	switch (random_number() % 8) {
	case 0:
		if (s->len)
			s->bytes[at] = random_number();
		break;
	case 1:
		if (s->len)
			s->bytes[at] += (int)(random_number() % 9) - 4;
		break;
	case 2:
		if (s->len)
			s->bytes[at] ^= 1 << random_number() % 8;
		break;
	case 3:
		cut(s, at, 1 + random_number() % 12);
		break;
	case 4:
		if (!other || !other->len)
			break;
		from = random_number() % other->len;
		len = 1 + random_number() % (other->len - from);
		insert(s, at, other->bytes + from, len);
		break;
	case 5:			/* its end is another's */
		if (!other || !other->len)
			break;
		from = random_number() % other->len;
		s->len = at;
		insert(s, at, other->bytes + from, other->len - from);
		break;
	default:
		insert(s, at, op, ops_make(op, random_number));
		break;
	}
}

static void make_new(struct sequence *s)
{
	size_t nr = 1 + random_number() % 24;
	uint8_t op[16];

	s->len = 1;
	s->bytes[0] = random_number();
	while (nr--)
		insert(s, s->len, op, ops_make(op, random_number));
}

static void choose(struct sequence *s)
{
	const struct sequence *from = any();
	size_t nr;

	if (!from || random_number() % 8 == 0) {
		make_new(s);
		return;
	}
	*s = *from;
	for (nr = 1 + random_number() % 5; nr; nr--)
		change(s);
}

/* ---- a worker */

static void note(int fd, const struct sequence *s, uint64_t run)
{
	(void)!pwrite(fd, s, sizeof(*s), run % LAST * sizeof(*s));
}

static int open_last(unsigned int worker)
{
	char path[256];

	if (!keep)
		return -1;
	snprintf(path, sizeof(path), "%s/last.%u", keep, worker);
	return open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
}

/* Returns how many steps in the module nobody had come through before. */
static size_t come_through(const struct sequence *s)
{
	static uint64_t reloads;

	cover_begin();
	ops_run(s->bytes, s->len);
	if (shared->ops.nr_reloads != reloads) {
		reloads = shared->ops.nr_reloads;
		cover_moved();
	}
	return cover_end(shared->known);
}

static void run(struct sequence *s, bool guided, bool given)
{
	if (come_through(s) && guided && !given)
		corpus_add(s, true);
}

static void work(unsigned int worker, uint64_t seed)
{
	static struct sequence s;
	int last = open_last(worker);
	uint64_t *runs = &shared->runs[worker];
	uint32_t given = shared->nr, next;
	bool guided;

	state = seed * 0x9e3779b97f4a7c15ULL + worker + 1;
	ops_init();
	guided = cover_init();
	if (!guided)
		__atomic_fetch_add(&shared->unguided, 1, __ATOMIC_RELAXED);
	for (;; __atomic_fetch_add(runs, 1, __ATOMIC_RELAXED)) {
		/* First those that were given, each by one of the workers. */
		next = *runs < given ? *runs * workers + worker : given;
		if (next < given)
			s = shared->corpus[next];
		else
			choose(&s);
		note(last, &s, *runs);
		run(&s, guided, next < given);
	}
}

static pid_t start(unsigned int worker, uint64_t seed)
{
	pid_t pid = fork();

	if (pid < 0)
		err(2, "fork");
	if (!pid) {
		work(worker, seed);
		_exit(0);
	}
	return pid;
}

/* ---- the one that looks after them */

static void load(const char *path)
{
	struct sequence s;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		err(2, "%s", path);
	len = read(fd, s.bytes, sizeof(s.bytes));
	close(fd);
	if (len <= 0)
		return;
	s.len = len;
	corpus_add(&s, false);
}

static void load_all(const char *folder)
{
	struct dirent *entry;
	DIR *list = opendir(folder);
	char path[512];

	if (!list)
		err(2, "%s", folder);
	while ((entry = readdir(list))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		load(path);
	}
	closedir(list);
}

static void show(const char *path)
{
	char text[2048];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? 0 : read(fd, text, sizeof(text));

	if (len > 0)
		printf("%.*s\n", (int)len, text);
	if (fd >= 0)
		close(fd);
}

static void tell_hung(unsigned int worker, pid_t pid)
{
	char path[64];

	printf("worker %u (pid %d) hangs since %d s in\n", worker, pid, HANG_S);
	snprintf(path, sizeof(path), "/proc/%d/stack", pid);
	show(path);
	snprintf(path, sizeof(path), "/proc/%d/wchan", pid);
	show(path);
}

static uint64_t all_runs(void)
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i < WORKERS_MAX; i++)
		sum += shared->runs[i];
	return sum;
}

static size_t edges(void)
{
	size_t i, sum = 0;

	for (i = 0; i < COVER_EDGES; i++)
		sum += shared->known[i];
	return sum;
}

static void tell(unsigned int seconds, unsigned int died)
{
	printf("%u s: %" PRIu64 " sequences, %zu edges, %u kept, %" PRIu64
	       " events, %" PRIu64 " probes, %" PRIu64 " times a CPU, %" PRIu64
	       " reloads, %" PRIu64 " pages left for them, %" PRIu64
	       " failures, %u workers died\n",
	       seconds, all_runs(), edges(), shared->nr, shared->ops.nr_events,
	       shared->ops.nr_probes, shared->ops.nr_hotplugs,
	       shared->ops.nr_reloads, shared->ops.nr_left, shared->ops.nr_failures,
	       died);
	fflush(stdout);
}

/* Was all tried that there is? Where kcov must guide, failures must come, too. */
static bool is_all_tried(bool must_guide)
{
	unsigned int missing = calls_tell();
	bool good = true;

	if (missing && all_runs() >= MANY) {
		printf("%u ioctls were never called\n", missing);
		good = false;
	}
	if (shared->unguided)
		printf("not guided: %u workers found no kcov\n", shared->unguided);
	if (!must_guide)
		return good;
	if (shared->unguided || !edges()) {
		printf("kcov must guide here, and has told %zu edges\n", edges());
		good = false;
	}
	if (!shared->ops.nr_failures) {
		printf("memory and copies must fail here, and none did\n");
		good = false;
	}
	return good;
}

/* Returns how many workers hung. */
static unsigned int stop(pid_t *pids)
{
	unsigned int hung = 0, i, tries;

	for (i = 0; i < workers; i++)
		kill(pids[i], SIGKILL);
	for (i = 0; i < workers; i++) {
		for (tries = 0; tries < HANG_S; tries++) {
			if (waitpid(pids[i], NULL, WNOHANG))
				break;
			sleep(1);
		}
		if (tries < HANG_S)
			continue;
		tell_hung(i, pids[i]);
		hung++;
	}
	return hung;
}

/*
 * Returns how many hung. A worker dies by chance where a copy that is to fail is that
 * of a signal's frame; if the module is to blame, the kernel's log says so.
 */
static unsigned int look_after(unsigned int seconds, uint64_t seed)
{
	uint64_t seen[WORKERS_MAX] = { 0 };
	unsigned int quiet[WORKERS_MAX] = { 0 }, died = 0, hung = 0, told = 0, i, s;
	pid_t pids[WORKERS_MAX];
	time_t begin = time(NULL);

	for (i = 0; i < workers; i++)
		pids[i] = start(i, seed);
	for (s = 0; s < seconds && !hung; s = time(NULL) - begin) {
		sleep(1);
		for (i = 0; i < workers; i++) {
			if (waitpid(pids[i], NULL, WNOHANG) > 0)
				pids[i] = start(i, seed + ++died);
			quiet[i] = seen[i] == shared->runs[i] ? quiet[i] + 1 : 0;
			seen[i] = shared->runs[i];
			if (quiet[i] < HANG_S)
				continue;
			tell_hung(i, pids[i]);
			hung++;
		}
		if (s / 60 != told) {
			told = s / 60;
			tell(s, died);
		}
	}
	hung += stop(pids);
	tell(s, died);
	return hung;
}

static int by_length(const void *a, const void *b)
{
	const struct sequence *x = a, *y = b;

	return (x->len > y->len) - (x->len < y->len);
}

/* Keep those that come through something that none of the shorter ones does. */
static void merge(void)
{
	uint32_t i, kept = 0;

	qsort(shared->corpus, shared->nr, sizeof(shared->corpus[0]), by_length);
	shared->ops.always = true;
	ops_init();
	if (!cover_init())
		errx(2, "this kernel has no kcov");
	for (i = 0; i < shared->nr; i++)
		if (come_through(&shared->corpus[i]))
			save(&shared->corpus[i], kept++);
	tell(0, 0);
	printf("%u of %u kept\n", kept, shared->nr);
}

static void replay(char **paths)
{
	for (; *paths; paths++)
		load(*paths);
	ops_init();
	for (uint32_t i = 0; i < shared->nr; i++)
		ops_run(shared->corpus[i].bytes, shared->corpus[i].len);
	printf("%u sequences\n", shared->nr);
}

static unsigned int number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 0);

	if (!*text || *end || value > 1UL << 31)
		errx(2, "'%s' is no number that is accepted", text);
	return value;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seconds", required_argument, NULL, 's' },
		{ "seed", required_argument, NULL, 'r' },
		{ "workers", required_argument, NULL, 'w' },
		{ "keep", required_argument, NULL, 'k' },
		{ "guided", no_argument, NULL, 'g' },
		{ "merge", no_argument, NULL, 'm' },
		{ "replay", no_argument, NULL, 'p' },
		{ 0 }
	};
	unsigned int seconds = 10, seed = time(NULL);
	bool replaying = false, merging = false, must_guide = false, good;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 's':
			seconds = number(optarg);
			break;
		case 'r':
			seed = number(optarg);
			break;
		case 'w':
			workers = number(optarg) % (WORKERS_MAX + 1);
			break;
		case 'k':
			keep = optarg;
			break;
		case 'g':
			must_guide = true;
			break;
		case 'm':
			merging = true;
			break;
		case 'p':
			replaying = true;
			break;
		default:
			return 2;
		}
	}
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		err(2, "memory");
	ops_shared = &shared->ops;
	ops_shared->in_region = getenv("REGION");	/* until it is loaded anew */
	if (replaying) {
		replay(argv + optind);
		return 0;
	}
	if (optind < argc)
		load_all(argv[optind]);
	if (merging) {
		merge();
		return 0;
	}
	printf("seed %u, %u sequences given\n", seed, shared->nr);
	good = !look_after(seconds, seed);
	return is_all_tried(must_guide) && good ? 0 : 1;
}
