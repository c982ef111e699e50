// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "channels.h"
#include "exit.h"
#include "filter.h"
#include "levels.h"
#include "when.h"

enum {
	OPTION_PID = 0x100,
	OPTION_UID,
	OPTION_COMM,
	OPTION_CPU,
	OPTION_KIND,
	OPTION_CHANNEL,
};

/* It doesn't return. */
static void no_memory(const struct argp_state *state)
{
	argp_failure(state, EXIT_OTHER, ENOMEM, "options");
}

/* Room for one more in a list. */
static void *grow(const struct argp_state *state, void *list, size_t nr, size_t size)
{
	void *grown = reallocarray(list, nr + 1, size);

	if (!grown)
		no_memory(state);
	return grown;
}

static void add_word(const struct argp_state *state, struct words *words,
		     const char *word)
{
	words->list = grow(state, words->list, words->nr, sizeof(*words->list));
	words->list[words->nr++] = word;
}

static void add_id(const struct argp_state *state, struct ids *ids, const char *what,
		   const char *text)
{
	size_t len = strspn(text, "0123456789");
	uint64_t id = 0;

	if (len && !text[len] && len <= 10)
		id = strtoull(text, NULL, 10);
	if (!len || text[len] || len > 10 || id > UINT32_MAX)
		argp_error(state, "%s '%s': 0 to %u are accepted", what, text, UINT32_MAX);
	ids->list = grow(state, ids->list, ids->nr, sizeof(*ids->list));
	ids->list[ids->nr++] = id;
}

/* A level and worse, or all from one level to another. */
static void add_levels(const struct argp_state *state, struct filter *filter,
		       const char *text)
{
	const char *dots = strstr(text, ".."), *to = dots ? dots + 2 : text;
	int last = level_parse(to, strlen(to)), first = 0, swap;

	if (dots)
		first = level_parse(text, dots - text);
	if (first < 0 || last < 0)
		argp_error(state, "priority '%s': LEVEL, for it and all that is worse, and LEVEL..LEVEL are accepted; levels are %s",
			   text, LEVEL_CHOICES);
	if (first > last) {
		swap = first;
		first = last;
		last = swap;
	}
	filter->levels |= (2u << last) - (1u << first);
}

static void add_kind(const struct argp_state *state, struct filter *filter,
		     const char *text)
{
	if (strcmp(text, "log") && strcmp(text, "probe") && strcmp(text, "klog"))
		argp_error(state, "kind '%s': log, probe and klog are accepted", text);
	add_word(state, &filter->kinds, text);
}

static void add_channel(const struct argp_state *state, struct filter *filter,
			const char *text)
{
	uint32_t channel = channel_by_name((struct slice) { text, strlen(text) });

	if (channel == TTLOG_NR_CHANNELS)
		argp_error(state, "channel '%s': keep, flow, klog and probe are accepted", text);
	filter->channels |= 1u << channel;
}

static uint64_t moment(const struct argp_state *state, const char *what,
		       const char *text)
{
	struct timespec now;
	uint64_t when = 0;

	clock_gettime(CLOCK_REALTIME, &now);
	if (when_parse(text, now.tv_sec * NSEC_PER_SEC + now.tv_nsec, &when))
		argp_error(state, "%s '%s': accepted are %s", what, text, WHEN_CHOICES);
	return when;
}

static void add_rule(const struct argp_state *state, struct filter *filter,
		     const char *text)
{
	char why[PATTERN_WHY];
	int err;

	filter->rules = grow(state, filter->rules, filter->nr_rules,
			     sizeof(*filter->rules));
	err = rule_parse(&filter->rules[filter->nr_rules], text, why);
	if (err == -ENOMEM)
		no_memory(state);
	if (err)
		argp_error(state, "field '%s': %s%s%s accepted", text, why,
			   *why ? "; " : "", RULE_CHOICES " are");
	filter->nr_rules++;
}

static bool has_capitals(const char *text)
{
	while (*text && !isupper((unsigned char)*text))
		text++;
	return *text;
}

static void add_pattern(const struct argp_state *state, struct filter *filter,
			const char *text)
{
	int flags = has_capitals(text) ? 0 : REG_ICASE;
	char why[PATTERN_WHY];
	int err;

	filter->patterns = grow(state, filter->patterns, filter->nr_patterns,
				sizeof(*filter->patterns));
	err = pattern_compile(&filter->patterns[filter->nr_patterns], text, flags, why);
	if (err == -ENOMEM)
		no_memory(state);
	if (err)
		argp_error(state, "pattern '%s': %s; an extended regular expression is accepted",
			   text, why);
	filter->nr_patterns++;
}

