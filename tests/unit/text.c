// SPDX-License-Identifier: GPL-2.0-only
/* What is made of the text of an event, and of bytes that aren't UTF-8. */
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "tap.h"
#include "utf8.h"

#define FFFD	"\xef\xbf\xbd"

static struct event event;

static void show_value(char *to, const struct value *value)
{
	switch (value->type) {
	case VALUE_NULL:
		sprintf(to, "null");
		break;
	case VALUE_BOOL:
		sprintf(to, "bool:%d", value->truth);
		break;
	case VALUE_UINT:
		sprintf(to, "uint:%lu", value->uint);
		break;
	case VALUE_INT:
		sprintf(to, "int:%ld", value->sint);
		break;
	case VALUE_FLOAT:
		sprintf(to, "float:%.17g", value->real);
		break;
	case VALUE_TEXT:
		sprintf(to, "text:%.*s", (int)value->text.len,
			value->text.ptr);
		break;
	case VALUE_BYTES:
		sprintf(to, "bytes:%.*s", (int)value->text.len,
			value->text.ptr);
		break;
	}
}

/* "message|key=type:value|key=…", with "&" where a field's key came before. */
static const char *show(void)
{
	static char text[20000];
	char *to = text;
	size_t i;

	to += sprintf(to, "%.*s", (int)event.message.len, event.message.ptr);
	for (i = 0; i < event.nr_fields; i++) {
		to += sprintf(to, "|%s%.*s=", event.fields[i].again ? "&" : "",
			      (int)event.fields[i].key.len,
			      event.fields[i].key.ptr);
		show_value(to, &event.fields[i].value);
		to += strlen(to);
	}
	return text;
}

static void split(const char *text, size_t len, const char *expected)
{
	static char *copy;
	const char *got;

	/* A copy of just its size: a read beyond it is seen by ASan. */
	free(copy);
	copy = malloc(len ? len : 1);
	memcpy(copy, text, len);
	event_reset(&event);
	text_split(&event, copy, len);
	got = show();
	tap_ok(!strcmp(got, expected), "%s", expected);
	if (strcmp(got, expected))
		printf("# got %s\n", got);
}

#define SPLIT(text, expected)	split(text, sizeof(text) - 1, expected)

static void messages(void)
{
	SPLIT("", "");
	SPLIT("plain", "plain");
	SPLIT("<4>stays: the kernel took its own", "<4>stays: the kernel took its own");
	SPLIT("a tab\tand \x1b", "a tab\tand \x1b");
	SPLIT("m\0", "m");
	SPLIT("m\0\0\0", "m");
	SPLIT("\0a=1", "|a=text:1");
}

static void fields(void)
{
	SPLIT("m\0a=1\0b=two words", "m|a=text:1|b=text:two words");
	SPLIT("m\0\0a=1\0\0", "m|a=text:1");
	SPLIT("m\0a=", "m|a=text:");
	SPLIT("m\0=v", "m|=text:v");
	SPLIT("m\0:=5", "m|=uint:5");
	SPLIT("m\0a", "m|a=null");
	SPLIT("m\0a:", "m|a:=null");
	SPLIT("m\0a==b", "m|a=text:=b");
	SPLIT("m\0a:b=c", "m|a:b=text:c");
	SPLIT("m\0a=b:=c", "m|a=text:b:=c");
	SPLIT("m\0a=1\0b=2\0a:=3\0a",
	      "m|a=text:1|b=text:2|&a=uint:3|&a=null");
	tap_ok(event.nr_keys == 2, "two keys in four fields");
	tap_ok(event.fields[0].same == &event.fields[2] &&
	       event.fields[2].same == &event.fields[3] &&
	       !event.fields[3].same, "the same key's fields in order");
}

