/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Extended regular expressions of POSIX, on texts that may have NULs in them.
 */
#ifndef TTLOG_PATTERN_H
#define TTLOG_PATTERN_H

#include <regex.h>

#include "event.h"

/* Room for what is wrong with an expression. */
#define PATTERN_WHY	128

/**
 * pattern_compile() - prepare an expression
 * @flags: 0 or REG_ICASE
 * @why: PATTERN_WHY bytes: what is wrong with it
 *
 * Return: 0, then it is to be given to regfree(); -EINVAL or -ENOMEM.
 */
int pattern_compile(regex_t *regex, const char *text, int flags, char *why);

/* Is it somewhere in the text? Want of memory ends the program. */
bool pattern_match(const regex_t *regex, struct slice text);

#endif
