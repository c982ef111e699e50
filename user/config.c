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
#include "utf8.h"

#define SECTION		"ttlogd"
#define OF_REASON	"reason "
#define DROP_IN		".conf"

/**
 * struct reader - who takes what a file says
 * @config: for whom
 * @name: of the file, as in @config->files
 * @headed: a section has begun
 * @settings: where keys are to go; NULL: that section makes no sense
 * @of_reason: they are those of a reason
 */
struct reader {
	struct config *config;
	const char *name;
	bool headed;
	struct setting *settings;
	bool of_reason;
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

static void take_section(void *arg, unsigned int line, const char *name)
{
	struct reader *reader = arg;
	const char *reason = name + strlen(OF_REASON);

	reader->headed = true;
	reader->settings = NULL;
	reader->of_reason = !strncmp(name, OF_REASON, strlen(OF_REASON));
	if (reader->of_reason)
		reader->settings = find_reason(reader, line, reason);
	else if (!strcmp(name, SECTION))
		reader->settings = reader->config->settings;
	else
		complain(reader->config, reader->name, line,
			 "section '%s': [" SECTION "] and [" OF_REASON "NAME] are accepted",
			 name);
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

static void take_value(struct reader *reader, unsigned int line,
		       enum key_id id, const char *value)
{
	struct setting *setting = &reader->settings[id];
	const struct key *key = &keys[id];
	uint64_t number = 0;
	char *text;

	if (!key->parse(value, &number)) {
		complain(reader->config, reader->name, line,
			 "key '%s': '%s': %s", key->name, value, key->accepted);
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
	const char *like = key_like(name, reader->of_reason);

	complain(reader->config, reader->name, line,
		 "key '%s': there is none of that name%s%s%s", name,
		 like ? "; did you mean '" : "", like ? like : "",
		 like ? "'?" : "");
}

static void take_key(void *arg, unsigned int line, const char *name,
		     const char *value)
{
	struct reader *reader = arg;
	enum key_id id = key_find(name);
	const struct setting *setting;

	if (!reader->headed)
		complain(reader->config, reader->name, line,
			 "key '%s': it stands in no section, [" SECTION "] is missing above it",
			 name);
	if (!reader->settings)
		return;
	setting = &reader->settings[id];
	if (id == NR_KEYS)
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
static void print_value(enum key_id id, const char *text, FILE *to)
{
	fprintf(to, "%s = %s%s; ", keys[id].name, text,
		strlen(text) > 100 ? "\n" : " ");
}

static void print_reason(const struct config_reason *reason, FILE *to)
{
	int i;

	fprintf(to, "[" OF_REASON "%s]\n", reason->name);
	for (i = 0; i < NR_KEYS; i++) {
		if (!reason->settings[i].text)
			continue;
		print_value(i, reason->settings[i].text, to);
		print_origin(&reason->settings[i], to);
	}
}

void config_print(const struct config *config, FILE *to)
{
	size_t i;

	fputs("[" SECTION "]\n", to);
	for (i = 0; i < NR_KEYS; i++) {
		print_value(i, config_text(config, i), to);
		print_origin(&config->settings[i], to);
	}
	for (i = 0; i < config->nr_reasons; i++)
		print_reason(&config->reasons[i], to);
}

static void forget_all(struct setting *settings)
{
	int i;

	for (i = 0; i < NR_KEYS; i++)
		forget(&settings[i]);
}

void config_free(struct config *config)
{
	size_t i;

	forget_all(config->settings);
	for (i = 0; i < config->nr_reasons; i++)
		forget_all(config->reasons[i].settings);
	free(config->reasons);
	for (i = 0; i < config->nr_files; i++)
		free(config->files[i]);
	free(config->files);
	*config = (struct config) { 0 };
}
