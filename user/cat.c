// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "cmd.h"
#include "exit.h"
#include "info.h"
#include "print.h"

/**
 * struct options - what the command line says, and what became of it
 * @json: JSON instead of text
 * @info: head and ledger instead of events
 * @files: their names, up to a NULL
 * @status: of the program: what went wrong first
 */
struct options {
	bool json;
	bool info;
	char **files;
	int status;
};

static void fail(struct options *options, int status)
{
	if (!options->status)
		options->status = status;
}

static void on_event(void *context, const struct event *event)
{
	(void)context;
	print_event(stdout, event);
}

static void on_event_json(void *context, const struct event *event)
{
	struct options *options = context;

	if (!print_event_json(stdout, event))
		return;
	warnx("out of memory: an event is left out");
	fail(options, EXIT_OTHER);
}

static void no_event(void *context, const struct event *event)
{
	(void)context;
	(void)event;
}

static void cat(struct options *options, const char *name, int fd)
{
	struct info info = { .to = stdout, .json = options->json };
	struct decode_sink sink = {
		.event = options->json ? on_event_json : on_event,
		.item = decode_no_item,
		.context = options,
	};
	struct decoder in;

	if (options->info) {
		sink.event = no_event;
		sink.item = info_item;
		sink.context = &info;
	}
	if (decode_open(&in, name, fd)) {
		print_warning("%s: out of memory", name);
		fail(options, EXIT_OTHER);
		return;
	}
	decode_run(&in, &sink);
	if (options->info)
		info_end(&info);
	if (in.damaged)
		fail(options, EXIT_OTHER);
	decode_free(&in);
	fflush(stdout);
}

static void cat_file(struct options *options, const char *name)
{
	int fd;

	if (!strcmp(name, "-")) {
		cat(options, "standard input", STDIN_FILENO);
		return;
	}
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		fail(options, errno == EACCES || errno == EPERM ?
		     EXIT_PERMISSION : EXIT_OTHER);
		print_warning("%s: %s", name, strerror(errno));
		return;
	}
	cat(options, name, fd);
	close(fd);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	(void)arg;
	switch (key) {
	case 'j':
		options->json = true;
		return 0;
	case 'i':
		options->info = true;
		return 0;
	case ARGP_KEY_ARGS:
		options->files = state->argv + state->next;
		return 0;
	case ARGP_KEY_END:
		if (!options->files)
			argp_usage(state);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

int cmd_cat(int argc, char **argv)
{
	static const struct argp_option list[] = {
		{ "json", 'j', NULL, 0, "Print a JSON object a line", 0 },
		{ "info", 'i', NULL, 0,
		  "Print what a file says beside its events: origin, times, ledger of losses",
		  0 },
		{ 0 }
	};
	static const struct argp argp = {
		.options = list,
		.parser = parse,
		.args_doc = "FILE...",
		.doc = "Print the events of snapshot files; - is standard input.",
	};
	struct options options = { .status = EXIT_OK };

	args_parse(&argp, argc, argv, 0, &options);
	while (*options.files)
		cat_file(&options, *options.files++);
	return options.status;
}
