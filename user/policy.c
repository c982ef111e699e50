// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "levels.h"
#include "policy.h"
#include "recorded.h"

#define LOADED_LEVEL	"/sys/module/ttlog/parameters/level"

/**
 * struct run - putting it in force
 * @device: opened for reading
 * @config: what is to be
 * @have: filters as they were
 * @status: EXIT_*: of the first that went wrong
 */
struct run {
	const struct device *device;
	const struct config *config;
	struct recorded have;
	int status;
};

/* Of all services: what the module was loaded with. */
static uint32_t loaded_levels(void)
{
	FILE *file = fopen(LOADED_LEVEL, "re");
	char text[16] = "";
	int level;

	if (!file)
		return LEVELS_ALL;
	if (fscanf(file, "%15s", text) != 1)
		*text = '\0';
	fclose(file);
	/* Where it wasn't given it reads "(null)". */
	level = level_parse(text, strlen(text));
	return level < 0 ? LEVELS_ALL : (2u << level) - 1;
}

/* What is said of a level, or else of all. NULL: nothing. */
static const struct setting *setting_of(const struct config_filter *filter, int id,
					int all_id)
{
	const struct setting *setting = &filter->settings[id];

	if (!setting->text)
		setting = &filter->settings[all_id];
	return setting->text && setting->number != FILTER_KEY_INHERIT ? setting : NULL;
}

static void want_level(struct ttlog_filter *to, const struct config_filter *filter, int level)
{
	const struct setting *sample, *rate;

	sample = setting_of(filter, FILTER_KEY_SAMPLE_OF + level, FILTER_KEY_SAMPLE);
	rate = setting_of(filter, FILTER_KEY_RATE_OF + level, FILTER_KEY_RATE);
	if (sample)
		to->sample[level] = sample->number;
	if (!rate)
		return;
	to->rate[level] = KEY_RATE(rate->number);
	to->burst[level] = KEY_BURST(rate->number);
}

static void want_levels(struct ttlog_filter *to, const struct config_filter *filter)
{
	const struct setting *levels;
	int i;

	levels = setting_of(filter, FILTER_KEY_LEVELS, FILTER_KEY_LEVELS);
	if (levels) {
		to->levels = LEVELS_ALL;
		to->record = levels->number;
	}
	for (i = 0; i < TTLOG_NR_LEVELS; i++)
		want_level(to, filter, i);
}

/* What a service's filter is to be; false: it is to have none. */
static bool want_service(struct ttlog_filter *to, const struct config_filter *filter)
{
	static const struct ttlog_filter nothing;
	bool any;

	*to = nothing;
	if (!filter)
		return false;
	want_levels(to, filter);
	any = memcmp(to, &nothing, sizeof(nothing));
	strcpy(to->service, filter->service);
	return any;
}

static void want_all(struct ttlog_filter *to, const struct config *config)
{
	const struct config_filter *filter = config_filter_of(config, "");
	int i;

	*to = (struct ttlog_filter) { .levels = LEVELS_ALL, .record = loaded_levels() };
	for (i = 0; i < TTLOG_NR_LEVELS; i++) {
		to->sample[i] = 1;
		to->rate[i] = TTLOG_FILTER_NO_LIMIT;
	}
	if (filter)
		want_levels(to, filter);
}

static bool is_limited(const struct ttlog_filter *filter, int level)
{
	return filter->rate[level] != TTLOG_FILTER_INHERIT &&
	       filter->rate[level] != TTLOG_FILTER_NO_LIMIT;
}

static bool is_same(const struct ttlog_filter *a, const struct ttlog_filter *b, int level)
{
	uint32_t says = a->levels ^ b->levels;
	uint32_t records = (a->record ^ b->record) & a->levels;

	return !((says | records) >> level & 1) && a->sample[level] == b->sample[level] &&
	       a->rate[level] == b->rate[level] &&
	       (!is_limited(a, level) || a->burst[level] == b->burst[level]);
}

static uint32_t differing(const struct ttlog_filter *a, const struct ttlog_filter *b)
{
	uint32_t levels = 0;
	int i;

	for (i = 0; i < TTLOG_NR_LEVELS; i++)
		levels |= (uint32_t)!is_same(a, b, i) << i;
	return levels;
}

