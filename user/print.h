/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events as text and as JSON. What an event holds can neither fake a line nor
 * drive a terminal.
 */
#ifndef TTLOG_PRINT_H
#define TTLOG_PRINT_H

#include <stdio.h>

#include "event.h"

/* One line: time, CPU, level, service[pid/tid], uid, message, fields. */
void print_event(FILE *to, const struct event *event);

/* One JSON object on a line. Return: 0 or -ENOMEM. */
int print_event_json(FILE *to, const struct event *event);

/* Its fields alone, as one JSON object without an end of line. Return: likewise. */
int print_fields_json(FILE *to, const struct event *event);

/* An object of json-c, without a newline. Return: 0 or -ENOMEM. */
struct json_object;
int print_json(FILE *to, struct json_object *object);

/* A JSON string with its quotes. Return: 0 or -ENOMEM. */
int print_json_text(FILE *to, struct slice text);

/* The fields of an event as text, with a space in front of each. */
void print_fields(FILE *to, const struct event *event);

/* As RFC 3339 has it, in UTC with nine digits of the second's fraction. */
void print_time(FILE *to, uint64_t ns);

/* Is it a line of the kernel's own log, which comes from no task and no known CPU? */
bool print_is_klog(const struct event *event);

/* In names: what stands between the parts of a line. For print_text(). */
#define PRINT_NAME_ALSO	" []:=\"()"

/**
 * print_text() - text with what may do harm escaped
 * @also: characters that are escaped too, or ""
 *
 * "\n", "\t", "\\", "\xHH" for bytes that aren't UTF-8, "\u{H...}" for others.
 */
void print_text(FILE *to, struct slice text, const char *also);

/**
 * print_warning() - as warnx(), with what may do harm escaped as in a text
 *
 * For messages with names of files, which may be somebody else's.
 */
__attribute__((format(printf, 1, 2)))
void print_warning(const char *format, ...);

/**
 * print_number() - the shortest decimal that reads as the same number
 * @to: PRINT_NUMBER bytes
 */
void print_number(char *to, double number);
#define PRINT_NUMBER	40

#endif
