// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "size.h"

int size_parse(const char *text, uint64_t *size)
{
	static const char units[] = "KMGT";
	uint64_t value = 0;
	const char *unit;
	size_t shift = 0;

	if (*text < '0' || *text > '9')
		return -1;
	for (; *text >= '0' && *text <= '9'; text++) {
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, *text - '0', &value))
			return -1;
	}
	if (*text) {
		unit = strchr(units, *text);
		if (!unit || text[1])
			return -1;
		shift = 10 * (unit - units + 1);
	}
	if (value > UINT64_MAX >> shift)
		return -1;
	*size = value << shift;
	return 0;
}