static void numbers(void)
{
	SPLIT("\0a:=0", "|a=uint:0");
	SPLIT("\0a:=18446744073709551615", "|a=uint:18446744073709551615");
	SPLIT("\0a:=18446744073709551616", "|a=float:1.8446744073709552e+19");
	SPLIT("\0a:=-1", "|a=int:-1");
	SPLIT("\0a:=-9223372036854775808", "|a=int:-9223372036854775808");
	SPLIT("\0a:=-9223372036854775809", "|a=float:-9.2233720368547758e+18");
	SPLIT("\0a:=-0", "|a=float:-0");
	SPLIT("\0a:=0.1", "|a=float:0.10000000000000001");
	SPLIT("\0a:=1e3", "|a=float:1000");
	SPLIT("\0a:=-1.5E-3", "|a=float:-0.0015");
	SPLIT("\0a:=1e999", "|a=text:1e999");
	SPLIT("\0a:=true", "|a=bool:1");
	SPLIT("\0a:=false", "|a=bool:0");
	SPLIT("\0a:=True", "|a=text:True");
	SPLIT("\0a:=", "|a=text:");
	SPLIT("\0a:=007", "|a=text:007");
	SPLIT("\0a:=+1", "|a=text:+1");
	SPLIT("\0a:=1.", "|a=text:1.");
	SPLIT("\0a:=.5", "|a=text:.5");
	SPLIT("\0a:=0x10", "|a=text:0x10");
	SPLIT("\0a:= 1", "|a=text: 1");
	SPLIT("\0a:=1 ", "|a=text:1 ");
	SPLIT("\0a:=nan", "|a=text:nan");
	SPLIT("\0a:=infinity", "|a=text:infinity");
	SPLIT("\0a:=1e", "|a=text:1e");
	SPLIT("\0a:=-", "|a=text:-");
}

static void broken(void)
{
	SPLIT("a\xff" "b", "a" FFFD "b");
	tap_ok(event.raw.len == 3 && !memcmp(event.raw.ptr, "a\xff" "b", 3),
	       "the message's bytes are kept");
	SPLIT("fine", "fine");
	tap_ok(!event.raw.ptr, "a message that is UTF-8 has none");
	SPLIT("m\0k=\xff", "m|k=bytes:\xff");
	SPLIT("m\0k:=\xff", "m|k=bytes:\xff");
	SPLIT("m\0\xff=v", "m|" FFFD "=text:v");
	SPLIT("m\0\xff=1\0\xfe=2", "m|" FFFD "=text:1|&" FFFD "=text:2");
}

/* Expected: as the WHATWG's decoder and Python's "replace" have it. */
static void replace(const char *text, size_t len, const char *expected)
{
	char *copy = malloc(len);
	char got[256];
	size_t n;

	memcpy(copy, text, len);
	n = utf8_replace(got, copy, len);
	tap_ok(n == strlen(expected) && !memcmp(got, expected, n) &&
	       utf8_valid(copy, len) == !strcmp(text, expected),
	       "%zu bytes become '%s'", len, expected);
	free(copy);
}

#define REPLACE(text, expected)	replace(text, sizeof(text) - 1, expected)

static void utf8(void)
{
	REPLACE("\x7f", "\x7f");
	REPLACE("\x80", FFFD);
	REPLACE("\xc0\x80", FFFD FFFD);
	REPLACE("\xc1\xbf", FFFD FFFD);
	REPLACE("\xc2\x80", "\xc2\x80");
	REPLACE("\xc2", FFFD);
	REPLACE("\xc2" "A", FFFD "A");
	REPLACE("\xe0\x9f\xbf", FFFD FFFD FFFD);
	REPLACE("\xe0\xa0\x80", "\xe0\xa0\x80");
	REPLACE("\xe2\x82", FFFD);
	REPLACE("\xe2\x82" "A", FFFD "A");
	REPLACE("\xed\x9f\xbf", "\xed\x9f\xbf");
	REPLACE("\xed\xa0\x80", FFFD FFFD FFFD);
	REPLACE("\xef\xbf\xbf", "\xef\xbf\xbf");
	REPLACE("\xf0\x8f\xbf\xbf", FFFD FFFD FFFD FFFD);
	REPLACE("\xf0\x9f\x92\xa9", "\xf0\x9f\x92\xa9");
	REPLACE("\xf0\x9f\x92" "A", FFFD "A");
	REPLACE("\xf0\x9f\x92", FFFD);
	REPLACE("\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf");
	REPLACE("\xf4\x90\x80\x80", FFFD FFFD FFFD FFFD);
	REPLACE("\xf5\x80\x80\x80", FFFD FFFD FFFD FFFD);
	REPLACE("\xfe\xff", FFFD FFFD);
	REPLACE("ab\xe2\x82\xe2\x82\xac", "ab" FFFD "\xe2\x82\xac");
}

