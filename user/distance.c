// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "distance.h"

unsigned int distance(const char *a, const char *b, unsigned int limit)
{
	unsigned int rows[3][DISTANCE_MAX + 1];
	unsigned int *before = rows[0], *last = rows[1], *row = rows[2], *swap;
	size_t la = strlen(a), lb = strlen(b), i, j;
	unsigned int cost, best;

	if (lb > DISTANCE_MAX || la > lb + limit || lb > la + limit)
		return limit + 1;
	for (j = 0; j <= lb; j++)
		row[j] = j;
	for (i = 1; i <= la; i++) {
		swap = before;
		before = last;
		last = row;
		row = swap;
		row[0] = i;
		best = i;
		for (j = 1; j <= lb; j++) {
			cost = last[j - 1] + (a[i - 1] != b[j - 1]);
			if (last[j] + 1 < cost)
				cost = last[j] + 1;
			if (row[j - 1] + 1 < cost)
				cost = row[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && before[j - 2] + 1 < cost)
				cost = before[j - 2] + 1;
			row[j] = cost;
			if (cost < best)
				best = cost;
		}
		if (best > limit)
			return best;
	}
	return row[lb];
}
