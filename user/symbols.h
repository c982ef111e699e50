/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's functions by name, and what the kernel says of them elsewhere: to
 * tell why one can't be probed, and which was meant.
 */
#ifndef TTLOG_SYMBOLS_H
#define TTLOG_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct symbol - a line of /proc/kallsyms
 * @address: 0 where the kernel doesn't tell
 * @type: as nm(1) has it
 * @name: of the symbol
 * @module: that it is of, "" for the kernel itself
 */
struct symbol {
	uint64_t address;
	char type;
	const char *name;
	const char *module;
};

/**
 * struct symbols - all of them
 * @all: in the kernel's order
 * @nr: entries of @all; 0 where it can't be read
 */
struct symbols {
	struct symbol *all;
	size_t nr;

	/* private: */
	char *text;
	uint64_t marks[4];	/* first and behind, of its code, of that of its start */
};

void symbols_read(struct symbols *symbols);
void symbols_free(struct symbols *symbols);

/**
 * symbols_suit() - is this one function, with an instruction there?
 * @place: FUNCTION or MODULE:FUNCTION
 * @offset: bytes into it
 *
 * Return: false after a message. Also true where nothing is known.
 */
bool symbols_suit(const struct symbols *symbols, const char *place,
		  uint64_t offset);

/* Tell why there is no such function (ENOENT), and which there are. */
void symbols_explain_unknown(const struct symbols *symbols, const char *place);

/* Tell why the kernel lets nobody probe it (EOPNOTSUPP). */
void symbols_explain_refused(const struct symbols *symbols, const char *place,
			     uint64_t offset);

#endif