/* Wherever it stands among what is looked at eight bytes at a time. */
static void utf8_places(void)
{
	static const char sign[] = "\xf0\x9f\x92\xa9";
	char text[40];
	int wrong = 0;
	size_t at;

	for (at = 0; at < sizeof(text); at++) {
		char *copy = malloc(at + 4);

		memset(text, 'a', sizeof(text));
		text[at] = (char)0x80;
		wrong += utf8_valid(text, sizeof(text));
		wrong += !utf8_valid(text, at);

		/* So that the sanitizer sees who looks beyond the end. */
		memset(copy, 'a', at);
		memcpy(copy + at, sign, 4);
		wrong += !utf8_valid(copy, at + 4);
		wrong += utf8_valid(copy, at + 3);
		free(copy);
	}
	tap_ok(!wrong, "UTF-8 and other bytes at each of %zu places", at);
}

static void unsafe(void)
{
	tap_ok(utf8_unsafe('\n') && utf8_unsafe(0x1b) && utf8_unsafe(0x7f) &&
	       utf8_unsafe(0x9b) && utf8_unsafe(0x202e) &&
	       utf8_unsafe(0x2066) && utf8_unsafe(0x200b) &&
	       utf8_unsafe(0x2028) && utf8_unsafe(0xfeff) &&
	       utf8_unsafe(0xe0041), "controls and what hides are unsafe");
	tap_ok(!utf8_unsafe(' ') && !utf8_unsafe('~') && !utf8_unsafe(0xa0) &&
	       !utf8_unsafe(0x20ac) && !utf8_unsafe(0x1f4a9),
	       "letters and signs are not");
}

/* What a writer may send at most, each byte of it as costly as can be. */
static void limits(void)
{
	static char much[EVENT_MAX / UTF8_EXPANSION + 1];
	char text[TTLOG_TEXT_MAX];
	size_t i;

	memset(text, 0xff, sizeof(text));
	event_reset(&event);
	tap_ok(!text_split(&event, text, sizeof(text)) &&
	       event.message.len == 3 * sizeof(text) &&
	       event.raw.len == sizeof(text), "4,096 broken bytes");

	for (i = 0; i < sizeof(text); i++)
		text[i] = i % 2 ? 'a' + i / 2 % 26 : '\0';
	event_reset(&event);
	tap_ok(!text_split(&event, text, sizeof(text)) &&
	       event.nr_fields == 2048 && event.nr_keys == 26,
	       "2,048 fields of 26 keys");

	memset(text, '\0', sizeof(text));
	event_reset(&event);
	tap_ok(!text_split(&event, text, sizeof(text)) && !event.nr_fields,
	       "4,096 NULs");

	memset(much, 0xff, sizeof(much));
	event_reset(&event);
	tap_ok(!text_clean(&event, (struct slice) { much, sizeof(much) }).len &&
	       text_clean(&event, (struct slice) { much, sizeof(much) - 1 }).len ==
	       EVENT_MAX / UTF8_EXPANSION * UTF8_EXPANSION,
	       "what an event has no room for is empty");
}

int main(void)
{
	event_init(&event);
	messages();
	fields();
	numbers();
	broken();
	utf8();
	utf8_places();
	unsafe();
	limits();
	event_free(&event);
	return tap_done();
}
