// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "origin.h"

/* 8-4-4-4-12 digits, not all of them 0. */
static void set_boot_id(struct origin *origin, struct slice text)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	char digits[sizeof(origin->boot_id)];
	size_t i, nr = 0;

	if (text.len != strlen(form))
		return;
	for (i = 0; i < text.len; i++) {
		if (form[i] == '-' ? text.ptr[i] != '-' :
				     !isxdigit((unsigned char)text.ptr[i]))
			return;
		if (form[i] != '-')
			digits[nr++] = tolower((unsigned char)text.ptr[i]);
	}
	digits[nr] = '\0';
	if (digits[strspn(digits, "0")])
		memcpy(origin->boot_id, digits, sizeof(digits));
}

void origin_take(struct origin *origin, struct summary *summary)
{
	if (summary_has(summary, SUMMARY_BOOT_ID))
		set_boot_id(origin, summary->boot_id);
	if (summary_has(summary, SUMMARY_CLOCKS)) {
		origin->mono = summary->clocks.mono;
		origin->real = summary->clocks.real;
	}
	origin->hostname = (char *)summary->hostname.ptr;
	summary->hostname = (struct slice) { 0 };
}

uint64_t origin_mono(const struct origin *origin, uint64_t time)
{
	if (time >= origin->real)
		return origin->mono + (time - origin->real);
	if (origin->real - time > origin->mono)
		return 0;
	return origin->mono - (origin->real - time);
}

void origin_free(struct origin *origin)
{
	free(origin->hostname);
}
