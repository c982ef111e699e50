/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events that tell who wrote them and as which of his, down to the last byte:
 * "writer sequence letters", where letters and their number follow from the
 * other two. Whoever reads one needs nothing else to say whether it is whole.
 */
#ifndef TTLOG_WRITER_H
#define TTLOG_WRITER_H

#include <inttypes.h>
#include "ttlog_test.h"

#define TEXT_ROOM	512

/* Every eighth is a warning. */
static inline bool is_warning(uint64_t sequence)
{
	return sequence % 8 == 0;
}

static inline uint64_t mixed(unsigned int writer, uint64_t sequence)
{
	uint64_t x = (sequence * 8 + writer) * 0x9e3779b97f4a7c15ULL;

	return x ^ x >> 29;
}

/* The text of an event, without its level; bytes of it. */
static inline size_t text_of(char *text, unsigned int writer, uint64_t sequence,
			     size_t most)
{
	uint64_t x = mixed(writer, sequence);
	size_t len, end;

	len = sprintf(text, "%u %" PRIu64 " ", writer, sequence);
	for (end = len + x % most; len < end; len++)
		text[len] = 'a' + (x >> 8 ^ len * 7) % 26;
	return len;
}

/* Write one, every second by writev; false unless all of it was taken. */
static inline bool write_event(int fd, unsigned int writer, uint64_t sequence,
			       size_t most)
{
	char text[TEXT_ROOM] = "<4>";
	struct iovec v[2] = { { text, 3 } };
	size_t len;

	if (!is_warning(sequence))
		text[1] = '6';
	len = 3 + text_of(text + 3, writer, sequence, most);
	if (sequence % 2)
		return write(fd, text, len) == (ssize_t)len;
	v[0].iov_len = len / 2;
	v[1] = (struct iovec){ text + len / 2, len - len / 2 };
	return writev(fd, v, 2) == (ssize_t)len;
}

/* Take an event apart; false unless it is whole, of one of the writers. */
static inline bool read_event(const struct ttlog_event *e, unsigned int writers,
			      size_t most, unsigned int *writer,
			      uint64_t *sequence)
{
	char text[TEXT_ROOM], begin[48] = "";
	size_t len = slot_len(e);

	memcpy(begin, slot_text(e), len < sizeof(begin) - 1 ? len : sizeof(begin) - 1);
	return sscanf(begin, "%u %" SCNu64 " ", writer, sequence) == 2 &&
	       *writer < writers &&
	       text_of(text, *writer, *sequence, most) == len &&
	       !memcmp(text, slot_text(e), len) &&
	       slot_level(e) == (is_warning(*sequence) ? 4 : 6);
}

#endif
