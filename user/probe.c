// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "args.h"
#include "channels.h"
#include "cmd.h"
#include "command.h"
#include "device.h"
#include "levels.h"
#include "put.h"
#include "reason.h"
#include "symbols.h"

#define NUMBER_MAX	1000000000UL	/* of --sample and --rate, as the ABI says */
#define DEFAULT_REASON	"probe"
#define LOCKDOWN	"/sys/kernel/security/lockdown"
#define PLACE_TEXT	(TTLOG_SYMBOL_LEN + 32)

/* A decimal number and nothing else; false if it is none or out of bounds. */
static bool parse_number(const char *text, uint64_t low, uint64_t high,
			 uint64_t *number)
{
	char *end;

	if (!*text || strspn(text, "0123456789") != strlen(text))
		return false;
	errno = 0;
	*number = strtoull(text, &end, 10);
	return !errno && *number >= low && *number <= high;
}

/*
 * SYMBOL, or SYMBOL+OFFSET with a decimal or hexadecimal offset. @offset stays as it
 * is where there is none.
 */
static bool parse_place(const char *text, char *symbol, uint64_t *offset)
{
	const char *plus = strchr(text, '+');
	size_t i, len = plus ? (size_t)(plus - text) : strlen(text);
	char *end;

	for (i = 0; i < len && text[i] > 0x20 && text[i] < 0x7f; i++)
		;
	if (!len || len >= TTLOG_SYMBOL_LEN || i < len)
		return false;
	memcpy(symbol, text, len);
	symbol[len] = '\0';
	if (!plus)
		return true;
	if (plus[1] < '0' || plus[1] > '9')
		return false;
	errno = 0;
	*offset = strtoull(plus + 1, &end,
			   !strncmp(plus + 1, "0x", 2) ? 16 : 10);
	return !errno && !*end;
}

static void format_place(char *to, const struct ttlog_probe *probe)
{
	if (probe->offset)
		snprintf(to, PLACE_TEXT, "%.*s+%#" PRIx64, TTLOG_SYMBOL_LEN,
			 probe->symbol, (uint64_t)probe->offset);
	else
		snprintf(to, PLACE_TEXT, "%.*s", TTLOG_SYMBOL_LEN,
			 probe->symbol);
}

/* The next probe from this id on; errno is ENOENT where there is none. */
static bool next_probe(const struct device *device, uint32_t id,
		       struct ttlog_probe_stat *stat)
{
	memset(stat, 0, sizeof(*stat));
	stat->probe.id = id;
	return !ioctl(device->fd, TTLOG_IOC_PROBE_STAT, stat);
}

/* ---- add */

static void take_reason(struct argp_state *state, struct ttlog_probe *probe,
			const char *reason)
{
	if (!reason_valid(reason))
		argp_error(state, "reason '%s': 1 to %d of the characters A-Z a-z 0-9 _ - are accepted",
			   reason, TTLOG_REASON_MAX);
	strcpy(probe->reason, reason);
	probe->flags |= TTLOG_PROBE_TRIGGER;
}

static void take_sample(struct argp_state *state, struct ttlog_probe *probe,
			const char *arg)
{
	uint64_t number;

	if (strncmp(arg, "1/", 2) ||
	    !parse_number(arg + 2, 1, NUMBER_MAX, &number))
		argp_error(state, "sample '%s': 1/N with N from 1 to %lu is accepted",
			   arg, NUMBER_MAX);
	else
		probe->sample = number;
}

/* N, or N/s. */
static void take_rate(struct argp_state *state, struct ttlog_probe *probe,
		      const char *arg)
{
	size_t len = strlen(arg);
	uint64_t number = 0;
	char digits[16];

	if (len > 2 && !strcmp(arg + len - 2, "/s"))
		len -= 2;
	if (len >= sizeof(digits))
		len = 0;
	memcpy(digits, arg, len);
	digits[len] = '\0';
	if (!parse_number(digits, 1, NUMBER_MAX, &number))
		argp_error(state, "rate '%s': N/s with N from 1 to %lu is accepted",
			   arg, NUMBER_MAX);
	probe->rate = number;
}

