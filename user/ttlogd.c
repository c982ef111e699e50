// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "args.h"
#include "folder.h"
#include "helper.h"
#include "lines.h"
#include "orders.h"
#include "standard.h"
#include "utf8.h"
#include "version.h"
#include "watchdog.h"

/**
 * struct options - what the command line said
 * @orders: for the helper
 * @once: one run of it
 * @check: only look whether files are right
 * @configure: only have the kernel record what they say
 */
struct options {
	struct orders orders;
	bool once;
	bool check;
	bool configure;
};

enum { OPTION_KEEP = 256, OPTION_ONCE, OPTION_CONFIG, OPTION_CHECK, OPTION_CONFIGURE };

/* As a key of a file that has another name than the option. */
static void take(struct argp_state *state, enum key_id id, const char *option,
		 const char *arg)
{
	struct options *options = state->input;
	uint64_t number;

	if (!keys[id].parse(arg, &number))
		argp_error(state, "%s '%s': %s", option, arg, keys[id].accepted);
	options->orders.given[id] = arg;
}

static void take_path(struct argp_state *state, const char **path,
		      const char *option, const char *what, const char *arg)
{
	if (!*arg)
		argp_error(state, "%s '': the path of a %s is accepted", option, what);
	*path = arg;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'o':
		take_path(state, &options->orders.given[KEY_FOLDER], "output",
			  "folder", arg);
		return 0;
	case 't':
		take(state, KEY_TIMER, "timer", arg);
		return 0;
	case OPTION_KEEP:
		take(state, KEY_KEEP_BYTES, "keep", arg);
		return 0;
	case OPTION_ONCE:
		options->once = true;
		return 0;
	case OPTION_CONFIG:
		take_path(state, &options->orders.path, "config", "file", arg);
		if (!utf8_safe(arg, strlen(arg)))
			argp_error(state, "the path of the configuration has a control character or isn't UTF-8, and would be printed");
		return 0;
	case OPTION_CHECK:
		options->check = true;
		return 0;
	case OPTION_CONFIGURE:
		options->configure = true;
		return 0;
	case ARGP_KEY_END:
		if (options->configure && (options->check || options->once))
			argp_error(state, "--configure is accepted alone: not with --%s",
				   options->check ? "check-config" : "once");
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "unexpected argument '%s'", arg);
		return EINVAL;
	}
	return ARGP_ERR_UNKNOWN;
}

static void print_version(FILE *stream, struct argp_state *state)
{
	(void)state;
	fprintf(stream, "ttlogd %s (ABI %d.%d)\n", TTLOG_VERSION,
		TTLOG_ABI_MAJOR, TTLOG_ABI_MINOR);
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

static int run(struct helper *helper)
{
	int status;

	status = orders_take(helper->orders, helper);
	if (!status)
		status = device_open(&helper->device, O_RDONLY);
	if (status)
		return status;
	helper->device.alive = watchdog_alive;
	watchdog_open();
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
		{ "config", OPTION_CONFIG, "FILE", 0,
		  "Read this file, and then those in the folder FILE.d, for what no option says ("
		  CONFIG_PATH ", if it is there)", 0 },
		{ "check-config", OPTION_CHECK, NULL, 0,
		  "Say what is wrong with these files; or print what is in force, and end",
		  0 },
		{ "configure", OPTION_CONFIGURE, NULL, 0,
		  "Have the kernel record exactly what these files say (its filters, and the share of keep), and end",
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
	struct options options = { 0 };
	struct helper helper = {
		.orders = &options.orders,
		.stash = STASH_NONE,
	};
	int status;

	standard_begin();
	argp_err_exit_status = EXIT_USAGE;
	argp_program_version_hook = print_version;
	args_parse(&argp, argc, argv, 0, &options);
	if (options.check)
		return orders_check(&options.orders);
	if (options.configure)
		return orders_configure(&options.orders);
	helper.once = options.once;
	/* A file over the size limit is an error to report, not to die of. */
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	/* Otherwise nobody could wait for a hook. */
	signal(SIGCHLD, SIG_DFL);
	set_memory();
	lines_open();
	status = run(&helper);
	config_free(&options.orders.config);
	return status;
}
