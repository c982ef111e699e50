// SPDX-License-Identifier: GPL-2.0-only
/* Which files go when they are too many, and in what order. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "evidence.h"
#include "retain.h"
#include "snapfile.h"
#include "synth.h"
#include "folder.h"
#include "said.h"
#include "tap.h"

/* As many bytes as that. */
static void keep(uint64_t bytes, const char *newest)
{
	struct retention keep = { .all.bytes = bytes };

	retain(folder, &keep, newest);
}

/* A file of that many bytes. */
static void make(const char *name, off_t size)
{
	int fd = open(in_folder(name), O_WRONLY | O_CREAT | O_EXCL, 0600);

	if (fd < 0 || ftruncate(fd, size))
		perror(name);
	close(fd);
}

/* A snapshot as the helper writes it, of many events if wanted. Returns bytes. */
static off_t snap(uint32_t pid, const char *reason, const char *trigger, int nr)
{
	struct reader_ring ring = { 0 };
	struct snapshot snapshot;
	struct snapfile file;
	struct stat st;
	char text[64];
	int i;

	for (i = 0; i < nr; i++) {
		snprintf(text, sizeof(text), "boot_id gboot_id gtrigger dpanic %d", i);
		synth_add(&ring, (struct synth_event) {
			.time = i, .level = 6, .pid = pid, .text = text,
		});
	}
	synth_head(&snapshot, &ring, 1);
	snapshot.pid = pid;
	snapshot.reason = reason;
	snapshot.trigger = trigger;
	snapfile_open(&file, folder);
	if (snapshot_write(&snapshot, file.fd) ||
	    snapfile_commit(&file, NULL, &snapshot) || stat(file.path, &st))
		perror("snap");
	synth_free(&ring);
	return st.st_size;
}

/* What time it is. */
static time_t now = 1796083200;	/* 2026-12-01 */

int __wrap_clock_gettime(clockid_t id, struct timespec *ts);
int __wrap_clock_gettime(clockid_t id, struct timespec *ts)
{
	(void)id;
	*ts = (struct timespec) { .tv_sec = now };
	return 0;
}

#define DAY1	"20261101000000"
#define DAY2	"20261102000000"
#define DAY3	"20261103000000"

static void order(void)
{
	static const char *const names[] = {
		"ttlog-9-" DAY2 "-timer.bin", "ttlog-8-" DAY3 "-exit.bin",
		"ttlog-7-" DAY3 "-timer.bin", "ttlog-1-" DAY3 "-probe.bin",
		"ttlog-1-" DAY1 "-request.bin", "ttlog-1-" DAY1 "-request.1.bin",
	};
	bool good = true;
	size_t i, j;

	/* The first was written last, but what its name says counts first. */
	for (i = 0; i < 6; i++) {
		struct timespec at[2] = { { 0 }, { .tv_sec = i ? i : 100 } };

		make(names[i], 1000);
		utimensat(AT_FDCWD, in_folder(names[i]), at, 0);
	}
	keep(6000, NULL);
	for (j = 0; j < 6; j++)
		good = good && exists(names[j]);
	tap_ok(good && said_just(""), "exactly as much as may be: all stay");
	for (i = 0; i < 6; i++) {
		keep(5999 - 1000 * i, NULL);
		good = !exists(names[i]);
		for (j = i + 1; j < 6; j++)
			good = good && exists(names[j]);
		good = said_just("%s/%s is removed: over keep_bytes\n", folder, names[i]) && good;
		tap_ok(good, "one byte too much: %s goes, and no other", names[i]);
	}
}

/* Files with these reasons, a day each, from the 1st on; each has 1000 bytes. */
static void make_days(const char *const *reasons, int nr)
{
	char name[64];
	int i;

	for (i = 0; i < nr; i++) {
		snprintf(name, sizeof(name), "ttlog-1-202611%02d000000-%s.bin",
			 i + 1, reasons[i]);
		make(name, 1000);
	}
}

/* Are exactly those left, a character each; '-' for one that has gone? */
static bool left(const char *const *reasons, const char *which)
{
	char name[64];
	int i, wrong = 0;

	for (i = 0; which[i]; i++) {
		snprintf(name, sizeof(name), "ttlog-1-202611%02d000000-%s.bin",
			 i + 1, reasons[i]);
		wrong += exists(name) == (which[i] == '-');
	}
	return !wrong;
}

