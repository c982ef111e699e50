// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "args.h"
#include "cmd.h"
#include "draft.h"
#include "exit.h"
#include "files.h"
#include "filter.h"
#include "info.h"
#include "output.h"
#include "pager.h"
#include "print.h"
#include "sequence.h"
#include "tail.h"

enum {
	OPTION_NO_PAGER = 0x280,
	OPTION_REPEATS,
};

/* Files that are open beside those that are read. */
#define OTHER_FILES	32

/**
 * struct options - what the command line says, and what became of it
 * @info: head and ledger instead of events
 * @output: in what form
 * @pager: on a terminal there is to be one
 * @repeats: an event that several files have is printed as often
 * @lines: the last so many events; 0: all
 * @filter: which events
 * @args: files and folders, up to a NULL; or NULL
 * @status: of the program: that of the first file with which something is wrong
 * @place: of that file
 */
struct options {
	bool info;
	struct output output;
	bool pager;
	bool repeats;
	size_t lines;
	struct filter filter;
	char **args;
	int status;
	size_t place;
};

/* Places: 0, of arguments that are no file; then the files; then what is of none. */
#define NO_FILE	SIZE_MAX

static void fail(struct options *options, size_t place, int status)
{
	if (!status || (options->status && place >= options->place))
		return;
	options->status = status;
	options->place = place;
}

static void no_event(void *context, const struct event *event)
{
	(void)context;
	(void)event;
}

/* Return: EXIT_*. */
static int cat_info(const struct options *options, const char *name, int fd)
{
	struct info info = {
		.to = stdout, .json = options->output.format == format_find("json"),
	};
	struct decode_sink sink = {
		.event = no_event, .item = info_item, .context = &info };
	struct decoder in;

	if (decode_open(&in, name, fd)) {
		print_warning("%s: out of memory", name);
		return EXIT_OTHER;
	}
	decode_run(&in, &sink);
	info_end(&info);
	decode_free(&in);
	fflush(stdout);
	return in.damaged ? EXIT_OTHER : EXIT_OK;
}

static void cat_infos(struct options *options, const struct files *files)
{
	size_t i;
	int fd;

	for (i = 0; i < files->nr; i++) {
		fail(options, i + 1, file_open(&files->list[i], &fd));
		if (fd < 0)
			continue;
		fail(options, i + 1, cat_info(options, file_name(&files->list[i]), fd));
		file_close(fd);
	}
}

/* All files are open at the same time. */
static bool may_open(size_t nr)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= nr + OTHER_FILES)
		return true;
	limit.rlim_cur = limit.rlim_max;
	if (limit.rlim_max >= nr + OTHER_FILES && !setrlimit(RLIMIT_NOFILE, &limit))
		return true;
	warnx("%zu files: %llu at a time are accepted, as only %llu may be open (ulimit -Hn)",
	      nr, limit.rlim_max > OTHER_FILES ? limit.rlim_max - OTHER_FILES : 0ULL,
	      (unsigned long long)limit.rlim_max);
	return false;
}

static void open_all(struct options *options, const struct files *files,
		     struct sequence *sequence)
{
	size_t i;
	int fd;

	for (i = 0; i < files->nr; i++) {
		fail(options, i + 1, file_open(&files->list[i], &fd));
		if (fd >= 0)
			sequence_add(sequence, file_name(&files->list[i]), fd, i + 1);
	}
}

static void no_memory(struct options *options, const char *what)
{
	warnx("out of memory: %s", what);
	fail(options, NO_FILE, EXIT_OTHER);
}

/* The text of the next event. Return: false at the end. */
static bool next_text(struct options *options, struct sequence *sequence,
		      struct draft *draft, struct slice *text)
{
	const struct event *event;
	int err;

	while ((event = sequence_next(sequence))) {
		options->output.view.origin = sequence_origin(sequence);
		err = options->output.format->event(draft->to, event, &options->output.view);
		if (!draft_end(draft, text) && !err)
			return true;
		no_memory(options, "an event is left out");
	}
	return false;
}

static void put_all(struct options *options, struct sequence *sequence,
		    struct draft *draft)
{
	struct slice text;

	while (next_text(options, sequence, draft, &text))
		fwrite(text.ptr, 1, text.len, stdout);
}

static void put_last(struct options *options, struct sequence *sequence,
		     struct draft *draft)
{
	struct slice text;
	struct tail tail;

