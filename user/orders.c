// SPDX-License-Identifier: GPL-2.0-only
#include <assert.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "folder.h"
#include "helper.h"
#include "orders.h"
#include "policy.h"
#include "snapfile.h"
#include "utf8.h"

/* What a file's name may add to the folder's path, with its slash. */
#define NAME_ROOM	(SNAPFILE_STEM + 16)

static int load(const struct orders *orders, struct config *config)
{
	int id;

	config_load(config, orders->path);
	for (id = 0; id < NR_KEYS; id++) {
		if (orders->given[id])
			config_set(config, id, orders->given[id]);
	}
	return config->status;
}

/* A path is told to others, whose working directory is another, and printed. */
static int find_folder(char *path, const char *given)
{
	struct stat st;

	if (!realpath(given, path)) {
		warn("the folder %s", given);
		return folder_status(-errno);
	}
	if (!utf8_safe(path, strlen(path))) {
		warnx("the path of the folder has a control character or isn't UTF-8, and would be printed");
		return EXIT_USAGE;
	}
	if (stat(path, &st) || !S_ISDIR(st.st_mode)) {
		warnx("%s is no folder", path);
		return EXIT_FOLDER;
	}
	if (strlen(path) > TTLOG_PATH_MAX - NAME_ROOM) {
		warnx("the path of the folder is too long: %zu bytes, at most %d are accepted",
		      strlen(path), TTLOG_PATH_MAX - NAME_ROOM);
		return EXIT_USAGE;
	}
	return EXIT_OK;
}

static void use_default_folder(struct orders *orders, struct helper *helper)
{
	strcpy(orders->folder, FOLDER_DEFAULT);
	helper->folder = orders->folder;
	helper->make = true;
	/* That it can't be made now is no reason not to wait for triggers. */
	if (!helper->once)
		folder_make_default();
}

/* Where it is said as before it stays: it is looked at with each file. */
static bool is_as_before(const struct orders *orders, const struct helper *helper,
			 const struct config *config)
{
	return helper->folder && !strcmp(config_text(config, KEY_FOLDER),
					 config_text(&orders->config, KEY_FOLDER));
}

static int choose_folder(struct orders *orders, struct helper *helper,
			 const struct config *config)
{
	const char *text = config_text(config, KEY_FOLDER);
	char path[PATH_MAX];
	int status;

	if (is_as_before(orders, helper, config))
		return EXIT_OK;
	if (!orders->given[KEY_FOLDER] && !strcmp(text, FOLDER_DEFAULT)) {
		use_default_folder(orders, helper);
		return EXIT_OK;
	}
	status = find_folder(path, text);
	/* At the start it may become writable; one that is changed to is so now. */
	if (!status && helper->folder &&
	    faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS)) {
		warn("the folder %s", path);
		status = folder_status(-errno);
	}
	if (!status) {
		strcpy(orders->folder, path);
		helper->folder = orders->folder;
		helper->make = false;
	} else if (helper->once && !orders->given[KEY_FOLDER]) {
		/* What the kernel has started it for is saved somewhere. */
		warnx("files go to %s instead", FOLDER_DEFAULT);
		use_default_folder(orders, helper);
		return EXIT_OK;
	}
	return status;
}

static struct limits limits_of(const struct setting *settings, const char *reason)
{
	struct limits limits = {
		.files = settings[KEY_KEEP_FILES].number,
		.bytes = settings[KEY_KEEP_BYTES].number,
		.age = settings[KEY_KEEP_AGE].number,
	};

	strcpy(limits.reason, reason);
	return limits;
}

static_assert(CONFIG_REASONS <= RETAIN_REASONS, "each has limits");

static void set_retention(struct retention *keep, const struct config *config)
{
	uint64_t free = config_number(config, KEY_KEEP_FREE);
	size_t i;

	keep->all = limits_of(config->settings, "");
	keep->all.bytes = config_number(config, KEY_KEEP_BYTES);
	keep->free = free & ~KEY_PER_CENT;
	keep->per_cent = free & KEY_PER_CENT;
	keep->nr_reasons = config->nr_reasons;
	for (i = 0; i < config->nr_reasons; i++)
		keep->reasons[i] = limits_of(config->reasons[i].settings,
					     config->reasons[i].name);
}

