/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The forms in which events are printed: a table, one file each.
 */
#ifndef TTLOG_FORMAT_H
#define TTLOG_FORMAT_H

#include <stdio.h>

#include "origin.h"

/**
 * struct view - what an event is printed with
 * @origin: where it is from, for formats that ask for that
 * @color: by level
 * @utc: times of a terminal are in UTC
 */
struct view {
	const struct origin *origin;
	bool color;
	bool utc;
};

/**
 * struct format - one of them
 * @name: as given to --output
 * @origins: @event needs the view's origin
 * @begin: what stands in front of the events, or NULL
 * @event: one event, and its end of line. Returns 0, or -ENOMEM: it isn't all of it
 */
struct format {
	const char *name;
	bool origins;
	void (*begin)(FILE *to);
	int (*event)(FILE *to, const struct event *event, const struct view *view);
};

/* For messages: what format_find() knows. */
#define FORMAT_CHOICES	"text, json, logfmt, export and csv"

/* Return: NULL if there is none of this name. */
const struct format *format_find(const char *name);

/* Text for people: aligned, and in colours if the view has them. It has no name. */
extern const struct format format_terminal;

int format_logfmt(FILE *to, const struct event *event, const struct view *view);
int format_export(FILE *to, const struct event *event, const struct view *view);
void format_csv_begin(FILE *to);
int format_csv(FILE *to, const struct event *event, const struct view *view);

#endif
