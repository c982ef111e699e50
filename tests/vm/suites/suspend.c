// SPDX-License-Identifier: GPL-2.0-only
/*
 * For suspend.sh, in the guest: sleep with writers on both CPUs, which tell in
 * each event what the clocks were, then hold blocks and wall times against that.
 */
#include <inttypes.h>
#include <kselftest_harness.h>
#include "../../kmod/ttlog_test.h"

#define WRITERS		2
#define NEAR		50000000LL	/* ns that clocks may be off */
#define ASLEEP_LEAST	500000000LL	/* ns: less is no suspend */
#define ALARM_LEAST	5		/* s: going to sleep takes some of them, too */
#define ALARM_MOST	20
#define SNAPSHOT	"/tmp/suspend.bin"

/**
 * struct told - what a writer saw right before it wrote
 * @asleep: boot - mono: how long the machine has slept
 * @real: wall clock
 */
struct told {
	int64_t asleep;
	int64_t real;
};

static int64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* The clocks of one moment: a guest may lose its CPU between two readings. */
static struct told tell(void)
{
	struct told told;
	int64_t mono;

	do {
		mono = clock_ns(CLOCK_MONOTONIC);
		told.asleep = clock_ns(CLOCK_BOOTTIME) - mono;
		told.real = clock_ns(CLOCK_REALTIME);
	} while (clock_ns(CLOCK_MONOTONIC) - mono > NEAR / 10);
	return told;
}

static bool is_near(int64_t a, int64_t b)
{
	return llabs(a - b) < NEAR;
}

/**
 * struct shared - between the processes
 * @stop: the writers are to end
 * @written: by each writer so far
 */
struct shared {
	uint32_t stop;
	uint64_t written[WRITERS];
};

FIXTURE(suspend)
{
	struct recorder r;
	struct shared *shared;
	pid_t pid[WRITERS];
	struct told *told[WRITERS];
	uint8_t *seen[WRITERS];
};

/*
 * @offline: CPU 1 is down while the machine sleeps, and comes up afterwards
 */
FIXTURE_VARIANT(suspend)
{
	bool offline;
};

FIXTURE_VARIANT_ADD(suspend, all_cpus) {
	.offline = false,
};

FIXTURE_VARIANT_ADD(suspend, one_cpu_offline) {
	.offline = true,
};

/*
 * Without a pause, so that something is written as soon as tasks run again,
 * which is before the module is told. Every eighth event is a warning.
 */
static int run_writer(struct shared *s, unsigned int writer)
{
	int fd = open(DEVICE, O_WRONLY), len;
	struct told told;
	char text[100];
	uint64_t i;

	if (fd < 0 || pin(writer))
		return 1;
	/* A CPU that goes takes its pinning away: see to it now and then. */
	for (i = 0; !__atomic_load_n(&s->stop, __ATOMIC_ACQUIRE); i++) {
		told = tell();
		len = sprintf(text, "<%d>told %u %" PRIu64 " %" PRId64 " %" PRId64,
			      i % 8 ? 6 : 4, writer, i, told.asleep, told.real);
		if (write(fd, text, len) != len)
			return 2;
		__atomic_store_n(&s->written[writer], i + 1, __ATOMIC_RELEASE);
		if (i % 16 == 15)
			pin(writer);
	}
	return 0;
}

static bool put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (!ok)
		printf("# %s: %s: %m\n", path, text);
	close(fd);
	return ok;
}

/*
 * Sleep until the clock wakes us, that many seconds from now. Where getting to
 * sleep takes longer the attempt is given up: nobody would wake us.
 */
static bool sleep_deep(unsigned int seconds)
{
	int fd = open("/sys/power/wakeup_count", O_RDONLY | O_CLOEXEC);
	char count[32] = "", alarm[16];
	ssize_t len;

	snprintf(alarm, sizeof(alarm), "+%u", seconds);
	len = read(fd, count, sizeof(count) - 1);
	close(fd);
	return len > 0 && put("/sys/class/rtc/rtc0/wakealarm", "0") &&
	       put("/sys/class/rtc/rtc0/wakealarm", alarm) &&
	       put("/sys/power/wakeup_count", strtok(count, "\n")) &&
	       put("/sys/power/state", "mem");
}

/* Let each writer write so many more events. */
static void let_write(const struct shared *s, uint64_t events)
{
	uint64_t until[WRITERS];
	unsigned int i;

	for (i = 0; i < WRITERS; i++)
		until[i] = __atomic_load_n(&s->written[i], __ATOMIC_ACQUIRE) + events;
	for (i = 0; i < WRITERS; i++)
		while (__atomic_load_n(&s->written[i], __ATOMIC_ACQUIRE) < until[i])
			usleep(1000);
}

