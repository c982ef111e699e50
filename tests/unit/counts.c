// SPDX-License-Identifier: GPL-2.0-only
/* What helpers count of their files, and what is believed of it. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>

#include "counts.h"
#include "folder.h"
#include "tap.h"

#define BOOT	"11111111-2222-3333-4444-555555555555"
#define REAL	1764481235123456789LL
#define MONO	5000000000LL

/* Both clocks stand still. */
int __wrap_clock_gettime(clockid_t id, struct timespec *ts);
int __wrap_clock_gettime(clockid_t id, struct timespec *ts)
{
	long long ns = id == CLOCK_REALTIME ? REAL : MONO;

	ts->tv_sec = ns / 1000000000;
	ts->tv_nsec = ns % 1000000000;
	return 0;
}

/* The default folder is this machine's, and isn't made. */
static char made[64];
static mode_t made_mode;
static int opened;

int __real_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode)
{
	snprintf(made, sizeof(made), "%s", path);
	made_mode = mode;
	return 0;
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
	if (strcmp(path, COUNTS_FOLDER))
		return __real_open(path, flags);
	opened++;
	errno = EACCES;
	return -1;
}

static const char *file_text(void)
{
	static char text[65536];
	FILE *file = fopen(in_folder("counts"), "r");
	size_t len = file ? fread(text, 1, sizeof(text) - 1, file) : 0;

	text[len] = '\0';
	if (file)
		fclose(file);
	return text;
}

__attribute__((format(printf, 2, 3)))
static void file_is(const char *what, const char *format, ...)
{
	char expected[4096];
	va_list args;

	va_start(args, format);
	vsnprintf(expected, sizeof(expected), format, args);
	va_end(args);
	if (!tap_ok(!strcmp(file_text(), expected), "%s", what))
		printf("# expected %s# got %s\n", expected, file_text());
}

static void put_text(const char *text, size_t len)
{
	FILE *file = fopen(in_folder("counts"), "w");

	fwrite(text, 1, len, file);
	fclose(file);
}

static void written(const char *trigger, const char *reason, uint64_t count,
		    uint64_t bytes)
{
	struct snapshot snapshot = {
		.trigger = trigger, .reason = reason, .count = count,
		.boot_id = BOOT, .clocks.mono = MONO - 1234567,
	};

	counts_written(&snapshot, bytes, BOOT);
}

#define ROW	" 1764481235123 "
#define NONE	"ttlog counts 1\nfailed 0 0\noverwritten 0 0 0 0\n"

static void adds(void)
{
	struct stat st;
	mode_t mask = umask(077);

	empty_folder();
	written("oops", "oops", 3, 1000);
	umask(mask);
	file_is("the first", NONE "files oops" " oops 1 3 1000" ROW "1000 1234567\n");
	tap_ok(!stat(in_folder("counts"), &st) && (st.st_mode & 0777) == 0644,
	       "everybody may read it");
	tap_ok(!stat(in_folder("lock"), &st) && (st.st_mode & 0777) == 0600,
	       "and nobody else lock it");
	written("request", "oops", 1, 20);
	written("oops", "oops", 1, 500);
	counts_failed();
	counts_failed();
	file_is("more", "ttlog counts 1\nfailed 2 2\noverwritten 0 0 0 0\n"
		"files oops" " oops 2 4 1500" ROW "500 1234567\n"
		"files request oops 1 1 20" ROW "20 1234567\n");
	written("request", "oops", 1, 20);
	file_is("one that is written ends the row of failures",
		"ttlog counts 1\nfailed 2 0\noverwritten 0 0 0 0\n"
		"files oops" " oops 2 4 1500" ROW "500 1234567\n"
		"files request oops 2 2 40" ROW "20 1234567\n");
}

