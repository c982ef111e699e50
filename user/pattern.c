// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <errno.h>

#include "exit.h"
#include "pattern.h"

int pattern_compile(regex_t *regex, const char *text, int flags, char *why)
{
	int error = regcomp(regex, text, REG_EXTENDED | REG_NOSUB | flags);

	if (!error)
		return 0;
	regerror(error, regex, why, PATTERN_WHY);
	return error == REG_ESPACE ? -ENOMEM : -EINVAL;
}

bool pattern_match(const regex_t *regex, struct slice text)
{
	regmatch_t part = { .rm_so = 0, .rm_eo = text.len };
	int error;

	/* Without memory glibc's says that there is no match; malloc() isn't so quiet. */
	errno = 0;
	error = regexec(regex, text.ptr, 1, &part, REG_STARTEND);
	if (error && errno == ENOMEM)
		errx(EXIT_OTHER, "out of memory: an event can't be searched");
	return !error;
}