FIXTURE_SETUP(suspend)
{
	unsigned int i;

	self->shared = mmap(NULL, sizeof(*self->shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)self->shared);
	ASSERT_TRUE(put("/sys/power/mem_sleep", "deep"));
	ASSERT_EQ(0, ttlog_reload("memory_per_cpu=48M"));
	ASSERT_TRUE(recorder_open(&self->r));
	ASSERT_EQ(0, pin(0));
	for (i = 0; i < WRITERS; i++) {
		self->pid[i] = fork();
		if (!self->pid[i])
			_exit(run_writer(self->shared, i));
	}
	let_write(self->shared, 500);
}

static void stop_writers(struct __test_metadata *_metadata,
			 struct _test_data_suspend *self)
{
	unsigned int i;

	__atomic_store_n(&self->shared->stop, 1, __ATOMIC_RELEASE);
	for (i = 0; i < WRITERS; i++) {
		if (!self->pid[i])
			continue;
		EXPECT_EQ(0, end_of(self->pid[i]));
		self->pid[i] = 0;
	}
}

FIXTURE_TEARDOWN(suspend)
{
	unsigned int i;

	stop_writers(_metadata, self);
	cpu_online(1, true);
	recorder_close(&self->r);
	for (i = 0; i < WRITERS; i++) {
		free(self->told[i]);
		free(self->seen[i]);
	}
	EXPECT_EQ(0, ttlog_unload());
}

/* Take the text of an event apart, which need not end in a NUL. */
static bool parse(const char *text, size_t len, unsigned int *writer,
		  uint64_t *i, struct told *told)
{
	char copy[100] = "";

	memcpy(copy, text, len < sizeof(copy) - 1 ? len : sizeof(copy) - 1);
	return sscanf(copy, "told %u %" SCNu64 " %" SCNd64 " %" SCNd64, writer, i,
		      &told->asleep, &told->real) == 4 && *writer < WRITERS;
}

/* Each event that was written is there once, and the ledgers say so. */
static void check_complete(struct __test_metadata *_metadata,
			   struct _test_data_suspend *self)
{
	uint64_t i, written = 0;
	struct ttlog_ledger sum;
	struct told told;
	unsigned int w, k;
	size_t n;

	for (w = 0; w < WRITERS; w++) {
		written += self->shared->written[w];
		self->told[w] = calloc(self->shared->written[w],
				       sizeof(*self->told[w]));
		self->seen[w] = calloc(self->shared->written[w], 1);
	}
	sum = ledger_sum(&self->r, ALL_OF_USERS);
	EXPECT_EQ(written, sum.offered);
	EXPECT_EQ(written, sum.written);
	EXPECT_EQ(0, lost_of(&sum));
	ASSERT_TRUE(recorder_read(&self->r));
	for (k = 0; k < self->r.nr; k++) {
		if (!is_user_ring(k))
			continue;
		EXPECT_EQ(0, self->r.ring[k].overwritten);
		EXPECT_EQ(0, self->r.ring[k].holes);
		EXPECT_EQ(ledger_of(&self->r, k / TTLOG_NR_CHANNELS,
				    k % TTLOG_NR_CHANNELS).written,
			  self->r.ring[k].nr_events);
	}
	ASSERT_EQ(written, self->r.nr_seen);
	for (n = 0; n < self->r.nr_seen; n++) {
		const struct ttlog_event *e = self->r.seen[n].slot;

		ASSERT_TRUE(parse((const char *)slot_text(e), slot_len(e), &w, &i,
				  &told));
		ASSERT_LT(i, self->shared->written[w]);
		ASSERT_EQ(0, self->seen[w][i]);
		self->seen[w][i] = 1;
		self->told[w][i] = told;
	}
}

/*
 * Was the event surely written before the machine slept: did its writer still
 * tell so when it had written it? One event of each writer may be neither: it
 * looked at the clocks, and slept, and wrote.
 */
static bool is_early(const struct _test_data_suspend *self, unsigned int writer,
		     uint64_t i, int64_t before)
{
	return i + 1 < self->shared->written[writer] &&
	       is_near(self->told[writer][i + 1].asleep, before);
}

