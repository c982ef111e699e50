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

int levels_parse(const char *text, uint32_t *mask)
{
	size_t len = strcspn(text, ",");
	int level = level_parse(text, len);

	if (level < 0)
		return -1;
	if (!text[len]) {
		*mask = (2u << level) - 1;
		return 0;
	}
	*mask = 1u << level;
	while (text[len]) {
		text += len + 1;
		len = strcspn(text, ",");
		level = level_parse(text, len);
		if (level < 0)
			return -1;
		*mask |= 1u << level;
	}
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