#define DAY	86400
/* It is midnight of the 1st of December. */
#define AGE_OF(day)	((31 - (day)) * DAY)

static void files_and_age(void)
{
	static const char *const reasons[] = {
		"request", "timer", "level", "timer", "panic", "exit", "slow",
		"probe",
	};
	struct retention keep = { .all.files = 8 };

	make_days(reasons, 8);
	retain(folder, &keep, NULL);
	tap_ok(left(reasons, "rtltpesp"), "as many files as may be: all stay");
	keep.all.files = 5;
	retain(folder, &keep, "ttlog-1-20261102000000-timer.bin");
	tap_ok(said_just("%1$s/ttlog-1-20261104000000-timer.bin is removed: over keep_files\n"
			 "%1$s/ttlog-1-20261106000000-exit.bin is removed: over keep_files\n"
			 "%1$s/ttlog-1-20261103000000-level.bin is removed: over keep_files\n",
			 folder),
	       "which are too many is said");
	tap_ok(left(reasons, "rt--p-sp"), "three too many: timers, then levels go, not the newest");
	keep = (struct retention) { .all.age = AGE_OF(2) };
	retain(folder, &keep, NULL);
	tap_ok(said_just("%1$s/ttlog-1-20261102000000-timer.bin is removed: older than keep_age\n"
			 "%1$s/ttlog-1-20261101000000-request.bin is removed: older than keep_age\n",
			 folder), "which are too old is said");
	tap_ok(left(reasons, "---" "-p-sp"), "what is as old as that, or older, goes, whatever it is");
	keep.all.age = AGE_OF(7);
	retain(folder, &keep, "ttlog-1-20261105000000-panic.bin");
	tap_ok(left(reasons, "---" "-p--p"), "but not the newest");
	retain(folder, &keep, NULL);
	tap_ok(left(reasons, "---" "----p"), "which goes when it isn't any longer");
	keep.all.age = AGE_OF(8) + 1;
	retain(folder, &keep, NULL);
	tap_ok(left(reasons, "---" "----p"), "a second younger: it stays");
	keep.all.age--;
	retain(folder, &keep, NULL);
	tap_ok(left(reasons, "---" "-----"), "and goes then");
	empty_folder();
}

/* The oldest of a kind would go first, were it not too old alone that counts. */
static void age_and_bytes(void)
{
	static const char *const reasons[] = { "request", "request", "timer", "timer" };
	struct retention keep = { .all = { .age = AGE_OF(1), .bytes = 2000 } };

	make_days(reasons, 4);
	retain(folder, &keep, NULL);
	tap_ok(left(reasons, "-r-t"), "too old first, then too much: a timer's");
	empty_folder();
}

/* A clock that was wrong, either way: nobody knows how old these are. */
static void unknown_age(void)
{
	static const char *const names[] = {
		"ttlog-1-19700101000100-oops.bin", "ttlog-1-20191231235959-timer.bin",
		"ttlog-1-20271101000000-timer.bin", "ttlog-1-20200101000000-timer.bin",
	};
	struct retention keep = { .all.age = 1 };
	int i, wrong = 0;

	for (i = 0; i < 4; i++)
		make(names[i], 1000);
	retain(folder, &keep, NULL);
	for (i = 0; i < 4; i++)
		wrong += exists(names[i]) != (i < 3);
	tap_ok(!wrong, "of before 2020, or still to come: not too old");
	empty_folder();
	make("ttlog-1-" DAY1 "-timer.bin", 1000);
	keep.all.age = 36500ULL * DAY;
	retain(folder, &keep, NULL);
	tap_ok(exists("ttlog-1-" DAY1 "-timer.bin"), "an age of before 1970");
	empty_folder();
}

