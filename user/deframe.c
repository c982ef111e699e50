// SPDX-License-Identifier: GPL-2.0-only
/*
 * A frame is a header, blocks, an end mark and a checksum of the content. A
 * block is its size (4 bytes, the top bit says "not compressed"), its data, and
 * a checksum of the data. liblz4 decodes and checks; here the blocks are told
 * apart, so that one that fails can be left out:
 *
 * A block that fails is a gap. Where its size leads to a good block or to the
 * end mark, the gap ends there. Otherwise the size itself may be what is wrong,
 * and the next good block is searched byte by byte: its checksum proves it. The
 * size is believed first because a logged message may hold bytes that look like
 * a block. A frame without block checksums, or whose blocks build on one
 * another, is read up to its first error.
 *
 * The search is bounded, as a file made on purpose can have a plausible size at
 * each byte: what is tried in vain, wherever, is paid for out of EFFORT, and
 * EFFORT_PER_BYTE for each byte of the file that was read; then the rest is given
 * up. All else is done once or twice for each byte.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "deframe.h"
#include "frame.h"

#define SIZE_BYTES	4	/* of a block's size */
#define SUM_BYTES	4	/* of a checksum */
#define UNCOMPRESSED	0x80000000u

/* In bytes that are checked or decoded. */
#define EFFORT		(256ULL << 20)
#define EFFORT_PER_BYTE	64
#define EFFORT_OF_TRY	1024	/* beside what the block has */

