// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include <cbor/callbacks.h>
#include <cbor/streaming.h>

#include "token.h"

static void on_count(void *context, enum token_type type, uint64_t count)
{
	struct token *token = context;

	token->type = type;
	token->count = count;
}

static void on_uint8(void *context, uint8_t value)
{
	on_count(context, TOKEN_UINT, value);
}

static void on_uint16(void *context, uint16_t value)
{
	on_count(context, TOKEN_UINT, value);
}

static void on_uint32(void *context, uint32_t value)
{
	on_count(context, TOKEN_UINT, value);
}

static void on_uint64(void *context, uint64_t value)
{
	on_count(context, TOKEN_UINT, value);
}

static void on_negint8(void *context, uint8_t value)
{
	on_count(context, TOKEN_NEGATIVE, value);
}

static void on_negint16(void *context, uint16_t value)
{
	on_count(context, TOKEN_NEGATIVE, value);
}

static void on_negint32(void *context, uint32_t value)
{
	on_count(context, TOKEN_NEGATIVE, value);
}

static void on_negint64(void *context, uint64_t value)
{
	on_count(context, TOKEN_NEGATIVE, value);
}

static void on_array(void *context, size_t count)
{
	on_count(context, TOKEN_ARRAY, count);
}

static void on_map(void *context, size_t count)
{
	on_count(context, TOKEN_MAP, count);
}

static void on_bytes(void *context, cbor_data bytes, size_t len)
{
	struct token *token = context;

	token->type = TOKEN_BYTES;
	token->text = (struct slice) { (const char *)bytes, len };
}

static void on_text(void *context, cbor_data text, size_t len)
{
	struct token *token = context;

	token->type = TOKEN_TEXT;
	token->text = (struct slice) { (const char *)text, len };
}

static void on_double(void *context, double value)
{
	struct token *token = context;

	token->type = TOKEN_FLOAT;
	token->real = value;
}

static void on_float(void *context, float value)
{
	on_double(context, value);
}

static void on_bool(void *context, bool value)
{
	struct token *token = context;

	token->type = TOKEN_BOOL;
	token->truth = value;
}

static void on_null(void *context)
{
	((struct token *)context)->type = TOKEN_NULL;
}

static void on_other(void *context)
{
	((struct token *)context)->type = TOKEN_OTHER;
}

static void on_tag(void *context, uint64_t value)
{
	on_count(context, TOKEN_OTHER, value);
}

static const struct cbor_callbacks callbacks = {
	.uint8 = on_uint8,
	.uint16 = on_uint16,
	.uint32 = on_uint32,
	.uint64 = on_uint64,
	.negint8 = on_negint8,
	.negint16 = on_negint16,
	.negint32 = on_negint32,
	.negint64 = on_negint64,
	.byte_string_start = on_other,
	.byte_string = on_bytes,
	.string_start = on_other,
	.string = on_text,
	.indef_array_start = on_other,
	.array_start = on_array,
	.indef_map_start = on_other,
	.map_start = on_map,
	.tag = on_tag,
	.float2 = on_float,
	.float4 = on_float,
	.float8 = on_double,
	.undefined = on_other,
	.null = on_null,
	.boolean = on_bool,
	.indef_break = on_other,
};

enum token_result token_take(const unsigned char *bytes, size_t len,
			     struct token *token, size_t *used)
{
	struct cbor_decoder_result result;

	memset(token, 0, sizeof(*token));
	result = cbor_stream_decode(bytes, len, &callbacks, token);
	*used = result.read;
	switch (result.status) {
	case CBOR_DECODER_FINISHED:
		return TOKEN_TAKEN;
	case CBOR_DECODER_NEDATA:
		return TOKEN_SHORT;
	default:
		return TOKEN_BAD;
	}
}

bool token_is(const struct token *token, const char *text)
{
	return token->type == TOKEN_TEXT && slice_is(token->text, text);
}
