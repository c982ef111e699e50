// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "rule.h"
#include "text.h"

/* The longer of two that begin alike stands first. */
static const struct sign {
	const char *text;
	enum rule_test test;
} signs[] = {
	{ "!=", RULE_UNEQUAL },
	{ "<=", RULE_AT_MOST },
	{ ">=", RULE_AT_LEAST },
	{ "=", RULE_EQUAL },
	{ "<", RULE_LESS },
	{ ">", RULE_MORE },
	{ "~", RULE_LIKE },
	{ "", RULE_IS_THERE },
};

static const struct sign *find_sign(const char *text)
{
	const struct sign *sign = signs;

	while (strncmp(text, sign->text, strlen(sign->text)))
		sign++;
	return sign;
}

static bool in_order(enum rule_test test)
{
	return test == RULE_LESS || test == RULE_AT_MOST || test == RULE_MORE ||
	       test == RULE_AT_LEAST;
}

int rule_parse(struct rule *rule, const char *text, char *why)
{
	size_t len = strcspn(text, "!=<>~");
	const struct sign *sign = find_sign(text + len);
	const char *value = text + len + strlen(sign->text);

	*why = '\0';
	rule->key = (struct slice) { text, len };
	rule->test = sign->test;
	rule->text = (struct slice) { value, strlen(value) };
	rule->numeric = text_number(&rule->number, value);
	if (!len || (sign->test == RULE_IS_THERE && *value))
		return -EINVAL;
	if (in_order(sign->test) && !rule->numeric) {
		snprintf(why, PATTERN_WHY, "'%s' takes a number behind it", sign->text);
		return -EINVAL;
	}
	if (sign->test == RULE_LIKE)
		return pattern_compile(&rule->regex, value, 0, why);
	return 0;
}

void rule_free(struct rule *rule)
{
	if (rule->test == RULE_LIKE)
		regfree(&rule->regex);
}

static int compare_float(double a, double b)
{
	return (a > b) - (a < b);
}

/*
 * No integer of 64 bits is made a float, which may have no such number; a float's whole
 * part is made an integer, and that back again is what it was.
 */
static int compare_uint(uint64_t a, double b)
{
	uint64_t whole;

	if (b < 0)
		return 1;
	if (b >= 0x1p64)
		return -1;
	whole = b;
	if (a != whole)
		return a < whole ? -1 : 1;
	return compare_float(whole, b);
}

static int compare_negative(int64_t a, double b)
{
	int64_t whole;

	if (b >= 0)
		return -1;
	if (b < (double)INT64_MIN)
		return 1;
	whole = b;
	if (a != whole)
		return a < whole ? -1 : 1;
	return compare_float(whole, b);
}

static int compare_to_float(const struct value *a, double b)
{
	if (a->type == VALUE_UINT)
		return compare_uint(a->uint, b);
	if (a->type == VALUE_INT)
		return compare_negative(a->sint, b);
	return compare_float(a->real, b);
}

/* Both are numbers, and an int is below 0. Return: as of memcmp(). */
static int compare(const struct value *a, const struct value *b)
{
	if (b->type == VALUE_FLOAT)
		return compare_to_float(a, b->real);
	if (a->type == VALUE_FLOAT)
		return -compare_to_float(b, a->real);
	if (a->type != b->type)
		return a->type == VALUE_INT ? -1 : 1;
	if (a->type == VALUE_INT)
		return (a->sint > b->sint) - (a->sint < b->sint);
	if (a->uint == b->uint)
		return 0;
	return a->uint < b->uint ? -1 : 1;
}

static bool is_text(const struct value *value)
{
	return value->type == VALUE_TEXT || value->type == VALUE_BYTES;
}

static bool is_number(const struct value *value)
{
	return value->type == VALUE_UINT || value->type == VALUE_INT ||
	       value->type == VALUE_FLOAT;
}

static bool equal(const struct rule *rule, const struct value *value)
{
	if (is_text(value))
		return slice_same(value->text, rule->text);
	if (is_number(value))
		return rule->numeric && !compare(value, &rule->number);
	return value->type == VALUE_BOOL &&
	       !strcmp(rule->text.ptr, value->truth ? "true" : "false");
}

static bool ordered(const struct rule *rule, const struct value *value)
{
	int order;

	if (!is_number(value))
		return false;
	order = compare(value, &rule->number);
	switch (rule->test) {
	case RULE_LESS:
		return order < 0;
	case RULE_AT_MOST:
		return order <= 0;
	case RULE_MORE:
		return order > 0;
	default:
		return order >= 0;
	}
}

static bool holds(const struct rule *rule, const struct value *value)
{
	switch (rule->test) {
	case RULE_IS_THERE:
		return true;
	case RULE_EQUAL:
	case RULE_UNEQUAL:
		return equal(rule, value);
	case RULE_LIKE:
		return is_text(value) && pattern_match(&rule->regex, value->text);
	default:
		return ordered(rule, value);
	}
}

bool rule_match(const struct rule *rule, const struct event *event)
{
	bool there = false, held = false;
	size_t i;

	for (i = 0; !held && i < event->nr_fields; i++) {
		if (!slice_same(event->fields[i].key, rule->key))
			continue;
		there = true;
		held = holds(rule, &event->fields[i].value);
	}
	return rule->test == RULE_UNEQUAL ? there && !held : held;
}
