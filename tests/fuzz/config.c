// SPDX-License-Identifier: GPL-2.0-only
/*
 * The helper's files: two of them, one after the other. What is wrong is said and may be
 * shown; what is right can be printed, and is the same when that is read.
 */
#include "config.h"
#include "harness.h"

static void read_text(struct config *config, const void *text, size_t len, const char *name)
{
	FILE *file = len ? fmemopen((void *)text, len, "r") : NULL;

	if (!file)
		return;
	config_read(config, file, name);
	fclose(file);
}

static const struct key_table of_all = { keys, NR_KEYS };
static const struct key_table of_filter = { filter_keys, NR_FILTER_KEYS };
static const struct key_table of_share = { share_keys, NR_SHARE_KEYS };

/* Each is from a line of the file that it says. */
static void check_settings(const struct key_table *table, const struct setting *settings,
			   bool reason)
{
	const struct setting *setting;
	uint64_t number;
	int id;

	for (id = 0; id < table->nr; id++) {
		setting = &settings[id];
		require(!reason || !setting->text || table->keys[id].of_reason);
		if (!setting->text)
			continue;
		number = 0;
		require(table->keys[id].parse(setting->text, &number));
		require(number == setting->number);
		require(setting->line > 1);
		require(!strcmp(setting->file, "one") || !strcmp(setting->file, "two"));
	}
}

/* No service has two of them, and that for all inherits nothing. */
static void check_filters(const struct config *config)
{
	const struct config_filter *filter;
	size_t i, services = 0;
	int id;

	for (i = 0; i < config->nr_filters; i++) {
		filter = &config->filters[i];
		services += !!*filter->service;
		require(memchr(filter->service, '\0', sizeof(filter->service)));
		require(config_filter_of(config, filter->service) == filter);
		check_settings(&of_filter, filter->settings, false);
		for (id = 0; !*filter->service && id < NR_FILTER_KEYS; id++)
			require(!filter->settings[id].text ||
				filter->settings[id].number != FILTER_KEY_INHERIT);
	}
	require(services < TTLOG_NR_FILTERS);
}

static void same_settings(const struct key_table *table, const struct setting *a,
			  const struct setting *b)
{
	int id;

	for (id = 0; id < table->nr; id++) {
		require(!a[id].text == !b[id].text);
		require(!a[id].text || !strcmp(a[id].text, b[id].text));
		require(a[id].number == b[id].number);
	}
}

static void check_complaints(const struct config *config, struct caught said)
{
	const char *at = said.text, *end = said.text + said.len;

	require_harmless(said);
	require(!config->status == !said.len);
	for (; at < end; at = (const char *)memchr(at, '\n', end - at) + 1)
		require(!strncmp(at, "one:", 4) || !strncmp(at, "two:", 4));
}

static void check_print(const struct config *config)
{
	struct config again = { 0 };
	struct caught printed;
	size_t i;
	int id;

	config_print(config, stdout);
	printed = caught_stdout();
	require_harmless(printed);
	read_text(&again, printed.text, printed.len, "one");
	require(!again.status);
	for (id = 0; id < NR_KEYS; id++) {
		require(!strcmp(config_text(config, id), config_text(&again, id)));
		require(config_number(config, id) == config_number(&again, id));
	}
	require(again.nr_reasons == config->nr_reasons);
	for (i = 0; i < config->nr_reasons; i++)
		same_settings(&of_all, config->reasons[i].settings, again.reasons[i].settings);
	require(again.nr_filters == config->nr_filters);
	for (i = 0; i < config->nr_filters; i++) {
		require(!strcmp(config->filters[i].service, again.filters[i].service));
		same_settings(&of_filter, config->filters[i].settings,
			      again.filters[i].settings);
	}
	same_settings(&of_share, config->share, again.share);
	config_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config config = { 0 };
	const uint8_t *two = memchr(data, '\f', size);
	size_t i, one = two ? (size_t)(two - data) : size;

	catch_output();
	read_text(&config, data, one, "one");
	if (two)
		read_text(&config, two + 1, size - one - 1, "two");
	check_settings(&of_all, config.settings, false);
	check_settings(&of_share, config.share, false);
	check_filters(&config);
	require(config.nr_reasons <= CONFIG_REASONS);
	for (i = 0; i < config.nr_reasons; i++) {
		require(is_word(config.reasons[i].name, sizeof(config.reasons[i].name)));
		check_settings(&of_all, config.reasons[i].settings, true);
	}
	check_complaints(&config, caught_stderr());
	if (!config.status)
		check_print(&config);
	config_free(&config);
	return 0;
}
