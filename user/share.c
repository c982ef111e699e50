// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

#include "args.h"
#include "cmd.h"
#include "device.h"
#include "quantity.h"
#include "recorded.h"

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct ttlog_share *share = state->input;
	uint64_t rate = 0, burst = 0;

	if (key != ARGP_KEY_ARG)
		return ARGP_ERR_UNKNOWN;
	if (share->flags)
		argp_error(state, "one value is accepted: '%s' is too much", arg);
	if (!quantity_share(arg, &rate, &burst))
		argp_error(state, "share '%s': accepted is " QUANTITY_SHARE, arg);
	share->flags = TTLOG_SHARE_SET;
	share->rate = rate;
	share->burst = burst;
	return 0;
}

static int share(struct ttlog_share *share)
{
	bool sets = share->flags;
	struct device device;
	int err, status;

	status = device_open(&device, O_RDONLY);
	if (status)
		return status;
	err = recorded_share(device.fd, share);
	if (err)
		status = recorded_failed(&device, "", err, sets ?
					 "set the share of keep" :
					 "read the share of keep");
	else if (!sets)
		printf("%" PRIu64 "/%" PRIu64 "\n", (uint64_t)share->rate,
		       (uint64_t)share->burst);
	device_close(&device);
	return status;
}

int cmd_share(int argc, char **argv)
{
	static const struct argp argp = {
		.parser = parse,
		.args_doc = "[RATE[/BURST]]",
		.doc = "Show or set how many bytes of the channel keep a user other than root gets: RATE a second, after BURST (RATE) at once. K, M and G are units.",
	};
	struct ttlog_share wanted = { 0 };

	args_parse(&argp, argc, argv, 0, &wanted);
	return share(&wanted);
}
