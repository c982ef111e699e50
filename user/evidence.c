// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a snapshot is of stands behind its events, where a block of the frame
 * begins: that with the top map's key "boot_id". No event begins like that, as an
 * event is a map, and no unit crosses a block.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <lz4.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "evidence.h"
#include "frame.h"
#include "snapname.h"
#include "token.h"
#include "watchdog.h"

#define UNCOMPRESSED	0x80000000u
#define SUM_BYTES	4	/* of a block's checksum */

/* The tail's first bytes, in CBOR. */
static const char tail[] = "\x67" "boot_id";
#define TAIL_LEN	(sizeof(tail) - 1)

/* Bytes of a compressed block that its first TAIL_LEN bytes are in. */
#define PEEK		64

/**
 * struct block - a block of the frame
 * @in: as it is in the file
 * @out: its content
 */
struct block {
	unsigned char in[FRAME_BLOCK];
	unsigned char out[FRAME_BLOCK];
};

/* Returns 1, 0 where the file ends before that, or a negative errno. */
static int get(int fd, void *to, size_t len, off_t at)
{
	ssize_t got = pread(fd, to, len, at);

	return got < 0 ? -errno : got == (ssize_t)len;
}

/*
 * The first @want bytes of a block's content, from the first @have bytes of it in
 * the file. Returns how many there are, 0 if it makes no sense, or a negative errno.
 */
static int content(int fd, off_t at, uint32_t size, struct block *block,
		   uint32_t have, int want)
{
	uint32_t len = size & ~UNCOMPRESSED;
	int got;

	if (len > sizeof(block->in))
		return 0;
	if (len > have)
		len = have;
	got = get(fd, block->in, len, at);
	if (got <= 0)
		return got;
	if (size & UNCOMPRESSED) {
		memcpy(block->out, block->in, len);
		return len;
	}
	got = LZ4_decompress_safe_partial((char *)block->in, (char *)block->out,
					  len, want, sizeof(block->out));
	return got < 0 ? 0 : got;
}

static bool starts_tail(const struct block *block, int len)
{
	return len >= (int)TAIL_LEN && !memcmp(block->out, tail, TAIL_LEN);
}

/* Does the file begin as the helper writes it? Sets @at to where blocks begin. */
static int check_header(int fd, off_t *at)
{
	unsigned char header[LZ4F_HEADER_SIZE_MAX], seen[LZ4F_HEADER_SIZE_MAX];
	int got;

	*at = frame_header(header);
	if (!*at)
		return -ENOMEM;
	got = get(fd, seen, *at, 0);
	return got > 0 ? !memcmp(seen, header, *at) : got;
}

/* Find the tail's first block. Returns as content() does. */
static int find_tail(int fd, struct block *block)
{
	unsigned char size[4];
	uint32_t len;
	off_t at;
	int got;

	got = check_header(fd, &at);
	if (got <= 0)
		return got;
	for (; (got = get(fd, size, sizeof(size), at)) > 0;
	     at += (len & ~UNCOMPRESSED) + SUM_BYTES) {
		len = size[0] | size[1] << 8 | size[2] << 16 |
		      (uint32_t)size[3] << 24;
		at += sizeof(size);
		if (!len)
			return 0;
		got = content(fd, at, len, block, PEEK, TAIL_LEN);
		if (got < 0)
			return got;
		if (starts_tail(block, got))
			return content(fd, at, len, block, FRAME_BLOCK,
				       FRAME_BLOCK);
	}
	return got;
}

/* Take a key's value, with all that is in it, if that are scalars. */
static size_t skip_value(const unsigned char *bytes, size_t len)
{
	struct token token;
	size_t used, at = 0;
	uint64_t items = 1;

	while (items--) {
		if (token_take(bytes + at, len - at, &token, &used) != TOKEN_TAKEN)
			return 0;
		at += used;
		if (token.type == TOKEN_MAP || token.type == TOKEN_ARRAY)
			items += (token.type == TOKEN_MAP ? 2 : 1) *
				 (token.count < len ? token.count : len);
	}
	return at;
}

/* The tail has nothing that a requester chose. */
static bool says(const unsigned char *bytes, size_t len, const char *what,
		 const char *text)
{
	struct token key, value;
	size_t used, at = 0;

	while (token_take(bytes + at, len - at, &key, &used) == TOKEN_TAKEN) {
		at += used;
		if (token_is(&key, what))
			return token_take(bytes + at, len - at, &value,
					  &used) == TOKEN_TAKEN &&
			       token_is(&value, text);
		used = skip_value(bytes + at, len - at);
		if (!used)
			return false;
		at += used;
	}
	return false;
}

/* Read the tail of a file. Returns as content() does. */
static int read_tail(int dir, const char *name, struct block *block)
{
	int fd, len;

	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	len = find_tail(fd, block);
	close(fd);
	return len;
}

int evidence_is(int dir, const char *name, const char *trigger)
{
	struct block *block = malloc(sizeof(*block));
	int len, is;

	if (!block)
		return -ENOMEM;
	len = read_tail(dir, name, block);
	is = len < 0 ? len : says(block->out, len, "trigger", trigger);
	free(block);
	return is;
}

static bool is_of_end(const struct block *block, int len, const char *id)
{
	return len > 0 && says(block->out, len, "recorder_id", id) &&
	       (says(block->out, len, "trigger", "panic") ||
		says(block->out, len, "trigger", "reset"));
}

static int search(DIR *list, struct block *block, const char *id)
{
	struct snapname parts;
	struct dirent *entry;
	int len;

	while (errno = 0, (entry = readdir(list))) {
		watchdog_alive();
		if (!snapname_parse(entry->d_name, &parts))
			continue;
		len = read_tail(dirfd(list), entry->d_name, block);
		if (is_of_end(block, len, id))
			return 1;
	}
	return -errno;
}

int evidence_of_end(int folder, const char *recorder_id)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	struct block *block;
	int found;

	if (!list) {
		found = -errno;
		if (fd >= 0)
			close(fd);
		return found;
	}
	block = malloc(sizeof(*block));
	found = block ? search(list, block, recorder_id) : -ENOMEM;
	free(block);
	closedir(list);
	return found;
}
