/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the helper was told, by whom, and what is wrong with that. The latter is said on
 * stderr, all of it, as "FILE:LINE: ...".
 */
#ifndef TTLOG_CONFIG_H
#define TTLOG_CONFIG_H

#include <stdio.h>
#include <ttlog.h>

#include "key.h"

#define CONFIG_PATH	"/etc/ttlog/ttlogd.conf"

/**
 * struct setting - a key's value
 * @text: as it was given; from malloc(), if it is of a file; NULL: by nobody
 * @number: what it stands for
 * @file: that has it; NULL: it was an option
 * @line: there
 */
struct setting {
	const char *text;
	uint64_t number;
	const char *file;
	unsigned int line;
};

/**
 * struct config_reason - what holds for files with one reason
 * @name: the reason
 * @settings: by key; those that aren't given hold not
 */
struct config_reason {
	char name[TTLOG_REASON_MAX + 1];
	struct setting settings[NR_KEYS];
};

/* At most so many reasons. */
#define CONFIG_REASONS	32

/**
 * struct config_filter - what is to be recorded of a service, or of all
 * @service: its name; "": of all
 * @settings: by key; those that aren't given are as for all, or as they are otherwise
 */
struct config_filter {
	char service[TTLOG_SERVICE_LEN];
	struct setting settings[NR_FILTER_KEYS];
};

/**
 * struct config - all of it
 * @settings: by key
 * @reasons: from malloc()
 * @nr_reasons: of them
 * @filters: in the order of the files; from malloc()
 * @nr_filters: of them, at most TTLOG_NR_FILTERS
 * @share: by key; those that aren't given stay what they are
 * @files: names of those that were read, for settings; from malloc(), as each of them
 * @nr_files: of them
 * @status: EXIT_*: whether anything was found to be wrong
 */
struct config {
	struct setting settings[NR_KEYS];
	struct config_reason *reasons;
	size_t nr_reasons;
	struct config_filter *filters;
	size_t nr_filters;
	struct setting share[NR_SHARE_KEYS];
	char **files;
	size_t nr_files;
	int status;
};

/**
 * config_read() - take what a file says
 * @config: zeroed, or with what was read before, which this overrides
 * @file: its content
 * @name: of it
 */
void config_read(struct config *config, FILE *file, const char *name);

/**
 * config_load() - take what is in a file and in the folder FILE.d beside it
 * @config: zeroed; give it to config_free(), also when something is wrong
 * @path: of the file; NULL: CONFIG_PATH, if it is there
 *
 * Of the folder those whose names end in ".conf" are read, in order of names.
 */
void config_load(struct config *config, const char *path);

/**
 * config_set() - take what an option says instead
 * @text: accepted by the key, but for a folder's path, which need not be absolute; it
 *	must stay
 */
void config_set(struct config *config, enum key_id id, const char *text);

/* What is in force: of an option, a file, or otherwise. */
const char *config_text(const struct config *config, enum key_id id);
uint64_t config_number(const struct config *config, enum key_id id);

/* What it says of a service, or with "" of all; NULL: nothing. */
struct config_filter *config_filter_of(const struct config *config, const char *service);

/**
 * config_wrong() - say what is wrong with a setting that was given, as above
 * @id: of its key
 * @what: it is
 * @why: goes on with that, or is ""
 */
void config_wrong(struct config *config, const struct setting *setting,
		  enum key_id id, const char *what, const char *why);

/**
 * config_print() - all settings, as such a file that says where each is from
 */
void config_print(const struct config *config, FILE *to);

void config_free(struct config *config);

#endif
