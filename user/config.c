// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "exit.h"
#include "inifile.h"
#include "reason.h"
#include "service.h"
#include "utf8.h"

#define SECTION		"ttlogd"
#define OF_REASON	"reason "
#define FILTER		"filter"
#define OF_FILTER	FILTER " "
#define SHARE		"share"
#define DROP_IN		".conf"

static const struct key_table of_ttlogd = { keys, NR_KEYS };
static const struct key_table of_filter = { filter_keys, NR_FILTER_KEYS };
static const struct key_table of_share = { share_keys, NR_SHARE_KEYS };

/**
 * struct reader - who takes what a file says
 * @config: for whom
 * @name: of the file, as in @config->files
 * @headed: a section has begun
 * @settings: where keys are to go; NULL: that section makes no sense
 * @table: which keys these are
 * @of_reason: they are those of a reason
 * @of_all: they are those of the filter for all
 */
struct reader {
	struct config *config;
	const char *name;
	bool headed;
	struct setting *settings;
	const struct key_table *table;
	bool of_reason;
	bool of_all;
};

/* A name in front, with its line, if it is of a file. */
static void say(struct config *config, const char *file, unsigned int line,
		const char *format, va_list args)
{
	if (!config->status)
		config->status = EXIT_USAGE;
	if (file)
		fprintf(stderr, "%s:", file);
	if (line)
		fprintf(stderr, "%u:", line);
	if (file)
		putc(' ', stderr);
	vfprintf(stderr, format, args);
	putc('\n', stderr);
}

__attribute__((format(printf, 4, 5)))
static void complain(struct config *config, const char *file, unsigned int line,
		     const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(config, file, line, format, args);
	va_end(args);
}

static void wrong(void *arg, unsigned int line, const char *what)
{
	struct reader *reader = arg;

	complain(reader->config, reader->name, line, "%s", what);
}

static void no_memory(struct config *config)
{
	complain(config, NULL, 0, "the configuration: %s", strerror(ENOMEM));
	config->status = EXIT_OTHER;
}

static void unreadable(struct config *config, const char *path, int err)
{
	complain(config, path, 0, "it can't be read: %s", strerror(-err));
	if (err == -ENOMEM)
		config->status = EXIT_OTHER;
}

static struct config_reason *add_reason(struct reader *reader, unsigned int line,
					const char *name)
{
	struct config *config = reader->config;
	struct config_reason *reasons;

	if (config->nr_reasons == CONFIG_REASONS) {
		complain(config, reader->name, line,
			 "section 'reason %s': at most %d reasons are accepted",
			 name, CONFIG_REASONS);
		return NULL;
	}
	reasons = reallocarray(config->reasons, config->nr_reasons + 1,
			       sizeof(*reasons));
	if (!reasons) {
		no_memory(config);
		return NULL;
	}
	config->reasons = reasons;
	reasons += config->nr_reasons++;
	memset(reasons, 0, sizeof(*reasons));
	strcpy(reasons->name, name);
	return reasons;
}

static struct setting *find_reason(struct reader *reader, unsigned int line,
				   const char *name)
{
	struct config *config = reader->config;
	struct config_reason *reason;
	size_t i;

	if (!reason_valid(name)) {
		complain(config, reader->name, line,
			 "section 'reason %s': a reason of 1 to %d letters, digits, '_' and '-' is accepted",
			 name, TTLOG_REASON_MAX);
		return NULL;
	}
	for (i = 0; i < config->nr_reasons; i++) {
		if (!strcmp(config->reasons[i].name, name))
			return config->reasons[i].settings;
	}
	reason = add_reason(reader, line, name);
	return reason ? reason->settings : NULL;
}

struct config_filter *config_filter_of(const struct config *config, const char *service)
{
	size_t i;

	for (i = 0; i < config->nr_filters; i++) {
		if (!strcmp(config->filters[i].service, service))
			return &config->filters[i];
	}
	return NULL;
}

static struct config_filter *add_filter(struct reader *reader, unsigned int line,
					const char *service)
{
	struct config *config = reader->config;
	struct config_filter *filters;

	/* The one for all has its place in any case. */
	if (*service && config->nr_filters - !!config_filter_of(config, "") ==
			TTLOG_NR_FILTERS - 1) {
		complain(config, reader->name, line,
			 "section 'filter %s': at most %d services with a filter are accepted",
			 service, TTLOG_NR_FILTERS - 1);
		return NULL;
	}
	filters = reallocarray(config->filters, config->nr_filters + 1,
			       sizeof(*filters));
	if (!filters) {
		no_memory(config);
		return NULL;
	}
	config->filters = filters;
	filters += config->nr_filters++;
	memset(filters, 0, sizeof(*filters));
	strcpy(filters->service, service);
	return filters;
}

static struct setting *find_filter(struct reader *reader, unsigned int line,
				   const char *service)
{
	struct config_filter *filter;

	if (*service && !service_seen_valid(service)) {
		complain(reader->config, reader->name, line,
			 "section 'filter %s': " SERVICE_SEEN_CHOICES, service, SERVICE_MAX);
		return NULL;
	}
	filter = config_filter_of(reader->config, service);
	if (!filter)
		filter = add_filter(reader, line, service);
	return filter ? filter->settings : NULL;
}

