/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is left of a module that went, or was refused; and functions of the kernel that
 * refuse.
 */
#ifndef TTLOG_LEFT_H
#define TTLOG_LEFT_H

#include "kselftest_harness.h"
#include "fail.h"

#define LOAD	"memory_per_cpu=64K klog_size=192K helper="
/* Reserved memory, as the guest's command line has it. */
#define REGION_START	0x1a000000
#define REGION	"region_start=0x1a000000 region_size=4M"
#define PROBED	SYSCALL "getppid"
/* Seconds that a test may take: loads in a guest that has little of the machine. */
#define PATIENCE	5000

/**
 * struct refusal - what isn't refused for want of memory
 * @function: of the kernel, that refuses
 * @value: that it returns
 * @before: its calls that aren't refused
 * @error: that it leads to; 0: none, it goes on without
 */
struct refusal {
	const char *function;
	long value;
	unsigned int before;
	int error;
};

/* How many lines of a file have this in them. */
static inline unsigned int lines_with(const char *path, const char *part)
{
	FILE *file = fopen(path, "re");
	unsigned int number = 0;
	char line[512];

	while (file && fgets(line, sizeof(line), file))
		number += !!strstr(line, part);
	if (file)
		fclose(file);
	return number;
}

static inline bool has_line(const char *path, const char *part)
{
	return lines_with(path, part);
}

/* Functions of the kernel that are hooked by ftrace, by whom ever; with that in the name. */
static inline unsigned int hooked(const char *name)
{
	return lines_with("/sys/kernel/tracing/enabled_functions", name);
}

static inline long number_in(const char *path)
{
	FILE *file = fopen(path, "re");
	long number = -1;

	if (file && fscanf(file, "%ld", &number) != 1)
		number = -1;
	if (file)
		fclose(file);
	return number;
}

/* Mappings of the kernel that are made as rings and map header are. */
static inline unsigned int mappings(void)
{
	FILE *file = fopen("/proc/vmallocinfo", "re");
	unsigned int number = 0;
	char line[512];

	while (file && fgets(line, sizeof(line), file))
		number += strstr(line, " vmap") || strstr(line, " user");
	if (file)
		fclose(file);
	return number;
}

/* What is left of a module that isn't loaded; NULL: nothing. */
static inline const char *left(unsigned int mappings_before)
{
	if (!access(DEVICE, F_OK) || has_line("/proc/misc", " ttlog"))
		return "the device";
	if (has_line("/proc/modules", "ttlog "))
		return "the module";
	if (!access("/sys/module/ttlog", F_OK))
		return "its folder";
	if (has_line("/sys/devices/system/cpu/hotplug/states", "ttlog"))
		return "its state of CPU hotplug";
	if (has_line("/sys/kernel/debug/kprobes/list", "getppid"))
		return "a probe";
	if (hooked("prb_"))
		return "a hook in printk";
	if (hooked("crash_"))
		return "the hook in panic";
	if (mappings() != mappings_before)
		return "a mapping";
	if (number_in(REFUSE "pages"))
		return "pages";
	return NULL;
}

static inline void expect_nothing_left(struct __test_metadata *_metadata,
				       unsigned int mappings_before)
{
	const char *what = left(mappings_before);

	EXPECT_EQ(NULL, what) {
		TH_LOG("%s", what);
	}
}

/* Let a function refuse the recorder once; NULL: none any more. */
static inline bool refuse(const struct refusal *r)
{
	char text[160] = "\n";

	if (r)
		snprintf(text, sizeof(text), "%s %ld %u", r->function, r->value, r->before);
	return fail_write(REFUSE "call", text);
}

/**
 * refuse_each() - let functions refuse, one at a time
 * @r: what, up to one without a function
 * @op: as for fail_each()
 * @after: as well
 * @arg: for these
 *
 * Return: how many didn't refuse, or led to another error than they should.
 */
static inline unsigned int refuse_each(const struct refusal *r, int (*op)(void *arg),
				       void (*after)(void *arg, int error), void *arg)
{
	unsigned int wrong = 0;
	long refused;
	int error;

	for (; r->function; r++) {
		if (!refuse(r)) {
			fprintf(stderr, "# %s can't be made to refuse\n", r->function);
			wrong++;
			continue;
		}
		error = op(arg);
		refused = number_in(REFUSE "refused");
		refuse(NULL);
		after(arg, error);
		if (error == r->error && refused == 1)
			continue;
		fprintf(stderr, "# %s refused %ld times: error %d, not %d\n", r->function,
			refused, error, r->error);
		wrong++;
	}
	return wrong;
}

/* Events, and what maps them, as far as the rings are there. */
static inline bool works(void)
{
	struct recorder r;
	bool good;

	if (!recorder_open(&r))
		return false;
	good = write(r.fd, "works", 5) == 5 && recorder_read(&r);
	recorder_close(&r);
	return good;
}

#endif
