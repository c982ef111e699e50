// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "args.h"
#include "cmd.h"
#include "device.h"
#include "put.h"
#include "recorded-print.h"
#include "service.h"

/**
 * struct options - what the command line says
 * @json: list them as JSON
 * @remove: remove that of @service
 * @clear: remove all
 * @service: a service, or NULL
 */
struct options {
	bool json;
	bool remove;
	bool clear;
	const char *service;
};

static void take_word(struct options *options, struct argp_state *state, const char *arg)
{
	if (options->service || options->clear) {
		argp_error(state, "unexpected argument '%s'", arg);
	} else if (options->remove) {
		if (!service_seen_valid(arg))
			argp_error(state, "service '%s': " SERVICE_SEEN_CHOICES, arg,
				   SERVICE_MAX);
		options->service = arg;
	} else if (!strcmp(arg, "remove")) {
		options->remove = true;
	} else if (!strcmp(arg, "clear")) {
		options->clear = true;
	} else {
		argp_error(state, "'%s': accepted are remove SERVICE, clear, or nothing",
			   arg);
	}
}

static void check(const struct options *options, struct argp_state *state)
{
	if (options->remove && !options->service)
		argp_error(state, "remove: the name of a service is missing");
	if (options->json && (options->remove || options->clear))
		argp_error(state, "--json is accepted where filters are shown only");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'j':
		options->json = true;
		return 0;
	case ARGP_KEY_ARG:
		take_word(options, state, arg);
		return 0;
	case ARGP_KEY_END:
		check(options, state);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* With @listed somebody else may have removed it since. */
static int remove_filter(const struct device *device, const char *service, bool listed)
{
	struct ttlog_filter filter = { .flags = TTLOG_FILTER_REMOVE };
	int err;

	strcpy(filter.service, service);
	err = recorded_change(device->fd, &filter);
	if (!err || (listed && err == -ENOENT))
		return EXIT_OK;
	return recorded_failed(device, service, err, "remove a filter");
}

static int read_filters(const struct device *device, struct recorded *all)
{
	int err = recorded_read(device->fd, all);

	return err ? recorded_failed(device, "", err, "read the filters") : EXIT_OK;
}

/* That for all, too, which then is as it was at first. */
static int clear(const struct device *device)
{
	struct recorded all;
	int status = read_filters(device, &all);
	size_t i;

	for (i = 0; i < all.nr && !status; i++)
		status = remove_filter(device, all.filters[i].service, true);
	return status;
}

static int list(const struct device *device, bool json)
{
	struct recorded all;
	int status = read_filters(device, &all);

	if (status)
		return status;
	if (json)
		json_print(recorded_json(&all, false));
	else
		recorded_print(&all, false);
	return EXIT_OK;
}

static int filters(const struct options *options)
{
	struct device device;
	int status;

	status = device_open(&device, O_RDONLY);
	if (status)
		return status;
	if (options->clear)
		status = clear(&device);
	else if (options->remove)
		status = remove_filter(&device, options->service, false);
	else
		status = list(&device, options->json);
	device_close(&device);
	return status;
}

int cmd_filter(int argc, char **argv)
{
	static const struct argp_option list[] = {
		{ "json", 'j', NULL, 0, "Print a JSON array", 0 },
		{ 0 }
	};
	static const struct argp argp = {
		.options = list,
		.parser = parse,
		.args_doc = "[remove SERVICE | clear]",
		.doc = "Show the filters that 'ttlog level', 'ttlog sample' and 'ttlog rate' have set, and what each has left out; remove that of a service, or clear all of them, so that it is recorded what was after loading the module.",
	};
	struct options options = { 0 };

	args_parse(&argp, argc, argv, 0, &options);
	return filters(&options);
}