#define TITLE	(TTLOG_SERVICE_LEN + 32)

/* What a filter is called in messages: TITLE bytes. */
static const char *title(char *to, const char *service)
{
	if (*service)
		sprintf(to, "the filter of service '%s'", service);
	else
		strcpy(to, "the filter of all services");
	return to;
}

static void failed(struct run *run, int err, const char *what, const char *service,
		   const char *doing)
{
	int status = EXIT_PERMISSION;

	if (err == -EPERM) {
		warnx("%s isn't as the configuration says: to change it takes CAP_SYS_ADMIN, as 'ttlogd --configure' has when root runs it",
		      what);
	} else {
		warnx("%s isn't as the configuration says", what);
		status = recorded_failed(run->device, service, err, doing);
	}
	if (!run->status)
		run->status = status;
}

/* Levels of which it is the same are left alone: counts of samples and limits go on. */
static int set_levels(int fd, const struct ttlog_filter *want, uint32_t levels,
		      uint32_t how)
{
	struct ttlog_filter change = *want;

	if (!levels)
		return 0;
	change.flags = how | TTLOG_FILTER_SAMPLE | TTLOG_FILTER_RATE;
	change.levels = levels;
	return recorded_change(fd, &change);
}

static void set_filter(struct run *run, const struct ttlog_filter *want)
{
	static const struct ttlog_filter nothing;
	const struct ttlog_filter *have = recorded_find(&run->have, want->service);
	uint32_t levels = differing(want, have ? have : &nothing);
	int fd = run->device->fd, err;
	char what[TITLE];

	err = set_levels(fd, want, levels & want->levels, TTLOG_FILTER_LEVELS);
	if (!err)
		err = set_levels(fd, want, levels & ~want->levels,
				 TTLOG_FILTER_LEVELS_INHERIT);
	if (err)
		failed(run, err, title(what, want->service), want->service, "set a filter");
}

static void remove_filter(struct run *run, const char *service)
{
	struct ttlog_filter change = { .flags = TTLOG_FILTER_REMOVE };
	char what[TITLE];
	int err;

	strcpy(change.service, service);
	err = recorded_change(run->device->fd, &change);
	/* Somebody else may have done so. */
	if (err && err != -ENOENT)
		failed(run, err, title(what, service), service, "remove a filter");
}

/* First those that go, so that there is room for those that come. */
static void apply_filters(struct run *run)
{
	const struct config *config = run->config;
	struct ttlog_filter want;
	const char *service;
	size_t i;

	for (i = 0; i < run->have.nr; i++) {
		service = run->have.filters[i].service;
		if (*service && !want_service(&want, config_filter_of(config, service)))
			remove_filter(run, service);
	}
	want_all(&want, config);
	set_filter(run, &want);
	for (i = 0; i < config->nr_filters; i++) {
		if (*config->filters[i].service && want_service(&want, &config->filters[i]))
			set_filter(run, &want);
	}
}

static void apply_share(struct run *run)
{
	const struct setting *setting = &run->config->share[SHARE_KEY_RATE];
	struct ttlog_share want = {
		.flags = TTLOG_SHARE_SET,
		.rate = KEY_RATE(setting->number),
		.burst = KEY_BURST(setting->number),
	};
	struct ttlog_share have = { 0 };
	int err = recorded_share(run->device->fd, &have);

	if (!err && (have.rate != want.rate || have.burst != want.burst))
		err = recorded_share(run->device->fd, &want);
	if (err)
		failed(run, err, "the share of keep", "", "set the share of keep");
}

static bool read_filters(struct run *run)
{
	int err = recorded_read(run->device->fd, &run->have);

	if (err)
		failed(run, err, "what is recorded", "", "read the filters");
	return !err;
}

int policy_apply(const struct device *device, const struct config *config)
{
	struct run run = { .device = device, .config = config };

	if (config->nr_filters && read_filters(&run))
		apply_filters(&run);
	if (config->share[SHARE_KEY_RATE].text)
		apply_share(&run);
	return run.status;
}
