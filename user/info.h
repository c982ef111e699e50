/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a snapshot holds beside its events, as text or JSON, while it is read.
 */
#ifndef TTLOG_INFO_H
#define TTLOG_INFO_H

#include <stdio.h>

#include "decode.h"

/**
 * struct info - a printer
 * @to: where to
 * @json: one JSON object instead of lines
 * @items: printed so far
 */
struct info {
	FILE *to;
	bool json;
	unsigned int items;
};

/* For struct decode_sink.item. @context: a struct info. */
int info_item(void *context, struct decoder *in, struct slice key);

/* The end of the file. */
void info_end(struct info *info);

#endif
