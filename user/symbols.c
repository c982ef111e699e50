// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ttlog.h>

#include "distance.h"
#include "symbols.h"

#define BLACKLIST	"/sys/kernel/debug/kprobes/blacklist"
#define NEAR		5	/* names that are offered */

/* All of a file, with a NUL; NULL if it can't be read. */
static char *read_all(const char *path, size_t *len)
{
	size_t room = 1 << 20, got;
	FILE *from = fopen(path, "re");
	char *text, *more;

	if (!from)
		return NULL;
	*len = 0;
	text = malloc(room);
	while (text) {
		got = fread(text + *len, 1, room - 1 - *len, from);
		*len += got;
		if (!got)
			break;
		if (*len < room - 1)
			continue;
		room *= 2;
		more = realloc(text, room);
		if (!more)
			free(text);
		text = more;
	}
	fclose(from);
	if (text)
		text[*len] = '\0';
	return text;
}

/* "ADDRESS TYPE NAME" or "ADDRESS TYPE NAME\t[MODULE]" */
static bool parse_line(char *line, struct symbol *symbol)
{
	char *type, *name, *module;

	symbol->address = strtoull(line, &type, 16);
	if (type == line || *type != ' ' || !type[1] || type[2] != ' ')
		return false;
	symbol->type = type[1];
	name = type + 3;
	symbol->name = name;
	symbol->module = "";
	module = strchr(name, '\t');
	if (module && module[1] == '[') {
		*module = '\0';
		symbol->module = module + 2;
		module[strcspn(module + 2, "]") + 2] = '\0';
	}
	return true;
}

/* Note the kernel's marks of where its code begins and ends, and that of its start. */
static void note_mark(struct symbols *symbols, const struct symbol *symbol)
{
	static const char *const names[] = {
		"_stext", "_etext", "_sinittext", "_einittext",
	};
	size_t i;

	if (*symbol->module)
		return;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(symbol->name, names[i]))
			symbols->marks[i] = symbol->address;
}

void symbols_read(struct symbols *symbols)
{
	size_t len, lines = 0;
	char *line, *rest;

	memset(symbols, 0, sizeof(*symbols));
	symbols->text = read_all("/proc/kallsyms", &len);
	if (!symbols->text)
		return;
	for (rest = symbols->text; *rest; rest++)
		lines += *rest == '\n';
	symbols->all = calloc(lines + 1, sizeof(*symbols->all));
	if (!symbols->all)
		return;
	rest = symbols->text;
	while (symbols->nr <= lines && (line = strsep(&rest, "\n"))) {
		if (!parse_line(line, &symbols->all[symbols->nr]))
			continue;
		note_mark(symbols, &symbols->all[symbols->nr]);
		symbols->nr++;
	}
}

void symbols_free(struct symbols *symbols)
{
	free(symbols->all);
	free(symbols->text);
}

/* From 7.x on the kernel says of much of its data that it is code. */
static bool is_code(const struct symbols *symbols, const struct symbol *symbol)
{
	const uint64_t *marks = symbols->marks;
	uint64_t at = symbol->address;

	if (!strchr("tTwW", symbol->type))
		return false;
	if (*symbol->module || !at || !marks[0] || !marks[1])
		return true;
	return (at >= marks[0] && at < marks[1]) ||
	       (at >= marks[2] && at < marks[3]);
}

/* Programs and trampolines have names too, but no function's. */
static bool is_function(const struct symbols *symbols,
			const struct symbol *symbol)
{
	return is_code(symbols, symbol) &&
	       strncmp(symbol->module, "__builtin__", 11) &&
	       strcmp(symbol->module, "bpf");
}

static bool is_place(const struct symbol *symbol, const char *place)
{
	const char *colon = strchr(place, ':');
	size_t len = colon ? colon - place : 0;

	if (!colon)
		return !strcmp(symbol->name, place);
	return !strcmp(symbol->name, colon + 1) &&
	       strlen(symbol->module) == len &&
	       !strncmp(symbol->module, place, len);
}

/* The first of the functions at this place; and how many there are. */
static const struct symbol *find(const struct symbols *symbols,
				 const char *place, size_t *nr)
{
	const struct symbol *s, *found = NULL;

	*nr = 0;
	for (s = symbols->all; s < symbols->all + symbols->nr; s++) {
		if (!is_function(symbols, s) || !is_place(s, place))
			continue;
		if (!*nr)
			found = s;
		++*nr;
	}
	return found;
}

/* Where each is, as far as that helps to name one. */
static void tell_several(const struct symbols *symbols, const char *place,
			 size_t nr)
{
	const struct symbol *s;

	warnx("there are %zu functions '%s', and a probe's name must be one's alone:",
	      nr, place);
	for (s = symbols->all; s < symbols->all + symbols->nr; s++) {
		if (!is_function(symbols, s) || !is_place(s, place))
			continue;
		if (*s->module)
			fprintf(stderr, "  %s:%s\n", s->module, s->name);
		else
			fprintf(stderr, "  %s in the kernel itself\n", s->name);
	}
}

/* Bytes up to what comes next; 0 where that isn't known. */
static uint64_t size_of(const struct symbols *symbols,
			const struct symbol *function)
{
	const struct symbol *s;
	uint64_t next = 0;

	if (!function->address)
		return 0;
	for (s = symbols->all; s < symbols->all + symbols->nr; s++) {
		if (s->address > function->address &&
		    (!next || s->address < next))
			next = s->address;
	}
	return next ? next - function->address : 0;
}

