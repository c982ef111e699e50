// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "folder.h"
#include "print.h"
#include "target.h"

static int find(struct target *target, const char *output)
{
	const char *slash = strrchr(output, '/');
	struct stat st;

	if (strlen(output) >= sizeof(target->folder)) {
		warnx("the output's name is too long: %zu bytes, at most %zu are accepted",
		      strlen(output), sizeof(target->folder) - 1);
		return EXIT_OTHER;
	}
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

int target_find(struct target *target, const char *output)
{
	target->name = NULL;
	target->output = output;
	if (output)
		return find(target, output);
	strcpy(target->folder, FOLDER_DEFAULT);
	return folder_make_default();
}

static int failed(const struct snapfile *file, int err)
{
	print_warning("cannot %s: %s", file->doing, strerror(-err));
	return folder_status(err);
}

static void hold_signals(void)
{
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	sigprocmask(SIG_BLOCK, &ends, NULL);
}

int target_open(const struct target *target, struct snapfile *file)
{
	int err;

	hold_signals();
	err = snapfile_open(file, target->folder);
	return err ? failed(file, err) : EXIT_OK;
}

int target_write(const struct target *target, struct snapfile *file,
		 const struct snapshot *snapshot)
{
	int err = snapshot_write(snapshot, file->fd);

	if (err) {
		print_warning("cannot write %s/%s: %s", file->folder,
			      file->temp, strerror(-err));
		snapfile_abort(file);
		return folder_status(err);
	}
	err = snapfile_commit(file, target->name, snapshot);
	if (err)
		return failed(file, err);
	return target_say(target->name ? target->output : file->path);
}

/* Not by stdout, of which an error would be said once more at the end. */
int target_say(const char *path)
{
	if (dprintf(STDOUT_FILENO, "%s\n", path) < 0) {
		print_warning("%s is written, but its path could not be printed: %s",
			      path, strerror(errno));
		return EXIT_OTHER;
	}
	return EXIT_OK;
}
