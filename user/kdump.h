/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libkdumpfile, loaded only when a memory dump is read: it brings libraries for several
 * compressions and a C++ runtime, which would double what each start of the program
 * costs, and which a small machine need not have.
 */
#ifndef TTLOG_KDUMP_H
#define TTLOG_KDUMP_H

#include <libkdumpfile/kdumpfile.h>

/**
 * struct kdump - the functions that are used here, under their own names
 */
struct kdump {
	typeof(kdump_new) *kdump_new;
	typeof(kdump_free) *kdump_free;
	typeof(kdump_get_err) *kdump_get_err;
	typeof(kdump_set_attr) *kdump_set_attr;
	typeof(kdump_get_typed_attr) *kdump_get_typed_attr;
	typeof(kdump_read) *kdump_read;
	typeof(kdump_vmcoreinfo_line) *kdump_vmcoreinfo_line;
	typeof(kdump_bmp_incref) *kdump_bmp_incref;
	typeof(kdump_bmp_decref) *kdump_bmp_decref;
	typeof(kdump_bmp_find_set) *kdump_bmp_find_set;
};

/**
 * kdump_load() - load the library
 * @kdump: filled in
 *
 * It stays until the program ends. What goes wrong is said on stderr.
 *
 * Return: EXIT_*.
 */
int kdump_load(struct kdump *kdump);

#endif
