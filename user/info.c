// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lines are YAML's: "key: value", nested maps on one line each.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>

#include "info.h"
#include "print.h"

static int info_value(struct info *info, struct decoder *in,
		      unsigned int depth);

static int info_text(struct info *info, struct decoder *in, struct slice text)
{
	if (print_json_text(info->to, text))
		return decode_no_memory(in);
	return 0;
}

static int info_key(struct info *info, struct decoder *in, struct slice key)
{
	int err = 0;

	if (info->json)
		err = info_text(info, in, key);
	else
		print_text(info->to, key, ":,{}[]");
	/* What is said so far stays JSON. */
	fputs(err ? "\"\":null" : ":", info->to);
	return err;
}

static int info_scalar(struct info *info, struct decoder *in,
		       const struct token *token)
{
	char number[PRINT_NUMBER];
	size_t i;

	if (!info->json)
		putc(' ', info->to);
	switch (token->type) {
	case TOKEN_UINT:
		fprintf(info->to, "%" PRIu64, token->count);
		return 0;
	case TOKEN_NEGATIVE:
		if (token->count > INT64_MAX)
			return decode_malformed(in, "a number is too small");
		fprintf(info->to, "%" PRId64, ~(int64_t)token->count);
		return 0;
	case TOKEN_FLOAT:
		if (!isfinite(token->real))
			return decode_malformed(in, "a number isn't finite");
		print_number(number, token->real);
		fputs(number, info->to);
		return 0;
	case TOKEN_BOOL:
		fputs(token->truth ? "true" : "false", info->to);
		return 0;
	case TOKEN_TEXT:
		return info_text(info, in, token->text);
	case TOKEN_BYTES:
		putc('"', info->to);
		for (i = 0; i < token->text.len; i++)
			fprintf(info->to, "%02x",
				(unsigned char)token->text.ptr[i]);
		putc('"', info->to);
		return 0;
	default:
		fputs("null", info->to);
		return 0;
	}
}

/* The entries of the array ledger.rings, and totals, have a line each. */
static void info_separate(struct info *info, uint64_t i, unsigned int depth)
{
	if (info->json)
		fputs(i ? "," : "", info->to);
	else if (depth <= 2)
		fprintf(info->to, "\n%*s", 2 * depth, "");
	else
		fputs(i ? ", " : "", info->to);
}

/* Text has a space before each value that begins on its key's line. */
static void info_open(struct info *info, bool lines, const char *json,
		      const char *text)
{
	if (!lines)
		fputs(info->json ? json : text, info->to);
}

static int info_map(struct info *info, struct decoder *in, uint64_t pairs,
		    unsigned int depth)
{
	bool lines = !info->json && depth <= 2;
	struct token key;
	uint64_t i;
	int err = 0;

	info_open(info, lines, "{", " {");
	for (i = 0; !err && i < pairs; i++) {
		err = decode_token(in, &key);
		if (!err && key.type != TOKEN_TEXT)
			err = decode_malformed(in, "a key is no text");
		if (err)
			break;
		info_separate(info, i, depth);
		err = info_key(info, in, key.text) ?: info_value(info, in, depth + 1);
	}
	fputs(lines ? "" : "}", info->to);
	return err;
}

static int info_array(struct info *info, struct decoder *in, uint64_t items,
		      unsigned int depth)
{
	bool lines = !info->json && depth <= 2;
	uint64_t i;
	int err = 0;

	info_open(info, lines, "[", " [");
	for (i = 0; !err && i < items; i++) {
		info_separate(info, i, depth);
		fputs(lines ? "-" : "", info->to);
		err = info_value(info, in, depth + 2);
	}
	fputs(lines ? "" : "]", info->to);
	return err;
}

static int info_value(struct info *info, struct decoder *in,
		      unsigned int depth)
{
	struct token token;
	int err;

	if (depth > DECODE_DEPTH)
		err = decode_malformed(in, "too many maps and arrays in one another");
	else
		err = decode_token(in, &token);
	if (!err && token.type == TOKEN_MAP)
		return info_map(info, in, token.count, depth);
	if (!err && token.type == TOKEN_ARRAY)
		return info_array(info, in, token.count, depth);
	if (!err)
		err = info_scalar(info, in, &token);
	/* What is said so far stays JSON. */
	if (err && info->json)
		fputs("null", info->to);
	return err;
}

int info_item(void *context, struct decoder *in, struct slice key)
{
	struct info *info = context;
	int err;

	if (info->json)
		fputs(info->items ? "," : "{", info->to);
	info->items++;
	err = info_key(info, in, key) ?: info_value(info, in, 1);
	if (!info->json)
		putc('\n', info->to);
	return err;
}

void info_end(struct info *info)
{
	if (info->json)
		fputs(info->items ? "}\n" : "{}\n", info->to);
}
