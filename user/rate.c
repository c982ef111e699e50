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
 * @rate: of all its levels, if there is a value
 * @burst: likewise
 */
struct options {
	struct aim aim;
	uint32_t rate;
	uint32_t burst;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;
	struct aim *aim = &options->aim;

	if (key != ARGP_KEY_END)
		return aim_parse(aim, key, arg, state);
	options->rate = TTLOG_FILTER_INHERIT;
	if (!aim->value || aim_inherits(aim))
		return 0;
	if (!quantity_rate(aim->value, &options->rate, &options->burst))
		argp_error(state, "rate '%s': accepted is " QUANTITY_RATE "%s",
			   aim->value, aim_or_inherit(aim));
	return 0;
}

static void show(const struct aim *aim, const struct ttlog_filter *all,
		 const struct ttlog_filter *own)
{
	const struct ttlog_filter *of;
	int i;

	for (i = 0; i < LEVELS; i++) {
		if (!(aim->levels >> i & 1))
			continue;
		of = own->rate[i] == TTLOG_FILTER_INHERIT ? all : own;
		printf("%-7s ", level_name(i));
		if (of->rate[i] == TTLOG_FILTER_NO_LIMIT)
			fputs("none", stdout);
		else
			printf("%u/%u", of->rate[i], of->burst[i]);
		puts(of == own ? "" : " (" AIM_INHERIT ")");
	}
}

static int set(const struct options *options)
{
	struct ttlog_filter change = { .flags = TTLOG_FILTER_RATE };
	int i;

	for (i = 0; i < LEVELS; i++) {
		change.rate[i] = options->rate;
		change.burst[i] = options->burst;
	}
	return aim_set(&options->aim, &change);
}

int cmd_rate(int argc, char **argv)
{
	static const struct argp_option list[] = { AIM_SERVICE, AIM_LEVELS, { 0 } };
	static const struct argp argp = {
		.options = list,
		.parser = parse,
		.args_doc = "[RATE[/BURST] | none | " AIM_INHERIT "]",
		.doc = "Show how many events are recorded at most, or record at most RATE events of a level a second on a CPU, after BURST (RATE) at once; with -s, inherit: as for all."
		       "\vLevels: " LEVEL_CHOICES ".",
	};
	struct options options = { .aim = AIM_ALL };

	args_parse(&argp, argc, argv, 0, &options);
	return options.aim.value ? set(&options) : aim_show(&options.aim, show);
}
