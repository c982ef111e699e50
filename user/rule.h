/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a field of an event has to be.
 */
#ifndef TTLOG_RULE_H
#define TTLOG_RULE_H

#include "pattern.h"

enum rule_test {
	RULE_IS_THERE,
	RULE_EQUAL,
	RULE_UNEQUAL,
	RULE_LESS,
	RULE_AT_MOST,
	RULE_MORE,
	RULE_AT_LEAST,
	RULE_LIKE,
};

/**
 * struct rule - a key, a test, and what is tested against
 * @key: part of what was parsed
 * @test: which
 * @text: what is behind the test's sign, likewise
 * @numeric: it is a number, too
 * @number: that number
 * @regex: of RULE_LIKE
 */
struct rule {
	struct slice key;
	enum rule_test test;
	struct slice text;
	bool numeric;
	struct value number;
	regex_t regex;
};

#define RULE_CHOICES \
	"KEY, KEY=VALUE, KEY!=VALUE, KEY<NUMBER, KEY<=NUMBER, KEY>NUMBER, KEY>=NUMBER or KEY~REGEX"

/**
 * rule_parse() - one of RULE_CHOICES
 * @text: has to stay
 * @why: PATTERN_WHY bytes: what is wrong, or "" where it is none of these
 *
 * Return: 0, then it is to be given to rule_free(); -EINVAL or -ENOMEM.
 */
int rule_parse(struct rule *rule, const char *text, char *why);

void rule_free(struct rule *rule);

/**
 * rule_match() - does an event have such a field
 *
 * Numbers are compared as such, exactly; texts and bytes only for equality and by
 * expressions; a number that was written as a text is a text. Of a key that the event
 * has several times one value is enough, but none may equal what is to be unequal.
 */
bool rule_match(const struct rule *rule, const struct event *event);

#endif
