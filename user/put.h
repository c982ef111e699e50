/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Objects of json-c, for programs that print one and end. Out of memory is the only
 * error that there is here, and it ends the program.
 */
#ifndef TTLOG_PUT_H
#define TTLOG_PUT_H

#include <argp.h>
#include <json-c/json.h>
#include <stdint.h>

struct json_object *new_object(void);
struct json_object *new_array(void);

/* Put a value, which may be NULL where it could not be made, into an object. */
void put(struct json_object *to, const char *key, struct json_object *value);

/* Likewise, to the end of an array. */
void append(struct json_object *to, struct json_object *value);

void put_number(struct json_object *to, const char *key, uint64_t value);
void put_null(struct json_object *to, const char *key);
void put_text(struct json_object *to, const char *key, const char *value);

/* Events that were lost, by cause: @lost has TTLOG_NR_LOST entries. */
void put_lost(struct json_object *to, const uint64_t *lost);

/* Print an object or array on a line of standard output, and free it. */
void json_print(struct json_object *object);

/**
 * json_parse() - argp's parser of a command that has --json (j) and nothing else
 *
 * state->input is a bool, set when the option is given.
 */
error_t json_parse(int key, char *arg, struct argp_state *state);

#endif
