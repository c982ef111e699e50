// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "aim.h"
#include "args.h"
#include "cmd.h"
#include "levels.h"
#include "quantity.h"

/**
 * struct options - what the command line says
 * @aim: whose
 * @sample: of all its levels, if there is a value
 */
struct options {
	struct aim aim;
	uint32_t sample;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;
	struct aim *aim = &options->aim;

	if (key != ARGP_KEY_END)
		return aim_parse(aim, key, arg, state);
	options->sample = TTLOG_FILTER_INHERIT;
	if (!aim->value || aim_inherits(aim))
		return 0;
	if (!quantity_sample(aim->value, &options->sample))
		argp_error(state, "sample '%s': accepted is " QUANTITY_SAMPLE "%s",
			   aim->value, aim_or_inherit(aim));
	return 0;
}

static void show(const struct aim *aim, const struct ttlog_filter *all,
		 const struct ttlog_filter *own)
{
	bool inherits;
	int i;

	for (i = 0; i < LEVELS; i++) {
		if (!(aim->levels >> i & 1))
			continue;
		inherits = own->sample[i] == TTLOG_FILTER_INHERIT;
		printf("%-7s 1/%u%s\n", level_name(i),
		       (inherits ? all : own)->sample[i],
		       inherits ? " (" AIM_INHERIT ")" : "");
	}
}

static int set(const struct options *options)
{
	struct ttlog_filter change = { .flags = TTLOG_FILTER_SAMPLE };
	int i;

	for (i = 0; i < LEVELS; i++)
		change.sample[i] = options->sample;
	return aim_set(&options->aim, &change);
}

int cmd_sample(int argc, char **argv)
{
	static const struct argp_option list[] = { AIM_SERVICE, AIM_LEVELS, { 0 } };
	static const struct argp argp = {
		.options = list,
		.parser = parse,
		.args_doc = "[N | " AIM_INHERIT "]",
		.doc = "Show of how many events one is recorded, or record the first of each N of a level on a CPU; with -s, inherit: as for all."
		       "\vLevels: " LEVEL_CHOICES ".",
	};
	struct options options = { .aim = AIM_ALL };

	args_parse(&argp, argc, argv, 0, &options);
	return options.aim.value ? set(&options) : aim_show(&options.aim, show);
}