static void reasons(void)
{
	static const char *const reasons[] = {
		"timer", "request", "timer", "slow", "timer", "slow", "request", "slow",
	};
	struct retention keep = {
		.nr_reasons = 2,
		.reasons = {
			{ .reason = "timer", .files = 1 },
			{ .reason = "slow", .bytes = 2000 },
		},
	};

	make_days(reasons, 8);
	*said = '\0';
	retain(folder, &keep, "ttlog-1-20261101000000-timer.bin");
	tap_ok(left(reasons, "tr---srs"), "limits of two reasons, and the newest stays");
	tap_ok(said_just("%1$s/ttlog-1-20261103000000-timer.bin is removed: over "
			 "keep_files of timer\n"
			 "%1$s/ttlog-1-20261105000000-timer.bin is removed: over keep_files of timer\n"
			 "%1$s/ttlog-1-20261104000000-slow.bin is removed: over keep_bytes of slow\n",
			 folder), "and whose limit each was over is said");
	keep.reasons[0] = (struct limits) { .reason = "request", .age = AGE_OF(2) };
	keep.reasons[1] = (struct limits) { .reason = "request.", .files = 1 };
	keep.all.bytes = 3000;
	retain(folder, &keep, NULL);
	tap_ok(left(reasons, "-----srs"),
	       "as one of a reason didn't do for all, a timer's goes, too");
	empty_folder();
	make_days(reasons, 8);
	keep.reasons[0] = (struct limits) { .reason = "request", .files = 1 };
	keep.all.bytes = 7000;
	retain(folder, &keep, NULL);
	tap_ok(left(reasons, "t-tstsrs"), "where it does for all, nothing else goes");
	empty_folder();
}

/* What statvfs() says. */
static struct statvfs disk;
static int disk_fails;

int __wrap_fstatvfs(int fd, struct statvfs *to);
int __wrap_fstatvfs(int fd, struct statvfs *to)
{
	(void)fd;
	*to = disk;
	errno = disk_fails;
	return disk_fails ? -1 : 0;
}

static void free_space(void)
{
	static const char *const reasons[] = { "request", "timer", "timer", "timer" };
	struct retention keep = { .free = 100000 };

	*said = '\0';
	make_days(reasons, 4);
	disk = (struct statvfs) {
		.f_frsize = 1000, .f_blocks = 10000, .f_bfree = 9000, .f_bavail = 100,
	};
	retain(folder, &keep, NULL);
	tap_ok(left(reasons, "rttt"), "as much is free as is to be");
	keep.free++;
	retain(folder, &keep, NULL);
	tap_ok(left(reasons, "r-tt"), "a byte is missing: one file goes, though that is none the freer");
	tap_ok(said_just("%s/ttlog-1-20261102000000-timer.bin is removed: keep_free\n", folder),
	       "as is said");
	keep = (struct retention) { .free = 1, .per_cent = true };
	retain(folder, &keep, NULL);
	tap_ok(left(reasons, "r-tt"), "1 per cent is free");
	disk.f_bavail = 99;
	retain(folder, &keep, NULL);
	tap_ok(left(reasons, "r--t"), "less than that");
	disk.f_bavail = 0;
	disk_fails = EIO;
	*said = '\0';
	retain(folder, &keep, NULL);
	tap_ok(left(reasons, "r--t") &&
	       said_just("cannot ask how much is free in %s: Input/output error\n", folder),
	       "it isn't known: nothing goes");
	disk_fails = 0;
	retain(folder, &keep, "ttlog-1-20261104000000-timer.bin");
	tap_ok(left(reasons, "---t"), "nothing is free: only the newest stays");
	empty_folder();
}

/* Or who can fill the disk could remove what nobody else may. */
static void full_disk(void)
{
	struct retention keep = { .free = 1000000 };

	snap(1, "oops", "oops", 0);
	snap(2, "panic", "panic", 0);
	snap(3, "oops", "request", 0);
	snap(4, "level", "level", 0);
	disk = (struct statvfs) { .f_frsize = 1000, .f_blocks = 10000 };
	retain(folder, &keep, NULL);
	tap_ok(exists("ttlog-1-20261123101112-oops.bin") &&
	       exists("ttlog-2-20261123101112-panic.bin") &&
	       !exists("ttlog-3-20261123101112-oops.bin") &&
	       !exists("ttlog-4-20261123101112-level.bin"),
	       "nothing is free: what an oops and a panic left stays");
	keep.all.files = 1;
	retain(folder, &keep, NULL);
	tap_ok(!exists("ttlog-1-20261123101112-oops.bin") &&
	       exists("ttlog-2-20261123101112-panic.bin"),
	       "too many: one of these goes, too");
	empty_folder();
}