static error_t add_option(int key, const char *arg, const struct argp_state *state)
{
	struct filter *filter = state->input;

	switch (key) {
	case 'p':
		add_levels(state, filter, arg);
		return 0;
	case 's':
		add_word(state, &filter->services, arg);
		return 0;
	case OPTION_PID:
		add_id(state, &filter->pids, "pid", arg);
		return 0;
	case OPTION_UID:
		add_id(state, &filter->uids, "uid", arg);
		return 0;
	case OPTION_CPU:
		add_id(state, &filter->cpus, "CPU", arg);
		return 0;
	case OPTION_COMM:
		add_word(state, &filter->comms, arg);
		return 0;
	case OPTION_KIND:
		add_kind(state, filter, arg);
		return 0;
	case OPTION_CHANNEL:
		add_channel(state, filter, arg);
		return 0;
	case 'S':
		filter->since = moment(state, "since", arg);
		return 0;
	case 'U':
		filter->until = moment(state, "until", arg);
		filter->bounded = true;
		return 0;
	case 'f':
		add_rule(state, filter, arg);
		return 0;
	case 'g':
		add_pattern(state, filter, arg);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct filter *filter = state->input;
	error_t error = add_option(key, arg, state);

	if (!error)
		filter->given = true;
	return error;
}

static const struct argp_option options[] = {
	{ NULL, 0, NULL, 0, "Only events that are:", 1 },
	{ "priority", 'p', "LEVEL|LEVEL..LEVEL", 0,
	  "Of this level or worse, or of one of these levels", 0 },
	{ "service", 's', "SERVICE", 0, "Of this service", 0 },
	{ "pid", OPTION_PID, "PID", 0, "Of this process", 0 },
	{ "uid", OPTION_UID, "UID", 0, "Of this user, by number", 0 },
	{ "comm", OPTION_COMM, "NAME", 0, "Of threads of this name", 0 },
	{ "cpu", OPTION_CPU, "CPU", 0, "Written on this CPU", 0 },
	{ "kind", OPTION_KIND, "KIND", 0, "Of this kind: log, probe or klog", 0 },
	{ "channel", OPTION_CHANNEL, "CHANNEL", 0,
	  "Of this channel: keep, flow, klog or probe", 0 },
	{ "since", 'S', "TIME", 0, "Of this time or later", 0 },
	{ "until", 'U', "TIME", 0, "Of this time or earlier", 0 },
	{ "field", 'f', "KEY[SIGN VALUE]", 0,
	  "Of such a field; SIGN is =, !=, <, <=, >, >= or ~ (a regular expression)", 0 },
	{ "grep", 'g', "REGEX", 0, "Of a message that matches", 0 },
	{ 0 }
};

const struct argp filter_argp = { .options = options, .parser = parse };

static bool among_words(const struct words *words, struct slice text)
{
	size_t i;

	for (i = 0; i < words->nr; i++) {
		if (slice_is(text, words->list[i]))
			return true;
	}
	return !words->nr;
}

static bool among_ids(const struct ids *ids, uint32_t id)
{
	size_t i;

	for (i = 0; i < ids->nr; i++) {
		if (ids->list[i] == id)
			return true;
	}
	return !ids->nr;
}

static bool match_writer(const struct filter *filter, const struct event *event)
{
	if (slice_is(event->kind, "klog"))
		return !filter->pids.nr && !filter->uids.nr && !filter->cpus.nr &&
		       !filter->comms.nr;
	return among_ids(&filter->pids, event->pid) &&
	       among_ids(&filter->uids, event->uid) &&
	       among_ids(&filter->cpus, event->cpu) &&
	       among_words(&filter->comms, event->comm);
}

/* An event whose channel isn't known has none of these. */
static bool match_channel(const struct filter *filter, const struct event *event)
{
	return !filter->channels || filter->channels & 1u << event_channel(event);
}

static bool match_time(const struct filter *filter, const struct event *event)
{
	return event->time >= filter->since &&
	       (!filter->bounded || event->time <= filter->until);
}

static bool match_rules(const struct filter *filter, const struct event *event)
{
	size_t i = 0;

	while (i < filter->nr_rules && rule_match(&filter->rules[i], event))
		i++;
	return i == filter->nr_rules;
}

static bool match_patterns(const struct filter *filter, const struct event *event)
{
	size_t i;

	for (i = 0; i < filter->nr_patterns; i++) {
		if (pattern_match(&filter->patterns[i], event->message))
			return true;
	}
	return !filter->nr_patterns;
}

bool filter_match(const struct filter *filter, const struct event *event)
{
	return (!filter->levels || filter->levels & 1u << event->level) &&
	       match_time(filter, event) &&
	       among_words(&filter->kinds, event->kind) &&
	       match_channel(filter, event) &&
	       among_words(&filter->services, event->service) &&
	       match_writer(filter, event) &&
	       match_rules(filter, event) &&
	       match_patterns(filter, event);
}

void filter_free(struct filter *filter)
{
	size_t i;

	for (i = 0; i < filter->nr_rules; i++)
		rule_free(&filter->rules[i]);
	for (i = 0; i < filter->nr_patterns; i++)
		regfree(&filter->patterns[i]);
	free(filter->rules);
	free(filter->patterns);
	free(filter->kinds.list);
	free(filter->services.list);
	free(filter->comms.list);
	free(filter->pids.list);
	free(filter->uids.list);
	free(filter->cpus.list);
}
