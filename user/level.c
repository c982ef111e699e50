// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include "cmd.h"
#include "device.h"
#include "levels.h"

/**
 * struct options - what the command line says
 * @set: there is a mask to set
 * @mask: that mask
 */
struct options {
	bool set;
	uint32_t mask;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	if (key != ARGP_KEY_ARG)
		return ARGP_ERR_UNKNOWN;
	if (options->set)
		argp_error(state, "one level or one list is accepted: '%s' is too much",
			   arg);
	if (levels_parse(arg, &options->mask))
		argp_error(state, "level '%s': accepted are %s, alone or as a list with commas",
			   arg, LEVEL_CHOICES);
	options->set = true;
	return 0;
}

static int level_failed(const struct options *options)
{
	if (errno == EPERM) {
		warnx("no permission to set the levels: it takes CAP_SYS_ADMIN");
		return EXIT_PERMISSION;
	}
	return device_failed(options->set ? "set the levels" :
			     "read the levels");
}

static int level(const struct options *options)
{
	struct ttlog_levels levels = { .mask = options->mask };
	char names[LEVELS_TEXT];
	struct device device;
	int status;

	/* Everyone may write, so everyone may ask. */
	status = device_open(&device, O_WRONLY);
	if (status)
		return status;
	levels.flags = options->set ? TTLOG_LEVELS_SET : 0;
	if (ioctl(device.fd, TTLOG_IOC_LEVELS, &levels)) {
		status = level_failed(options);
	} else if (!options->set) {
		levels_format(names, levels.mask);
		printf("%s (generation %" PRIu64 ")\n", *names ? names : "none",
		       (uint64_t)levels.generation);
	}
	device_close(&device);
	return status;
}

int cmd_level(int argc, char **argv)
{
	static const struct argp argp = {
		.parser = parse,
		.args_doc = "[LEVEL | LEVEL,LEVEL...]",
		.doc = "Show which levels are recorded, or record LEVEL and all that is worse, or exactly the levels of a list."
		       "\vLevels: " LEVEL_CHOICES ".",
	};
	struct options options = { 0 };

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	return level(&options);
}