static void any(void)
{
	static const struct retention none;
	static const struct retention limits[] = {
		{ .all.files = 1 }, { .all.bytes = 1 }, { .all.age = 1 }, { .free = 1 },
		{ .nr_reasons = 1, .reasons[0].bytes = 1 },
		{ .nr_reasons = 2, .reasons[1].age = 1 },
	};
	char found[13] = "";
	int i;

	for (i = 0; i < 6; i++) {
		strcat(found, retain_any(&limits[i]) ? "a" : "-");
		strcat(found, retain_in_time(&limits[i]) ? "t" : "-");
	}
	tap_ok(!strcmp(found, "a-a-atat---t") && !retain_any(&none) &&
	       !retain_in_time(&none), "which limits there are: %s", found);
}

/* One more goes each time, in this order, and no other. */
static void go_in_turn(const char *const *names, int nr, const char *when)
{
	int i, j, wrong = 0;

	for (i = 0; i < nr; i++)
		make(names[i], 1000);
	for (i = 0; i < nr; i++) {
		keep(1000 * (nr - i) - 1, NULL);
		for (j = 0; j < nr; j++)
			wrong += exists(names[j]) != (j > i);
	}
	tap_ok(!wrong, "%s", when);
	empty_folder();
}

/* A clock was a year ahead; and one doesn't know the time when it starts. */
static void wrong_clocks(void)
{
	static const char *const before[] = {
		"ttlog-3-20271101000000-timer.bin", "ttlog-2-20271102000000-exit.bin",
		"ttlog-9-19700101000100-timer.bin", "ttlog-8-" DAY1 "-timer.bin",
		"ttlog-7-20261201000000-timer.bin", "ttlog-6-20261201000001-request.bin",
		"ttlog-5-" DAY2 "-request.bin",
	};
	static const char *const starting[] = {
		"ttlog-3-19700101010001-timer.bin", "ttlog-2-" DAY1 "-timer.bin",
		"ttlog-1-20271101000000-timer.bin", "ttlog-9-19700101000100-timer.bin",
		"ttlog-8-19700101010000-timer.bin", "ttlog-7-" DAY3 "-request.bin",
	};
	time_t right = now;

	go_in_turn(before, 7, "times still to come go first of their kind");
	now = 3600;
	go_in_turn(starting, 6, "where the time isn't known yet, new files go last");
	now = right;
}

static void others(void)
{
	static const char *const names[] = {
		"ttlog-1-" DAY1 "-timer.txt", "ttlog-1-2026110100000-timer.bin",
		"ttlog-1-" DAY1 "-timer.x.bin", "ttlog-1-" DAY1 "-ti.mer.bin",
		"ttlog--" DAY1 "-timer.bin", "ttlog-x-" DAY1 "-timer.bin",
		".ttlog-1-0123456789abcdef.tmp", "precious",
		"ttlog-1-" DAY1 "-timer.1.bin.bin", "ttlog-1-" DAY1 "-.bin",
	};
	bool good = true;
	size_t i;

	for (i = 0; i < 10; i++)
		make(names[i], 1000);
	make("ttlog-1-" DAY2 "-timer.bin", 10);
	mkdir(in_folder("ttlog-1-" DAY3 "-timer.bin"), 0700);
	if (symlink("precious", in_folder("ttlog-2-" DAY3 "-timer.bin")))
		perror("symlink");
	keep(10, NULL);
	good = exists("ttlog-1-" DAY2 "-timer.bin");
	keep(9, NULL);
	tap_ok(good && !exists("ttlog-1-" DAY2 "-timer.bin"),
	       "only files with the names of snapshots count");
	for (i = 0; i < 10; i++)
		good = good && exists(names[i]);
	tap_ok(good && exists("ttlog-1-" DAY3 "-timer.bin") &&
	       exists("ttlog-2-" DAY3 "-timer.bin"), "and nothing else goes");
	rmdir(in_folder("ttlog-1-" DAY3 "-timer.bin"));
	empty_folder();
	if (geteuid())
		return;
	make("ttlog-1-" DAY1 "-timer.bin", 10);
	if (chown(in_folder("ttlog-1-" DAY1 "-timer.bin"), 4711, 0))
		perror("chown");
	keep(1, NULL);
	tap_ok(exists("ttlog-1-" DAY1 "-timer.bin"), "nor another user's");
	empty_folder();
}

