// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "frame.h"

static const LZ4F_preferences_t preferences = {
	.frameInfo = {
		.blockSizeID = LZ4F_max64KB,
		.blockMode = LZ4F_blockIndependent,
		.contentChecksumFlag = LZ4F_contentChecksumEnabled,
		.blockChecksumFlag = LZ4F_blockChecksumEnabled,
	},
	.autoFlush = 1,
};

static int write_all(int fd, const unsigned char *data, size_t len)
{
	ssize_t n;

	while (len) {
		n = write(fd, data, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		len -= n;
	}
	return 0;
}

/* What LZ4F_*() returned: bytes to write, or an error. */
static int write_out(struct frame *frame, size_t len)
{
	if (LZ4F_isError(len))
		return -ENOMEM;
	return write_all(frame->fd, frame->out, len);
}

int frame_begin(struct frame *frame, int fd)
{
	int err;

	frame->fd = fd;
	frame->room = LZ4F_compressBound(FRAME_BLOCK, &preferences);
	frame->out = malloc(frame->room);
	if (!frame->out)
		return -ENOMEM;
	if (LZ4F_isError(LZ4F_createCompressionContext(&frame->ctx,
						       LZ4F_VERSION))) {
		err = -ENOMEM;
		goto free_out;
	}
	err = write_out(frame, LZ4F_compressBegin(frame->ctx, frame->out,
						  frame->room, &preferences));
	if (err)
		goto free_context;
	return 0;

free_context:
	LZ4F_freeCompressionContext(frame->ctx);
free_out:
	free(frame->out);
	return err;
}

int frame_block(struct frame *frame, const void *data, size_t len)
{
	return write_out(frame, LZ4F_compressUpdate(frame->ctx, frame->out,
						    frame->room, data, len,
						    NULL));
}

int frame_end(struct frame *frame)
{
	return write_out(frame, LZ4F_compressEnd(frame->ctx, frame->out,
						 frame->room, NULL));
}

void frame_free(struct frame *frame)
{
	LZ4F_freeCompressionContext(frame->ctx);
	free(frame->out);
}

size_t frame_header(void *to)
{
	LZ4F_cctx *ctx;
	size_t len;

	if (LZ4F_isError(LZ4F_createCompressionContext(&ctx, LZ4F_VERSION)))
		return 0;
	len = LZ4F_compressBegin(ctx, to, LZ4F_HEADER_SIZE_MAX, &preferences);
	LZ4F_freeCompressionContext(ctx);
	return LZ4F_isError(len) ? 0 : len;
}
