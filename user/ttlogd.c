// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "args.h"
#include "folder.h"
#include "helper.h"
#include "lines.h"
#include "size.h"
#include "snapfile.h"
#include "standard.h"
#include "utf8.h"
#include "version.h"

#define DEFAULT_INTERVAL	60	/* s */
#define INTERVAL_MAX		86400	/* s */
#define DEFAULT_KEEP		(1ULL << 30)

/* What a file's name may add to the folder's path, with its slash. */
#define NAME_ROOM	(SNAPFILE_STEM + 16)

struct options {
	const char *output;
	unsigned int interval;
	uint64_t keep;
	bool keep_given;
	bool once;
};

enum { OPTION_KEEP = 256, OPTION_ONCE };

static unsigned int parse_interval(struct argp_state *state, const char *arg)
{
	unsigned long seconds;
	char *end;

	errno = 0;
	seconds = strtoul(arg, &end, 10);
	if (*arg < '0' || *arg > '9' || *end || errno || seconds > INTERVAL_MAX)
		argp_error(state, "timer '%s': 1 to %d seconds are accepted, or 0 for none",
			   arg, INTERVAL_MAX);
	return seconds;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'o':
		if (!*arg)
			argp_error(state, "output '': the path of a folder is accepted");
		options->output = arg;
		return 0;
	case 't':
		options->interval = parse_interval(state, arg);
		return 0;
	case OPTION_KEEP:
		if (size_parse(arg, &options->keep))
			argp_error(state, "keep '%s': a number of bytes is accepted, with K, M, G or T as a unit or without, or 0 for no limit",
				   arg);
		options->keep_given = true;
		return 0;
	case OPTION_ONCE:
		options->once = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "unexpected argument '%s'", arg);
		return EINVAL;
	case ARGP_KEY_END:
		/* The module runs the one-shot, and can't tell it how much is to stay. */
		if (!options->keep_given)
			options->keep = options->once ? 0 : DEFAULT_KEEP;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static void print_version(FILE *stream, struct argp_state *state)
{
	(void)state;
	fprintf(stream, "ttlogd %s (ABI %d.%d)\n", TTLOG_VERSION,
		TTLOG_ABI_MAJOR, TTLOG_ABI_MINOR);
}

/* It is printed, here and by who asks for a snapshot. */
static bool harmless(const char *path)
{
	const char *end = path + strlen(path);
	uint32_t code = 0;
	int len;

	for (; path < end; path += len) {
		len = utf8_next(path, end - path, &code);
		if (len < 0 || utf8_unsafe(code))
			return false;
	}
	return true;
}

/* A path is told to others, whose working directory is another. */
static int find_folder(char *path, const char *given)
{
	struct stat st;

	if (!realpath(given, path)) {
		warn("the folder %s", given);
		return folder_status(-errno);
	}
	if (!harmless(path)) {
		warnx("the path of the folder has a control character or isn't UTF-8, and would be printed");
		return EXIT_USAGE;
	}
	if (stat(path, &st) || !S_ISDIR(st.st_mode)) {
		warnx("%s is no folder", path);
		return EXIT_FOLDER;
	}
	if (strlen(path) > TTLOG_PATH_MAX - NAME_ROOM) {
		warnx("the path of the folder is too long: %zu bytes, at most %d are accepted",
		      strlen(path), TTLOG_PATH_MAX - NAME_ROOM);
		return EXIT_USAGE;
	}
	return EXIT_OK;
}

static int choose_folder(struct helper *helper, char *path,
			 const struct options *options)
{
	helper->folder = path;
	helper->make = !options->output;
	if (options->output)
		return find_folder(path, options->output);
	strcpy(path, FOLDER_DEFAULT);
	/* That it can't be made now is no reason not to wait for triggers. */
	if (!helper->once)
		folder_make_default();
	return EXIT_OK;
}

/* What a helper needs came with this minor number. */
static int check_minor(const struct device *device)
{
	if (device->info.abi_minor >= 1)
		return EXIT_OK;
	warnx("the module has ABI %u.%u, this program (%s) needs ABI %d.1 or a later one of that major number",
	      device->info.abi_major, device->info.abi_minor, TTLOG_VERSION,
	      TTLOG_ABI_MAJOR);
	return EXIT_VERSION;
}

static int run(struct helper *helper, const struct options *options)
{
	char path[PATH_MAX];
	int status;

	status = choose_folder(helper, path, options);
	if (!status)
		status = device_open(&helper->device, O_RDONLY);
	if (status)
		return status;
	status = check_minor(&helper->device);
	if (!status)
		status = helper->once ? helper_once(helper) :
					helper_run(helper);
	stash_drop(&helper->stash);
	device_close(&helper->device);
	return status;
}

/*
 * Large blocks are mapped, each for itself, and go back when they are freed. By
 * default the limit grows with use.
 */
static void set_memory(void)
{
	mallopt(M_MMAP_THRESHOLD, 128 * 1024);
}

int main(int argc, char **argv)
{
	static const struct argp_option list[] = {
		{ "output", 'o', "DIR", 0,
		  "Write into this folder, which is there (" FOLDER_DEFAULT
		  ", which is made if it is missing)", 0 },
		{ "timer", 't', "SECONDS", 0,
		  "Save what is new that often, 1 to 86400; 0: never (60)", 0 },
		{ "keep", OPTION_KEEP, "BYTES", 0,
		  "Remove files of the folder when they have more bytes together, timer snapshots first, those of an oops last; K, M, G and T are units; 0: never (1G; with --once 0)",
		  0 },
		{ "once", OPTION_ONCE, NULL, 0,
		  "Serve the automatic triggers that wait for a helper, save what an earlier boot left, and end",
		  0 },
		{ 0 }
	};
	static const struct argp argp = {
		.options = list,
		.parser = parse,
		.doc = "The helper of the flight recorder ttlog: writes a snapshot when something asks for one.\vSee ttlogd(8).",
	};
	struct options options = {
		.interval = DEFAULT_INTERVAL,
	};
	struct helper helper = { .stash = STASH_NONE };

	standard_begin();
	argp_err_exit_status = EXIT_USAGE;
	argp_program_version_hook = print_version;
	args_parse(&argp, argc, argv, 0, &options);
	helper.interval = options.interval;
	helper.keep = options.keep;
	helper.once = options.once;
	/* A file over the size limit is an error to report, not to die of. */
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	set_memory();
	lines_open();
	return run(&helper, &options);
}
