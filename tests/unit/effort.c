// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files made to cost time: what is given to the decoder is counted, and it is no more
 * than the file's size allows. And that is enough for files that are just damaged.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "deframe.h"
#include "frame.h"
#include "tap.h"

#define MIB		(1ULL << 20)
#define SIZE_AND_SUM	8	/* of a block */
#define UNCOMPRESSED	0x80000000u

/**
 * struct file - what is read
 * @bytes: room for 8 MiB
 * @len: bytes at @bytes
 */
static struct file {
	unsigned char *bytes;
	size_t len;
} file;

/**
 * struct result - what became of it
 * @work: bytes that the decoder was given, and room for what it might make of them
 *	where it then found an error other than in a checksum
 * @blocks: that came out
 * @gaps: that were told of
 * @why: of the last
 */
static struct result {
	uint64_t work;
	int blocks;
	int gaps;
	const char *why;
} result;

size_t __real_LZ4F_decompress(LZ4F_dctx *ctx, void *to, size_t *room,
			      const void *from, size_t *len,
			      const LZ4F_decompressOptions_t *options);
size_t __wrap_LZ4F_decompress(LZ4F_dctx *ctx, void *to, size_t *room,
			      const void *from, size_t *len,
			      const LZ4F_decompressOptions_t *options);
size_t __wrap_LZ4F_decompress(LZ4F_dctx *ctx, void *to, size_t *room,
			      const void *from, size_t *len,
			      const LZ4F_decompressOptions_t *options)
{
	size_t all = *len, content = *room, ret;

	ret = __real_LZ4F_decompress(ctx, to, room, from, len, options);
	if (!LZ4F_isError(ret))
		all = *len;
	else if (strcmp(LZ4F_getErrorName(ret), "ERROR_blockChecksum_invalid"))
		all += content;
	result.work += all;
	return ret;
}

static void store32(unsigned char *to, uint32_t value)
{
	int i;

	for (i = 0; i < 4; i++)
		to[i] = value >> 8 * i;
}

static void add(const void *bytes, size_t len)
{
	memcpy(file.bytes + file.len, bytes, len);
	file.len += len;
}

static void add_header(LZ4F_blockSizeID_t size)
{
	const LZ4F_preferences_t preferences = {
		.frameInfo = {
			.blockSizeID = size,
			.blockMode = LZ4F_blockIndependent,
			.blockChecksumFlag = LZ4F_blockChecksumEnabled,
		},
	};
	LZ4F_cctx *ctx;

	LZ4F_createCompressionContext(&ctx, LZ4F_VERSION);
	file.len = LZ4F_compressBegin(ctx, file.bytes, LZ4F_HEADER_SIZE_MAX,
				      &preferences);
	LZ4F_freeCompressionContext(ctx);
}

/* A block whose checksum is right, whatever it has: a frame ends with the same sum. */
static void add_block(const void *bytes, size_t len, uint32_t flag)
{
	const LZ4F_preferences_t preferences = {
		.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled,
	};
	size_t room = LZ4F_compressFrameBound(len, &preferences);
	unsigned char size[4], *frame = malloc(room);

	room = LZ4F_compressFrame(frame, room, bytes, len, &preferences);
	store32(size, len | flag);
	add(size, sizeof(size));
	add(bytes, len);
	add(frame + room - 4, 4);
	free(frame);
}

static void read_all(void)
{
	int fd = memfd_create("file", 0);
	enum deframe_result got;
	struct deframe in;

	if (write(fd, file.bytes, file.len) != (ssize_t)file.len)
		err(1, "memfd");
	lseek(fd, 0, SEEK_SET);
	memset(&result, 0, sizeof(result));
	deframe_open(&in, fd);
	while ((got = deframe_next(&in)) != DEFRAME_END && got != DEFRAME_ERROR) {
		result.blocks += got == DEFRAME_BLOCK;
		result.gaps += got == DEFRAME_GAP;
		if (got == DEFRAME_GAP)
			result.why = in.why;
	}
	deframe_free(&in);
	close(fd);
}

