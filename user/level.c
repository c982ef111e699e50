// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "aim.h"
#include "args.h"
#include "cmd.h"
#include "device.h"
#include "levels.h"

/**
 * struct options - what the command line says
 * @aim: a service, and its levels; or for all
 * @flags: TTLOG_LEVELS_*: what is to be set
 * @mask: the mask
 * @trigger: the least level that triggers
 */
struct options {
	struct aim aim;
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

static void check(struct options *options, struct argp_state *state)
{
	const struct aim *aim = &options->aim;

	if (*aim->service && options->flags & TTLOG_LEVELS_TRIGGER)
		argp_error(state, "--trigger holds for all services: --service isn't accepted with it");
	if (!aim->value || aim_inherits(aim))
		return;
	if (levels_parse(aim->value, &options->mask))
		argp_error(state, "level '%s': accepted are " LEVEL_CHOICES LEVELS_CHOICES "%s",
			   aim->value, aim_or_inherit(aim));
	options->flags |= TTLOG_LEVELS_SET;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case OPTION_TRIGGER:
		parse_trigger(options, arg, state);
		return 0;
	case ARGP_KEY_ARG:
		if (options->aim.value)
			argp_error(state, "one level or one list is accepted: '%s' is too much",
				   arg);
		break;
	case ARGP_KEY_END:
		check(options, state);
		return 0;
	}
	return aim_parse(&options->aim, key, arg, state);
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

/* Of a service, with what it inherits. */
static void show_own(const struct aim *aim, const struct ttlog_filter *all,
		     const struct ttlog_filter *own)
{
	uint32_t mask = (all->record & ~own->levels) | (own->record & own->levels);
	char names[LEVELS_TEXT];

	levels_format(names, mask);
	fputs(*names ? names : "none", stdout);
	if (own->levels == aim->levels) {
		puts("");
		return;
	}
	levels_format(names, aim->levels & ~own->levels);
	if (own->levels)
		printf(" (" AIM_INHERIT ": %s)\n", names);
	else
		puts(" (" AIM_INHERIT ")");
}

static int level_of_service(const struct options *options)
{
	const struct aim *aim = &options->aim;
	struct ttlog_filter change = {
		.flags = TTLOG_FILTER_LEVELS,
		.record = options->mask,
	};

	if (!aim->value)
		return aim_show(aim, show_own);
	if (aim_inherits(aim))
		change.flags = TTLOG_FILTER_LEVELS_INHERIT;
	return aim_set(aim, &change);
}

int cmd_level(int argc, char **argv)
{
	static const struct argp_option list[] = {
		AIM_SERVICE,
		{ "trigger", OPTION_TRIGGER, "LEVEL", 0,
		  "An event of this level or worse, from the kernel's log or a writer with CAP_SYSLOG, asks for a snapshot; none: no event does",
		  0 },
		{ 0 },
	};
	static const struct argp argp = {
		.options = list,
		.parser = parse,
		.args_doc = "[LEVEL | FROM..TO | LEVEL,LEVEL... | " AIM_INHERIT "]",
		.doc = "Show which levels are recorded and which are triggers, "
		       "or record LEVEL and all that is worse, or exactly the levels of a range or a list; with -s, inherit: as for all."
		       "\vLevels: " LEVEL_CHOICES ".",
	};
	struct options options = { .aim = AIM_ALL };

	args_parse(&argp, argc, argv, 0, &options);
	return *options.aim.service ? level_of_service(&options) : level(&options);
}
