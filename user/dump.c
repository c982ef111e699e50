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
#include <sys/stat.h>
#include <unistd.h>

#include "args.h"
#include "cmd.h"
#include "describe.h"
#include "device.h"
#include "folder.h"
#include "print.h"
#include "snapfile.h"

#define DEFAULT_REASON	"request"
#define DEFAULT_TIMEOUT	30	/* s */
#define TIMEOUT_MAX	600	/* s, as TTLOG_IOC_REQUEST has it */

struct options {
	const char *reason;
	const char *output;
	unsigned int timeout;
};

static bool reason_valid(const char *reason)
{
	static const char accepted[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz"
				       "0123456789_-";
	size_t len = strlen(reason);

	return len >= 1 && len <= TTLOG_REASON_MAX &&
	       strspn(reason, accepted) == len;
}

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
	case 't':
		options->timeout = parse_timeout(state, arg);
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "unexpected argument '%s'", arg);
		return EINVAL;
	}
	return ARGP_ERR_UNKNOWN;
}

/**
 * struct target - where the file goes
 * @folder: its folder
 * @name: its name, or NULL for one that says what it is
 */
struct target {
	char folder[PATH_MAX];
	const char *name;
};

static int target_find(struct target *target, const char *output)
{
	const char *slash = strrchr(output, '/');
	struct stat st;

	if (strlen(output) >= sizeof(target->folder)) {
		warnx("the output's name is too long: %zu bytes, at most %zu are accepted",
		      strlen(output), sizeof(target->folder) - 1);
		return EXIT_OTHER;
	}
	target->name = NULL;
	strcpy(target->folder, output);
	if (!stat(output, &st) && S_ISDIR(st.st_mode))
		return EXIT_OK;
	if (slash && !slash[1]) {
		print_warning("there is no folder %s", output);
		return EXIT_FOLDER;
	}
	if (!lstat(output, &st)) {
		print_warning("%s exists and is not replaced", output);
		return EXIT_OTHER;
	}
	target->name = slash ? slash + 1 : output;
	if (!slash)
		strcpy(target->folder, ".");
	else
		target->folder[slash == output ? 1 : slash - output] = '\0';
	return EXIT_OK;
}

static int file_failed(const struct snapfile *file, int err)
{
	print_warning("cannot %s: %s", file->doing, strerror(-err));
	return folder_status(err);
}

static int read_and_write(struct device *device, struct snapshot *snapshot,
			  struct snapfile *file, const char *name)
{
	struct contents contents = { 0 };
	int err, status;

	status = device_read(device, NULL, &contents);
	if (status) {
		snapfile_abort(file);
		goto free_contents;
	}
	describe_contents(snapshot, device, &contents);
	err = snapshot_write(snapshot, file->fd);
	if (err) {
		print_warning("cannot write %s/%s: %s", file->folder,
			      file->temp, strerror(-err));
		snapfile_abort(file);
		status = folder_status(err);
		goto free_contents;
	}
	err = snapfile_commit(file, name, snapshot);
	if (err)
		status = file_failed(file, err);
free_contents:
	contents_free(&contents);
	return status;
}

/* Not by stdout, of which an error would be said once more at the end. */
static int say_path(const char *path)
{
	if (dprintf(STDOUT_FILENO, "%s\n", path) < 0) {
		print_warning("%s is written, but its path could not be printed: %s",
			      path, strerror(errno));
		return EXIT_OTHER;
	}
	return EXIT_OK;
}

/* From here on the file is finished or removed first, and then we may end. */
static void hold_signals(void)
{
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	sigprocmask(SIG_BLOCK, &ends, NULL);
}

/* Without a helper: under the caller's own credentials. */
static int dump_here(struct device *device, const struct options *options)
{
	struct target target = { .folder = FOLDER_DEFAULT };
	struct snapshot snapshot = { 0 };
	char boot_id[BOOT_ID_SIZE];
	struct snapfile file;
	int err, status;

	if (options->output)
		status = target_find(&target, options->output);
	else
		status = folder_make_default();
	if (!status)
		status = describe_boot(boot_id);
	if (status)
		return status;
	describe_host(&snapshot, boot_id);
	snapshot.reason = options->reason;
	snapshot.trigger = "request";
	hold_signals();
	err = snapfile_open(&file, target.folder);
	if (err)
		return file_failed(&file, err);
	status = read_and_write(device, &snapshot, &file, target.name);
	if (status)
		return status;
	return say_path(target.name ? options->output : file.path);
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

	strcpy(request.reason, options->reason);
	*gone = false;
	/* Interrupted, but not ended: we were stopped, or the machine was asleep. */
	do {
		err = ioctl(device->fd, TTLOG_IOC_REQUEST, &request);
	} while (err && errno == EINTR);
	if (!err)
		return say_path(path);
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
		  "Why: 1 to 32 of the characters A-Z a-z 0-9 _ - (request)",
		  0 },
		{ "output", 'o', "DIR|FILE", 0,
		  "Write there, also when there is a helper; a file is never replaced",
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
		.reason = DEFAULT_REASON,
		.timeout = DEFAULT_TIMEOUT,
	};

	args_parse(&argp, argc, argv, 0, &options);
	/* A file over the size limit is an error to report, not to die of. */
	signal(SIGXFSZ, SIG_IGN);
	return dump(&options);
}
