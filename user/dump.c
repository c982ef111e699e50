// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "args.h"
#include "cmd.h"
#include "core.h"
#include "describe.h"
#include "device.h"
#include "folder.h"
#include "print.h"
#include "reason.h"
#include "target.h"

#define DEFAULT_REASON	"request"
#define DEFAULT_TIMEOUT	30	/* s */
#define TIMEOUT_MAX	600	/* s, as TTLOG_IOC_REQUEST has it */

struct options {
	const char *reason;
	const char *output;
	const char *core;
	unsigned int timeout;
};

static unsigned int parse_timeout(struct argp_state *state, const char *arg)
{
	unsigned long seconds;
	char *end;

	seconds = strtoul(arg, &end, 10);
	if (*arg < '0' || *arg > '9' || *end || !seconds ||
	    seconds > TIMEOUT_MAX)
		argp_error(state, "timeout '%s': 1 to %d seconds are accepted",
			   arg, TIMEOUT_MAX);
	return seconds;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'r':
		if (!reason_valid(arg))
			argp_error(state, "reason '%s': 1 to %d of the characters A-Z a-z 0-9 _ - are accepted",
				   arg, TTLOG_REASON_MAX);
		options->reason = arg;
		return 0;
	case 'o':
		if (!*arg)
			argp_error(state, "output '': the path of a folder or of a new file is accepted");
		options->output = arg;
		return 0;
	case 'c':
		options->core = arg;
		return 0;
	case 't':
		options->timeout = parse_timeout(state, arg);
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "unexpected argument '%s'", arg);
		return EINVAL;
	}
	return ARGP_ERR_UNKNOWN;
}

/* Without a helper: under the caller's own credentials. */
static int dump_here(struct device *device, const struct options *options)
{
	struct contents contents = { 0 };
	struct snapshot snapshot = { 0 };
	char boot_id[BOOT_ID_SIZE];
	struct snapfile file;
	struct target target;
	int status;

	status = target_find(&target, options->output);
	if (!status)
		status = describe_boot(boot_id);
	if (!status)
		status = target_open(&target, &file);
	if (status)
		return status;
	describe_host(&snapshot, boot_id);
	snapshot.reason = options->reason ? options->reason : DEFAULT_REASON;
	snapshot.trigger = "request";
	status = device_read(device, NULL, &contents);
	if (status) {
		snapfile_abort(&file);
	} else {
		describe_contents(&snapshot, device, &contents);
		status = target_write(&target, &file, &snapshot);
	}
	contents_free(&contents);
	return status;
}

static int request_failed(const struct options *options)
{
	switch (errno) {
	case ETIMEDOUT:
		warnx("the helper had no snapshot after %u s; it may still write one",
		      options->timeout);
		return EXIT_TIMEOUT;
	case EAGAIN:
		warnx("%d requests are waiting for the helper already",
		      TTLOG_REQUESTS_MAX);
		return EXIT_OTHER;
	case ENAMETOOLONG:
		warnx("the snapshot is written, but its path is too long to be told");
		return EXIT_OTHER;
	}
	warn("the helper could not write a snapshot");
	return folder_status(-errno);
}

/* With a helper it is the helper that writes, unless it is @gone by now. */
static int dump_request(struct device *device, const struct options *options,
			bool *gone)
{
	char path[TTLOG_PATH_MAX] = "";
	struct ttlog_request request = {
		.timeout_ms = options->timeout * 1000,
		.path_size = sizeof(path),
		.path = (uintptr_t)path,
	};
	int err;

	strcpy(request.reason, options->reason ? options->reason : DEFAULT_REASON);
	*gone = false;
	/* Interrupted, but not ended: we were stopped, or the machine was asleep. */
	do {
		err = ioctl(device->fd, TTLOG_IOC_REQUEST, &request);
	} while (err && errno == EINTR);
	if (!err)
		return target_say(path);
	*gone = errno == ESRCH;
	return *gone ? EXIT_OTHER : request_failed(options);
}

static int dump(const struct options *options)
{
	struct device device;
	bool gone = true;
	int status;

	status = device_open(&device, O_RDONLY);
	if (status)
		return status;
	if (device.info.helper && !options->output)
		status = dump_request(&device, options, &gone);
	if (gone)
		status = dump_here(&device, options);
	device_close(&device);
	return status;
}

int cmd_dump(int argc, char **argv)
{
	static const struct argp_option list[] = {
		{ "reason", 'r', "REASON", 0,
		  "Why: 1 to 32 of the characters A-Z a-z 0-9 _ - (request, for a memory dump panic)",
		  0 },
		{ "output", 'o', "DIR|FILE", 0,
		  "Write there, also when there is a helper; a file is never replaced",
		  0 },
		{ "core", 'c', "FILE", 0,
		  "Write what is in this memory dump of a machine: ELF, as /proc/vmcore, or makedumpfile's",
		  0 },
		{ "timeout", 't', "SECONDS", 0,
		  "How long to wait for the helper, 1 to 600 (30)", 0 },
		{ 0 }
	};
	static const struct argp argp = {
		.options = list,
		.parser = parse,
		.doc = "Write a snapshot of what the recorder holds and print its path.",
	};
	struct options options = {
		.timeout = DEFAULT_TIMEOUT,
	};

	args_parse(&argp, argc, argv, 0, &options);
	/* A file over the size limit is an error to report, not to die of. */
	signal(SIGXFSZ, SIG_IGN);
	if (options.core)
		return core_dump(options.core, options.output, options.reason);
	return dump(&options);
}