bool symbols_suit(const struct symbols *symbols, const char *place,
		  uint64_t offset)
{
	const struct symbol *function;
	uint64_t size;
	size_t nr;

	function = find(symbols, place, &nr);
	if (nr > 1) {
		tell_several(symbols, place, nr);
		return false;
	}
	size = function ? size_of(symbols, function) : 0;
	if (size && offset >= size) {
		warnx("offset +%#" PRIx64 " is beyond '%s', which has %" PRIu64 " bytes",
		      offset, place, size);
		return false;
	}
	return true;
}

/**
 * struct near - names that are like one, the closest first
 */
struct near {
	const char *name[NEAR];
	unsigned int distance[NEAR];
	size_t nr;
};

static void near_add(struct near *near, const char *name, unsigned int distance)
{
	size_t i, at;

	for (i = 0; i < near->nr; i++)
		if (!strcmp(near->name[i], name))
			return;
	for (at = 0; at < near->nr; at++)
		if (distance < near->distance[at] ||
		    (distance == near->distance[at] &&
		     strcmp(name, near->name[at]) < 0))
			break;
	if (at == NEAR)
		return;
	near->nr += near->nr < NEAR;
	for (i = near->nr - 1; i > at; i--) {
		near->name[i] = near->name[i - 1];
		near->distance[i] = near->distance[i - 1];
	}
	near->name[at] = name;
	near->distance[at] = distance;
}

/* What the compiler made of a function that isn't there under its own name. */
static bool is_variant(const struct symbols *symbols,
		       const struct symbol *symbol, const char *name)
{
	size_t len = strlen(name);

	return is_function(symbols, symbol) && !strncmp(symbol->name, name, len) &&
	       symbol->name[len] == '.';
}

static void collect(const struct symbols *symbols, const char *name,
		    struct near *variants, struct near *near)
{
	unsigned int limit = strlen(name) / 4 + 1, far;
	const struct symbol *s;

	for (s = symbols->all; s < symbols->all + symbols->nr; s++) {
		if (is_variant(symbols, s, name))
			near_add(variants, s->name, 0);
		/* Neither compiler's variants nor what stands before entries. */
		if (!is_function(symbols, s) || strchr(s->name, '.') ||
		    !strncmp(s->name, "__pfx_", 6) ||
		    !strncmp(s->name, "__cfi_", 6))
			continue;
		far = distance(name, s->name, limit);
		if (far <= limit)
			near_add(near, s->name, far);
	}
}

static void print_names(const struct near *near)
{
	size_t i;

	for (i = 0; i < near->nr; i++)
		fprintf(stderr, "  %s\n", near->name[i]);
}

static bool is_data(const struct symbols *symbols, const char *place)
{
	const struct symbol *s;

	for (s = symbols->all; s < symbols->all + symbols->nr; s++)
		if (is_place(s, place) && !is_code(symbols, s))
			return true;
	return false;
}

void symbols_explain_unknown(const struct symbols *symbols, const char *place)
{
	struct near variants = { .nr = 0 }, near = { .nr = 0 };
	const char *colon = strchr(place, ':');

	collect(symbols, colon ? colon + 1 : place, &variants, &near);
	if (variants.nr) {
		warnx("there is no function '%s': the compiler made another of it, which can be probed:",
		      place);
		print_names(&variants);
		return;
	}
	warnx("there is no function '%s': misspelt, in a module that isn't loaded, or inlined everywhere%s",
	      place, near.nr ? "; names like it:" : "");
	print_names(&near);
}

/* Lines "FIRST-BEHIND\tNAME". */
static bool is_blacklisted(const struct symbol *function, uint64_t offset)
{
	uint64_t first, behind, address = function->address + offset;
	char *text, *rest, *line, *at;
	bool found = false;
	size_t len;

	text = read_all(BLACKLIST, &len);
	rest = text;
	while (!found && rest && (line = strsep(&rest, "\n"))) {
		first = strtoull(line, &at, 16);
		if (*at != '-')
			continue;
		behind = strtoull(at + 1, &at, 16);
		found = (*at && !strcmp(at + 1, function->name)) ||
			(address >= first && address < behind);
	}
	free(text);
	return found;
}

/* Lines "NAME" or "NAME [MODULE]"; true also where they can't be read. */
static bool is_traced(const char *name)
{
	static const char *const paths[] = {
		"/sys/kernel/tracing/available_filter_functions",
		"/sys/kernel/debug/tracing/available_filter_functions",
	};
	char *text = NULL, *rest, *line;
	bool found = false;
	size_t len, i;

	for (i = 0; !text && i < sizeof(paths) / sizeof(paths[0]); i++)
		text = read_all(paths[i], &len);
	if (!text)
		return true;
	rest = text;
	while (!found && (line = strsep(&rest, "\n"))) {
		line[strcspn(line, " \t")] = '\0';
		found = !strcmp(line, name);
	}
	free(text);
	return found;
}

void symbols_explain_refused(const struct symbols *symbols, const char *place,
			     uint64_t offset)
{
	const struct symbol *function;
	size_t nr;

	function = find(symbols, place, &nr);
	if (!function && is_data(symbols, place))
		warnx("'%s' is data: only functions can be probed", place);
	else if (!function)
		warnx("'%s' can't be probed: the kernel refuses it", place);
	else if (!strcmp(function->module, "ttlog"))
		warnx("'%s' can't be probed: it is the recorder's own", place);
	else if (is_blacklisted(function, offset))
		warnx("'%s' can't be probed: it is on the kernel's list of such functions (%s)",
		      place, BLACKLIST);
	else if (!is_traced(function->name))
		warnx("'%s' can't be probed: it is marked notrace", place);
	else
		warnx("'%s' can't be probed at +%#" PRIx64 ": the kernel refuses it",
		      place, offset);
}
