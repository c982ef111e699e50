// SPDX-License-Identifier: GPL-2.0-only
/*
 * What checks the files of a device that was cut off (tests/cut/walk.c), on devices and
 * with a file system that are made up: it says nothing of good files, and tells each way
 * in which they can be wrong.
 *
 * The file system here has one file in each sector: its name, and as text what is in it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>

#include "../cut/log.h"
#include "folder.h"
#include "tap.h"

#undef main

#define SECTOR		512
#define SECTORS		8
#define ENTRIES		32

int walk_main(int argc, char **argv);

/* ---- The log, as dm-log-writes has it. */

static struct {
	uint64_t magic;
	uint64_t version;
	uint64_t nr;
	uint32_t sectorsize;
	char rest[SECTOR - 28];
} __attribute__((packed)) super;

static struct {
	struct {
		uint64_t sector;
		uint64_t nr_sectors;
		uint64_t flags;
		uint64_t len;
		char mark[SECTOR - 32];
	} head;
	char data[SECTOR];
} entries[ENTRIES];

static void add(uint64_t flags, unsigned int sector, const char *data)
{
	entries[super.nr].head.flags = flags;
	entries[super.nr].head.sector = sector;
	if (data) {
		entries[super.nr].head.nr_sectors = 1;
		memcpy(entries[super.nr].data, data, SECTOR);
	}
	super.nr++;
}

static void mark(const char *text)
{
	entries[super.nr].head.len = strlen(text);
	strcpy(entries[super.nr].head.mark, text);
	add(CUT_MARK, 0, NULL);
}

/* A file, or with no name the lack of one. */
static void put(unsigned int sector, uint64_t flags, const char *name,
		const char *text)
{
	char data[SECTOR] = { 0 };

	snprintf(data, SECTOR / 2, "%s", name);
	snprintf(data + SECTOR / 2, SECTOR / 2, "%s", text);
	add(flags, sector, data);
}

static void write_log(void)
{
	FILE *file = fopen(in_folder("log"), "we");
	size_t i;

	fwrite(&super, sizeof(super), 1, file);
	for (i = 0; i < super.nr; i++) {
		fwrite(&entries[i].head, SECTOR, 1, file);
		if (entries[i].head.nr_sectors)
			fwrite(entries[i].data, SECTOR, 1, file);
	}
	fclose(file);
}

/* ---- What the kernel and other programs do. */

static bool unmountable, sweeps;

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
	if (!strcmp(path, "/dev/mapper/cut-made-up"))
		path = in_folder("spare");
	return __real_open(path, flags);
}

int __wrap_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list args;

	(void)fd;
	va_start(args, request);
	*va_arg(args, unsigned long *) = SECTORS;
	va_end(args);
	return request == BLKGETSIZE ? 0 : -1;
}

static void write_file(const char *name, const char *text)
{
	FILE *file = fopen(in_folder(name), "we");

	if (!file || fputs(text, file) < 0 || fclose(file))
		exit(3);
}

int __wrap_mount(const char *device, const char *path, const char *type,
		 unsigned long flags, const void *data);
int __wrap_mount(const char *device, const char *path, const char *type,
		 unsigned long flags, const void *data)
{
	char sector[SECTOR], name[SECTOR];
	FILE *file;

	(void)device, (void)path, (void)type, (void)flags, (void)data;
	if (unmountable) {
		errno = EUCLEAN;
		return -1;
	}
	file = fopen(in_folder("spare"), "re");
	while (file && fread(sector, sizeof(sector), 1, file) == 1) {
		if (!*sector)
			continue;
		snprintf(name, sizeof(name), "mount/ttlog/%.200s", sector);
		write_file(name, sector + SECTOR / 2);
	}
	fclose(file);
	return 0;
}

