// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module parameter "probes": what is probed from load on. A text that isn't
 * understood fails the load, as for the other parameters. A function that this
 * kernel doesn't have, or doesn't let probe, is only warned of: one configuration
 * serves many kernels. Between two semicolons, and at the ends, there may be nothing.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "params.h"
#include "probe.h"

static char *probes;
module_param(probes, charp, 0444);
MODULE_PARM_DESC(probes,
		 "kernel functions to probe: SYMBOL[+OFFSET][,args=0 to 6][,ret][,level=LEVEL][,sample=1/N][,rate=N][,trigger[=REASON]][;...]; default none");

/**
 * struct option - what may follow a symbol
 * @name: up to the "="
 * @accepts: for the message about a value that isn't
 * @take: false if the value isn't accepted; it is NULL where there is no "="
 */
struct option {
	const char *name;
	const char *accepts;
	bool (*take)(struct ttlog_probe *probe, const char *value);
};

static bool take_number(const char *value, u32 low, u32 high, u32 *number)
{
	return value && !kstrtou32(value, 10, number) && *number >= low &&
	       *number <= high;
}

static bool take_args(struct ttlog_probe *probe, const char *value)
{
	return take_number(value, 0, TTLOG_PROBE_ARGS, &probe->nr_args);
}

static bool take_ret(struct ttlog_probe *probe, const char *value)
{
	probe->flags |= TTLOG_PROBE_RETURN;
	return !value;
}

static bool take_level(struct ttlog_probe *probe, const char *value)
{
	return value && ttlog_params_level(value, &probe->level);
}

static bool take_sample(struct ttlog_probe *probe, const char *value)
{
	return value && !strncmp(value, "1/", 2) &&
	       take_number(value + 2, 1, TTLOG_PROBE_NUMBER_MAX,
			   &probe->sample);
}

static bool take_rate(struct ttlog_probe *probe, const char *value)
{
	return take_number(value, 1, TTLOG_PROBE_NUMBER_MAX, &probe->rate);
}

static bool take_trigger(struct ttlog_probe *probe, const char *value)
{
	static const char accepted[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
	size_t len;

	if (!value)
		value = "probe";
	len = strlen(value);
	if (!len || len > TTLOG_REASON_MAX || strspn(value, accepted) != len)
		return false;
	probe->flags |= TTLOG_PROBE_TRIGGER;
	strscpy(probe->reason, value, sizeof(probe->reason));
	return true;
}

static const struct option options[] = {
	{ "args", "args=0 to args=6", take_args },
	{ "ret", "ret", take_ret },
	{ "level", "level=0 to level=7 or a level's name", take_level },
	{ "sample", "sample=1/N with N from 1 to 1000000000", take_sample },
	{ "rate", "rate=1 to rate=1000000000", take_rate },
	{ "trigger", "trigger or trigger=REASON with 1 to 32 of A-Z a-z 0-9 _ -",
	  take_trigger },
};

/* Tell what is wrong with a part of one probe's text. */
static int refuse(const char *text, const char *part, const char *accepts)
{
	pr_err("probes=%s: '%s': expected %s\n", text, part, accepts);
	return -EINVAL;
}

static int read_option(struct ttlog_probe *probe, const char *text, char *part)
{
	char *value = strchr(part, '=');
	size_t len = value ? value - part : strlen(part);
	const struct option *o;

	for (o = options; o < options + ARRAY_SIZE(options); o++) {
		if (strlen(o->name) != len || strncmp(o->name, part, len))
			continue;
		if (o->take(probe, value ? value + 1 : NULL))
			return 0;
		return refuse(text, part, o->accepts);
	}
	return refuse(text, part, "args=, ret, level=, sample=, rate= or trigger");
}

static int read_place(struct ttlog_probe *probe, const char *text, char *part)
{
	char *plus = strchr(part, '+'), *c;

	if (plus) {
		if (kstrtou64(plus + 1, 0, &probe->offset))
			return refuse(text, part, "SYMBOL+OFFSET");
		*plus = '\0';
	}
	for (c = part; *c > 0x20 && *c < 0x7f; c++)
		;
	if (c == part || *c || c - part >= TTLOG_SYMBOL_LEN)
		return refuse(text, part, "the name of a function, of 1 to 127 characters");
	strscpy(probe->symbol, part, sizeof(probe->symbol));
	return 0;
}

/* What can't be together is known only at the end. */
static int check_together(const struct ttlog_probe *probe, const char *text)
{
	bool is_return = probe->flags & TTLOG_PROBE_RETURN;

	if (probe->nr_args && is_return)
		return refuse(text, "args", "no args together with ret");
	if (probe->nr_args && probe->offset)
		return refuse(text, "args", "no args together with an offset");
	if (is_return && probe->offset)
		return refuse(text, "ret", "no ret together with an offset");
	return 0;
}

/* One probe's text, which is taken apart; @text is the same, for messages. */
static int read_probe(struct ttlog_probe *probe, const char *text, char *parts)
{
	char *part = strsep(&parts, ",");
	int ret;

	*probe = (struct ttlog_probe){ .level = TTLOG_INFO, .sample = 1 };
	ret = read_place(probe, text, part);
	while (!ret) {
		part = strsep(&parts, ",");
		if (!part)
			return check_together(probe, text);
		ret = read_option(probe, text, part);
	}
	return ret;
}

static const char *why(int error)
{
	switch (error) {
	case -ENOENT:
		return "no such function: misspelt, not loaded, or inlined everywhere";
	case -EOPNOTSUPP:
		return "can't be probed: by the kernel, notrace, or the recorder's own";
	case -EILSEQ:
		return "no instruction of it begins at that offset";
	case -EEXIST:
		return "it is there twice";
	case -EBUSY:
		return "the kernel's probes are switched off";
	case -EPERM:
		return "the kernel is locked down";
	case -ENOMEM:
		return "no memory";
	case -ENOSPC:
		return "there are too many";
	}
	return "the kernel refuses it";
}

static void add(struct ttlog_probe *probe, const char *text)
{
	int ret = ttlog_probe_add(probe);

	if (ret)
		pr_warn("probes=%s: not set: %s (error %d)\n", text, why(ret),
			-ret);
}

/* Read all of the parameter and, when it is known to be good, set the probes. */
static int walk(bool setting)
{
	char *copy, *rest, *text, *parts;
	struct ttlog_probe probe;
	int ret = 0;

	if (!probes)
		return 0;
	copy = kstrdup(probes, GFP_KERNEL);
	rest = copy;
	while (!ret && rest) {
		text = strsep(&rest, ";");
		if (!*text)
			continue;
		parts = kstrdup(text, GFP_KERNEL);
		if (!parts) {
			ret = -ENOMEM;
			break;
		}
		ret = read_probe(&probe, text, parts);
		kfree(parts);
		if (!ret && setting)
			add(&probe, text);
	}
	ret = copy ? ret : -ENOMEM;
	kfree(copy);
	return ret;
}

/**
 * ttlog_probe_param_check() - read the parameter
 *
 * Context: task, at load.
 * Return: 0, -ENOMEM, or -EINVAL after a message.
 */
int ttlog_probe_param_check(void)
{
	return walk(false);
}

/**
 * ttlog_probe_param_add() - set the parameter's probes
 *
 * Those that can't be are warned of.
 *
 * Context: task, at load, when all else is in place.
 */
void ttlog_probe_param_add(void)
{
	if (walk(true))
		pr_warn("probes: no memory to set them\n");
}
