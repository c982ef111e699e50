// SPDX-License-Identifier: GPL-2.0-only
/* How many bytes of files the helper keeps, by how it is started. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper.h"
#include "policy.h"
#include "tap.h"

int ttlogd(int argc, char **argv);
#undef main

static uint64_t kept;
static struct retention keep;
static struct hooks hooks;
static char program[2][16];
static int runs, one_shots;

/* What is in the default file, or NULL: there is none. */
static const char *configured;

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
	char name[] = "/tmp/ttlog-test-XXXXXX";
	ssize_t len;
	int fd;

	if (strcmp(path, CONFIG_PATH))
		return __real_open(path, flags);
	errno = ENOENT;
	if (!configured)
		return -1;
	fd = mkstemp(name);
	unlink(name);
	len = strlen(configured);
	if (write(fd, configured, len) != len || lseek(fd, 0, SEEK_SET))
		return -1;
	return fd;
}

/* This machine's own. */
int __wrap_scandir(const char *path, struct dirent ***list,
		   int (*filter)(const struct dirent *),
		   int (*order)(const struct dirent **, const struct dirent **));
int __wrap_scandir(const char *path, struct dirent ***list,
		   int (*filter)(const struct dirent *),
		   int (*order)(const struct dirent **, const struct dirent **))
{
	(void)path;
	(void)list;
	(void)filter;
	(void)order;
	errno = ENOENT;
	return -1;
}

int device_open(struct device *device, int flags)
{
	(void)flags;
	device->info.abi_minor = 1;
	return EXIT_OK;
}

void device_close(struct device *device)
{
	(void)device;
}

/* No kernel that records. */
int policy_apply(const struct device *device, const struct config *config)
{
	(void)device;
	(void)config;
	return EXIT_OK;
}

void stash_drop(struct stash *stash)
{
	(void)stash;
}

int helper_run(struct helper *helper)
{
	runs++;
	keep = helper->keep;
	hooks = helper->hooks;
	strcpy(program[0], hooks.otherwise.program);
	strcpy(program[1], hooks.nr_orders ? hooks.orders[0].program : "-");
	kept = keep.all.bytes;
	return EXIT_OK;
}

int helper_once(struct helper *helper)
{
	one_shots++;
	keep = helper->keep;
	kept = keep.all.bytes;
	return EXIT_OK;
}

/* @arg1, @arg2: options, or NULL */
static bool keeps(uint64_t expected, bool once, char *arg1, char *arg2)
{
	char *argv[6] = { "ttlogd", "-o", "/tmp", arg1, arg2, NULL };
	int argc = 3 + !!arg1 + !!arg2;

	kept = 4711;
	runs = 0;
	one_shots = 0;
	return ttlogd(argc, argv) == EXIT_OK && kept == expected &&
	       runs == !once && one_shots == once;
}

/* All limits, and those of reasons. */
static void limits(void)
{
	const struct limits *reason = keep.reasons;

	configured = "[ttlogd]\nkeep_files = 7\nkeep_bytes = 2M\nkeep_age = 3w\n"
		     "keep_free = 5%\n[reason timer]\nkeep_age = 90\nkeep_files = 3\n"
		     "[reason a_-9]\nkeep_bytes = 1K\n";
	tap_ok(keeps(2 << 20, false, NULL, NULL) && keep.all.files == 7 &&
	       keep.all.age == 1814400 && !*keep.all.reason && keep.free == 5 &&
	       keep.per_cent, "limits of all files");
	tap_ok(keep.nr_reasons == 2 && !strcmp(reason[0].reason, "timer") &&
	       reason[0].age == 90 && reason[0].files == 3 && !reason[0].bytes &&
	       !strcmp(reason[1].reason, "a_-9") && !reason[1].age &&
	       !reason[1].files && reason[1].bytes == 1024, "and of some");
	tap_ok(keeps(0, true, "--once", NULL) && !keep.all.files && !keep.all.age &&
	       !keep.free && !keep.nr_reasons, "the one-shot has none");
	tap_ok(keeps(3 << 20, true, "--once", "--keep=3M") && !keep.all.files &&
	       !keep.nr_reasons, "but that which an option gives");
	configured = "[ttlogd]\nkeep_free = 6M\nkeep_age = 0\n";
	tap_ok(keeps(1ULL << 30, false, NULL, NULL) && keep.free == 6 << 20 &&
	       !keep.per_cent && !keep.all.age, "bytes that are to be free");
}

/* What is run for which files: a reason has what it isn't given from all. */
static void programs(void)
{
	static const struct { const char *text, *hooks[2]; unsigned int timeouts[2]; } list[] = {
		{ "", { "", "" }, { 30, 30 } },
		{ "hook = /x", { "", "/x" }, { 30, 30 } },
		{ "hook_timeout = 5", { "", "" }, { 30, 5 } },
		{ "hook = /x\n[ttlogd]\nhook = /y\nhook_timeout = 7", { "/y", "/x" }, { 7, 7 } },
		{ "hook =\n[ttlogd]\nhook = /y", { "/y", "" }, { 30, 30 } },
		{ "hook_timeout = 5\n[ttlogd]\nhook = /y\nhook_timeout = 7", { "/y", "/y" },
		  { 7, 5 } },
	};
	char text[128];
	size_t i;

	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		snprintf(text, sizeof(text), "[reason a]\n%s\n", list[i].text);
		configured = text;
		tap_ok(keeps(1 << 30, false, NULL, NULL) &&
		       !strcmp(program[0], list[i].hooks[0]) &&
		       !strcmp(program[1], list[i].hooks[1]) && hooks.nr_orders == 1 &&
		       !strcmp(hooks.orders[0].reason, "a") &&
		       hooks.otherwise.timeout == list[i].timeouts[0] &&
		       hooks.orders[0].timeout == list[i].timeouts[1], "programs %zu", i);
	}
}

int main(void)
{
	tap_ok(keeps(1ULL << 30, false, NULL, NULL), "by default 1G");
	tap_ok(keeps(3 << 20, false, "--keep=3M", NULL), "as --keep says");
	tap_ok(keeps(0, false, "--keep=0", NULL), "0: all");
	tap_ok(keeps(0, true, "--once", NULL),
	       "the one-shot all, as it doesn't know what the helper was told");
	tap_ok(keeps(3 << 20, true, "--once", "--keep=3M") &&
	       keeps(3 << 20, true, "--keep=3M", "--once"),
	       "and as --keep says, in any order");
	configured = "[ttlogd]\nkeep_bytes = 5M\n";
	tap_ok(keeps(5 << 20, false, NULL, NULL), "as the file says");
	tap_ok(keeps(3 << 20, false, "--keep=3M", NULL), "as --keep says, whatever the file says");
	tap_ok(keeps(0, true, "--once", NULL), "the one-shot all, whatever the file says");
	tap_ok(keeps(3 << 20, true, "--once", "--keep=3M"), "but as --keep says");
	limits();
	programs();
	return tap_done();
}
