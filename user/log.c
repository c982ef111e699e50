// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "args.h"
#include "cmd.h"
#include "device.h"
#include "levels.h"
#include "service.h"

/**
 * struct options - what the command line says
 * @level: of the events
 * @service: name of the service, or NULL
 * @fields: "key=value" with a NUL in front of each
 * @fields_len: bytes at @fields
 * @words: of the message, up to a NULL; or NULL
 */
struct options {
	int level;
	const char *service;
	char *fields;
	size_t fields_len;
	char **words;
};

/**
 * struct writer - the device, and the event that is being put together
 * @device: opened for writing
 * @fields: after each message
 * @fields_len: bytes at @fields
 * @limit: most bytes that a message may have beside level and fields
 * @head: bytes of "<N>"
 * @text: "<N>", message, fields, one newline
 */
struct writer {
	struct device device;
	const char *fields;
	size_t fields_len;
	size_t limit;
	size_t head;
	char *text;
};

static void add_field(struct argp_state *state, struct options *options,
		      const char *field)
{
	size_t len = strlen(field);
	char *fields;

	if (!strchr(field, '=') || *field == '=' || !strncmp(field, ":=", 2))
		argp_error(state, "field '%s': KEY=VALUE or KEY:=VALUE is accepted",
			   field);
	fields = realloc(options->fields, options->fields_len + 1 + len);
	if (!fields)
		argp_failure(state, EXIT_OTHER, ENOMEM, "field '%s'", field);
	fields[options->fields_len] = '\0';
	memcpy(fields + options->fields_len + 1, field, len);
	options->fields = fields;
	options->fields_len += 1 + len;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'p':
		options->level = level_parse(arg, strlen(arg));
		if (options->level < 0)
			argp_error(state, "level '%s': accepted are %s", arg,
				   LEVEL_CHOICES);
		return 0;
	case 's':
		if (!service_valid(arg))
			argp_error(state, "service '%s': " SERVICE_CHOICES, arg,
				   SERVICE_MAX);
		options->service = arg;
		return 0;
	case 'f':
		add_field(state, options, arg);
		return 0;
	case ARGP_KEY_ARGS:
		options->words = state->argv + state->next;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static int name_service(struct writer *writer, const char *name)
{
	struct ttlog_service_name service = { 0 };

	strcpy(service.name, name);
	if (!ioctl(writer->device.fd, TTLOG_IOC_SERVICE, &service))
		return EXIT_OK;
	switch (errno) {
	case EDQUOT:
		warnx("service '%s': this user has named %d services already, as many as one may",
		      name, TTLOG_UID_SERVICES);
		return EXIT_OTHER;
	case ENOSPC:
		warnx("service '%s': %d services have names already, as many as there can be until the module is loaded again",
		      name, TTLOG_NR_SERVICES);
		return EXIT_OTHER;
	}
	return device_failed("name the service");
}

static int writer_open(struct writer *writer, const struct options *options)
{
	size_t text_max, head;
	int status;

	status = device_open(&writer->device, O_WRONLY);
	if (status)
		return status;
	text_max = writer->device.info.text_max;
	if (options->service) {
		status = name_service(writer, options->service);
		if (status)
			goto close_device;
	}
	head = strlen("<N>");
	if (text_max < head + options->fields_len) {
		warnx("the fields have %zu bytes; level, message and fields may have %zu",
		      options->fields_len, text_max);
		status = EXIT_OTHER;
		goto close_device;
	}
	writer->text = malloc(text_max + 1);
	if (!writer->text) {
		warn("event");
		status = EXIT_OTHER;
		goto close_device;
	}
	writer->head = snprintf(writer->text, text_max, "<%d>", options->level);
	writer->fields = options->fields;
	writer->fields_len = options->fields_len;
	writer->limit = text_max - head - options->fields_len;
	return EXIT_OK;

close_device:
	device_close(&writer->device);
	return status;
}

/* Write the event whose message of @len bytes stands in the writer's text. */
static int writer_send(struct writer *writer, size_t len)
{
	size_t all = writer->head + len;
	ssize_t written;

	if (writer->fields_len)
		memcpy(writer->text + all, writer->fields, writer->fields_len);
	all += writer->fields_len;
	/* The device drops one newline: it is not to be one of the text's. */
	if (writer->text[all - 1] == '\n' &&
	    all < writer->device.info.text_max)
		writer->text[all++] = '\n';
	do {
		written = write(writer->device.fd, writer->text, all);
	} while (written < 0 && errno == EINTR);
	return written < 0 ? device_failed("record an event") : EXIT_OK;
}

static int log_words(struct writer *writer, char **words)
{
	char *to = writer->text + writer->head;
	size_t len = 0, word, i;

	for (i = 0; words[i]; i++)
		len += strlen(words[i]) + !!i;
	if (len > writer->limit) {
		warnx("the message has %zu bytes, more than the %zu that fit beside level and fields (an event has at most %u)",
		      len, writer->limit, writer->device.info.text_max);
		return EXIT_OTHER;
	}
	for (i = 0; words[i]; i++) {
		if (i)
			*to++ = ' ';
		word = strlen(words[i]);
		memcpy(to, words[i], word);
		to += word;
	}
	return writer_send(writer, len);
}

static int log_line(struct writer *writer, uint64_t number, uint64_t len)
{
	if (len <= writer->limit)
		return writer_send(writer, len);
	warnx("line %" PRIu64 " is not recorded: it has %" PRIu64 " bytes, more than the %zu that fit beside level and fields (an event has at most %u)",
	      number, len, writer->limit, writer->device.info.text_max);
	return EXIT_OTHER;
}

/* A line of any length takes no more memory than an event. */
static int log_lines(struct writer *writer, FILE *from)
{
	char *line = writer->text + writer->head;
	uint64_t number = 1, len = 0;
	int c, status = EXIT_OK;

	while ((c = getc_unlocked(from)) != EOF) {
		if (c != '\n') {
			if (len < writer->limit)
				line[len] = c;
			len++;
			continue;
		}
		status = log_line(writer, number++, len) ?: status;
		len = 0;
	}
	if (len)
		status = log_line(writer, number, len) ?: status;
	if (ferror(from)) {
		warn("standard input");
		return EXIT_OTHER;
	}
	return status;
}

int cmd_log(int argc, char **argv)
{
	static const struct argp_option list[] = {
		{ "priority", 'p', "LEVEL", 0,
		  "Level by name or number (info)", 0 },
		{ "service", 's', "SERVICE", 0,
		  "Name of the service (the program's own)", 0 },
		{ "field", 'f', "KEY=VALUE", 0,
		  "Add a field; KEY:=VALUE for a number, true or false", 0 },
		{ 0 }
	};
	static const struct argp argp = {
		.options = list,
		.parser = parse,
		.args_doc = "[MESSAGE...]",
		.doc = "Record an event; without a MESSAGE, one for each line of standard input."
		       "\vLevels: " LEVEL_CHOICES ".",
	};
	struct options options = { .level = TTLOG_INFO };
	struct writer writer = { 0 };
	int status;

	args_parse(&argp, argc, argv, 0, &options);
	status = writer_open(&writer, &options);
	if (!status) {
		status = options.words ? log_words(&writer, options.words) :
					 log_lines(&writer, stdin);
		free(writer.text);
		device_close(&writer.device);
	}
	free(options.fields);
	return status;
}