/* Of all files, or of those that are old and temporary. */
static void remove_files(bool all)
{
	char path[NAME_MAX + 32];
	struct dirent *entry;
	struct stat st;
	DIR *list = opendir(in_folder("mount/ttlog"));

	while ((entry = readdir(list))) {
		snprintf(path, sizeof(path), "mount/ttlog/%s", entry->d_name);
		if (!lstat(in_folder(path), &st) && S_ISREG(st.st_mode) &&
		    (all || (strstr(path, ".tmp") &&
			     st.st_mtime < time(NULL) - 3600)))
			unlink(in_folder(path));
	}
	closedir(list);
}

int __wrap_umount(const char *path);
int __wrap_umount(const char *path)
{
	(void)path;
	remove_files(true);
	return 0;
}

static void copy_base(void)
{
	char bytes[SECTOR * SECTORS];
	FILE *file = fopen(in_folder("base"), "re");

	if (fread(bytes, sizeof(bytes), 1, file) != 1)
		exit(3);
	fclose(file);
	file = fopen(in_folder("spare"), "we");
	fwrite(bytes, sizeof(bytes), 1, file);
	fclose(file);
}

/* Nothing is to outlive the machine. */
int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
	(void)fd;
	return 0;
}

int __real_system(const char *command);
int __wrap_system(const char *command);
int __wrap_system(const char *command)
{
	if (!strncmp(command, "dmsetup create ", 15))
		copy_base();
	else if (!strncmp(command, "ttlog-dump -o ", 14) && sweeps)
		remove_files(false);
	return 0;
}

/* ---- Cases */

static void clear_base(void)
{
	FILE *file = fopen(in_folder("base"), "we");
	static const char nothing[SECTOR * SECTORS];

	fwrite(nothing, sizeof(nothing), 1, file);
	fclose(file);
}

static void clear(void)
{
	memset(&super, 0, sizeof(super));
	memset(entries, 0, sizeof(entries));
	super.magic = 0x6a736677736872;
	super.version = 1;
	super.sectorsize = SECTOR;
	unmountable = false;
	sweeps = true;
	write_file("files/ttlog-1.bin", "the first");
	write_file("files/ttlog-2.bin", "the second");
	write_file("removed", "3 ttlog-1.bin\n");
}

/* What is at fault in a log that is good otherwise. */
enum fault {
	NOTHING, TORN, SHORT, UNFLUSHED, NEVER, EARLY, FOREIGN, EMPTY, SILENT,
};

static void make_log(enum fault fault)
{
	clear();
	mark("step:1");
	put(0, 0, ".ttlog-1-0123456789abcdef.tmp", "the f");
	if (fault != EMPTY)
		put(0, CUT_FUA, "ttlog-1.bin", "the first");
	add(CUT_FLUSH, 0, NULL);
	mark(fault == SILENT || fault == EMPTY ? "done" : "ack:ttlog-1.bin");
	if (fault == FOREIGN)
		put(5, CUT_FUA, "ttlog-3.bin", "the third");
	mark("step:2");
	if (fault == EARLY)
		put(0, CUT_FUA, "", "");
	if (fault != NEVER && fault != EMPTY)
		put(3, fault == UNFLUSHED ? 0 : CUT_FUA, "ttlog-2.bin",
		    fault == TORN ? "the sec0nd" :
		    fault == SHORT ? "the secon" : "the second");
	if (fault != EMPTY)
		mark("ack:ttlog-2.bin");
	mark("step:3");
	if (fault != EMPTY)
		put(0, CUT_FUA, "", "");
	add(CUT_FLUSH, 0, NULL);
	write_log();
}

