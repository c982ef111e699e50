/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a command that shows or sets a part of a filter is aimed at.
 */
#ifndef TTLOG_AIM_H
#define TTLOG_AIM_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>
#include <ttlog.h>

#include "levels.h"

#define AIM_INHERIT	"inherit"

/* The options that aim_parse() takes. */
#define AIM_SERVICE \
	{ "service", 's', "SERVICE", 0, \
	  "Of this service, by the name that its writers give or else that of its program", 0 }
#define AIM_LEVELS \
	{ "levels", 'l', "LEVELS", 0, \
	  "Of this level and all that is worse, or of exactly those of a range (FROM..TO) " \
	  "or a list (debug)", 0 }

/**
 * struct aim - that
 * @service: whose filter; "": that for all
 * @levels: bit N set: of level N
 * @value: what is to hold, as it was given; NULL: show what does
 */
struct aim {
	const char *service;
	uint32_t levels;
	const char *value;
};

#define AIM_ALL	{ .service = "", .levels = LEVELS_ALL }

/* A parser of options and of one argument, which is the value. Returns as argp's do. */
error_t aim_parse(struct aim *aim, int key, char *arg, struct argp_state *state);

/* The value is "inherit", as it may be for a service. */
bool aim_inherits(const struct aim *aim);

/* For messages that say what is accepted: goes on with ", or inherit" or not. */
const char *aim_or_inherit(const struct aim *aim);

/**
 * aim_set() - put a part of a filter into force
 * @change: its flags and values by level; the rest is of @aim
 *
 * Return: EXIT_*; what went wrong is said.
 */
int aim_set(const struct aim *aim, const struct ttlog_filter *change);

/**
 * aim_show() - show what holds
 * @show: called with the filter for all, and what the service's own says; for all this is
 *	the same
 *
 * Return: EXIT_*; what went wrong is said.
 */
int aim_show(const struct aim *aim,
	     void (*show)(const struct aim *aim, const struct ttlog_filter *all,
			  const struct ttlog_filter *own));

#endif