static void newest(void)
{
	make("ttlog-1-" DAY1 "-timer.bin", 1000);
	make("ttlog-1-" DAY2 "-request.bin", 1000);
	keep(1000, "ttlog-1-" DAY1 "-timer.bin");
	tap_ok(exists("ttlog-1-" DAY1 "-timer.bin") &&
	       !exists("ttlog-1-" DAY2 "-request.bin"),
	       "the one just written stays, though it would go first");
	keep(1, "ttlog-1-" DAY1 "-timer.bin");
	tap_ok(exists("ttlog-1-" DAY1 "-timer.bin"),
	       "also when it is too large alone");
	keep(0, NULL);
	tap_ok(exists("ttlog-1-" DAY1 "-timer.bin"), "0: no limit");
	empty_folder();
}

static void evidence(void)
{
	off_t one = snap(1, "oops", "oops", 20000);

	snap(2, "oops", "request", 20000);
	snap(3, "oops", "oops", 0);
	make("ttlog-4-" DAY3 "-oops.bin", 100);
	make("ttlog-5-" DAY3 "-request.bin", 100);
	make("ttlog-6-" DAY3 "-timer.bin", 100);
	keep(2 * one + 2000, NULL);
	tap_ok(!exists("ttlog-6-" DAY3 "-timer.bin") ||
	       exists("ttlog-5-" DAY3 "-request.bin"), "timer before request");
	keep(one + 1500, NULL);
	tap_ok(exists("ttlog-1-20261123101112-oops.bin") &&
	       exists("ttlog-3-20261123101112-oops.bin") &&
	       !exists("ttlog-2-20261123101112-oops.bin") &&
	       !exists("ttlog-4-" DAY3 "-oops.bin") &&
	       !exists("ttlog-5-" DAY3 "-request.bin"),
	       "a request with the reason oops goes before an oops, so does damage");
	keep(1500, NULL);
	tap_ok(!exists("ttlog-1-20261123101112-oops.bin") &&
	       exists("ttlog-3-20261123101112-oops.bin"),
	       "of oopses the oldest goes first");
	empty_folder();
}

/* How a machine ended is worth as much as an oops, if it is that. */
static void ends_stay(void)
{
	off_t size = snap(1, "panic", "panic", 0) + snap(2, "reset", "reset", 0);
	off_t others = snap(3, "panic", "request", 0) + snap(4, "reset", "request", 0);

	make("ttlog-5-20261124000000-request.bin", 1000);
	keep(size + others + 999, NULL);
	tap_ok(!exists("ttlog-3-20261123101112-panic.bin") &&
	       exists("ttlog-4-20261123101112-reset.bin") &&
	       exists("ttlog-5-20261124000000-request.bin"),
	       "a request with the reason panic goes first, as it is older");
	keep(size, NULL);
	tap_ok(exists("ttlog-1-20261123101112-panic.bin") &&
	       exists("ttlog-2-20261123101112-reset.bin") &&
	       !exists("ttlog-4-20261123101112-reset.bin") &&
	       !exists("ttlog-5-20261124000000-request.bin"),
	       "a panic and a reset stay, though they are as old");
	empty_folder();
}

/* What fails, if anything, and how many calls of it go well before. */
static const char *failing;
static int calls_left;

static bool fails(const char *call, int error)
{
	if (!failing || strcmp(failing, call) || calls_left--)
		return false;
	errno = error;
	return true;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
	return fails("malloc", ENOMEM) ? NULL : __real_malloc(size);
}

int __real_openat(int dir, const char *name, int flags, ...);
int __wrap_openat(int dir, const char *name, int flags, ...);
int __wrap_openat(int dir, const char *name, int flags, ...)
{
	return fails("openat", EMFILE) ? -1 : __real_openat(dir, name, flags, 0600);
}

ssize_t __real_pread(int fd, void *to, size_t len, off_t at);
ssize_t __wrap_pread(int fd, void *to, size_t len, off_t at);
ssize_t __wrap_pread(int fd, void *to, size_t len, off_t at)
{
	return fails("pread", EIO) ? -1 : __real_pread(fd, to, len, at);
}

size_t __real_frame_header(void *to);
size_t __wrap_frame_header(void *to);
size_t __wrap_frame_header(void *to)
{
	return fails("frame_header", ENOMEM) ? 0 : __real_frame_header(to);
}

