// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "origin.h"

/* 8-4-4-4-12 digits, not all of them 0. */
static void set_boot_id(struct origin *origin, struct slice text)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	char digits[sizeof(origin->boot_id)];
	size_t i, nr = 0;

	if (text.len != strlen(form))
		return;
	for (i = 0; i < text.len; i++) {
		if (form[i] == '-' ? text.ptr[i] != '-' :
				     !isxdigit((unsigned char)text.ptr[i]))
			return;
		if (form[i] != '-')
			digits[nr++] = tolower((unsigned char)text.ptr[i]);
	}
	digits[nr] = '\0';
	if (digits[strspn(digits, "0")])
		memcpy(origin->boot_id, digits, sizeof(digits));
}

static int take_text(struct origin *origin, struct decoder *in, bool hostname)
{
	struct token token;
	int err = decode_token(in, &token);

	if (err)
		return err;
	if (token.type != TOKEN_TEXT)
		return decode_malformed(in, "a text is missing");
	if (!hostname) {
		set_boot_id(origin, token.text);
		return 0;
	}
	free(origin->hostname);
	origin->hostname = strndup(token.text.ptr, token.text.len);
	return origin->hostname ? 0 : decode_no_memory(in);
}

static int take_clock(struct decoder *in, uint64_t *clock)
{
	struct token token;
	int err = decode_token(in, &token);

	if (!err && token.type != TOKEN_UINT)
		return decode_malformed(in, "a number is missing");
	if (!err)
		*clock = token.count;
	return err;
}

static int take_clocks(struct origin *origin, struct decoder *in)
{
	struct token map, key;
	uint64_t i;
	int err = decode_token(in, &map);

	if (!err && map.type != TOKEN_MAP)
		return decode_malformed(in, "the clocks are no map");
	for (i = 0; !err && i < map.count; i++) {
		err = decode_token(in, &key);
		if (err)
			break;
		if (token_is(&key, "mono"))
			err = take_clock(in, &origin->mono);
		else if (token_is(&key, "real"))
			err = take_clock(in, &origin->real);
		else
			err = decode_skip(in);
	}
	return err;
}

int origin_item(void *context, struct decoder *in, struct slice key)
{
	struct origin *origin = context;

	if (slice_is(key, "boot_id"))
		return take_text(origin, in, false);
	if (slice_is(key, "hostname"))
		return take_text(origin, in, true);
	if (slice_is(key, "clocks"))
		return take_clocks(origin, in);
	return decode_skip(in);
}

uint64_t origin_mono(const struct origin *origin, uint64_t time)
{
	if (time >= origin->real)
		return origin->mono + (time - origin->real);
	if (origin->real - time > origin->mono)
		return 0;
	return origin->mono - (origin->real - time);
}

void origin_free(struct origin *origin)
{
	free(origin->hostname);
}
