// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tail.h"

int tail_init(struct tail *tail, size_t max)
{
	memset(tail, 0, sizeof(*tail));
	tail->max = max;
	tail->texts = calloc(max, sizeof(*tail->texts));
	return tail->texts ? 0 : -ENOMEM;
}

int tail_add(struct tail *tail, struct slice text)
{
	char *copy = malloc(text.len);
	size_t at = tail->oldest;

	if (!copy)
		return -ENOMEM;
	memcpy(copy, text.ptr, text.len);
	if (tail->nr < tail->max)
		at = tail->nr++;
	else
		tail->oldest = (at + 1) % tail->max;
	free((char *)tail->texts[at].ptr);
	tail->texts[at] = (struct slice) { copy, text.len };
	return 0;
}

void tail_print(const struct tail *tail, FILE *to)
{
	struct slice text;
	size_t i;

	for (i = 0; i < tail->nr; i++) {
		text = tail->texts[(tail->oldest + i) % tail->max];
		fwrite(text.ptr, 1, text.len, to);
	}
}

void tail_free(struct tail *tail)
{
	size_t i;

	for (i = 0; i < tail->nr; i++)
		free((char *)tail->texts[i].ptr);
	free(tail->texts);
}
