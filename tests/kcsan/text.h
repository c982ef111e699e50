/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Texts that tell who wrote them and as which of his, down to the last byte:
 * "race WRITER SEQUENCE LETTERS", where letters and their number follow from the other
 * two. Compiled in the kernel and outside; who includes it has sprintf and sscanf.
 */
#ifndef RACE_TEXT_H
#define RACE_TEXT_H

#define RACE_TEXT_MAX	160	/* with the NUL */

/* Writers in the kernel are behind those outside. */
#define RACE_KERNEL	100
#define RACE_ALONE	200

static inline unsigned long race_text(char *text, unsigned int writer,
				      unsigned long long sequence)
{
	unsigned long long x = (sequence * 256 + writer) * 0x9e3779b97f4a7c15ULL;
	int len = sprintf(text, "race %u %llu ", writer, sequence), end;

	x ^= x >> 29;
	for (end = len + x % 100; len < end; len++)
		text[len] = 'a' + (x >> 8 ^ len * 7) % 26;
	text[len] = '\0';
	return len;
}

/* 1: it is whole; 0: it isn't; -1: it is another's. */
static inline int race_text_check(const char *text, unsigned long len)
{
	char begin[48], expected[RACE_TEXT_MAX];
	unsigned long some = len < sizeof(begin) - 1 ? len : sizeof(begin) - 1;
	unsigned long long sequence;
	unsigned int writer;

	if (len < 5 || memcmp(text, "race ", 5))
		return -1;
	memcpy(begin, text, some);
	begin[some] = '\0';
	if (sscanf(begin, "race %u %llu ", &writer, &sequence) != 2)
		return 0;
	return race_text(expected, writer, sequence) == len &&
	       !memcmp(expected, text, len);
}

#endif
