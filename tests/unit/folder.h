/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The folder of a test that writes files.
 */
#ifndef TEST_FOLDER_H
#define TEST_FOLDER_H

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static inline const char *in_folder(const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static inline bool exists(const char *name)
{
	struct stat st;

	return !lstat(in_folder(name), &st);
}

static inline void empty_folder(void)
{
	DIR *list = opendir(folder);
	struct dirent *entry;

	while ((entry = readdir(list)))
		unlinkat(dirfd(list), entry->d_name, 0);
	closedir(list);
}

#endif
