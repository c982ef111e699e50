// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "args.h"
#include "cmd.h"
#include "device.h"
#include "levels.h"

/**
 * struct options - what the command line says
 * @flags: TTLOG_LEVELS_*: what is to be set
 * @mask: the mask
 * @trigger: the least level that triggers
 */
struct options {
	uint32_t flags;
	uint32_t mask;
	uint32_t trigger;
};

enum { OPTION_TRIGGER = 256 };

/* Returns -1 where it is neither a level nor "none". */
static int trigger_parse(const char *text)
{
	return strcmp(text, "none") ? level_parse(text, strlen(text)) :
	       TTLOG_TRIGGER_NEVER;
}

static void parse_trigger(struct options *options, const char *arg,
			  struct argp_state *state)
{
	int trigger = trigger_parse(arg);

	if (trigger < 0)
		argp_error(state, "trigger '%s': accepted are %s, or none",
			   arg, LEVEL_CHOICES);
	options->trigger = trigger;
	options->flags |= TTLOG_LEVELS_TRIGGER;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	if (key == OPTION_TRIGGER) {
		parse_trigger(options, arg, state);
		return 0;
	}
	if (key != ARGP_KEY_ARG)
		return ARGP_ERR_UNKNOWN;
	if (options->flags & TTLOG_LEVELS_SET)
		argp_error(state, "one level or one list is accepted: '%s' is too much",
			   arg);
	if (levels_parse(arg, &options->mask))
		argp_error(state, "level '%s': accepted are %s, alone or as a list with commas",
			   arg, LEVEL_CHOICES);
	options->flags |= TTLOG_LEVELS_SET;
	return 0;
}

static int level_failed(const struct options *options)
{
	if (errno == EPERM) {
		warnx("no permission to set the levels: it takes CAP_SYS_ADMIN");
		return EXIT_PERMISSION;
	}
	return device_failed(options->flags ? "set the levels" :
			     "read the levels");
}

static void show(const struct ttlog_levels *levels)
{
	char names[LEVELS_TEXT];

	levels_format(names, levels->mask);
	printf("%s (generation %" PRIu64 ")\n", *names ? names : "none",
	       (uint64_t)levels->generation);
	printf("trigger: %s\n", levels->trigger == TTLOG_TRIGGER_NEVER ? "none" :
	       level_name(levels->trigger));
}

static int level(const struct options *options)
{
	struct ttlog_levels levels = {
		.flags = options->flags,
		.mask = options->mask,
		.trigger = options->trigger,
	};
	struct device device;
	int status;

	/* Everyone may write, so everyone may ask. */
	status = device_open(&device, O_WRONLY);
	if (status)
		return status;
	if (ioctl(device.fd, TTLOG_IOC_LEVELS, &levels))
		status = level_failed(options);
	else if (!options->flags)
		show(&levels);
	device_close(&device);
	return status;
}

int cmd_level(int argc, char **argv)
{
	static const struct argp_option list[] = {
		{ "trigger", OPTION_TRIGGER, "LEVEL", 0,
		  "An event of this level or worse, from the kernel's log or a writer with CAP_SYSLOG, asks for a snapshot; none: no event does",
		  0 },
		{ 0 },
	};
	static const struct argp argp = {
		.options = list,
		.parser = parse,
		.args_doc = "[LEVEL | LEVEL,LEVEL...]",
		.doc = "Show which levels are recorded and which are triggers, "
		       "or record LEVEL and all that is worse, or exactly the levels of a list."
		       "\vLevels: " LEVEL_CHOICES ".",
	};
	struct options options = { 0 };

	args_parse(&argp, argc, argv, 0, &options);
	return level(&options);
}
