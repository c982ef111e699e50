/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The text of an event: a message, then fields, a NUL in front of each.
 */
#ifndef TTLOG_TEXT_H
#define TTLOG_TEXT_H

#include "event.h"

/**
 * text_clean() - the same text as UTF-8
 *
 * Return: @text itself, or a copy in @event with replacement characters.
 */
struct slice text_clean(struct event *event, struct slice text);

/**
 * text_split() - find message and fields
 * @event: they are put there
 * @text: what was written after "<N>", up to TTLOG_TEXT_MAX bytes
 * @len: bytes at @text
 *
 * A part without "=" is a key whose value is null; an empty part is nothing.
 *
 * Return: 0 or -ENOMEM.
 */
int text_split(struct event *event, const char *text, size_t len);

/**
 * text_number() - a number as JSON has it, so that it would be given back as it was
 * @value: an integer where it is one and fits in 64 bits, otherwise a float
 *
 * Return: false where it is no number, or none that is finite.
 */
bool text_number(struct value *value, const char *text);

#endif
