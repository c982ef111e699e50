/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading an LZ4 frame, block by block, out of a file that may be damaged or
 * hostile: what is whole comes out, and what is not is named. Memory is bounded
 * by the frame's block size, at most 4 MiB.
 */
#ifndef TTLOG_DEFRAME_H
#define TTLOG_DEFRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <lz4frame.h>

enum deframe_result {
	DEFRAME_BLOCK,	/* a block's content is in @data, @len */
	DEFRAME_GAP,	/* bytes of the file were no good: @gap, @gap_len, @why */
	DEFRAME_END,	/* the end; said once more when asked again */
	DEFRAME_ERROR,	/* reading failed, errno in @error; or there is no frame */
};

/**
 * struct deframe - a frame that is being read
 * @data: content of the block
 * @len: bytes at @data
 * @gap: where in the file the gap begins
 * @gap_len: its bytes
 * @why: what is wrong there
 * @error: errno, or 0 when the file is no LZ4 frame
 */
struct deframe {
	const unsigned char *data;
	size_t len;
	uint64_t gap;
	uint64_t gap_len;
	const char *why;
	int error;

	/* private */
	int fd;
	LZ4F_dctx *ctx;
	unsigned char header[LZ4F_HEADER_SIZE_MAX];
	size_t header_len;
	LZ4F_frameInfo_t frame;
	size_t block_max;
	unsigned char *in;	/* window: @start to @end are read, not used */
	size_t room;
	size_t start;
	size_t end;
	uint64_t offset;	/* in the file, of @start */
	bool eof;
	unsigned char *out;
	bool restarted;		/* the content checksum can't be known */
	bool ended;
	uint64_t effort;	/* bytes that may still be tried in vain */
};

/**
 * deframe_open() - begin
 * @fd: stays the caller's
 *
 * Return: 0 or -ENOMEM; then there is nothing to free.
 */
int deframe_open(struct deframe *in, int fd);

enum deframe_result deframe_next(struct deframe *in);

void deframe_free(struct deframe *in);

#endif
