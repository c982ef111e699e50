// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exit.h"
#include "files.h"
#include "folder.h"
#include "print.h"
#include "snapname.h"

static int failed(const char *path)
{
	int status = errno == EACCES || errno == EPERM ? EXIT_PERMISSION :
							 EXIT_OTHER;

	print_warning("%s: %s", path, strerror(errno));
	return status;
}

/* @path is taken over. */
static int add(struct files *files, char *path, bool listed)
{
	size_t room = files->room ? 2 * files->room : 16;
	struct file *list = files->list;

	if (path && files->nr == files->room) {
		list = reallocarray(list, room, sizeof(*list));
		if (list) {
			files->list = list;
			files->room = room;
		}
	}
	if (!path || !list) {
		free(path);
		print_warning("out of memory: files are left out");
		return EXIT_OTHER;
	}
	list[files->nr++] = (struct file) { path, listed };
	return EXIT_OK;
}

static const char *base(const struct file *file)
{
	return strrchr(file->path, '/') + 1;
}

static int compare(const void *left, const void *right)
{
	return snapname_order(base(left), base(right));
}

static char *join(const char *folder, const char *name)
{
	size_t len = strlen(folder);
	char *path;

	return asprintf(&path, "%s%s%s", folder, folder[len - 1] == '/' ? "" : "/",
			name) < 0 ? NULL : path;
}

/* What else has such a name (a pipe, a link to somewhere) is no snapshot. */
static bool is_snapshot(int dir, const char *name)
{
	struct snapname parts;
	struct stat st;

	return snapname_parse(name, &parts) &&
	       !fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) && S_ISREG(st.st_mode);
}

static int add_listed(struct files *files, const char *folder, DIR *list)
{
	struct dirent *entry;
	int status = EXIT_OK;

	while (errno = 0, !status && (entry = readdir(list))) {
		if (is_snapshot(dirfd(list), entry->d_name))
			status = add(files, join(folder, entry->d_name), true);
	}
	return status || !errno ? status : failed(folder);
}

static int add_folder(struct files *files, const char *folder)
{
	size_t first = files->nr;
	DIR *list = opendir(folder);
	int status;

	if (!list)
		return failed(folder);
	status = add_listed(files, folder, list);
	closedir(list);
	if (files->nr > first)
		qsort(files->list + first, files->nr - first,
		      sizeof(*files->list), compare);
	return status;
}

static int add_input(struct files *files)
{
	if (files->input) {
		print_warning("'-' is given twice: standard input can be read once");
		return EXIT_USAGE;
	}
	files->input = true;
	return add(files, strdup("-"), false);
}

static int add_argument(struct files *files, const char *arg)
{
	struct stat st;

	if (!strcmp(arg, "-"))
		return add_input(files);
	if (stat(arg, &st))
		return failed(arg);
	if (S_ISDIR(st.st_mode))
		return add_folder(files, arg);
	return add(files, strdup(arg), false);
}

int files_expand(struct files *files, char *const *args)
{
	int status = EXIT_OK, err;

	*files = (struct files) { 0 };
	if (!args || !*args)
		return add_folder(files, FOLDER_DEFAULT);
	for (; *args; args++) {
		err = add_argument(files, *args);
		if (!status)
			status = err;
	}
	return status;
}

void files_free(struct files *files)
{
	size_t i;

	for (i = 0; i < files->nr; i++)
		free(files->list[i].path);
	free(files->list);
}

static bool is_input(const struct file *file)
{
	return !file->listed && !strcmp(file->path, "-");
}

/* What was a file when the folder was read may be a pipe by now: don't wait for it. */
int file_open(const struct file *file, int *fd)
{
	int flags = O_RDONLY | O_CLOEXEC |
		    (file->listed ? O_NOFOLLOW | O_NONBLOCK : 0);

	*fd = is_input(file) ? STDIN_FILENO : open(file->path, flags);
	if (*fd >= 0 || (file->listed && errno == ENOENT))
		return EXIT_OK;
	return failed(file->path);
}

void file_close(int fd)
{
	if (fd > STDIN_FILENO)
		close(fd);
}

const char *file_name(const struct file *file)
{
	return is_input(file) ? "standard input" : file->path;
}
