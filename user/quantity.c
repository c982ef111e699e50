// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>
#include <ttlog.h>

#include "quantity.h"
#include "size.h"

static bool parse_size(const char *text, uint64_t most, uint64_t *size)
{
	return !size_parse(text, size) && *size && *size <= most;
}

/* As a size, but without a unit. */
static bool parse_number(const char *text, uint64_t *number)
{
	return !text[strspn(text, "0123456789")] &&
	       parse_size(text, TTLOG_FILTER_MAX, number);
}

/* The two sides of a "/". Without one the second is empty. */
static bool split(const char *text, char *first, char *second, size_t room)
{
	size_t len = strcspn(text, "/");

	if (len >= room || strlen(text) - len > room)
		return false;
	memcpy(first, text, len);
	first[len] = '\0';
	strcpy(second, text[len] ? text + len + 1 : "");
	/* "5/" has nothing where something is announced. */
	return !text[len] || *second;
}

bool quantity_sample(const char *text, uint32_t *sample)
{
	uint64_t number;

	if (!strncmp(text, "1/", 2))
		text += 2;
	if (!parse_number(text, &number))
		return false;
	*sample = number;
	return true;
}

bool quantity_rate(const char *text, uint32_t *rate, uint32_t *burst)
{
	char first[16], second[16];
	uint64_t of[2];

	*burst = 0;
	*rate = TTLOG_FILTER_NO_LIMIT;
	if (!strcmp(text, "none"))
		return true;
	if (!split(text, first, second, sizeof(first)) ||
	    !parse_number(first, &of[0]) ||
	    !parse_number(*second ? second : first, &of[1]))
		return false;
	*rate = of[0];
	*burst = of[1];
	return true;
}

bool quantity_share(const char *text, uint64_t *rate, uint64_t *burst)
{
	char first[32], second[32];

	if (!split(text, first, second, sizeof(first)) ||
	    !parse_size(first, TTLOG_SHARE_MAX, rate))
		return false;
	if (*second)
		return parse_size(second, TTLOG_SHARE_MAX, burst) &&
		       *burst >= TTLOG_SHARE_BURST_MIN;
	*burst = *rate > TTLOG_SHARE_BURST_MIN ? *rate : TTLOG_SHARE_BURST_MIN;
	return true;
}
