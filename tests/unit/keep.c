// SPDX-License-Identifier: GPL-2.0-only
/* How many bytes of files the helper keeps, by how it is started. */
#include "helper.h"
#include "tap.h"

int ttlogd(int argc, char **argv);
#undef main

static uint64_t kept;
static int runs, one_shots;

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

void stash_drop(struct stash *stash)
{
	(void)stash;
}

int helper_run(struct helper *helper)
{
	runs++;
	kept = helper->keep;
	return EXIT_OK;
}

int helper_once(struct helper *helper)
{
	one_shots++;
	kept = helper->keep;
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
	return tap_done();
}