static void of_rings(void)
{
	struct reader_ring rings[] = {
		{ .channel = TTLOG_KEEP, .overwritten = 1 },
		{ .channel = TTLOG_KLOG, .overwritten = 20 },
		{ .channel = TTLOG_KLOG, .overwritten = 3 },
		{ .channel = TTLOG_NR_CHANNELS, .overwritten = 7 },
	};
	struct snapshot snapshot = {
		.reason = "timer", .count = 1, .boot_id = BOOT, .rings = rings,
		.nr_rings = 4, .clocks.mono = MONO + 1,
	};

	empty_folder();
	snapshot.trigger = "request";
	counts_written(&snapshot, 1, "another");
	snapshot.trigger = "timer";
	counts_written(&snapshot, 1, BOOT);
	snapshot.trigger = "exit";
	counts_written(&snapshot, 1, BOOT);
	file_is("what was overwritten before the timer came; times that aren't known",
		"ttlog counts 1\nfailed 0 0\noverwritten 2 0 0 46\n"
		"files request timer 1 1 1" ROW "1 0\n"
		"files timer" " timer 1 1 1" ROW "1 0\n"
		"files exit timer 1 1 1" ROW "1 0\n");
	snapshot.clocks.mono = 1;
	snapshot.trigger = "panic";
	counts_written(&snapshot, 1, "another");
	tap_ok(strstr(file_text(), "files panic timer 1 1 1" ROW "1 0\n"),
	       "clocks of another boot tell nothing");
}

static void reads(void)
{
	struct counts counts;
	char path[PATH_MAX];

	empty_folder();
	tap_ok(counts_read(&counts, path) == -ENOENT && !counts.nr &&
	       !strcmp(path, in_folder("counts")), "there is none");
	counts_failed();
	written("level", "x-1_Y", 2, 77);
	tap_ok(!counts_read(&counts, NULL) && counts.failed == 1 &&
	       counts.in_a_row == 0 && counts.nr == 1 &&
	       !strcmp(counts.of[0].trigger, "level") &&
	       !strcmp(counts.of[0].reason, "x-1_Y") && counts.of[0].files == 1 &&
	       counts.of[0].triggers == 2 && counts.of[0].bytes == 77 &&
	       counts.of[0].last == 1764481235123 && counts.of[0].last_bytes == 77 &&
	       counts.of[0].last_ns == 1234567, "all of it is read");
}

#define A_FILE	"files oops" " oops 1 1 1 1 1 1\n"

static const char *const bad[] = {
	"", "\n", "ttlog counts 1\n", "ttlog counts 2\nfailed 0 0\noverwritten 0 0 0 0\n",
	NONE "\n", NONE " ", NONE A_FILE A_FILE, NONE A_FILE "x",
	"ttlog counts 1\nfailed 0 0\noverwritten 0 0 0 0",
	"ttlog counts 1\nfailed 00 0\noverwritten 0 0 0 0\n",
	"ttlog counts 1\nfailed -1 0\noverwritten 0 0 0 0\n",
	"ttlog counts 1\nfailed 18446744073709551616 0\noverwritten 0 0 0 0\n",
	"ttlog counts 1\nfailed 0 0\noverwritten 0 0 0\n",
	NONE "files oops" " oops 1 1 1 1 1\n", NONE "files oops" " oops 1 1 1 1 1 1 1\n",
	NONE "files  oops" " oops 1 1 1 1 1 1\n", NONE "files oops" " oops +1 1 1 1 1 1\n",
	NONE "files Oops" " oops 1 1 1 1 1 1\n", NONE "files oops a.b 1 1 1 1 1 1\n",
	NONE "files oops (ups) 1 1 1 1 1 1\n", NONE "files oops (other 1 1 1 1 1 1\n",
	NONE "files oops a\"b 1 1 1 1 1 1\n", NONE "files oops \xc3\xa9 1 1 1 1 1 1\n",
	NONE "files aaaaaaaaaaaaaaaa oops 1 1 1 1 1 1\n",
	NONE "files oops 123456789012345678901234567890123 1 1 1 1 1 1\n",
};

