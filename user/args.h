/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_ARGS_H
#define TTLOG_ARGS_H

#include <argp.h>

/* argp_parse(), which returns only when all arguments are good. */
void args_parse(const struct argp *argp, int argc, char **argv, unsigned int flags,
		void *input);

#endif
