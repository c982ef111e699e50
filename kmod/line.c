// SPDX-License-Identifier: GPL-2.0-only
/*
 * What kmsg_dump_get_line() gives, taken apart:
 *
 *	"<N>" [ "[SECONDS.MICROS]" ] [ "[CALLER]" ] [ " " ] message "\n"
 *
 * where the same again stands in front of each further line of a message that has
 * several. What comes before the message is known from outside, as a message may
 * look like it.
 */
#include <linux/compiler.h>
#include <linux/kprobes.h>
#include <linux/string.h>
#include "line.h"

static __always_inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Take one byte, if it is this. */
static __always_inline bool take(const char **at, const char *end, char byte)
{
	if (*at == end || **at != byte)
		return false;
	++*at;
	return true;
}

static notrace bool take_number(const char **at, const char *end, u64 *number)
{
	const char *from = *at;

	for (*number = 0; *at < end && is_digit(**at); ++*at)
		*number = *number * 10 + (**at - '0');
	return *at > from;
}
NOKPROBE_SYMBOL(take_number);

/* "[%5lu.%06lu]" */
static notrace bool take_time(const char **at, const char *end, u64 *us)
{
	u64 seconds, micros;

	if (!take(at, end, '['))
		return false;
	while (take(at, end, ' '))
		;
	if (!take_number(at, end, &seconds) || !take(at, end, '.') ||
	    !take_number(at, end, &micros) || !take(at, end, ']'))
		return false;
	*us = seconds * 1000000 + micros;
	return true;
}
NOKPROBE_SYMBOL(take_time);

/* "[%6s]" */
static notrace bool take_caller(const char **at, const char *end,
				struct line *line)
{
	const char *close;

	if (!take(at, end, '['))
		return false;
	while (take(at, end, ' '))
		;
	close = memchr(*at, ']', end - *at);
	if (!close)
		return false;
	line->caller = *at;
	line->caller_len = close - *at;
	*at = close + 1;
	return true;
}
NOKPROBE_SYMBOL(take_caller);

/* What stands before the message; where it begins. */
static notrace const char *take_prefix(const char *at, const char *end,
				       bool timed, bool called,
				       struct line *line)
{
	const char *begin = at;
	u64 priority;

	if (!take(&at, end, '<') || !take_number(&at, end, &priority) ||
	    !take(&at, end, '>'))
		return begin;
	line->level = priority & 7;
	line->facility = priority >> 3;
	begin = at;
	if (timed && !take_time(&at, end, &line->us))
		return begin;
	line->timed = timed;
	if (called && !take_caller(&at, end, line))
		return begin;
	if (timed || called)
		take(&at, end, ' ');
	return at;
}
NOKPROBE_SYMBOL(take_prefix);

/* Drop what stands before each further line; how long the text then is. */
static notrace size_t join(char *text, size_t len, const char *prefix,
			   size_t prefix_len)
{
	const char *from = text, *end = text + len, *newline;
	char *to = text;
	size_t run;

	for (;;) {
		newline = memchr(from, '\n', end - from);
		run = (newline ? newline + 1 : end) - from;
		memmove(to, from, run);
		to += run;
		from += run;
		if (!newline)
			return to - text;
		if ((size_t)(end - from) >= prefix_len &&
		    !memcmp(from, prefix, prefix_len))
			from += prefix_len;
	}
}
NOKPROBE_SYMBOL(join);

/* In an event's text a NUL ends the message. */
static notrace void replace_nuls(char *text, size_t len)
{
	char *end = text + len;

	while ((text = memchr(text, '\0', end - text)))
		*text = '?';
}
NOKPROBE_SYMBOL(replace_nuls);

/**
 * ttlog_line_parse() - take apart what kmsg_dump_get_line() gave
 * @at: its bytes, with syslog's prefix; the message in them is changed in place
 * @len: how many
 * @timed: does printk say the time? If it seems not to, there is none
 * @called: does it say the caller?
 *
 * Context: any.
 * Return: the line, pointing into @at.
 */
notrace struct line ttlog_line_parse(char *at, size_t len, bool timed,
				     bool called)
{
	struct line line = {};
	size_t prefix;

	if (len && at[len - 1] == '\n')
		len--;
	prefix = take_prefix(at, at + len, timed, called, &line) - at;
	line.text = at + prefix;
	line.len = len - prefix;
	if (memchr(line.text, '\n', line.len))
		line.len = join(line.text, line.len, at, prefix);
	replace_nuls(line.text, line.len);
	return line;
}
NOKPROBE_SYMBOL(ttlog_line_parse);
