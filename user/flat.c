// SPDX-License-Identifier: GPL-2.0-only
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flat.h"

#define HEADER_SIZE	4096	/* of what begins with the signature */
#define BUFFER_SIZE	(1U << 20)
#define OFFSET_MAX	((uint64_t)INT64_MAX)

/**
 * struct piece - what stands before each piece; big-endian
 * @offset: its place; the last one has -1 twice
 * @size: its bytes
 */
struct piece {
	uint64_t offset;
	uint64_t size;
};

bool flat_is(int fd)
{
	static const char signature[16] = "makedumpfile";
	char begin[sizeof(signature)];

	return pread(fd, begin, sizeof(begin), 0) == sizeof(begin) &&
	       !memcmp(begin, signature, sizeof(begin));
}

/* All of it, or -EBADMSG where the file ends before. */
static int read_all(int fd, void *to, size_t size, uint64_t *at)
{
	ssize_t nr;

	for (; size; size -= nr, *at += nr, to = (char *)to + nr) {
		nr = pread(fd, to, size, *at);
		if (!nr)
			return -EBADMSG;
		if (nr < 0)
			return -errno;
	}
	return 0;
}

static int write_all(int fd, const void *from, size_t size, uint64_t at)
{
	ssize_t nr;

	for (; size; size -= nr, at += nr, from = (const char *)from + nr) {
		nr = pwrite(fd, from, size, at);
		if (nr < 0)
			return -errno;
	}
	return 0;
}

static int copy_piece(int from, int to, struct piece piece, uint64_t *at,
		      void *buffer)
{
	size_t size;
	int err;

	while (piece.size) {
		size = piece.size < BUFFER_SIZE ? piece.size : BUFFER_SIZE;
		err = read_all(from, buffer, size, at);
		if (!err)
			err = write_all(to, buffer, size, piece.offset);
		if (err)
			return err;
		piece.offset += size;
		piece.size -= size;
	}
	return 0;
}

static int copy_pieces(int from, int to, void *buffer)
{
	uint64_t at = HEADER_SIZE;
	struct piece piece;
	int err;

	for (;;) {
		err = read_all(from, &piece, sizeof(piece), &at);
		if (err)
			return err;
		piece.offset = be64toh(piece.offset);
		piece.size = be64toh(piece.size);
		if (piece.offset == UINT64_MAX && piece.size == UINT64_MAX)
			return 0;
		if (piece.offset > OFFSET_MAX ||
		    piece.size > OFFSET_MAX - piece.offset)
			return -EBADMSG;
		err = copy_piece(from, to, piece, &at, buffer);
		if (err)
			return err;
	}
}

/* Where a filesystem has no files without a name, one that loses it at once. */
static int open_nameless(const char *folder)
{
	char path[PATH_MAX];
	int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
		return fd;
	if (snprintf(path, sizeof(path), "%s/.ttlog-XXXXXX", folder) >=
	    (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}

int flat_arrange(int fd, const char *folder, int *out)
{
	void *buffer = malloc(BUFFER_SIZE);
	int err;

	if (!buffer)
		return -ENOMEM;
	*out = open_nameless(folder);
	if (*out < 0) {
		err = -errno;
	} else {
		err = copy_pieces(fd, *out, buffer);
		if (err && err != -EBADMSG)
			close(*out);
	}
	free(buffer);
	return err;
}
