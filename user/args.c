// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <errno.h>

#include "args.h"
#include "exit.h"

/* Parsers end the program themselves: what is left is argp's own want of memory. */
void args_parse(const struct argp *argp, int argc, char **argv, unsigned int flags,
		void *input)
{
	errno = argp_parse(argp, argc, argv, flags, NULL, input);
	if (errno)
		err(EXIT_OTHER, "the arguments");
}
