/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which events a user wants to see.
 */
#ifndef TTLOG_FILTER_H
#define TTLOG_FILTER_H

#include <argp.h>

#include "rule.h"

/**
 * struct words - texts of which an event has one; none: any will do
 */
struct words {
	const char **list;
	size_t nr;
};

/**
 * struct ids - likewise numbers
 */
struct ids {
	uint32_t *list;
	size_t nr;
};

/**
 * struct filter - what an event has to be; where it is all 0, any is
 * @given: there is an option
 * @levels: bit N set: of level N; none: any
 * @channels: bit N set: of channel N (TTLOG_KEEP to TTLOG_KLOG); none: any
 * @bounded: @until counts
 * @since: ns since the epoch
 * @until: likewise
 * @kinds: its kind
 * @services: its service
 * @comms: name of the thread
 * @pids: thread group
 * @uids: effective uid
 * @cpus: that wrote it
 * @patterns: one is somewhere in its message
 * @nr_patterns: entries of @patterns
 * @rules: all hold for its fields
 * @nr_rules: entries of @rules
 *
 * The kernel's own lines come from no task and no known CPU, so that they have neither
 * comm nor pid, uid or cpu here.
 */
struct filter {
	bool given;
	uint32_t levels;
	uint32_t channels;
	bool bounded;
	uint64_t since;
	uint64_t until;
	struct words kinds;
	struct words services;
	struct words comms;
	struct ids pids;
	struct ids uids;
	struct ids cpus;
	regex_t *patterns;
	size_t nr_patterns;
	struct rule *rules;
	size_t nr_rules;
};

/**
 * filter_argp - the options of a filter, for a command that makes it a child of its own
 *
 * The child's input is a struct filter, all 0 at first, to which they are added. It
 * points into the arguments.
 */
extern const struct argp filter_argp;

/* Does an event, wherever it is from, pass? */
bool filter_match(const struct filter *filter, const struct event *event);

void filter_free(struct filter *filter);

#endif
