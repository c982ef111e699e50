// SPDX-License-Identifier: GPL-2.0-only
/*
 * Not open_memstream(), which leaves out what it has no memory for without a word.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "draft.h"

static ssize_t add(void *cookie, const char *bytes, size_t len)
{
	struct draft *draft = cookie;
	size_t room = 2 * (draft->len + len);
	char *text;

	if (draft->room - draft->len < len) {
		text = realloc(draft->text, room);
		if (!text)
			return 0;
		draft->text = text;
		draft->room = room;
	}
	memcpy(draft->text + draft->len, bytes, len);
	draft->len += len;
	return len;
}

int draft_init(struct draft *draft)
{
	static const cookie_io_functions_t io = { .write = add };

	memset(draft, 0, sizeof(*draft));
	draft->to = fopencookie(draft, "w", io);
	return draft->to ? 0 : -ENOMEM;
}

int draft_end(struct draft *draft, struct slice *text)
{
	bool whole = !fflush(draft->to) && !ferror(draft->to);

	*text = (struct slice) { draft->text, draft->len };
	draft->len = 0;
	clearerr(draft->to);
	return whole ? 0 : -ENOMEM;
}

void draft_free(struct draft *draft)
{
	fclose(draft->to);
	free(draft->text);
}