static uint32_t load32(const unsigned char *bytes)
{
	return bytes[0] | bytes[1] << 8 | bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

static size_t ready(const struct deframe *in)
{
	return in->end - in->start;
}

/*
 * Have at least @want bytes in the window, or all there are. Return: how many
 * bytes there are; a failed read is an end too, and @error is set.
 */
static size_t fill(struct deframe *in, size_t want)
{
	ssize_t n;

	if (ready(in) < want && in->room - in->start < want) {
		memmove(in->in, in->in + in->start, ready(in));
		in->end -= in->start;
		in->start = 0;
	}
	while (ready(in) < want && !in->eof) {
		n = read(in->fd, in->in + in->end, in->room - in->end);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			in->error = errno;
		if (n <= 0) {
			in->eof = true;
			break;
		}
		in->end += n;
		in->effort += EFFORT_PER_BYTE * n;
	}
	return ready(in);
}

static void skip(struct deframe *in, size_t len)
{
	in->start += len;
	in->offset += len;
}

/* What LZ4F_*() returned: is it an error? Too little memory is no damage. */
static bool is_error(struct deframe *in, size_t result)
{
	if (!LZ4F_isError(result))
		return false;
	if (!strcmp(LZ4F_getErrorName(result), "ERROR_allocation_failed"))
		in->error = ENOMEM;
	return true;
}

/* Put the context to the start of a block. */
static bool restart(struct deframe *in)
{
	size_t len = in->header_len;
	size_t none = 0;

	LZ4F_resetDecompressionContext(in->ctx);
	return !is_error(in, LZ4F_decompress(in->ctx, NULL, &none, in->header,
					     &len, NULL)) &&
	       len == in->header_len;
}

/* Bytes of a block with size and checksum, 0 where no block can be. */
static size_t block_size(const struct deframe *in, const unsigned char *at)
{
	uint32_t size = load32(at) & ~UNCOMPRESSED;

	if (!size || size > in->block_max)
		return 0;
	return SIZE_BYTES + size +
	       (in->frame.blockChecksumFlag ? SUM_BYTES : 0);
}

/* Was there more to it than to sum up the block? */
static bool was_decoded(uint32_t size, size_t result)
{
	return !(size & UNCOMPRESSED) &&
	       strcmp(LZ4F_getErrorName(result), "ERROR_blockChecksum_invalid");
}

/*
 * Pay for a block that isn't good: its checksum, which may be right, and then it is
 * found out only when it was decoded. Return: 0, as of decode_block().
 */
static size_t in_vain(struct deframe *in, const unsigned char *at, size_t size,
		      size_t result)
{
	uint64_t effort = EFFORT_OF_TRY + size;

	if (was_decoded(load32(at), result))
		effort += in->block_max;
	in->effort -= in->effort < effort ? in->effort : effort;
	return 0;
}

/*
 * Decode the block at @at, whose size is there. Return: bytes taken, 0 if it isn't
 * good.
 */
static size_t decode_block(struct deframe *in, const unsigned char *at,
			   size_t have)
{
	size_t size, used, taken = 0, made = 0, room, hint;

	size = block_size(in, at);
	if (!size || size > have)
		return 0;
	do {
		room = in->block_max - made;
		used = size - taken;
		hint = LZ4F_decompress(in->ctx, in->out + made, &room,
				       at + taken, &used, NULL);
		if (is_error(in, hint))
			return in_vain(in, at, size, hint);
		taken += used;
		made += room;
	} while (taken < size && (used || room));
	if (taken < size)
		return in_vain(in, at, size, hint);
	in->data = in->out;
	in->len = made;
	return size;
}

static bool at_end_mark(const struct deframe *in, const unsigned char *at,
			size_t have)
{
	size_t size = SIZE_BYTES +
		      (in->frame.contentChecksumFlag ? SUM_BYTES : 0);

	return have == size && in->eof && !load32(at);
}

static enum deframe_result gap(struct deframe *in, uint64_t from,
			       const char *why)
{
	in->gap = from;
	in->gap_len = in->offset - from;
	in->why = why;
	return DEFRAME_GAP;
}

static void skip_all(struct deframe *in)
{
	do {
		skip(in, ready(in));
	} while (fill(in, 1));
	in->ended = true;
}

static enum deframe_result rest_is_gap(struct deframe *in, const char *why)
{
	uint64_t from = in->offset;

	skip_all(in);
	return gap(in, from, why);
}

/* Would reading go on well at @at bytes from the window's start? */
static bool good_at(struct deframe *in, size_t at)
{
	const unsigned char *there;
	size_t have = fill(in, at + SIZE_BYTES), size;

	if (have < at + SIZE_BYTES)
		return false;
	there = in->in + in->start + at;
	if (!load32(there)) {
		have = fill(in, at + SIZE_BYTES + SUM_BYTES + 1);
		there = in->in + in->start + at;
		return at_end_mark(in, there, have - at);
	}
	size = block_size(in, there);
	if (!size || fill(in, at + size) < at + size)
		return false;
	there = in->in + in->start + at;
	return restart(in) && decode_block(in, there, size);
}

/* Skip to the next good block. Return: false when there is none. */
static bool search(struct deframe *in)
{
	while (in->effort && in->error != ENOMEM && fill(in, 1)) {
		skip(in, 1);
		if (good_at(in, 0))
			return true;
	}
	return false;
}

/* The block at the window's start isn't good: find where to go on. */
static enum deframe_result resume(struct deframe *in)
{
	uint64_t from = in->offset;
	size_t size = 0;
	bool given_up;

	in->restarted = true;
	if (in->frame.blockMode != LZ4F_blockIndependent ||
	    !in->frame.blockChecksumFlag)
		return rest_is_gap(in, "damaged, and this kind of frame can't be read beyond that");
	if (fill(in, SIZE_BYTES) >= SIZE_BYTES)
		size = block_size(in, in->in + in->start);
	if (size && in->effort && good_at(in, size)) {
		skip(in, size);
	} else if (!search(in)) {
		given_up = !in->effort;
		skip_all(in);
		return gap(in, from, given_up ?
			   "damaged, and the search for a whole block was given up" :
			   "damaged or cut off");
	}
	restart(in);
	return gap(in, from, "damaged");
}

static enum deframe_result end_mark(struct deframe *in)
{
	size_t size = SIZE_BYTES +
		      (in->frame.contentChecksumFlag ? SUM_BYTES : 0);
	size_t have = fill(in, size + 1);
	size_t none = 0, used = size;
	uint64_t from = in->offset;
	bool good = have == size;

	if (have < size)
		return rest_is_gap(in, "cut off in the end mark");
	if (!in->restarted)
		good = !LZ4F_decompress(in->ctx, NULL, &none,
					in->in + in->start, &used, NULL);
	if (!good && have > size)
		return resume(in);	/* a block's size that became 0? */
	skip(in, size);
	in->ended = true;
	if (!good)
		return gap(in, from, "the content's checksum is wrong");
	if (fill(in, 1))
		return rest_is_gap(in, "bytes after the end");
	return DEFRAME_END;
}

static bool adapt(struct deframe *in)
{
	unsigned char *room;

	/* LZ4F_max64KB is 4, and each next is four times as large. */
	in->block_max = (size_t)FRAME_BLOCK << 2 *
			(in->frame.blockSizeID - LZ4F_max64KB);
	in->room = 2 * (in->block_max + SIZE_BYTES + SUM_BYTES) + 64;
	room = realloc(in->in, in->room);
	if (!room)
		return false;
	in->in = room;
	free(in->out);
	in->out = malloc(in->block_max);
	return in->out;
}

static bool header_read(struct deframe *in, const unsigned char *header,
			size_t have)
{
	size_t len = have;

	LZ4F_resetDecompressionContext(in->ctx);
	if (LZ4F_isError(LZ4F_getFrameInfo(in->ctx, &in->frame, header, &len)))
		return false;
	if (in->frame.frameType != LZ4F_frame || !len ||
	    in->frame.blockSizeID < LZ4F_max64KB || in->frame.dictID)
		return false;
	memmove(in->header, header, len);
	in->header_len = len;
	return true;
}

/*
 * Without its header a frame is read as if it had the one that we write. If
 * that brings no block, the file never was one.
 */
static enum deframe_result header_guess(struct deframe *in)
{
	unsigned char header[LZ4F_HEADER_SIZE_MAX];
	size_t len = frame_header(header);

	if (!len || !header_read(in, header, len) || !adapt(in)) {
		in->error = ENOMEM;
		return DEFRAME_ERROR;
	}
	in->restarted = true;
	if (fill(in, len) >= len && good_at(in, len))
		skip(in, len);
	else if (!search(in))
		skip_all(in);
	/* Any eight bytes of 0 at the end look like an end mark. */
	if (!ready(in) || at_end_mark(in, in->in + in->start, ready(in))) {
		in->why = in->offset ? "this is no LZ4 frame" :
			  "the file is empty";
		in->ended = true;
		return DEFRAME_ERROR;
	}
	restart(in);
	return gap(in, 0, "the header is damaged");
}

static enum deframe_result begin(struct deframe *in)
{
	size_t have = fill(in, LZ4F_HEADER_SIZE_MAX);

	if (have < LZ4F_MIN_SIZE_TO_KNOW_HEADER_LENGTH ||
	    !header_read(in, in->in + in->start, have))
		return header_guess(in);
	skip(in, in->header_len);
	if (!adapt(in)) {
		in->error = ENOMEM;
		return DEFRAME_ERROR;
	}
	return DEFRAME_BLOCK;
}

int deframe_open(struct deframe *in, int fd)
{
	memset(in, 0, sizeof(*in));
	in->fd = fd;
	in->effort = EFFORT;
	in->room = FRAME_BLOCK;
	in->in = malloc(in->room);
	if (!in->in)
		return -ENOMEM;
	if (LZ4F_isError(LZ4F_createDecompressionContext(&in->ctx,
							 LZ4F_VERSION))) {
		free(in->in);
		return -ENOMEM;
	}
	return 0;
}

static enum deframe_result next(struct deframe *in)
{
	enum deframe_result result;
	size_t have, size;

	if (in->ended)
		return in->error ? DEFRAME_ERROR : DEFRAME_END;
	if (!in->header_len) {
		result = begin(in);
		if (result != DEFRAME_BLOCK)
			return result;
	}
	have = fill(in, SIZE_BYTES);
	if (have < SIZE_BYTES)
		return rest_is_gap(in, "cut off");
	if (!load32(in->in + in->start))
		return end_mark(in);
	size = block_size(in, in->in + in->start);
	have = fill(in, size);
	size = decode_block(in, in->in + in->start, have);
	if (!size)
		return resume(in);
	skip(in, size);
	return DEFRAME_BLOCK;
}

enum deframe_result deframe_next(struct deframe *in)
{
	enum deframe_result result = next(in);

	if (in->error != ENOMEM)
		return result;
	in->ended = true;
	return DEFRAME_ERROR;
}

void deframe_free(struct deframe *in)
{
	LZ4F_freeDecompressionContext(in->ctx);
	free(in->in);
	free(in->out);
}
