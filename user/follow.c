// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "channels.h"
#include "cmd.h"
#include "draft.h"
#include "filter.h"
#include "output.h"
#include "print.h"
#include "stream.h"

/*
 * No event wakes us: who writes one would pay for that. As often as this the rings are
 * looked at, in ms.
 */
#define INTERVAL	200

/* How long output that nobody takes is waited for when we are told to end, in s. */
#define LAST_WORDS	1

#define DEFAULT_LINES	10

/**
 * struct options - what the command line says, and what became of it
 * @output: in what form
 * @draft: room for an event, so that none is printed in part
 * @last: how many of the events that are there already
 * @filter: which ones
 * @no_memory: an event was left out, for want of it
 */
struct options {
	struct output output;
	struct draft draft;
	uint64_t last;
	struct filter filter;
	bool no_memory;
};

static volatile sig_atomic_t told_to_end;

/* The second time, or when the time for it is over, nothing is waited for. */
static void on_signal(int number)
{
	if (told_to_end || number == SIGALRM)
		_exit(EXIT_OK);
	told_to_end = 1;
	alarm(LAST_WORDS);
}

/* That who reads our output has gone is an end, and no error. */
static void take_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGALRM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static bool is_format(const struct options *options, const char *name)
{
	return options->output.format == format_find(name);
}

static bool match(void *arg, const struct event *event)
{
	const struct options *options = arg;

	return filter_match(&options->filter, event);
}

static void on_event(void *arg, const struct event *event)
{
	struct options *options = arg;
	struct draft *draft = &options->draft;
	struct slice text;
	int err;

	err = options->output.format->event(draft->to, event, &options->output.view);
	if (draft_end(draft, &text) || err)
		options->no_memory = true;
	else
		fwrite(text.ptr, 1, text.len, stdout);
}

static void print_loss(const struct stream_loss *loss)
{
	const char *channel = channel_name(loss->channel);

	fputs("-- ", stdout);
	/* The kernel's log has one ring for all CPUs. */
	if (loss->channel != TTLOG_KLOG)
		printf("cpu%" PRIu32 " ", loss->cpu);
	printf("%s: %" PRIu64 " event%s lost (%s) --\n", channel, loss->events,
	       loss->events == 1 ? "" : "s", loss->cause);
}

/* Causes and channels have plain names. */
static void on_lost(void *arg, const struct stream_loss *loss)
{
	const struct options *options = arg;
	const char *channel = channel_name(loss->channel);

	if (is_format(options, "json"))
		printf("{\"lost\":{\"cpu\":%u,\"channel\":\"%s\",\"cause\":\"%s\",\"events\":%llu}}\n",
		       loss->cpu, channel, loss->cause,
		       (unsigned long long)loss->events);
	else if (is_format(options, "logfmt"))
		printf("lost=%" PRIu64 " cause=%s cpu=%" PRIu32 " channel=%s\n",
		       loss->events, loss->cause, loss->cpu, channel);
	else
		print_loss(loss);
}

static bool has_ended(void *arg)
{
	const struct options *options = arg;

	return told_to_end || options->no_memory || ferror(stdout);
}

/* Wait so many ms, or until who reads our output has gone. Return: whether he has. */
static bool reader_gone(int ms)
{
	struct pollfd output = { .fd = STDOUT_FILENO };

	return poll(&output, 1, ms) > 0;
}

/* What is left in the stream would be tried once more at the end. */
static int end_output(void)
{
	if (!reader_gone(0))
		return EXIT_OTHER;
	__fpurge(stdout);
	clearerr(stdout);
	return EXIT_OK;
}

static int follow(struct stream *stream, const struct options *options)
{
	int status;

	do {
		status = stream_read(stream);
		if (status)
			return status;
		if (options->no_memory) {
			print_warning("out of memory");
			return EXIT_OTHER;
		}
		if (fflush(stdout) || ferror(stdout))
			return end_output();
	} while (!told_to_end && !reader_gone(INTERVAL));
	return EXIT_OK;
}

static int run(struct options *options)
{
	const struct stream_sink sink = {
		.match = match, .event = on_event, .lost = on_lost,
		.ended = has_ended, .arg = options,
	};
	struct device device;
	struct stream stream;
	int status;

	status = device_open(&device, O_RDONLY);
	if (status)
		return status;
	take_signals();
	status = stream_open(&stream, &device, &sink, options->last);
	if (!status) {
		status = follow(&stream, options);
		stream_close(&stream);
	}
	device_close(&device);
	return status;
}

/* The others have no place for what is lost, or ask for what isn't known here. */
static void check_format(struct argp_state *state, const struct options *options)
{
	if (is_format(options, "csv") || is_format(options, "export"))
		argp_error(state, "output '%s': text, json and logfmt are accepted here",
			   options->output.format->name);
}

static uint64_t parse_lines(struct argp_state *state, const char *arg)
{
	unsigned long long lines;
	char *end;

	if (!strcmp(arg, "all"))
		return STREAM_ALL;
	errno = 0;
	lines = strtoull(arg, &end, 10);
	if (*arg < '0' || *arg > '9' || *end || errno || lines == STREAM_ALL)
		argp_error(state, "lines '%s': a number from 0 on, or all, is accepted", arg);
	return lines;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->output;
		state->child_inputs[1] = &options->filter;
		return 0;
	case 'n':
		options->last = parse_lines(state, arg);
		return 0;
	case 'a':
		options->last = STREAM_ALL;
		return 0;
	case ARGP_KEY_END:
		check_format(state, options);
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "unexpected argument '%s'", arg);
		return EINVAL;
	}
	return ARGP_ERR_UNKNOWN;
}

int cmd_follow(int argc, char **argv)
{
	static const struct argp_option list[] = {
		{ "lines", 'n', "N", 0,
		  "First print the last N events that are there already, or all (10)", 0 },
		{ "since-load", 'a', NULL, 0, "The same as --lines=all", 0 },
		{ 0 }
	};
	static const struct argp_child children[] = {
		{ &output_argp, 0, NULL, 0 },
		{ &filter_argp, 0, NULL, 0 },
		{ 0 }
	};
	static const struct argp argp = {
		.options = list,
		.parser = parse,
		.children = children,
		.doc = "Print events as they come, as text, json or logfmt, until told to end.",
	};
	struct options options = { .last = DEFAULT_LINES };
	int status;

	args_parse(&argp, argc, argv, 0, &options);
	output_begin(&options.output);
	if (draft_init(&options.draft))
		err(EXIT_OTHER, "events");
	status = run(&options);
	draft_free(&options.draft);
	filter_free(&options.filter);
	return status;
}