static void take_filter(struct reader *reader, unsigned int line, const char *service)
{
	reader->table = &of_filter;
	reader->of_all = !*service;
	reader->settings = find_filter(reader, line, service);
}

static bool begins(const char *name, const char *with)
{
	return !strncmp(name, with, strlen(with));
}

static void take_section(void *arg, unsigned int line, const char *name)
{
	struct reader *reader = arg;

	reader->headed = true;
	reader->settings = NULL;
	reader->table = &of_ttlogd;
	reader->of_reason = begins(name, OF_REASON);
	reader->of_all = false;
	if (reader->of_reason) {
		reader->settings = find_reason(reader, line, name + strlen(OF_REASON));
	} else if (!strcmp(name, SECTION)) {
		reader->settings = reader->config->settings;
	} else if (!strcmp(name, FILTER)) {
		take_filter(reader, line, "");
	} else if (begins(name, OF_FILTER) && name[strlen(OF_FILTER)]) {
		take_filter(reader, line, name + strlen(OF_FILTER));
	} else if (!strcmp(name, SHARE)) {
		reader->table = &of_share;
		reader->settings = reader->config->share;
	} else {
		complain(reader->config, reader->name, line,
			 "section '%s': [ttlogd], [reason NAME], [filter], [filter SERVICE] and [share] are accepted",
			 name);
	}
}

static void forget(struct setting *setting)
{
	if (setting->file)
		free((char *)setting->text);
}

static void set(struct setting *setting, const char *text, uint64_t number,
		const char *file, unsigned int line)
{
	forget(setting);
	*setting = (struct setting) {
		.text = text, .number = number, .file = file, .line = line,
	};
}

static void take_value(struct reader *reader, unsigned int line, int id,
		       const char *value)
{
	struct setting *setting = &reader->settings[id];
	const struct key *key = &reader->table->keys[id];
	uint64_t number = 0;
	char *text;

	if (!key->parse(value, &number)) {
		complain(reader->config, reader->name, line,
			 "key '%s': '%s': %s", key->name, value, key->accepted);
		return;
	}
	if (reader->of_all && number == FILTER_KEY_INHERIT) {
		complain(reader->config, reader->name, line,
			 "key '%s': '%s': it is accepted in [filter SERVICE] only",
			 key->name, value);
		return;
	}
	text = strdup(value);
	if (text)
		set(setting, text, number, reader->name, line);
	else
		no_memory(reader->config);
}

static void unknown_key(struct reader *reader, unsigned int line,
			const char *name)
{
	const char *like = key_like(reader->table, name, reader->of_reason);

	complain(reader->config, reader->name, line,
		 "key '%s': there is none of that name%s%s%s", name,
		 like ? "; did you mean '" : "", like ? like : "",
		 like ? "'?" : "");
}

static void take_key(void *arg, unsigned int line, const char *name,
		     const char *value)
{
	struct reader *reader = arg;
	const struct setting *setting;
	int id;

	if (!reader->headed)
		complain(reader->config, reader->name, line,
			 "key '%s': it stands in no section, [" SECTION "] is missing above it",
			 name);
	if (!reader->settings)
		return;
	id = key_find(reader->table, name);
	setting = &reader->settings[id];
	if (id == reader->table->nr)
		unknown_key(reader, line, name);
	else if (reader->of_reason && !keys[id].of_reason)
		complain(reader->config, reader->name, line,
			 "key '%s': it holds for all reasons, in [" SECTION "]",
			 name);
	else if (setting->text && setting->file == reader->name)
		complain(reader->config, reader->name, line,
			 "key '%s': '%s': it is given in line %u already",
			 name, value, setting->line);
	else
		take_value(reader, line, id, value);
}

/* Settings go on to say where they are from. */
static const char *keep_name(struct config *config, const char *name)
{
	char **files = reallocarray(config->files, config->nr_files + 1,
				    sizeof(*files));
	char *copy = strdup(name);

	if (files)
		config->files = files;
	if (!files || !copy) {
		free(copy);
		return NULL;
	}
	files[config->nr_files++] = copy;
	return copy;
}

void config_read(struct config *config, FILE *file, const char *name)
{
	static const struct inifile_calls calls = {
		.section = take_section,
		.key = take_key,
		.wrong = wrong,
	};
	struct reader reader = {
		.config = config,
		.name = keep_name(config, name),
	};
	int err;

	if (!reader.name) {
		no_memory(config);
		return;
	}
	err = inifile_read(file, &calls, &reader);
	if (err)
		unreadable(config, name, err);
}

/* Of a FIFO that nobody writes we see the end. */
static int open_file(const char *path, FILE **file)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	int err;

	if (fd < 0)
		return -errno;
	*file = fdopen(fd, "r");
	if (*file)
		return 0;
	err = -errno;
	close(fd);
	return err;
}

