// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "render.h"

/*
 * json-c leaves out of the text, without a word, what it has no memory for; realloc()
 * doesn't fail so quietly.
 */
const char *render(struct json_object *object, int flags)
{
	const char *text;

	errno = 0;
	text = json_object_to_json_string_ext(object, flags);
	return errno == ENOMEM ? NULL : text;
}