/* It can't be found out whether the older of two files is that of an oops. */
static bool unknown(const char *call, int nth)
{
	off_t size = snap(1, "oops", "oops", 0);
	bool good;

	make("ttlog-2-20261124000000-request.bin", size);
	failing = call;
	calls_left = nth;
	keep(2 * size - 1, NULL);
	failing = NULL;
	good = exists("ttlog-1-20261123101112-oops.bin") &&
	       !exists("ttlog-2-20261124000000-request.bin");
	empty_folder();
	return good;
}

static void unknowns(void)
{
	static const char *const calls[] = { "malloc", "openat", "frame_header" };
	int i, kept = 0;

	for (i = 0; i < 3; i++)
		tap_ok(unknown(calls[i], 0) && calls_left < 0,
		       "%s fails: it might be that of an oops, and stays", calls[i]);
	calls_left = -1;
	for (i = 0; calls_left < 0; i++)
		kept += unknown("pread", i);
	tap_ok(kept == i && i > 4, "so it does when any of %d preads fails", i - 1);
}

/* Whose trigger isn't what it is named after is like any other. */
static void order_of_others(void)
{
	static const char *const names[] = {
		"ttlog-6-" DAY3 "-timer.bin", "ttlog-4-" DAY1 "-oops.bin",
		"ttlog-5-" DAY2 "-request.bin", "ttlog-4-" DAY3 "-panic.bin",
		"ttlog-2-20261123101112-oops.bin",
		"ttlog-1-20261123101112-oops.bin",
	};
	off_t total = snap(1, "oops", "oops", 0) + snap(2, "oops", "request", 0);
	bool good;
	int i, j;

	for (i = 0; i < 4; i++) {
		make(names[i], 1000);
		total += 1000;
	}
	for (i = 0; i < 5; i++) {
		struct stat st;

		stat(in_folder(names[i]), &st);
		keep(total - 1, NULL);
		total -= st.st_size;
		for (good = true, j = 0; j < 6; j++)
			good = good && exists(names[j]) == (j > i);
		tap_ok(good, "next to go is %s, alone", names[i]);
	}
	empty_folder();
}

/* Damage at each byte in turn, and each length that a file may be cut to. */
static void damaged(void)
{
	static const char name[] = "ttlog-1-20261123101112-oops.bin";
	off_t i, size = snap(1, "oops", "oops", 40);
	int dir = open(folder, O_RDONLY | O_DIRECTORY);
	int fd = open(in_folder(name), O_RDWR);
	unsigned char whole, bad;
	int still = 0;

	tap_ok(evidence_is(dir, name, "oops") &&
	       !evidence_is(dir, name, "panic"), "that of an oops");
	for (i = 0; i < size; i++) {
		if (pread(fd, &whole, 1, i) != 1)
			break;
		bad = whole ^ (1 << i % 8);
		still += pwrite(fd, &bad, 1, i) == 1 &&
			 evidence_is(dir, name, "oops");
		bad = ~whole;
		still += pwrite(fd, &bad, 1, i) == 1 &&
			 evidence_is(dir, name, "oops");
		if (pwrite(fd, &whole, 1, i) != 1)
			break;
	}
	tap_ok(i == size && still > 0, "damaged at each of %ld bytes", (long)size);
	for (still = 0; i-- && !ftruncate(fd, i);)
		still += evidence_is(dir, name, "oops");
	tap_ok(i < 0 && still < size / 2 && still > 0,
	       "cut to each length: it is one while the block is whole that says so");
	close(fd);
	close(dir);
	empty_folder();
}