/* Returns its exit status; what it has said is in @said. */
static int run(const char *points, char *said, size_t size)
{
	char log[96], base[96], spare[96], mount[96], files[96];
	const char *argv[10] = { "walk", "made-up", log, base, spare, mount, files,
			       points, "1", NULL };
	FILE *file;
	size_t len;
	int status;

	strcpy(log, in_folder("log"));
	strcpy(base, in_folder("base"));
	strcpy(spare, in_folder("spare"));
	strcpy(mount, in_folder("mount"));
	strcpy(files, in_folder("files"));
	clear_base();
	fflush(stdout);
	if (!fork()) {
		if (!freopen(in_folder("said"), "w", stdout) ||
		    dup2(STDOUT_FILENO, STDERR_FILENO) < 0)
			exit(3);
		exit(walk_main(9, (char **)argv));
	}
	wait(&status);
	file = fopen(in_folder("said"), "re");
	len = fread(said, 1, size - 1, file);
	said[len] = '\0';
	fclose(file);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* With all cuts, and with those alone at which something was acknowledged. */
static void told(const char *what, int expected, const char *words)
{
	static const char * const points[] = { "1000", "0" };
	char said[8192];
	size_t i;
	int got;

	for (i = 0; i < 2; i++) {
		got = run(points[i], said, sizeof(said));
		if (!tap_ok(got == expected && strstr(said, words),
			    "%s, %s: %.*s", what, i ? "some cuts" : "all cuts",
			    (int)strcspn(words, "\n"), words))
			printf("# status %d\n# %s", got, said);
	}
}

static void good(void)
{
	make_log(NOTHING);
	told("all is well", 0, "2 files, of which 2 were acknowledged; a file was there");
}

static void wrong_files(void)
{
	make_log(TORN);
	told("a byte is another one", 1, "not whole: ttlog-2.bin\n");
	make_log(SHORT);
	told("the end is missing", 1, "not whole: ttlog-2.bin\n");
	make_log(UNFLUSHED);
	told("acknowledged before it was durable", 1,
	     "acknowledged and gone: ttlog-2.bin\n");
	make_log(NEVER);
	told("acknowledged and never there", 1,
	     "acknowledged and gone: ttlog-2.bin\n");
	make_log(EARLY);
	told("gone before it may be removed", 1,
	     "acknowledged and gone: ttlog-1.bin\n");
	make_log(FOREIGN);
	told("a file of nobody's", 1, "nobody wrote ttlog-3.bin\n");
}

static void wrong_otherwise(void)
{
	make_log(NOTHING);
	unmountable = true;
	told("no file system", 1, "can't be mounted: Structure needs cleaning\n");
	make_log(EMPTY);
	unlink(in_folder("files/ttlog-1.bin"));
	unlink(in_folder("files/ttlog-2.bin"));
	write_file("removed", "");
	told("no file anywhere", 1, "a file was there 0 times");
	make_log(SILENT);
	told("a file of which nobody knows when it was acknowledged", 1,
	     "never acknowledged: ttlog-1.bin\n");
	make_log(NOTHING);
	super.magic++;
	write_log();
	told("something else than a log", 2, "has no log of writes\n");
	make_log(NOTHING);
	if (truncate(in_folder("log"), SECTOR * (2 + super.nr)))
		exit(3);
	told("a log that is cut short", 2, "of the log at");
	make_log(NOTHING);
	write_file("removed", "7 ttlog-1.bin\n");
	told("removed in a step that isn't known", 2, "isn't known\n");
}

/* Where a temporary file is left is among all cuts alone. */
static void left_over(void)
{
	char said[8192];
	int got;

	make_log(NOTHING);
	sweeps = false;
	got = run("1000", said, sizeof(said));
	tap_ok(got == 1 && strstr(said, "an hour later still there: .ttlog-1-"),
	       "a temporary file that no writer takes away");
}

int main(void)
{
	char command[96];

	strcpy(folder, "/tmp/cut-XXXXXX");
	if (!mkdtemp(folder) || mkdir(in_folder("files"), 0700) ||
	    mkdir(in_folder("mount"), 0700) ||
	    mkdir(in_folder("mount/ttlog"), 0700))
		return 1;
	good();
	wrong_files();
	wrong_otherwise();
	left_over();
	snprintf(command, sizeof(command), "rm -r %s", folder);
	__real_system(command);
	return tap_done();
}
