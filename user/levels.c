// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "levels.h"

static const char *const names[LEVELS] = {
	"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug",
};

const char *level_name(unsigned int level)
{
	return names[level % LEVELS];
}

int level_parse(const char *text, size_t len)
{
	int i;

	if (len == 1 && text[0] >= '0' && text[0] <= '7')
		return text[0] - '0';
	for (i = 0; i < LEVELS; i++) {
		if (strlen(names[i]) == len && !memcmp(names[i], text, len))
			return i;
	}
	return -1;
}

/* One level, or all from one to another. */
static int item_parse(const char *text, size_t len, uint32_t *mask)
{
	const char *dots = memmem(text, len, "..", 2);
	size_t first = dots ? (size_t)(dots - text) : len;
	int from = level_parse(text, first), to = from, swap;

	if (dots)
		to = level_parse(dots + 2, len - first - 2);
	if (from < 0 || to < 0)
		return -1;
	if (to < from) {
		swap = to;
		to = from;
		from = swap;
	}
	*mask |= (2u << to) - (1u << from);
	return 0;
}

int levels_parse(const char *text, uint32_t *mask)
{
	size_t len = strlen(text);
	int level = level_parse(text, len);
	uint32_t found = 0;

	if (level >= 0) {
		*mask = (2u << level) - 1;
		return 0;
	}
	for (;;) {
		len = strcspn(text, ",");
		if (item_parse(text, len, &found))
			return -1;
		if (!text[len])
			break;
		text += len + 1;
	}
	*mask = found;
	return 0;
}

void levels_format(char *to, uint32_t mask)
{
	int i;

	*to = '\0';
	for (i = 0; i < LEVELS; i++) {
		if (!(mask & 1u << i))
			continue;
		if (*to)
			strcat(to, ",");
		strcat(to, names[i]);
	}
}