static void believes(void)
{
	struct counts counts;
	size_t i;

	empty_folder();
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		put_text(bad[i], strlen(bad[i]));
		tap_ok(counts_read(&counts, NULL) == -EBADMSG && !counts.nr &&
		       !counts.failed, "not believed: %zu", i);
	}
	put_text(NONE "\0", sizeof(NONE));
	tap_ok(counts_read(&counts, NULL) == -EBADMSG, "nor with a NUL");
	put_text(NONE A_FILE, strlen(NONE A_FILE));
	tap_ok(!counts_read(&counts, NULL) && counts.nr == 1, "but this");
	put_text(NONE "files oops (other) 1 1 1 1 1 1\n",
		 strlen(NONE "files oops (other) 1 1 1 1 1 1\n"));
	tap_ok(!counts_read(&counts, NULL) && counts.nr == 1, "and this");
	put_text(bad[5], strlen(bad[5]));
	written("oops", "oops", 1, 1);
	file_is("what isn't believed is begun anew",
		NONE "files oops" " oops 1 1 1" ROW "1 1234567\n");
}

#define MOST	" 18446744073709551615"

/* As many lines as there may be, and each as long. */
static size_t fill(char *text, const char *in_a_row)
{
	size_t len, i;

	len = sprintf(text, "ttlog counts 1\nfailed" MOST " %s\noverwritten"
		      MOST MOST MOST MOST "\n", in_a_row);
	for (i = 0; i < COUNTS_MAX; i++)
		len += sprintf(text + len, "files abcdefghijklmno %032zu"
			       MOST MOST MOST MOST MOST MOST "\n", i);
	return len;
}

static void largest(void)
{
	static char text[65536];
	struct counts counts;

	put_text(text, fill(text, MOST + 1));
	tap_ok(!counts_read(&counts, NULL) && counts.nr == COUNTS_MAX &&
	       counts.of[COUNTS_MAX - 1].last_ns == UINT64_MAX, "the largest file");
	written("oops", "oops", 1, 1);
	fill(text, "0");
	tap_ok(!strcmp(file_text(), text), "has no room for another");
	strcat(text, "files x y 1 1 1 1 1 1\n");
	put_text(text, strlen(text));
	tap_ok(counts_read(&counts, NULL) == -EBADMSG, "one line more");
	memset(text, 'x', sizeof(text));
	put_text(text, sizeof(text));
	tap_ok(counts_read(&counts, NULL) == -EBADMSG, "one that is too large");
}

static size_t nr_of(const struct counts *counts, const char *trigger)
{
	size_t i, nr = 0;

	for (i = 0; i < counts->nr; i++)
		nr += !strcmp(counts->of[i].trigger, trigger);
	return nr;
}

static void room(void)
{
	struct counts counts = { 0 };
	char reason[16];
	int i;

	for (i = 0; i < 1000; i++) {
		sprintf(reason, "r%d", i);
		counts_find(&counts, "request", reason)->files++;
	}
	tap_ok(nr_of(&counts, "request") == 17 &&
	       counts_find(&counts, "request", COUNTS_OTHER)->files == 984 &&
	       counts_find(&counts, "request", "r15")->files == 1,
	       "sixteen reasons of requests");
	for (i = 0; i < 1000; i++) {
		sprintf(reason, "r%d", i);
		counts_find(&counts, "probe", reason)->files++;
	}
	tap_ok(nr_of(&counts, "probe") == 65 &&
	       counts_find(&counts, "probe", COUNTS_OTHER)->files == 936,
	       "sixty-four of probes");
	for (i = 0; i < 100; i++) {
		sprintf(reason, "r%d", i);
		counts_find(&counts, "level", reason)->files++;
	}
	counts_find(&counts, "oops", "oops")->files++;
	tap_ok(counts.nr == 90 && nr_of(&counts, "level") == 7 &&
	       !strcmp(counts_find(&counts, "oops", "oops")->reason, COUNTS_OTHER),
	       "and as many as there is room for");
}