/* As deframe.c says, and the try that was the last. */
static bool bounded(void)
{
	return result.work <= 256 * MIB + 64 * file.len + 8 * MIB;
}

static void bounded_and_given_up(const char *what)
{
	tap_ok(bounded(), "%s: %zu bytes, %llu MiB of work", what, file.len,
	       (unsigned long long)(result.work / MIB));
	tap_ok(result.blocks && strstr(result.why, "given up"),
	       "%s: given up after %d blocks", what, result.blocks);
}

/*
 * A size that leads nowhere, to the end of the file if it may be as large, then a whole
 * block, again and again.
 */
static void sizes(LZ4F_blockSizeID_t id, size_t most, size_t all)
{
	size_t at, size;

	add_header(id);
	while (file.len < all - 100) {
		at = file.len;
		file.len += 4;
		add_block("x", 1, UNCOMPRESSED);
		size = all - at - SIZE_AND_SUM;
		store32(file.bytes + at, size < most ? size : most);
	}
	memset(file.bytes + file.len, 0xff, all - file.len);
	file.len = all;
	read_all();
	bounded_and_given_up("sizes that lead nowhere");
}

/* A few bytes for much content, an error at its end, and a checksum that is right. */
static void contents(void)
{
	unsigned char bomb[16400];
	int i;

	/* 'a', and that again and again; then from where nothing is. */
	memset(bomb, 0xff, sizeof(bomb));
	memcpy(bomb, "\x1f" "a\x01\x00", 4);
	memcpy(bomb + sizeof(bomb) - 4, "\x00\x00\x00\x00", 4);
	add_header(LZ4F_max4MB);
	add_block("x", 1, UNCOMPRESSED);
	for (i = 0; i < 300; i++)
		add_block(bomb, sizeof(bomb), 0);
	read_all();
	bounded_and_given_up("much content with an error");
}

/* Blocks as large as they may be, every fourth damaged, at its size or elsewhere. */
static void damaged(void)
{
	static unsigned char content[FRAME_BLOCK];
	size_t at, i;
	int block;

	add_header(LZ4F_max64KB);
	for (block = 0; block < 120; block++) {
		for (i = 0; i < sizeof(content); i++)
			content[i] = random() >> 8;
		at = file.len;
		add_block(content, sizeof(content), UNCOMPRESSED);
		if (block % 8 == 3)
			file.bytes[at + 1] ^= 0x55;
		else if (block % 8 == 7)
			file.bytes[at + 30000] ^= 1;
	}
	add("\0\0\0", 4);
	read_all();
	tap_ok(result.blocks == 90 && result.gaps == 30,
	       "of 120 blocks, 30 of them damaged: %d, %d gaps, %llu MiB of work",
	       result.blocks, result.gaps,
	       (unsigned long long)(result.work / MIB));
}

/*
 * Over the end of one block and the beginning of the next somebody else's numbers, most
 * of which might be the size of a block.
 */
static void overwritten(void)
{
	static unsigned char content[FRAME_BLOCK];
	size_t at = 0, i;
	int block;

	add_header(LZ4F_max64KB);
	for (block = 0; block < 8; block++) {
		for (i = 0; i < sizeof(content); i++)
			content[i] = random() >> 8;
		if (block == 4)
			at = file.len;
		add_block(content, sizeof(content), UNCOMPRESSED);
	}
	for (i = 0; i < 16384; i += 4)
		store32(file.bytes + at - 8192 + i, 100 + random() % 4000);
	add("\0\0\0", 4);
	read_all();
	tap_ok(result.blocks == 6 && result.gaps == 1,
	       "8 blocks, two of them overwritten: %d, %d gaps, %llu MiB of work",
	       result.blocks, result.gaps,
	       (unsigned long long)(result.work / MIB));
}

int main(void)
{
	file.bytes = malloc(8 * MIB);
	sizes(LZ4F_max256KB, 262144, 240000);
	/* More than is read before it is given up. */
	sizes(LZ4F_max64KB, 60000, 2000000);
	contents();
	damaged();
	overwritten();
	free(file.bytes);
	return tap_done();
}
