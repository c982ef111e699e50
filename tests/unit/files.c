// SPDX-License-Identifier: GPL-2.0-only
/* Which files a command's arguments stand for. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "../../user/folder.h"
#include "exit.h"
#include "files.h"
#include "folder.h"
#include "tap.h"

#define FIRST	"ttlog-2-20261101000000-timer.bin"
#define SECOND	"ttlog-1-20261102000000-request.bin"
#define THIRD	"ttlog-1-20261102000000-request.2.bin"
#define FOURTH	"ttlog-1-20261102000000-request.10.bin"

/* This path can't be looked at, and the memory that is asked for so often from now on. */
static const char *forbidden = "";
static int memory = -1;

/* What was said since the last look. */
static char *said;
static size_t said_len;

static bool refused(const char *path)
{
	errno = EACCES;
	return !strcmp(path, forbidden);
}

void *__real_opendir(const char *path);
void *__wrap_opendir(const char *path);
void *__wrap_opendir(const char *path)
{
	if (refused(path))
		return NULL;
	return __real_opendir(strcmp(path, FOLDER_DEFAULT) ? path : folder);
}

int __real_stat(const char *path, struct stat *st);
int __wrap_stat(const char *path, struct stat *st);
int __wrap_stat(const char *path, struct stat *st)
{
	return refused(path) ? -1 : __real_stat(path, st);
}

int __wrap_asprintf(char **to, const char *format, ...);
int __wrap_asprintf(char **to, const char *format, ...)
{
	va_list args;
	int len;

	if (!memory--)
		return -1;
	va_start(args, format);
	len = vasprintf(to, format, args);
	va_end(args);
	return len;
}

void *__real_reallocarray(void *at, size_t nr, size_t size);
void *__wrap_reallocarray(void *at, size_t nr, size_t size);
void *__wrap_reallocarray(void *at, size_t nr, size_t size)
{
	return memory-- ? __real_reallocarray(at, nr, size) : NULL;
}

static void make(const char *name)
{
	int fd = open(in_folder(name), O_WRONLY | O_CREAT | O_EXCL, 0600);

	if (fd < 0)
		perror(name);
	close(fd);
}

static bool says(const char *text)
{
	bool same;

	fflush(stderr);
	same = said_len == strlen(text) && !memcmp(said, text, said_len);
	if (!same)
		printf("# %.*s\n", (int)said_len, said);
	rewind(stderr);
	return same;
}

/* Are these the files, "name name …", the status, and what is said? */
static void check(char *const *args, const char *names, int status, const char *text,
		  const char *what)
{
	char found[4096] = "";
	struct files files;
	int got;
	size_t i;

	got = files_expand(&files, args);
	for (i = 0; i < files.nr; i++) {
		strcat(found, i ? " " : "");
		strcat(found, files.list[i].path);
	}
	files_free(&files);
	if (!tap_ok(!strcmp(found, names) && got == status && says(text), "%s", what))
		printf("# %d: %s\n", got, found);
}

#define ARGS(...)	((char *[]) { __VA_ARGS__, NULL })

/* The four, in a folder that is called so. */
static const char *four(const char *prefix)
{
	static char names[1024];

	snprintf(names, sizeof(names), "%s" FIRST " %s" SECOND " %s" THIRD " %s" FOURTH,
		 prefix, prefix, prefix, prefix);
	return names;
}

static void fill(void)
{
	make(FOURTH);
	make(SECOND);
	make(FIRST);
	make("ttlog-1-20261102000000-request.bin.old");
	make("precious");
	make(THIRD);
	mkdir("ttlog-1-20261103000000-request.bin", 0700);
	if (symlink(FIRST, "ttlog-2-20261103000000-request.bin") ||
	    mkfifo("ttlog-3-20261103000000-request.bin", 0600))
		perror(folder);
}

static void folders(void)
{
	check(NULL, four(FOLDER_DEFAULT "/"), EXIT_OK, "",
	      "no arguments: the default folder's, by time, name, number");
	check((char *[]) { NULL }, four(FOLDER_DEFAULT "/"), EXIT_OK, "", "arguments, none of them");
	check(ARGS("."), four("./"), EXIT_OK, "", "a folder");
	check(ARGS("./"), four("./"), EXIT_OK, "", "a folder with its slash");
	check(ARGS("ttlog-1-20261103000000-request.bin"), "", EXIT_OK, "",
	      "a folder without snapshots, called like one");
	forbidden = FOLDER_DEFAULT;
	check(NULL, "", EXIT_PERMISSION,
	      "files: " FOLDER_DEFAULT ": Permission denied\n",
	      "a default folder that may not be read");
}

