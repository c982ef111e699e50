/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the helper is to do: by its files and its command line.
 */
#ifndef TTLOG_ORDERS_H
#define TTLOG_ORDERS_H

#include <limits.h>

#include "config.h"

struct device;
struct helper;

/**
 * struct orders - them
 * @path: of the file, as an option said; or NULL
 * @given: what options said, by key; or NULL
 * @config: what is in force
 * @folder: backs the helper's folder
 */
struct orders {
	const char *path;
	const char *given[NR_KEYS];
	struct config config;
	char folder[PATH_MAX];
};

/**
 * orders_take() - read the files, and have the helper do so
 * @helper: what it is to do is set, if all that is said makes sense; else nothing is
 *	changed. With @helper->once all that makes sense is set
 *
 * What is wrong is said on stderr.
 *
 * Return: EXIT_*.
 */
int orders_take(struct orders *orders, struct helper *helper);

/**
 * orders_check() - read the files, and print what is in force, and by whom
 *
 * Return: EXIT_*.
 */
int orders_check(const struct orders *orders);

/**
 * orders_enforce() - have the kernel record what the configuration that was taken says
 * @device: opened for reading
 *
 * What can't be put in force is said.
 */
void orders_enforce(const struct orders *orders, const struct device *device);

/**
 * orders_configure() - read the files, and have the kernel record exactly what they say
 *
 * Where something is wrong with them nothing is changed.
 *
 * Return: EXIT_*.
 */
int orders_configure(const struct orders *orders);

#endif
