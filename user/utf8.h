/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_UTF8_H
#define TTLOG_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that utf8_replace() may make of one. */
#define UTF8_EXPANSION	3

/**
 * utf8_next() - take one code point
 * @text: at least one byte
 * @len: bytes at @text
 * @code: the code point, where there is one
 *
 * Return: bytes of the code point; or, where none stands, minus the bytes that
 * one replacement character takes the place of (the maximal subpart, as the
 * WHATWG's decoder has it).
 */
int utf8_next(const char *text, size_t len, uint32_t *code);

bool utf8_valid(const char *text, size_t len);

/**
 * utf8_replace() - copy, with U+FFFD for what isn't UTF-8
 * @to: UTF8_EXPANSION * @len bytes
 *
 * Return: bytes put at @to.
 */
size_t utf8_replace(char *to, const char *text, size_t len);

/**
 * utf8_unsafe() - may this code point do harm where text is shown
 *
 * Controls, line and paragraph separators, and what reverses or hides text.
 */
bool utf8_unsafe(uint32_t code);

/* Is all of it UTF-8, and may be shown? */
bool utf8_safe(const char *text, size_t len);

#endif