/* Of a folder whose path leaves no room for that of the file. */
static void deep(void)
{
	char path[PATH_MAX];
	struct counts counts;

	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - sizeof("/counts") + 1] = '\0';
	setenv("RUNTIME_DIRECTORY", path, 1);
	tap_ok(counts_read(&counts, NULL) == -ENAMETOOLONG, "a path that is too long");
	path[sizeof(path) - sizeof("/counts")] = '\0';
	setenv("RUNTIME_DIRECTORY", path, 1);
	tap_ok(counts_read(&counts, path) == -ENAMETOOLONG && strlen(path) == PATH_MAX - 1 &&
	       !strcmp(path + PATH_MAX - 8, "/counts"), "one that isn't, of a name that is");
	setenv("RUNTIME_DIRECTORY", folder, 1);
}

static void in_the_way(void)
{
	struct counts counts;
	int lock;

	empty_folder();
	mkfifo(in_folder("counts"), 0600);
	tap_ok(counts_read(&counts, NULL) == -EBADMSG, "a fifo");
	written("oops", "oops", 1, 1);
	file_is("is replaced", NONE "files oops" " oops 1 1 1" ROW "1 1234567\n");
	empty_folder();
	symlink("/etc/passwd", in_folder("counts"));
	tap_ok(counts_read(&counts, NULL) == -ELOOP, "a link");
	written("oops", "oops", 1, 1);
	file_is("is replaced, too", NONE "files oops" " oops 1 1 1" ROW "1 1234567\n");
	lock = open(in_folder("lock"), O_RDWR);
	flock(lock, LOCK_EX);
	written("oops", "oops", 1, 1);
	close(lock);
	file_is("a lock isn't waited for", NONE "files oops" " oops 2 2 2" ROW "1 1234567\n");
	empty_folder();
	__real_mkdir(in_folder("counts"), 0700);
	written("oops", "oops", 1, 1);
	rmdir(in_folder("counts"));
	unlink(in_folder("lock"));
	tap_ok(!rmdir(folder), "where it can't be written nothing else is");
	written("oops", "oops", 1, 1);
	tap_ok(access(folder, F_OK), "and a folder that is missing isn't made");
	__real_mkdir(folder, 0700);
	if (geteuid()) {
		tap_ok(true, "somebody else's folder # SKIP not root");
		return;
	}
	chown(folder, 4711, 0);
	written("oops", "oops", 1, 1);
	tap_ok(!exists("counts") && !exists("lock"), "nothing goes into somebody else's folder");
	chown(folder, 0, 0);
}

/* The first of systemd's; what isn't absolute is none. */
static void environment(void)
{
	char both[256], path[PATH_MAX];
	struct counts counts;

	snprintf(both, sizeof(both), "%s:/nowhere", folder);
	setenv("RUNTIME_DIRECTORY", both, 1);
	counts_read(&counts, path);
	tap_ok(!strcmp(path, in_folder("counts")), "the first of several folders");
	setenv("RUNTIME_DIRECTORY", "ttlog", 1);
	counts_read(&counts, path);
	tap_ok(!strcmp(path, "/run/ttlog/counts"), "the default, where one is no path");
	unsetenv("RUNTIME_DIRECTORY");
	counts_read(&counts, path);
	tap_ok(!strcmp(path, "/run/ttlog/counts"), "and where none is named");
	counts_failed();
	tap_ok(!strcmp(made, "/run/ttlog") && made_mode == 0755 && opened == 1,
	       "which is made");
}

int main(void)
{
	strcpy(folder, "/tmp/ttlog-counts-XXXXXX");
	if (!mkdtemp(folder))
		return 1;
	setenv("RUNTIME_DIRECTORY", folder, 1);
	adds();
	of_rings();
	reads();
	believes();
	largest();
	room();
	in_the_way();
	deep();
	environment();
	empty_folder();
	rmdir(folder);
	return tap_done();
}
