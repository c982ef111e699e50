// SPDX-License-Identifier: GPL-2.0-only
/*
 * A file to ttlog cat, as it is; and to what the helper wants to know of the
 * files in its folder.
 */
#include <fcntl.h>

#include "cat.h"
#include "evidence.h"

/* The file that evidence_is() opens is the input. */
static const char *input_name;

int __real_openat(int dir, const char *name, int flags, ...);
int __wrap_openat(int dir, const char *name, int flags, ...);

int __wrap_openat(int dir, const char *name, int flags, ...)
{
	(void)dir;
	(void)name;
	return __real_openat(AT_FDCWD, input_name, flags & ~O_NOFOLLOW);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	input_name = file_path(file_of(data, size));
	evidence_is(AT_FDCWD, "input", "oops");
	cat_all(input_name);
	return 0;
}