/* Of a reason what it has itself, otherwise what holds for all. */
static struct hook_order hook_of(const struct config *config,
				 const struct config_reason *reason)
{
	const struct setting *hook = &reason->settings[KEY_HOOK];
	const struct setting *timeout = &reason->settings[KEY_HOOK_TIMEOUT];
	struct hook_order order = {
		.program = hook->text ? hook->text :
					config_text(config, KEY_HOOK),
		.timeout = timeout->text ? timeout->number :
					   config_number(config, KEY_HOOK_TIMEOUT),
	};

	strcpy(order.reason, reason->name);
	return order;
}

static_assert(CONFIG_REASONS <= HOOKS_REASONS, "each may have one");

static void set_hooks(struct hooks *hooks, const struct config *config)
{
	size_t i;

	hooks->otherwise.program = config_text(config, KEY_HOOK);
	hooks->otherwise.timeout = config_number(config, KEY_HOOK_TIMEOUT);
	hooks->nr_orders = config->nr_reasons;
	for (i = 0; i < config->nr_reasons; i++)
		hooks->orders[i] = hook_of(config, &config->reasons[i]);
}

/* The module runs the one-shot: the helper of that folder may be told something else. */
static void put_in_force(struct orders *orders, struct helper *helper,
			 const struct config *config)
{
	config_free(&orders->config);
	orders->config = *config;
	helper->service = config_text(&orders->config, KEY_SERVICE);
	helper->interval = config_number(&orders->config, KEY_TIMER);
	set_hooks(&helper->hooks, &orders->config);
	if (!helper->once)
		set_retention(&helper->keep, &orders->config);
	else if (orders->given[KEY_KEEP_BYTES])
		helper->keep.all.bytes = config_number(&orders->config,
						       KEY_KEEP_BYTES);
}

int orders_take(struct orders *orders, struct helper *helper)
{
	struct config config = { 0 };
	int status = load(orders, &config);

	if (status && helper->once) {
		warnx("goes on with what is right of its configuration");
		status = EXIT_OK;
	}
	if (!status)
		status = choose_folder(orders, helper, &config);
	if (status)
		config_free(&config);
	else
		put_in_force(orders, helper, &config);
	return status;
}

static void check_folder(const struct orders *orders, struct config *config)
{
	char path[PATH_MAX];
	const char *text = config_text(config, KEY_FOLDER);

	if (!orders->given[KEY_FOLDER] && !strcmp(text, FOLDER_DEFAULT))
		return;
	if (find_folder(path, text))
		config_wrong(config, &config->settings[KEY_FOLDER], KEY_FOLDER,
			     "the path of a folder that is there is accepted", "");
}

static void check_hook(struct config *config, const struct setting *setting)
{
	if (!setting->text || !*setting->text || !access(setting->text, X_OK))
		return;
	config_wrong(config, setting, KEY_HOOK, "it can't be run: ",
		     strerror(errno));
}

int orders_check(const struct orders *orders)
{
	struct config config = { 0 };
	size_t i;
	int status;

	load(orders, &config);
	check_folder(orders, &config);
	check_hook(&config, &config.settings[KEY_HOOK]);
	for (i = 0; i < config.nr_reasons; i++)
		check_hook(&config, &config.reasons[i].settings[KEY_HOOK]);
	status = config.status;
	if (!status)
		config_print(&config, stdout);
	config_free(&config);
	return status;
}

void orders_enforce(const struct orders *orders, const struct device *device)
{
	policy_apply(device, &orders->config);
}

int orders_configure(const struct orders *orders)
{
	struct config config = { 0 };
	struct device device;
	int status;

	load(orders, &config);
	/* A helper that finds none keeps what it has. */
	check_folder(orders, &config);
	status = config.status;
	if (!status)
		status = device_open(&device, O_RDONLY);
	if (!status) {
		status = policy_apply(&device, &config);
		device_close(&device);
	}
	config_free(&config);
	return status;
}