static void read_file(struct config *config, const char *path, bool needed)
{
	FILE *file = NULL;
	int err = open_file(path, &file);

	if (err == -ENOENT && !needed)
		return;
	if (err) {
		unreadable(config, path, err);
		return;
	}
	config_read(config, file, path);
	fclose(file);
}

static int is_drop_in(const struct dirent *entry)
{
	const char *name = entry->d_name;
	size_t len = strlen(name), end = strlen(DROP_IN);

	return *name != '.' && len > end && !strcmp(name + len - end, DROP_IN);
}

static void read_drop_in(struct config *config, const char *folder,
			 const char *name)
{
	char *path = NULL;

	if (!utf8_safe(name, strlen(name))) {
		complain(config, folder, 0,
			 "a name there has a control character or isn't UTF-8");
		return;
	}
	if (asprintf(&path, "%s/%s", folder, name) < 0) {
		no_memory(config);
		return;
	}
	read_file(config, path, true);
	free(path);
}

/* As bytes are ordered, whatever the locale. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void read_folder(struct config *config, const char *folder)
{
	struct dirent **list;
	int i, nr;

	nr = scandir(folder, &list, is_drop_in, by_name);
	if (nr < 0) {
		if (errno != ENOENT)
			unreadable(config, folder, -errno);
		return;
	}
	for (i = 0; i < nr; i++) {
		read_drop_in(config, folder, list[i]->d_name);
		free(list[i]);
	}
	free(list);
}

void config_load(struct config *config, const char *path)
{
	char *folder;

	read_file(config, path ? path : CONFIG_PATH, path);
	if (asprintf(&folder, "%s.d", path ? path : CONFIG_PATH) < 0) {
		no_memory(config);
		return;
	}
	read_folder(config, folder);
	free(folder);
}

void config_set(struct config *config, enum key_id id, const char *text)
{
	uint64_t number = 0;

	keys[id].parse(text, &number);
	set(&config->settings[id], text, number, NULL, 0);
}

const char *config_text(const struct config *config, enum key_id id)
{
	const char *text = config->settings[id].text;

	return text ? text : keys[id].otherwise;
}

uint64_t config_number(const struct config *config, enum key_id id)
{
	uint64_t number = config->settings[id].number;

	if (!config->settings[id].text)
		keys[id].parse(keys[id].otherwise, &number);
	return number;
}

void config_wrong(struct config *config, const struct setting *setting,
		  enum key_id id, const char *what, const char *why)
{
	complain(config, setting->file, setting->line, "key '%s': '%s': %s%s",
		 keys[id].name, setting->text, what, why);
}

static void print_origin(const struct setting *setting, FILE *to)
{
	if (setting->file)
		fprintf(to, "%s:%u\n", setting->file, setting->line);
	else
		fputs(setting->text ? "command line\n" : "default\n", to);
}

/* Where it is from stands behind it, or below: a line has an end. */
static void print_value(const struct key *key, const char *text, FILE *to)
{
	fprintf(to, "%s = %s%s; ", key->name, text, strlen(text) > 100 ? "\n" : " ");
}

/* Those that were given. */
static void print_settings(const struct key_table *table, const struct setting *settings,
			   FILE *to)
{
	int i;

	for (i = 0; i < table->nr; i++) {
		if (!settings[i].text)
			continue;
		print_value(&table->keys[i], settings[i].text, to);
		print_origin(&settings[i], to);
	}
}

static void print_filter(const struct config_filter *filter, FILE *to)
{
	fprintf(to, *filter->service ? "[" OF_FILTER "%s]\n" : "[" FILTER "%s]\n",
		filter->service);
	print_settings(&of_filter, filter->settings, to);
}

void config_print(const struct config *config, FILE *to)
{
	size_t i;

	fputs("[" SECTION "]\n", to);
	for (i = 0; i < NR_KEYS; i++) {
		print_value(&keys[i], config_text(config, i), to);
		print_origin(&config->settings[i], to);
	}
	for (i = 0; i < config->nr_reasons; i++) {
		fprintf(to, "[" OF_REASON "%s]\n", config->reasons[i].name);
		print_settings(&of_ttlogd, config->reasons[i].settings, to);
	}
	for (i = 0; i < config->nr_filters; i++)
		print_filter(&config->filters[i], to);
	if (config->share[SHARE_KEY_RATE].text) {
		fputs("[" SHARE "]\n", to);
		print_settings(&of_share, config->share, to);
	}
}

static void forget_all(struct setting *settings, int nr)
{
	int i;

	for (i = 0; i < nr; i++)
		forget(&settings[i]);
}

void config_free(struct config *config)
{
	size_t i;

	forget_all(config->settings, NR_KEYS);
	for (i = 0; i < config->nr_reasons; i++)
		forget_all(config->reasons[i].settings, NR_KEYS);
	free(config->reasons);
	for (i = 0; i < config->nr_filters; i++)
		forget_all(config->filters[i].settings, NR_FILTER_KEYS);
	free(config->filters);
	forget_all(config->share, NR_SHARE_KEYS);
	for (i = 0; i < config->nr_files; i++)
		free(config->files[i]);
	free(config->files);
	*config = (struct config) { 0 };
}
