/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_RENDER_H
#define TTLOG_RENDER_H

#include <json-c/json.h>

/**
 * render() - the text of a json-c object
 * @flags: JSON_C_TO_STRING_*
 *
 * Return: all of the text, which is the object's own; or NULL for want of memory.
 */
const char *render(struct json_object *object, int flags);

#endif
