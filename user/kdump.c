// SPDX-License-Identifier: GPL-2.0-only
#include <dlfcn.h>
#include <err.h>
#include <stddef.h>
#include <string.h>

#include "exit.h"
#include "kdump.h"

#define LIBRARY	"libkdumpfile.so.10"

static const struct {
	const char *name;
	size_t at;
} functions[] = {
	{ "kdump_new", offsetof(struct kdump, kdump_new) },
	{ "kdump_free", offsetof(struct kdump, kdump_free) },
	{ "kdump_get_err", offsetof(struct kdump, kdump_get_err) },
	{ "kdump_set_attr", offsetof(struct kdump, kdump_set_attr) },
	{ "kdump_get_typed_attr", offsetof(struct kdump, kdump_get_typed_attr) },
	{ "kdump_read", offsetof(struct kdump, kdump_read) },
	{ "kdump_vmcoreinfo_line", offsetof(struct kdump, kdump_vmcoreinfo_line) },
	{ "kdump_bmp_incref", offsetof(struct kdump, kdump_bmp_incref) },
	{ "kdump_bmp_decref", offsetof(struct kdump, kdump_bmp_decref) },
	{ "kdump_bmp_find_set", offsetof(struct kdump, kdump_bmp_find_set) },
};

int kdump_load(struct kdump *kdump)
{
	void *library = dlopen(LIBRARY, RTLD_NOW), *function;
	size_t i;

	if (!library) {
		warnx("memory dumps are read by libkdumpfile, which can't be loaded: %s",
		      dlerror());
		return EXIT_OTHER;
	}
	for (i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		function = dlsym(library, functions[i].name);
		if (!function) {
			warnx("%s: %s", LIBRARY, dlerror());
			return EXIT_OTHER;
		}
		/* Functions have other pointers than objects, of the same size. */
		memcpy((char *)kdump + functions[i].at, &function,
		       sizeof(function));
	}
	return EXIT_OK;
}
