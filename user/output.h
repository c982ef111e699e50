/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * In what form events are printed to standard output.
 */
#ifndef TTLOG_OUTPUT_H
#define TTLOG_OUTPUT_H

#include <argp.h>
#include <stdbool.h>

#include "format.h"

/**
 * struct output - the form
 * @format: of events; NULL: text, up to output_begin()
 * @color: it was said whether there are to be colours: @view has it
 * @view: with what they are printed
 */
struct output {
	const struct format *format;
	bool color;
	struct view view;
};

/**
 * output_argp - its options, for a command that makes it a child of its own
 *
 * The child's input is a struct output, all 0 at first.
 */
extern const struct argp output_argp;

/**
 * output_begin() - text is for people where it goes to a terminal, and else as programs
 *	read it
 *
 * Return: whether it is a terminal.
 */
bool output_begin(struct output *output);

#endif