static void take_place(struct argp_state *state, struct ttlog_probe *probe,
		       const char *arg)
{
	uint64_t offset = 0;

	if (*probe->symbol)
		argp_error(state, "one function is accepted: '%s' is too much",
			   arg);
	if (!parse_place(arg, probe->symbol, &offset))
		argp_error(state, "function '%s': SYMBOL or SYMBOL+OFFSET is accepted, with 1 to %d printable ASCII characters and a decimal or hexadecimal (0x) number",
			   arg, TTLOG_SYMBOL_LEN - 1);
	probe->offset = offset;
}

static void check_together(struct argp_state *state,
			   const struct ttlog_probe *probe)
{
	if (!*probe->symbol)
		argp_usage(state);
	if (!(probe->flags & TTLOG_PROBE_RETURN) && !probe->offset)
		return;
	if (probe->nr_args)
		argp_error(state, "--args is accepted at the beginning of a function only: not with %s",
			   probe->offset ? "an offset" : "--ret");
	if (probe->flags & TTLOG_PROBE_RETURN && probe->offset)
		argp_error(state, "--ret is of a whole function: no offset is accepted with it");
}

enum {
	KEY_LEVEL = 'l',
	KEY_ARGS = 'a',
	KEY_RET = 'r',
	KEY_SAMPLE = 's',
	KEY_RATE = 256,
	KEY_TRIGGER = 't',
};