/* Each event's block has the clocks of its side of the suspend. */
static void check_blocks(struct __test_metadata *_metadata,
			 struct _test_data_suspend *self, int64_t before,
			 int64_t after)
{
	unsigned int early = 0, late[WRITERS * USER_CHANNELS] = {}, wrong = 0, between = 0, w;
	uint64_t resumed = UINT64_MAX, i;
	struct told told;
	size_t n;

	for (n = 0; n < self->r.nr_seen; n++) {
		const struct seen *s = &self->r.seen[n];
		int64_t block = s->event->block->boot - s->event->block->mono;

		parse((const char *)slot_text(s->slot), slot_len(s->slot), &w, &i,
		      &told);
		/* Nobody saw the clocks half way. */
		ASSERT_TRUE(is_near(told.asleep, before) ||
			    is_near(told.asleep, after));
		/* They are by time: who is first to tell it has seen it first. */
		if (is_near(told.asleep, after) && resumed == UINT64_MAX)
			resumed = s->slot->time;
		if (s->slot->time >= resumed) {
			late[s->cpu * USER_CHANNELS + s->channel]++;
			wrong += !is_near(block, after);
		} else if (is_early(self, w, i, before)) {
			early++;
			wrong += !is_near(block, before);
		} else {
			between++;
		}
	}
	printf("# %u events before, %u between, %u %u %u %u after it; slept %lld ms\n",
	       early, between, late[0], late[1], late[2], late[3],
	       (long long)(after - before) / 1000000);
	EXPECT_EQ(0, wrong);
	EXPECT_LT(0, early);
	EXPECT_GE(WRITERS, between);
	for (n = 0; n < ARRAY_SIZE(late); n++)
		EXPECT_LT(0, late[n]);
}

/* Time that a line of "ttlog cat" begins with; -1: none. */
static int64_t wall_of(const char *line)
{
	struct tm tm = {};
	long ns = 0;
	char *end;

	end = strptime(line, "%Y-%m-%dT%H:%M:%S", &tm);
	if (!end || sscanf(end, ".%9ld", &ns) != 1)
		return -1;
	return timegm(&tm) * 1000000000LL + ns;
}

/*
 * Wall times in a snapshot are between what its writer saw before the event and
 * before its next. Of those written after the resume none is before it.
 */
static void check_wall(struct __test_metadata *_metadata,
		       struct _test_data_suspend *self, int64_t after,
		       int64_t resumed)
{
	unsigned int wrong = 0, early = 0;
	uint64_t i, count = 0;
	struct told told;
	char line[4096];
	const char *at;
	unsigned int w;
	int64_t wall;
	FILE *cat;

	ASSERT_EQ(0, system("ttlog-dump -o " SNAPSHOT " >/dev/null"));
	cat = popen("ttlog cat " SNAPSHOT, "r");
	ASSERT_NE(NULL, cat);
	while (fgets(line, sizeof(line), cat)) {
		at = strstr(line, "told ");
		if (!at)
			continue;
		ASSERT_TRUE(parse(at, strlen(at), &w, &i, &told));
		wall = wall_of(line);
		ASSERT_NE(-1, wall)
			TH_LOG("%s", line);
		count++;
		wrong += wall < told.real - NEAR;
		if (i + 1 < self->shared->written[w])
			wrong += wall > self->told[w][i + 1].real + NEAR;
		if (is_near(told.asleep, after))
			early += wall < resumed - NEAR;
	}
	EXPECT_EQ(0, pclose(cat));
	EXPECT_EQ(self->r.nr_seen, count);
	EXPECT_EQ(0, wrong);
	EXPECT_EQ(0, early);
	EXPECT_EQ(0, unlink(SNAPSHOT));
}

TEST_F_TIMEOUT(suspend, blocks_have_the_clocks_of_their_events, 170)
{
	unsigned int seconds = ALARM_LEAST;
	struct told before, after;

	if (variant->offline)
		ASSERT_EQ(0, cpu_online(1, false));
	before = tell();
	while (!sleep_deep(seconds)) {
		TH_LOG("not asleep within %u s", seconds);
		seconds *= 2;
		ASSERT_GE(ALARM_MOST, seconds);
	}
	after = tell();
	if (variant->offline)
		ASSERT_EQ(0, cpu_online(1, true));
	let_write(self->shared, 500);
	stop_writers(_metadata, self);
	ASSERT_LT(ASLEEP_LEAST, after.asleep - before.asleep);

	check_complete(_metadata, self);
	check_blocks(_metadata, self, before.asleep, after.asleep);
	check_wall(_metadata, self, after.asleep,
		   before.real + after.asleep - before.asleep);
}

TEST_HARNESS_MAIN