/* Files of how a recorder ended, which may be there under any name. */
static void ends(void)
{
	static const char id[] = "00112233445566778899aabbccddeeff";
	static const char name[] = "ttlog-3-20261123101112-reset.bin";
	int dir = open(folder, O_RDONLY | O_DIRECTORY), fd, i, still = 0;
	off_t size;

	tap_ok(!evidence_of_end(dir, id), "no file of an end is there");
	snap(1, "panic", "request", 0);
	snap(2, "oops", "oops", 0);
	make("ttlog-4-" DAY3 "-panic.bin", 100000);
	mkfifo(in_folder("ttlog-5-" DAY3 "-panic.bin"), 0600);
	mkdir(in_folder("ttlog-6-" DAY3 "-panic.bin"), 0700);
	if (symlink("/dev/zero", in_folder("ttlog-7-" DAY3 "-panic.bin")))
		perror("symlink");
	tap_ok(!evidence_of_end(dir, id), "nor is one where odd things have such names");
	size = snap(3, "reset", "reset", 40);
	tap_ok(evidence_of_end(dir, id) == 1, "a reset is one");
	tap_ok(!evidence_of_end(dir, "00112233445566778899aabbccddeefe"),
	       "but of that recorder alone");
	snap(8, "other", "panic", 0);
	unlink(in_folder(name));
	tap_ok(evidence_of_end(dir, id) == 1, "so is a panic, whatever reason was given");
	renameat(dir, "ttlog-8-20261123101112-other.bin", dir, "saved.bin");
	tap_ok(!evidence_of_end(dir, id), "none that isn't named as a snapshot");
	renameat(dir, "saved.bin", dir, "ttlog-8-20261123101112-other.txt");
	tap_ok(!evidence_of_end(dir, id), "nor one of another kind");
	size = snap(3, "reset", "reset", 40);
	fd = open(in_folder(name), O_RDWR);
	for (i = size; i--;)
		still += !ftruncate(fd, i) && evidence_of_end(dir, id);
	tap_ok(still > 0 && still < size / 2, "nor one that is cut short");
	failing = "openat";
	calls_left = 0;
	tap_ok(evidence_of_end(dir, id) == -EMFILE, "a folder that can't be read is an error");
	failing = "malloc";
	calls_left = 0;
	tap_ok(evidence_of_end(dir, id) == -ENOMEM, "so is want of memory");
	failing = NULL;
	close(fd);
	close(dir);
	rmdir(in_folder("ttlog-6-" DAY3 "-panic.bin"));
	empty_folder();
}

static void many(void)
{
	char name[64];
	int i, left = 0;

	for (i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "ttlog-1-20261101%06d-timer.bin", i);
		make(name, 10);
	}
	keep(30, NULL);
	for (i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "ttlog-1-20261101%06d-timer.bin", i);
		left += exists(name) ? i < 256 ? 1000 : 1 : 0;
	}
	tap_ok(left == 244, "of 500 that are too many the 256 oldest go at once");
	keep(30, NULL);
	for (left = 0, i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "ttlog-1-20261101%06d-timer.bin", i);
		left += exists(name) ? i < 497 ? 1000 : 1 : 0;
	}
	tap_ok(left == 3, "and the next time all but the 3 newest");
	empty_folder();
}

static int nr_stuck = -1;

/* Files of pid 7 can't be removed, where any are to be. */
int __real_unlinkat(int dir, const char *name, int flags);
int __wrap_unlinkat(int dir, const char *name, int flags);
int __wrap_unlinkat(int dir, const char *name, int flags)
{
	if (nr_stuck < 0 || strncmp(name, "ttlog-7-", 8))
		return __real_unlinkat(dir, name, flags);
	nr_stuck++;
	errno = EPERM;
	return -1;
}

/* More files that can't be removed than are noted at once. */
static void stuck(void)
{
	char name[64];
	int i;

	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "ttlog-7-20261101%06d-%s.bin", i,
			 i < 70 ? "timer" : "request");
		make(name, 10);
	}
	make("ttlog-1-" DAY2 "-timer.bin", 10);
	make("ttlog-1-" DAY3 "-request.bin", 10);
	nr_stuck = 0;
	keep(1010, NULL);
	tap_ok(!exists("ttlog-1-" DAY2 "-timer.bin") && nr_stuck == 70 &&
	       exists("ttlog-1-" DAY3 "-request.bin"),
	       "70 that can't be removed, tried once each: the next goes");
	nr_stuck = 0;
	keep(1000, NULL);
	tap_ok(!exists("ttlog-1-" DAY3 "-request.bin") && nr_stuck == 100,
	       "also of another kind");
	nr_stuck = 0;
	keep(999, NULL);
	tap_ok(nr_stuck == 100, "and none is left that can be: it ends");
	nr_stuck = -1;
	empty_folder();
	nr_stuck = 0;
	make("ttlog-7-" DAY1 "-timer.bin", 10);
	*said = '\0';
	keep(9, NULL);
	tap_ok(said_just("cannot remove "
			 "%s/ttlog-7-" DAY1 "-timer.bin, which is to go: over keep_bytes: Operation not permitted\n",
			 folder), "which one is told");
	retain(folder, &(struct retention){
		.nr_reasons = 1, .reasons[0] = { "timer", .bytes = 9 },
	}, NULL);
	tap_ok(said_just("cannot remove "
			 "%s/ttlog-7-" DAY1 "-timer.bin, which is to go: over keep_bytes of timer: Operation not permitted\n",
			 folder), "and of what reason");
	nr_stuck = -1;
	empty_folder();
}

