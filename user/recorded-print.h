/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's filters, as they are shown.
 */
#ifndef TTLOG_RECORDED_PRINT_H
#define TTLOG_RECORDED_PRINT_H

#include <json-c/json.h>

#include "recorded.h"

/**
 * recorded_print() - a table of all filters, or of those that leave something out
 * @telling: not that for all while it is the default and has left out nothing
 *
 * Each has what it says itself; "-": nothing.
 */
void recorded_print(const struct recorded *all, bool telling);

/* The same as an array; what a filter doesn't say of a level isn't there. */
struct json_object *recorded_json(const struct recorded *all, bool telling);

/* Is there anything to print? */
bool recorded_telling(const struct recorded *all);

#endif
