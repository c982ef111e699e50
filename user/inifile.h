/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file of sections, keys and values, line by line.
 */
#ifndef TTLOG_INIFILE_H
#define TTLOG_INIFILE_H

#include <stdbool.h>
#include <stdio.h>

/* Bytes that a file may have. */
#define INIFILE_MAX	65536

/**
 * struct inifile_calls - who is told what stands there
 * @section: "[name]"
 * @key: "name = value", without what stands around them
 * @wrong: a line that is neither, nor a comment, nor empty
 *
 * Each text is UTF-8 without control characters, and stays for the call alone. Lines
 * count from 1.
 */
struct inifile_calls {
	void (*section)(void *arg, unsigned int line, const char *name);
	void (*key)(void *arg, unsigned int line, const char *name,
		    const char *value);
	void (*wrong)(void *arg, unsigned int line, const char *what);
};

/**
 * inifile_read() - tell what a file has, in order, to its end
 * @file: from where it stands; INIFILE_MAX bytes at most are read
 *
 * Return: 0, or a negative errno where it can't be read.
 */
int inifile_read(FILE *file, const struct inifile_calls *calls, void *arg);

#endif
