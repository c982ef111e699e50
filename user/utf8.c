// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "utf8.h"

#define REPLACEMENT	"\xef\xbf\xbd"

/* The bounds of the second byte keep out overlong forms and surrogates. */
static int lead(unsigned char byte, uint32_t *code, unsigned char *low,
		unsigned char *high)
{
	*low = 0x80;
	*high = 0xbf;
	if (byte >= 0xc2 && byte <= 0xdf) {
		*code = byte & 0x1f;
		return 1;
	}
	if (byte >= 0xe0 && byte <= 0xef) {
		*code = byte & 0x0f;
		if (byte == 0xe0)
			*low = 0xa0;
		if (byte == 0xed)
			*high = 0x9f;
		return 2;
	}
	if (byte >= 0xf0 && byte <= 0xf4) {
		*code = byte & 0x07;
		if (byte == 0xf0)
			*low = 0x90;
		if (byte == 0xf4)
			*high = 0x8f;
		return 3;
	}
	return 0;
}

int utf8_next(const char *text, size_t len, uint32_t *code)
{
	const unsigned char *byte = (const unsigned char *)text;
	unsigned char low, high;
	int i, more;

	if (byte[0] < 0x80) {
		*code = byte[0];
		return 1;
	}
	more = lead(byte[0], code, &low, &high);
	if (!more)
		return -1;
	for (i = 1; i <= more; i++) {
		if ((size_t)i >= len || byte[i] < low || byte[i] > high)
			return -i;
		*code = *code << 6 | (byte[i] & 0x3f);
		low = 0x80;
		high = 0xbf;
	}
	return more + 1;
}

/*
 * How many bytes at the beginning are surely ASCII, looked at eight at a time: texts
 * mostly are, and each is checked.
 */
static size_t ascii_length(const char *text, size_t len)
{
	size_t done = 0;
	uint64_t word;

	for (; len - done >= sizeof(word); done += sizeof(word)) {
		memcpy(&word, text + done, sizeof(word));
		if (word & 0x8080808080808080)
			break;
	}
	return done;
}

bool utf8_valid(const char *text, size_t len)
{
	size_t at = 0;
	uint32_t code;
	int n;

	for (;;) {
		at += ascii_length(text + at, len - at);
		if (at == len)
			return true;
		n = utf8_next(text + at, len - at, &code);
		if (n < 0)
			return false;
		at += n;
	}
}

size_t utf8_replace(char *to, const char *text, size_t len)
{
	char *start = to;
	uint32_t code;
	int n;

	for (; len; text += n, len -= n) {
		n = utf8_next(text, len, &code);
		if (n > 0) {
			memcpy(to, text, n);
			to += n;
		} else {
			n = -n;
			memcpy(to, REPLACEMENT, 3);
			to += 3;
		}
	}
	return to - start;
}

bool utf8_unsafe(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code <= 0x9f) ||
	       code == 0x061c ||			/* Arabic letter mark */
	       (code >= 0x200b && code <= 0x200f) ||	/* zero width, marks */
	       (code >= 0x2028 && code <= 0x202e) ||	/* lines, bidi */
	       (code >= 0x2060 && code <= 0x206f) ||	/* invisible, bidi */
	       code == 0xfeff ||			/* byte order mark */
	       (code >= 0xfff9 && code <= 0xfffb) ||	/* annotations */
	       (code >= 0xe0000 && code <= 0xe0fff);	/* tags */
}

bool utf8_safe(const char *text, size_t len)
{
	uint32_t code = 0;
	int step;

	for (; len; text += step, len -= step) {
		step = utf8_next(text, len, &code);
		if (step < 0 || utf8_unsafe(code))
			return false;
	}
	return true;
}