	if (tail_init(&tail, options->lines)) {
		no_memory(options, "no events are printed");
		return;
	}
	while (next_text(options, sequence, draft, &text)) {
		if (tail_add(&tail, text))
			no_memory(options, "an event is left out");
	}
	tail_print(&tail, stdout);
	tail_free(&tail);
}

static void put_events(struct options *options, struct sequence *sequence)
{
	struct draft draft;

	if (draft_init(&draft)) {
		no_memory(options, "no events are printed");
		return;
	}
	if (options->output.format->begin)
		options->output.format->begin(stdout);
	if (options->lines)
		put_last(options, sequence, &draft);
	else
		put_all(options, sequence, &draft);
	draft_free(&draft);
}

static void cat_events(struct options *options, const struct files *files)
{
	struct repeats repeats = { 0 };
	struct sequence sequence = {
		.origins = options->output.format->origins,
		.repeats = files->nr > 1 && !options->repeats ? &repeats : NULL,
		.filter = &options->filter,
	};

	if (!may_open(files->nr)) {
		fail(options, NO_FILE, EXIT_OTHER);
		return;
	}
	open_all(options, files, &sequence);
	put_events(options, &sequence);
	if (sequence.damaged)
		fail(options, sequence.damaged, EXIT_OTHER);
	sequence_free(&sequence);
	repeats_free(&repeats);
}

static void set_lines(struct argp_state *state, struct options *options, const char *text)
{
	size_t digits = strspn(text, "0123456789");

	options->lines = digits && !text[digits] ? strtoul(text, NULL, 10) : 0;
	if (!options->lines || options->lines > TAIL_MAX)
		argp_error(state, "lines '%s': 1 to %d are accepted", text, TAIL_MAX);
}

/* What is said of files is of all their events. */
static void check_info(struct argp_state *state, const struct options *options)
{
	if (!options->info)
		return;
	if (options->filter.given || options->lines || options->repeats)
		argp_error(state, "with --info there are no events to choose from");
	if (options->output.format && strcmp(options->output.format->name, "json"))
		argp_error(state, "output '%s': with --info text and json are accepted",
			   options->output.format->name);
}

/* It has what users wrote as it is. */
static void check_terminal(struct argp_state *state, const struct options *options)
{
	if (options->output.format && !strcmp(options->output.format->name, "export") &&
	    isatty(STDOUT_FILENO))
		argp_error(state, "output 'export': it has control characters as they are; a file or a pipe is accepted as standard output");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->output;
		state->child_inputs[1] = &options->filter;
		return 0;
	case 'i':
		options->info = true;
		return 0;
	case 'n':
		set_lines(state, options, arg);
		return 0;
	case OPTION_REPEATS:
		options->repeats = true;
		return 0;
	case OPTION_NO_PAGER:
		options->pager = false;
		return 0;
	case ARGP_KEY_ARGS:
		options->args = state->argv + state->next;
		return 0;
	case ARGP_KEY_END:
		check_info(state, options);
		check_terminal(state, options);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp_option list[] = {
	{ "info", 'i', NULL, 0,
	  "Print what a file says beside its events: origin, times, ledger of losses",
	  0 },
	{ "lines", 'n', "N", 0, "Print the last N events", 0 },
	{ "repeats", OPTION_REPEATS, NULL, 0,
	  "Print an event that several files have as often as they have it", 0 },
	{ "no-pager", OPTION_NO_PAGER, NULL, 0, "No pager on a terminal", 0 },
	{ 0 }
};

int cmd_cat(int argc, char **argv)
{
	static const struct argp_child children[] = {
		{ &output_argp, 0, NULL, 0 },
		{ &filter_argp, 0, NULL, 0 },
		{ 0 }
	};
	static const struct argp argp = {
		.options = list,
		.parser = parse,
		.children = children,
		.args_doc = "[FILE|FOLDER...]",
		.doc = "Print the events of snapshot files, also of those in folders, in the order of their times; - is standard input. Without any, those in the folder that snapshots go to by default.",
	};
	struct options options = { .status = EXIT_OK, .pager = true };
	struct files files;

	args_parse(&argp, argc, argv, 0, &options);
	if (output_begin(&options.output) && options.pager)
		pager_begin();
	fail(&options, 0, files_expand(&files, options.args));
	if (options.info)
		cat_infos(&options, &files);
	else
		cat_events(&options, &files);
	files_free(&files);
	filter_free(&options.filter);
	return options.status;
}