static error_t parse_add(int key, char *arg, struct argp_state *state)
{
	struct ttlog_probe *probe = state->input;
	uint64_t number = 0;
	int level;

	switch (key) {
	case KEY_LEVEL:
		level = level_parse(arg, strlen(arg));
		if (level < 0)
			argp_error(state, "level '%s': accepted are %s", arg,
				   LEVEL_CHOICES);
		probe->level = level;
		return 0;
	case KEY_ARGS:
		if (!parse_number(arg, 0, TTLOG_PROBE_ARGS, &number))
			argp_error(state, "args '%s': 0 to %d are accepted",
				   arg, TTLOG_PROBE_ARGS);
		probe->nr_args = number;
		return 0;
	case KEY_RET:
		probe->flags |= TTLOG_PROBE_RETURN;
		return 0;
	case KEY_SAMPLE:
		take_sample(state, probe, arg);
		return 0;
	case KEY_RATE:
		take_rate(state, probe, arg);
		return 0;
	case KEY_TRIGGER:
		take_reason(state, probe, arg ? arg : DEFAULT_REASON);
		return 0;
	case ARGP_KEY_ARG:
		take_place(state, probe, arg);
		return 0;
	case ARGP_KEY_END:
		check_together(state, probe);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* Kprobes are among what "confidentiality" forbids. */
static bool is_locked_down(void)
{
	char text[128] = "";
	FILE *from = fopen(LOCKDOWN, "re");

	if (!from)
		return false;
	if (!fgets(text, sizeof(text), from))
		*text = '\0';
	fclose(from);
	return strstr(text, "[confidentiality]");
}

static int add_not_permitted(void)
{
	if (is_locked_down())
		warnx("the kernel is locked down (confidentiality): it lets nobody set probes, root neither");
	else
		warnx("no permission to set a probe: it takes CAP_SYS_ADMIN, and a kernel that isn't locked down");
	return EXIT_PERMISSION;
}

static int add_failed(const struct ttlog_probe *probe,
		      const struct symbols *symbols)
{
	char place[PLACE_TEXT];

	format_place(place, probe);
	switch (errno) {
	case EPERM:
		return add_not_permitted();
	case ENOENT:
		symbols_explain_unknown(symbols, probe->symbol);
		return EXIT_OTHER;
	case EOPNOTSUPP:
		symbols_explain_refused(symbols, probe->symbol, probe->offset);
		return EXIT_OTHER;
	case EILSEQ:
		warnx("'%s': no instruction of '%s' begins at that offset",
		      place, probe->symbol);
		return EXIT_OTHER;
	case EBUSY:
		warnx("the kernel's probes are switched off as a whole: write 1 to /sys/kernel/debug/kprobes/enabled");
		return EXIT_OTHER;
	case EEXIST:
		warnx("'%s' is probed so already: see 'ttlog probe list'",
		      place);
		return EXIT_OTHER;
	case ENOSPC:
		warnx("%d different probes were set already, as many as there can be until the module is loaded again",
		      TTLOG_NR_PROBES);
		if (probe->flags & TTLOG_PROBE_TRIGGER)
			warnx("or triggers have %d different reasons, as many as there can be at once",
			      TTLOG_NR_REASONS);
		return EXIT_OTHER;
	}
	return device_failed("set a probe");
}

static int add(const struct ttlog_probe *wanted)
{
	struct ttlog_probe probe = *wanted;
	struct symbols symbols;
	struct device device;
	int status;

	status = device_open(&device, O_RDONLY);
	if (status)
		return status;
	symbols_read(&symbols);
	if (!symbols_suit(&symbols, probe.symbol, probe.offset))
		status = EXIT_OTHER;
	else if (ioctl(device.fd, TTLOG_IOC_PROBE_ADD, &probe))
		status = add_failed(wanted, &symbols);
	else
		printf("%u\n", probe.id);
	symbols_free(&symbols);
	device_close(&device);
	return status;
}

static int probe_add(int argc, char **argv)
{
	static const struct argp_option list[] = {
		{ "level", KEY_LEVEL, "LEVEL", 0,
		  "Level of its events (info)", 0 },
		{ "args", KEY_ARGS, "N", 0,
		  "Record the first N arguments, at most 6", 0 },
		{ "ret", KEY_RET, NULL, 0,
		  "Record when the function returns, and what", 0 },
		{ "sample", KEY_SAMPLE, "1/N", 0,
		  "Record each CPU's every Nth hit only", 0 },
		{ "rate", KEY_RATE, "N/s", 0,
		  "Record at most N hits a second", 0 },
		{ "trigger", KEY_TRIGGER, "REASON", OPTION_ARG_OPTIONAL,
		  "What is recorded asks for a snapshot (" DEFAULT_REASON ")", 0 },
		{ 0 }
	};
	static const struct argp argp = {
		.options = list,
		.parser = parse_add,
		.args_doc = "SYMBOL[+OFFSET]",
		.doc = "Set a probe: each call of the kernel's function SYMBOL is an event. Prints its id."
		       "\vMODULE:SYMBOL is a function of a module. Levels: " LEVEL_CHOICES ".",
	};
	struct ttlog_probe probe = { .level = TTLOG_INFO, .sample = 1 };

	args_parse(&argp, argc, argv, 0, &probe);
	return add(&probe);
}

/* ---- list */

/* What is recorded of it: "call", "2 args", "return", and what limits that. */
static void format_what(char *to, size_t room, const struct ttlog_probe *probe)
{
	size_t len;

	if (probe->flags & TTLOG_PROBE_RETURN)
		len = snprintf(to, room, "return");
	else if (probe->nr_args)
		len = snprintf(to, room, "%u arg%s", probe->nr_args,
			       probe->nr_args > 1 ? "s" : "");
	else
		len = snprintf(to, room, "call");
	if (probe->sample > 1)
		len += snprintf(to + len, room - len, ", 1/%u", probe->sample);
	if (probe->rate)
		len += snprintf(to + len, room - len, ", %u/s", probe->rate);
	if (probe->flags & TTLOG_PROBE_GONE)
		snprintf(to + len, room - len, ", gone");
}

static void print_probe(const struct ttlog_probe_stat *stat)
{
	const struct ttlog_probe *probe = &stat->probe;
	uint64_t lost[TTLOG_NR_LOST];
	char place[PLACE_TEXT], what[64];
	int i;

	format_place(place, probe);
	format_what(what, sizeof(what), probe);
	printf("%3u %-30s %-14s %-7s ", probe->id, place, what,
	       level_name(probe->level));
	printf("%10" PRIu64 " %10" PRIu64 " %8" PRIu64 " %-10s ",
	       (uint64_t)stat->hits, (uint64_t)stat->recorded,
	       (uint64_t)stat->missed,
	       probe->flags & TTLOG_PROBE_TRIGGER ? probe->reason : "-");
	for (i = 0; i < TTLOG_NR_LOST; i++)
		lost[i] = stat->lost[i];
	lost_print(lost);
}

static struct json_object *json_probe(const struct ttlog_probe_stat *stat)
{
	const struct ttlog_probe *probe = &stat->probe;
	struct json_object *to = new_object();
	bool gone = probe->flags & TTLOG_PROBE_GONE;
	uint64_t lost[TTLOG_NR_LOST];
	int i;

	put_number(to, "id", probe->id);
	put_text(to, "symbol", probe->symbol);
	put_number(to, "offset", probe->offset);
	put(to, "return",
	    json_object_new_boolean(probe->flags & TTLOG_PROBE_RETURN));
	put_number(to, "args", probe->nr_args);
	put_text(to, "level", level_name(probe->level));
	put_number(to, "sample", probe->sample);
	put_number(to, "rate", probe->rate);
	if (probe->flags & TTLOG_PROBE_TRIGGER)
		put_text(to, "trigger", probe->reason);
	put(to, "gone", json_object_new_boolean(gone));
	put_number(to, "hits", stat->hits);
	put_number(to, "recorded", stat->recorded);
	put_number(to, "missed", stat->missed);
	for (i = 0; i < TTLOG_NR_LOST; i++)
		lost[i] = stat->lost[i];
	put_lost(to, lost);
	return to;
}

static void print_head(void)
{
	printf("%3s %-30s %-14s %-7s %10s %10s %8s %-10s %s\n", "ID", "SYMBOL",
	       "WHAT", "LEVEL", "HITS", "RECORDED", "MISSED", "TRIGGER",
	       "LOST");
}

static int list_probes(bool json)
{
	struct json_object *all = json ? new_array() : NULL;
	struct ttlog_probe_stat stat;
	struct device device;
	uint32_t id = 0;
	int status;

	status = device_open(&device, O_RDONLY);
	if (status)
		return status;
	if (!json)
		print_head();
	for (; next_probe(&device, id, &stat); id = stat.probe.id + 1) {
		if (json)
			append(all, json_probe(&stat));
		else
			print_probe(&stat);
	}
	if (errno != ENOENT)
		status = device_failed("list the probes");
	else if (json)
		json_print(all);
	device_close(&device);
	return status;
}

static int probe_list(int argc, char **argv)
{
	static const struct argp_option list[] = {
		{ "json", 'j', NULL, 0, "Print a JSON array", 0 },
		{ 0 }
	};
	static const struct argp argp = {
		.options = list,
		.parser = json_parse,
		.doc = "Show the probes that are set, how often each was hit, and what became of the hits.",
	};
	bool json = false;

	args_parse(&argp, argc, argv, 0, &json);
	return list_probes(json);
}

/* ---- del, clear */

/**
 * struct choice - which probes
 * @text: as it was given; NULL: all
 * @by_id: the one with @id; otherwise those at @symbol
 * @id: of a probe
 * @symbol: a function
 * @offset: bytes into it; ANY_OFFSET: any
 */
struct choice {
	const char *text;
	bool by_id;
	uint32_t id;
	char symbol[TTLOG_SYMBOL_LEN];
	uint64_t offset;
};

#define ANY_OFFSET	UINT64_MAX

static bool is_chosen(const struct choice *choice,
		      const struct ttlog_probe *probe)
{
	if (!choice->text)
		return true;
	if (choice->by_id)
		return probe->id == choice->id;
	return !strcmp(choice->symbol, probe->symbol) &&
	       (choice->offset == ANY_OFFSET ||
		choice->offset == probe->offset);
}

static int del_failed(void)
{
	if (errno == EPERM) {
		warnx("no permission to remove a probe: it takes CAP_SYS_ADMIN");
		return EXIT_PERMISSION;
	}
	return device_failed("remove a probe");
}

static int del_chosen(const struct device *device, const struct choice *choice)
{
	struct ttlog_probe_stat stat;
	struct ttlog_probe_id which;
	unsigned int found = 0;
	uint32_t id = 0;

	for (; next_probe(device, id, &stat); id = stat.probe.id + 1) {
		if (!is_chosen(choice, &stat.probe))
			continue;
		found++;
		which = (struct ttlog_probe_id){ .id = stat.probe.id };
		/* Somebody else may have removed it meanwhile. */
		if (ioctl(device->fd, TTLOG_IOC_PROBE_DEL, &which) &&
		    errno != ENOENT)
			return del_failed();
	}
	if (errno != ENOENT)
		return device_failed("list the probes");
	if (choice->text && !found) {
		warnx("no probe is set that is '%s': see 'ttlog probe list'",
		      choice->text);
		return EXIT_OTHER;
	}
	return EXIT_OK;
}

static int del(const struct choice *choice)
{
	struct device device;
	int status;

	status = device_open(&device, O_RDONLY);
	if (status)
		return status;
	status = del_chosen(&device, choice);
	device_close(&device);
	return status;
}

static error_t parse_del(int key, char *arg, struct argp_state *state)
{
	struct choice *choice = state->input;
	uint64_t id;

	switch (key) {
	case ARGP_KEY_ARG:
		if (choice->text)
			argp_error(state, "one probe is accepted: '%s' is too much",
				   arg);
		choice->text = arg;
		choice->offset = ANY_OFFSET;
		choice->by_id = parse_number(arg, 0, UINT32_MAX, &id);
		if (choice->by_id)
			choice->id = id;
		else if (!parse_place(arg, choice->symbol, &choice->offset))
			argp_error(state, "probe '%s': an id, SYMBOL or SYMBOL+OFFSET is accepted",
				   arg);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_usage(state);
		return EINVAL;
	}
	return ARGP_ERR_UNKNOWN;
}

static int probe_del(int argc, char **argv)
{
	static const struct argp argp = {
		.parser = parse_del,
		.args_doc = "ID | SYMBOL[+OFFSET]",
		.doc = "Remove a probe by its id, all probes of a function, or those at an offset of it (+0: its beginning).",
	};
	struct choice choice = { 0 };

	args_parse(&argp, argc, argv, 0, &choice);
	return del(&choice);
}

static error_t parse_nothing(int key, char *arg, struct argp_state *state)
{
	if (key != ARGP_KEY_ARG)
		return ARGP_ERR_UNKNOWN;
	argp_error(state, "unexpected argument '%s'", arg);
	return EINVAL;
}

static int probe_clear(int argc, char **argv)
{
	static const struct argp argp = {
		.parser = parse_nothing,
		.doc = "Remove all probes.",
	};
	static const struct choice all;

	args_parse(&argp, argc, argv, 0, NULL);
	return del(&all);
}

/* ---- the command */

static const struct command commands[] = {
	{ "add", "set a probe", probe_add },
	{ "clear", "remove all probes", probe_clear },
	{ "del", "remove probes", probe_del },
	{ "list", "show the probes and what became of their hits", probe_list },
	{ 0 }
};

int cmd_probe(int argc, char **argv)
{
	return command_run(commands, "Record calls of kernel functions, or their returns.\v"
			   "'ttlog probe COMMAND --help' tells more of each.",
			   argc, argv);
}
