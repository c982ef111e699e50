// SPDX-License-Identifier: GPL-2.0-only
/*
 * A record of the kernel's log, as kmsg_dump_get_line() gives it, to the module's
 * kmod/line.c.
 *
 * The input: flags, a number, then text: any bytes; or a message, around which what
 * printk puts is put here, so that it is known what must come out.
 */
#include "harness.h"
#include "shim.h"
#include "../../kmod/line.h"

_Thread_local shim_fn shim_interrupt;

enum {
	TIMED = 1,
	CALLED = 2,
	KNOWN = 4,		/* made here */
};

static bool lies_within(const char *at, size_t len, const char *in, size_t room)
{
	return at >= in && at + len <= in + room;
}

/* Whatever the bytes are. */
static void check_any(uint8_t flags, const uint8_t *bytes, size_t len)
{
	char *record = malloc(len);
	struct line line;

	require(record || !len);
	memcpy(record, bytes, len);
	line = ttlog_line_parse(record, len, flags & TIMED, flags & CALLED);
	require(lies_within(line.text, line.len, record, len));
	require(!line.len || !memchr(line.text, '\0', line.len));
	require(line.level < 8);
	require(!line.caller_len || lies_within(line.caller, line.caller_len,
						record, line.text - record));
	require(!line.timed || flags & TIMED);
	free(record);
}

/* What printk puts in front of each line. */
static int prefix(char *to, uint8_t flags, uint64_t number, const char *caller)
{
	int len = sprintf(to, "<%u>", (unsigned int)number % 192);

	if (flags & TIMED)
		len += sprintf(to + len, "[%5lu.%06lu]",
			       (unsigned long)(number >> 8),
			       (unsigned long)(number % 1000000));
	if (flags & CALLED)
		len += sprintf(to + len, "[%6s]", caller);
	if (flags & (TIMED | CALLED))
		len += sprintf(to + len, " ");
	return len;
}

/* A message with the prefix in front of each of its lines. */
static size_t assemble(char *to, const char *head, size_t head_len,
		       const uint8_t *text, size_t len)
{
	size_t i, at = head_len;

	memcpy(to, head, head_len);
	for (i = 0; i < len; i++) {
		to[at++] = text[i];
		if (text[i] != '\n')
			continue;
		memcpy(to + at, head, head_len);
		at += head_len;
	}
	to[at++] = '\n';
	return at;
}

static void check_known(uint8_t flags, uint64_t number, const uint8_t *text,
			size_t len)
{
	const char *caller = number & 1 ? "T42" : "C1";
	char head[64], *record;
	int head_len = prefix(head, flags, number, caller);
	struct line line;
	size_t i;

	record = malloc((len + 1) * (head_len + 1));
	require(record);
	i = assemble(record, head, head_len, text, len);
	line = ttlog_line_parse(record, i, flags & TIMED, flags & CALLED);
	require(line.len == len);
	for (i = 0; i < len; i++)
		require(line.text[i] == (text[i] ? (char)text[i] : '?'));
	require(line.level == number % 192 % 8 &&
		line.facility == number % 192 / 8);
	require(line.timed == !!(flags & TIMED));
	require(!line.timed || line.us == (number >> 8) * 1000000 +
					  number % 1000000);
	require(line.caller_len == (flags & CALLED ? strlen(caller) : 0));
	require(!line.caller_len ||
		!memcmp(line.caller, caller, line.caller_len));
	free(record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	uint8_t flags = input_number(&in, 1);
	uint64_t number = input_number(&in, 4);
	const uint8_t *bytes;
	size_t len = input_bytes(&in, &bytes, 1024);

	if (flags & KNOWN)
		check_known(flags, number, bytes, len);
	else
		check_any(flags, bytes, len);
	return 0;
}
