/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's filters: what is recorded of a service's events, or of all.
 */
#ifndef TTLOG_RECORDED_H
#define TTLOG_RECORDED_H

#include <stdbool.h>
#include <stddef.h>
#include <ttlog.h>

struct device;

/**
 * struct recorded - all filters
 * @filters: in order of their index: that for all is the first
 * @nr: entries of @filters
 */
struct recorded {
	struct ttlog_filter filters[TTLOG_NR_FILTERS];
	size_t nr;
};

/**
 * recorded_read() - read all filters
 * @fd: of the device, opened for reading
 *
 * Return: 0, or a negative errno; -ENOTTY: the module is older than they are.
 */
int recorded_read(int fd, struct recorded *all);

/* The filter of a service, "" for that for all; NULL: it has none. */
const struct ttlog_filter *recorded_find(const struct recorded *all,
					 const char *service);

/**
 * recorded_change() - set or remove one filter
 * @change: as the ioctl takes it
 *
 * Return: 0, or a negative errno.
 */
int recorded_change(int fd, const struct ttlog_filter *change);

/* Does this one record all, as the one for all does unless somebody says otherwise? */
bool recorded_default(const struct ttlog_filter *filter);

/**
 * recorded_share() - read the share of keep, or set it
 *
 * Return: 0, or a negative errno; -ENOTTY as above.
 */
int recorded_share(int fd, struct ttlog_share *share);

/**
 * recorded_failed() - say what is wrong with one of these
 * @service: whose filter it was; "": no one service's
 * @err: negative errno
 * @doing: goes on with "cannot "
 *
 * Return: EXIT_*.
 */
int recorded_failed(const struct device *device, const char *service, int err,
		    const char *doing);

#endif
