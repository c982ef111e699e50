// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <ttlog.h>

#include "channels.h"
#include "exit.h"
#include "put.h"
#include "render.h"

static struct json_object *made(struct json_object *object)
{
	if (!object)
		errx(EXIT_OTHER, "out of memory");
	return object;
}

struct json_object *new_object(void)
{
	return made(json_object_new_object());
}

struct json_object *new_array(void)
{
	return made(json_object_new_array());
}

void put(struct json_object *to, const char *key, struct json_object *value)
{
	if (json_object_object_add(to, key, made(value)))
		errx(EXIT_OTHER, "out of memory");
}

void append(struct json_object *to, struct json_object *value)
{
	if (json_object_array_add(to, made(value)))
		errx(EXIT_OTHER, "out of memory");
}

void put_number(struct json_object *to, const char *key, uint64_t value)
{
	put(to, key, json_object_new_uint64(value));
}

void put_null(struct json_object *to, const char *key)
{
	if (json_object_object_add(to, key, NULL))
		errx(EXIT_OTHER, "out of memory");
}

void put_text(struct json_object *to, const char *key, const char *value)
{
	put(to, key, json_object_new_string(value));
}

void put_lost(struct json_object *to, const uint64_t *lost)
{
	struct json_object *causes = new_object();
	int i;

	for (i = 0; i < TTLOG_NR_LOST; i++)
		put_number(causes, lost_name(i), lost[i]);
	put(to, "lost", causes);
}

void json_print(struct json_object *object)
{
	const char *text = render(object, JSON_C_TO_STRING_PLAIN);

	if (!text)
		errx(EXIT_OTHER, "out of memory");
	puts(text);
	json_object_put(object);
}

error_t json_parse(int key, char *arg, struct argp_state *state)
{
	bool *json = state->input;

	switch (key) {
	case 'j':
		*json = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "unexpected argument '%s'", arg);
		return EINVAL;
	}
	return ARGP_ERR_UNKNOWN;
}
