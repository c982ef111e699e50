/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_LEVELS_H
#define TTLOG_LEVELS_H

#include <stddef.h>
#include <stdint.h>

#define LEVELS	8
#define LEVELS_ALL	((1u << LEVELS) - 1)	/* as a mask */

/* For messages: what level_parse() accepts. */
#define LEVEL_CHOICES \
	"emerg, alert, crit, err, warning, notice, info, debug or 0 to 7"

const char *level_name(unsigned int level);

/**
 * level_parse() - a level by name or number
 *
 * Return: 0 to 7, or -1.
 */
int level_parse(const char *text, size_t len);

/* What levels_parse() does; goes on behind LEVEL_CHOICES. */
#define LEVELS_CHOICES	", alone, as FROM..TO, or as a list of these with commas"

/**
 * levels_parse() - a level mask from one level (it and worse), a range or a list
 * @text: a level; FROM..TO; or several of these with commas between (exactly these)
 * @mask: bit N set: level N
 *
 * Return: 0, or -1.
 */
int levels_parse(const char *text, uint32_t *mask);

/**
 * levels_format() - the names in a mask, with commas between
 * @to: LEVELS_TEXT bytes
 */
void levels_format(char *to, uint32_t mask);
#define LEVELS_TEXT	64

#endif