static void arguments(void)
{
	check(ARGS("precious", "-", FIRST), "precious - " FIRST, EXIT_OK, "",
	      "files as they are given, and standard input");
	check(ARGS("-", FIRST, "-"), "- " FIRST, EXIT_USAGE,
	      "files: '-' is given twice: standard input can be read once\n",
	      "standard input, twice");
	check(ARGS("ttlog-3-20261103000000-request.bin"),
	      "ttlog-3-20261103000000-request.bin", EXIT_OK, "", "a pipe that is given");
	check(ARGS("no\nthing", FIRST), FIRST, EXIT_OTHER,
	      "files: no\\nthing: No such file or directory\n",
	      "a missing file, and another");
	forbidden = "precious";
	check(ARGS(FIRST, "precious", "nothing", THIRD), FIRST " " THIRD,
	      EXIT_PERMISSION, "files: precious: Permission denied\n"
	      "files: nothing: No such file or directory\n",
	      "one that may not be looked at, a missing one, and others");
	forbidden = "";
}

static void no_memory(void)
{
	static const char out[] = "files: out of memory: files are left out\n";

	memory = 0;
	check(ARGS("."), "", EXIT_OTHER, out, "no memory for a path");
	memory = 1;
	check(ARGS("."), "", EXIT_OTHER, out, "no memory for the list");
	memory = 0;
	check(ARGS("precious", FIRST), FIRST, EXIT_OTHER, out,
	      "no memory for the list, then some");
	memory = -1;
}

/* The list grows twice. */
static void many(void)
{
	struct files files;
	char name[64];
	bool good;
	int i;

	if (mkdir("many", 0700) || chdir("many"))
		perror("many");
	for (i = 39; i >= 0; i--) {
		snprintf(name, sizeof(name), "ttlog-1-202611020000%02d-x.bin", i);
		close(open(name, O_WRONLY | O_CREAT, 0600));
	}
	good = files_expand(&files, ARGS(".")) == EXIT_OK && files.nr == 40;
	for (i = 0; good && i < 40; i++) {
		snprintf(name, sizeof(name), "./ttlog-1-202611020000%02d-x.bin", i);
		good = !strcmp(files.list[i].path, name) && files.list[i].listed;
		unlink(name);
	}
	files_free(&files);
	tap_ok(good, "forty of them");
	if (chdir("..") || rmdir("many"))
		perror("many");
}

static void opens(struct file file, int status, bool there, const char *name,
		  const char *text, const char *what)
{
	int fd = -2, got = file_open(&file, &fd);

	tap_ok(got == status && (fd >= 0) == there && fd >= -1 &&
	       !strcmp(file_name(&file), name) && says(text), "open %s", what);
	file_close(fd);
}

static void open_them(void)
{
	int fd;

	opens((struct file) { .path = "precious" }, EXIT_OK, true, "precious", "", "a file");
	opens((struct file) { .path = "gone" }, EXIT_OTHER, false, "gone",
	      "files: gone: No such file or directory\n", "a missing file");
	opens((struct file) { "gone", true }, EXIT_OK, false, "gone", "",
	      "one that was removed since the folder was read");
	opens((struct file) { "ttlog-3-20261103000000-request.bin", true }, EXIT_OK, true,
	      "ttlog-3-20261103000000-request.bin", "",
	      "one that has become a pipe, without waiting");
	opens((struct file) { "ttlog-2-20261103000000-request.bin", true }, EXIT_OTHER,
	      false, "ttlog-2-20261103000000-request.bin",
	      "files: ttlog-2-20261103000000-request.bin: Too many levels of symbolic links\n",
	      "one that has become a link");
	opens((struct file) { .path = "-" }, EXIT_OK, true, "standard input", "",
	      "standard input");
	fd = fcntl(STDIN_FILENO, F_GETFD);
	tap_ok(fd >= 0, "and it is still open");
}

int main(void)
{
	strcpy(folder, "/tmp/ttlog-files-XXXXXX");
	if (!mkdtemp(folder) || chdir(folder))
		return 1;
	stderr = open_memstream(&said, &said_len);
	fill();
	folders();
	arguments();
	no_memory();
	many();
	open_them();
	rmdir("ttlog-1-20261103000000-request.bin");
	empty_folder();
	rmdir(folder);
	fclose(stderr);
	free(said);
	return tap_done();
}
