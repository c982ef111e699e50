/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writing an LZ4 frame, block by block: each block stands for itself, has a
 * checksum, and holds exactly what one call gave.
 */
#ifndef TTLOG_FRAME_H
#define TTLOG_FRAME_H

#include <stddef.h>
#include <lz4frame.h>

/* Most bytes of content in a block. */
#define FRAME_BLOCK	65536

struct frame {
	LZ4F_cctx *ctx;
	unsigned char *out;
	size_t room;
	int fd;
};

/**
 * frame_begin() - write the frame's header
 * @fd: where the frame is to be written
 *
 * Return: 0 or a negative errno; then there is nothing to free.
 */
int frame_begin(struct frame *frame, int fd);

/**
 * frame_block() - write one block
 * @len: 1 to FRAME_BLOCK
 */
int frame_block(struct frame *frame, const void *data, size_t len);

/* Write the end mark and the content's checksum. */
int frame_end(struct frame *frame);

void frame_free(struct frame *frame);

/**
 * frame_header() - the header that frame_begin() writes
 * @to: LZ4F_HEADER_SIZE_MAX bytes
 *
 * Return: its bytes.
 */
size_t frame_header(void *to);

#endif