/* For want of space: as many as make it up, of timers' alone, or none. */
static void make_room(void)
{
	static const char *const names[] = {
		"ttlog-3-" DAY1 "-exit.bin", "ttlog-1-" DAY2 "-timer.bin",
		"ttlog-2-" DAY3 "-timer.bin", "ttlog-4-" DAY1 "-request.bin",
		"ttlog-1-20261123101112-oops.bin", "precious",
	};
	char name[64];
	int i, left;

	snap(1, "oops", "oops", 0);
	for (i = 0; i < 6; i++) {
		if (i != 4)
			make(names[i], 1000);
	}
	tap_ok(!retain_make_room(folder, 3001) && exists(names[0]),
	       "no space: 3 files of 1000 bytes don't make up 3001: all stay");
	tap_ok(retain_make_room(folder, 1001) && !exists(names[0]) &&
	       !exists(names[1]) && exists(names[2]),
	       "no space: the 2 oldest make up 1001");
	*said = '\0';
	tap_ok(retain_make_room(folder, 1000) && !exists(names[2]) &&
	       said_just("%s/%s is removed: in the way of evidence\n", folder, names[2]),
	       "no space: one makes up 1000");
	tap_ok(!retain_make_room(folder, 1) && exists(names[3]) &&
	       exists(names[4]) && exists(names[5]),
	       "no space: only what timers wrote goes");
	for (i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "ttlog-%d-20261101%06d-timer.bin",
			 i < 35 ? 1 : 7, i);
		make(name, 10);
	}
	tap_ok(!retain_make_room(folder, 321), "no space: 32 at most");
	tap_ok(retain_make_room(folder, 320), "no space: 32 of 40 go");
	for (left = 0, i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "ttlog-%d-20261101%06d-timer.bin",
			 i < 35 ? 1 : 7, i);
		left += exists(name);
	}
	nr_stuck = 0;
	tap_ok(left == 8 && !retain_make_room(folder, 80) && nr_stuck == 5,
	       "no space: 5 that can't be removed");
	nr_stuck = -1;
	empty_folder();
	*said = '\0';
	tap_ok(!retain_make_room(folder, 1) && !retain_make_room("/none/at/all", 1) &&
	       said_just("cannot read the folder /none/at/all: No such file or directory\n"),
	       "no space: no files, no folder");
}

/* An immutable file, where file system and capabilities let us make one. */
static void immutable(void)
{
	static const char name[] = "ttlog-1-" DAY1 "-timer.bin";
	int fd, flags = FS_IMMUTABLE_FL;

	make(name, 1000);
	make("ttlog-1-" DAY2 "-timer.bin", 1000);
	make("ttlog-1-" DAY3 "-timer.bin", 1000);
	fd = open(in_folder(name), O_RDONLY);
	if (ioctl(fd, FS_IOC_SETFLAGS, &flags)) {
		tap_ok(true, "an immutable file # SKIP can't be made here");
	} else {
		keep(2000, NULL);
		tap_ok(exists(name) && !exists("ttlog-1-" DAY2 "-timer.bin") &&
		       exists("ttlog-1-" DAY3 "-timer.bin"),
		       "one that can't be removed: the next goes");
		flags = 0;
		ioctl(fd, FS_IOC_SETFLAGS, &flags);
	}
	close(fd);
	empty_folder();
}

int main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	strcpy(folder, "/tmp/ttlog-test-XXXXXX");
	if (!mkdtemp(folder))
		return 1;
	order();
	files_and_age();
	age_and_bytes();
	unknown_age();
	reasons();
	free_space();
	full_disk();
	any();
	wrong_clocks();
	others();
	newest();
	evidence();
	ends_stay();
	unknowns();
	order_of_others();
	damaged();
	ends();
	many();
	stuck();
	make_room();
	immutable();
	rmdir(folder);
	return tap_done();
}
