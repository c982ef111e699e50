/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the fuzz targets share: input taken piece by piece, properties that must
 * hold, and what the programs print, caught and looked at.
 */
#ifndef TTLOG_FUZZ_HARNESS_H
#define TTLOG_FUZZ_HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold whatever the input is. */
#define require(what)							\
	do {								\
		if (!(what))						\
			require_failed(__FILE__, __LINE__, #what);	\
	} while (0)

void require_failed(const char *file, int line, const char *what)
	__attribute__((noreturn));

/**
 * struct input - what is left of an input
 */
struct input {
	const uint8_t *at;
	size_t left;
};

/* The next bytes as a number; where there are none, they are 0. */
static inline uint64_t input_number(struct input *in, unsigned int bytes)
{
	uint64_t value = 0;
	unsigned int i;

	for (i = 0; i < bytes && in->left; i++, in->at++, in->left--)
		value |= (uint64_t)*in->at << 8 * i;
	return value;
}

/* The next bytes as they are, at most @len; returns how many. */
static inline size_t input_bytes(struct input *in, const uint8_t **at, size_t len)
{
	if (len > in->left)
		len = in->left;
	*at = in->at;
	in->at += len;
	in->left -= len;
	return len;
}

/**
 * struct caught - what was printed to a stream
 */
struct caught {
	char *text;
	size_t len;
};

/* From now on stdout and stderr are caught; what was before is forgotten. */
void catch_output(void);

/* What was printed since then; valid up to the next catch_output(). */
struct caught caught_stdout(void);
struct caught caught_stderr(void);

/*
 * Is this UTF-8, in lines, with nothing in it that a terminal would act on or that
 * changes how the rest is shown?
 */
void require_harmless(struct caught caught);

/* Is each line one JSON object? Returns how many. */
size_t require_json_lines(struct caught caught);

/* An empty file of no folder. */
int memfd_of(const char *name);

/* Put these bytes into a file of no folder, from its beginning; returns its fd. */
int file_of(const void *bytes, size_t len);

/* A name by which that file can be opened. */
const char *file_path(int fd);

/* Ended within its room, and neither space nor control nor beyond ASCII in it? */
static inline bool is_word(const char *text, size_t room)
{
	size_t i, len = strnlen(text, room);

	for (i = 0; i < len; i++)
		if (text[i] <= 0x20 || text[i] >= 0x7f)
			return false;
	return len < room;
}

#endif
