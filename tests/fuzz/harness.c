// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <json-c/json.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness.h"

/* The stream is ours; libFuzzer and the sanitizers have their own way to say it. */
void require_failed(const char *file, int line, const char *what)
{
	dprintf(STDERR_FILENO, "%s:%d: doesn't hold: %s\n", file, line, what);
	abort();
}

/* More than this is no answer to an input of some kilobytes. */
#define CAUGHT_MAX	(256UL << 20)

/**
 * struct stream - a caught stream
 * @file: what the programs print to
 * @room: bytes at @caught.text
 */
static struct stream {
	FILE *file;
	struct caught caught;
	size_t room;
} out, err;

static ssize_t catch(void *cookie, const char *text, size_t len)
{
	struct stream *stream = cookie;
	struct caught *caught = &stream->caught;

	require(caught->len + len < CAUGHT_MAX);
	if (caught->len + len > stream->room) {
		stream->room = 2 * (caught->len + len);
		caught->text = realloc(caught->text, stream->room);
		require(caught->text);
	}
	memcpy(caught->text + caught->len, text, len);
	caught->len += len;
	return len;
}

static FILE *catch_one(struct stream *stream)
{
	if (!stream->file) {
		stream->room = 65536;
		stream->caught.text = malloc(stream->room);
		require(stream->caught.text);
		stream->file = fopencookie(stream, "w", (cookie_io_functions_t) {
			.write = catch });
		require(stream->file);
	}
	fflush(stream->file);
	stream->caught.len = 0;
	return stream->file;
}

void catch_output(void)
{
	stdout = catch_one(&out);
	stderr = catch_one(&err);
}

struct caught caught_stdout(void)
{
	fflush(out.file);
	return out.caught;
}

struct caught caught_stderr(void)
{
	fflush(err.file);
	return err.caught;
}

/* One code point, by the table of RFC 3629; 0: none stands there. */
static size_t code_point(const uint8_t *at, size_t left, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = *at < 0x80 ? 1 : *at < 0xc2 ? 0 : *at < 0xe0 ? 2 :
		     *at < 0xf0 ? 3 : *at < 0xf5 ? 4 : 0, i;

	if (!len || len > left)
		return 0;
	*code = len == 1 ? *at : *at & (0x7f >> len);
	for (i = 1; i < len; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (at[i] & 0x3f);
	}
	if (*code < least[len] || *code > 0x10ffff ||
	    (*code >= 0xd800 && *code < 0xe000))
		return 0;
	return len;
}

static bool is_harmful(uint32_t code)
{
	return (code < 0x20 && code != '\n') || (code >= 0x7f && code < 0xa0) ||
	       (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069);
}

void require_harmless(struct caught caught)
{
	const uint8_t *at = (const uint8_t *)caught.text;
	size_t left = caught.len, len;
	uint32_t code = 0;

	for (; left; at += len, left -= len) {
		len = code_point(at, left, &code);
		require(len);
		require(!is_harmful(code));
	}
	require(!caught.len || caught.text[caught.len - 1] == '\n');
}

size_t require_json_lines(struct caught caught)
{
	struct json_tokener *tokener = json_tokener_new_ex(64);
	const char *at = caught.text, *end = at + caught.len, *newline;
	struct json_object *object;
	size_t lines = 0;

	require(tokener);
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT |
					JSON_TOKENER_VALIDATE_UTF8);
	for (; at < end; at = newline + 1, lines++) {
		newline = memchr(at, '\n', end - at);
		require(newline);
		json_tokener_reset(tokener);
		object = json_tokener_parse_ex(tokener, at, newline - at);
		require(json_object_is_type(object, json_type_object));
		require(json_tokener_get_parse_end(tokener) ==
			(size_t)(newline - at));
		json_object_put(object);
	}
	json_tokener_free(tokener);
	return lines;
}

int memfd_of(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC);

	require(fd >= 0);
	return fd;
}

int file_of(const void *bytes, size_t len)
{
	static int fd = -1;

	if (fd < 0)
		fd = memfd_of("input");
	require(!ftruncate(fd, 0) && !lseek(fd, 0, SEEK_SET));
	require(write(fd, bytes, len) == (ssize_t)len);
	return fd;
}

const char *file_path(int fd)
{
	static char name[32];

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	return name;
}
