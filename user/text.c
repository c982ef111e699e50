// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "utf8.h"

struct slice text_clean(struct event *event, struct slice text)
{
	char *to;

	if (utf8_valid(text.ptr, text.len))
		return text;
	to = event_store(event, UTF8_EXPANSION * text.len);
	if (!to)
		return (struct slice) { "", 0 };
	return (struct slice) { to, utf8_replace(to, text.ptr, text.len) };
}

static size_t digits(const char *text)
{
	return strspn(text, "0123456789");
}

/*
 * A number as JSON has it, so that "007" or "1.2.3", which a number would not
 * give back, stay text. Return: 0 for none, 1 for an integer, 2 for others.
 */
static int number_kind(const char *text)
{
	int kind = 1;
	size_t n;

	text += *text == '-';
	n = digits(text);
	if (!n || (n > 1 && *text == '0'))
		return 0;
	text += n;
	if (*text == '.') {
		n = digits(++text);
		if (!n)
			return 0;
		text += n;
		kind = 2;
	}
	if (*text == 'e' || *text == 'E') {
		text++;
		text += *text == '+' || *text == '-';
		n = digits(text);
		if (!n)
			return 0;
		text += n;
		kind = 2;
	}
	return *text ? 0 : kind;
}

static bool integer_parse(struct value *value, const char *text)
{
	errno = 0;
	if (*text == '-') {
		value->sint = strtoll(text, NULL, 10);
		value->type = VALUE_INT;
		if (!errno && !value->sint)
			return false;	/* "-0": only a float keeps the sign */
	} else {
		value->uint = strtoull(text, NULL, 10);
		value->type = VALUE_UINT;
	}
	return !errno;
}

bool text_number(struct value *value, const char *text)
{
	int kind = number_kind(text);

	if (!kind)
		return false;
	if (kind == 1 && integer_parse(value, text))
		return true;
	value->real = strtod(text, NULL);
	value->type = VALUE_FLOAT;
	return isfinite(value->real);
}

/* The value after ":=". What it isn't, is text. */
static bool typed_parse(struct value *value, struct slice text)
{
	char number[512];

	if (!text.len || text.len >= sizeof(number))
		return false;
	memcpy(number, text.ptr, text.len);
	number[text.len] = '\0';
	if (!strcmp(number, "true") || !strcmp(number, "false")) {
		value->type = VALUE_BOOL;
		value->truth = number[0] == 't';
		return true;
	}
	return text_number(value, number);
}

static void value_parse(struct value *value, struct slice text, bool typed)
{
	if (typed && typed_parse(value, text))
		return;
	value->type = utf8_valid(text.ptr, text.len) ? VALUE_TEXT : VALUE_BYTES;
	value->text = text;
}

static int field_parse(struct event *event, const char *part, size_t len)
{
	struct field *field = event_add_field(event);
	const char *equals = memchr(part, '=', len);
	struct slice key = { part, len };
	bool typed;

	if (!field)
		return -ENOMEM;
	if (equals) {
		typed = equals > part && equals[-1] == ':';
		key.len = equals - part - typed;
		len -= equals + 1 - part;
		value_parse(&field->value, (struct slice) { equals + 1, len },
			    typed);
	}
	field->key = text_clean(event, key);
	return 0;
}

int text_split(struct event *event, const char *text, size_t len)
{
	const char *end = text + len;
	size_t part;
	int err;

	part = strnlen(text, end - text);
	event->message = (struct slice) { text, part };
	if (!utf8_valid(text, part)) {
		event->raw = event->message;
		event->message = text_clean(event, event->raw);
	}
	for (text += part; text < end; text += part) {
		text++;
		part = strnlen(text, end - text);
		if (!part)
			continue;
		err = field_parse(event, text, part);
		if (err)
			return err;
	}
	event_group_fields(event);
	return 0;
}
