// SPDX-License-Identifier: GPL-2.0-only
/*
 * Module parameters of any text. What is accepted is within its bounds, and each
 * refusal says which parameter it is about.
 *
 * The input: which parameter each line is for, by its first byte; then its text.
 */
#include <stdarg.h>

#include "kernel.h"
#include "../../kmod/map.h"
#include "../../kmod/newest.h"
#include "../../kmod/params.h"
#include "../../kmod/probe.h"
#include "../../kmod/region.h"
#include "harness.h"

_Thread_local shim_fn shim_interrupt;
_Thread_local struct task_struct *current;
_Thread_local int shim_interrupts;

#define CPUS	4
#define RAM	(4ULL << 30)

extern char **const shim_param_memory, **const shim_param_memory_per_cpu,
	    **const shim_param_block_size, **const shim_param_keep_share,
	    **const shim_param_probe_share, **const shim_param_klog_size,
	    **const shim_param_keep_rate, **const shim_param_keep_burst,
	    **const shim_param_level, **const shim_param_trigger_level,
	    **const shim_param_helper, **const shim_param_probes,
	    **const shim_param_console_events, **const shim_param_region_start,
	    **const shim_param_region_size, **const shim_param_region_name;

/**
 * struct param - a parameter
 * @name: of it
 * @to: the module's variable
 */
static struct param {
	const char *name;
	char **to;
} params[16];

static char said[4096];
static unsigned int nr_said, nr_added;

/* Bytes of the region that are for rings, and whether these didn't fit. */
static u64 used;
static bool left;

/* ---- what the module calls */

void shim_print(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(said, sizeof(said), format, args);
	va_end(args);
	nr_said++;
}

u64 ttlog_region_used(void)
{
	return used;
}

void ttlog_region_leave(void)
{
	require(used && nr_said == 1);
	left = true;
	nr_said = 0;
}

u64 ttlog_map_size(void)
{
	return 15 * PAGE_SIZE;
}

unsigned long totalram_pages(void)
{
	return RAM / PAGE_SIZE;
}

unsigned int num_possible_cpus(void)
{
	return CPUS;
}

/* As lib/kstrtox.c has it: digits, one newline at most, no overflow. */
int shim_kstrtou64(const char *text, unsigned int base, u64 *value)
{
	const char *at = text + (*text == '+');
	unsigned int digit;
	u64 sum = 0;
	size_t n;

	if (!base)
		base = *at != '0' ? 10 : (at[1] | 0x20) == 'x' &&
		       isxdigit(at[2]) ? 16 : 8;
	if (base == 16 && *at == '0' && (at[1] | 0x20) == 'x')
		at += 2;
	for (n = 0; isxdigit(at[n]); n++) {
		digit = isdigit(at[n]) ? at[n] - '0' : (at[n] | 0x20) - 'a' + 10;
		if (digit >= base)
			break;
		if (__builtin_mul_overflow(sum, base, &sum) ||
		    __builtin_add_overflow(sum, digit, &sum))
			return -ERANGE;
	}
	if (!n || at[n + (at[n] == '\n')])
		return -EINVAL;
	*value = sum;
	return 0;
}

int shim_kstrtou32(const char *text, unsigned int base, u32 *value)
{
	u64 wide;
	int err = shim_kstrtou64(text, base, &wide);

	if (err)
		return err;
	if (wide > UINT32_MAX)
		return -ERANGE;
	*value = wide;
	return 0;
}

/* What probe.c may rely on. */
int ttlog_probe_add(struct ttlog_probe *probe)
{
	bool is_return = probe->flags & TTLOG_PROBE_RETURN;
	bool triggers = probe->flags & TTLOG_PROBE_TRIGGER;

	require(probe->symbol[0] && is_word(probe->symbol, TTLOG_SYMBOL_LEN));
	require(!(probe->offset || is_return) || !probe->nr_args);
	require(!probe->offset || !is_return);
	require(probe->nr_args <= TTLOG_PROBE_ARGS && probe->level <= 7);
	require(probe->sample >= 1 && probe->sample <= 1000000000 &&
		probe->rate <= 1000000000);
	require(triggers == !!probe->reason[0]);
	require(is_word(probe->reason, TTLOG_REASON_MAX + 1));
	nr_added++;
	return nr_added % 3 ? 0 : -ENOENT;
}

/* ---- what must hold */

static void check_config(const struct ttlog_config *c)
{
	const struct ring_geometry *g;
	u64 rings = 0;
	int i;

	for (i = 0; i < TTLOG_NR_CHANNELS; i++) {
		g = &c->channel[i];
		rings += g->size * (i == TTLOG_KLOG ? 1 : CPUS);
		require(is_power_of_2(g->block_size) && g->block_size >= 8192 &&
			g->block_size <= 65536);
		require(g->nr_blocks >= 2 &&
			g->nr_blocks <= 1U << TTLOG_HEAD_BLOCK_BITS);
		require(g->nr_spare <= g->nr_blocks - 2);
		require(g->data_offset + (u64)g->nr_blocks * g->block_size <=
			g->size);
		require(g->frames_offset >= sizeof(struct ttlog_ring) &&
			g->frames_offset + 8 * g->nr_frames <= g->data_offset);
		require(g->size % PAGE_SIZE == 0 &&
			g->nr_frames == g->size / PAGE_SIZE);
	}
	require(!used || left || rings <= used - ttlog_map_size());
	require(c->keep_rate >= 1 && c->keep_rate <= SZ_1G);
	require(c->keep_burst >= 4160 && c->keep_burst <= SZ_1G);
	require(c->level_mask >= 1 && c->level_mask <= 0xff);
	require(c->trigger_level <= TTLOG_TRIGGER_NEVER);
	require(c->console_events <= TTLOG_NEWEST_MAX);
	require(!*c->helper || *c->helper == '/');
}

static void check_region(const struct ttlog_config *c)
{
	if (!c->region_size) {
		require(!c->region_start);
		return;
	}
	require(c->region_start && !c->region_name);
	require(c->region_start % PAGE_SIZE == 0);
	require(c->region_size >= 1 << 20 && c->region_size <= 1ULL << 40);
	require(c->region_start + c->region_size <= 1ULL << 52);
}

static void name_params(void)
{
	struct param all[] = {
		{ "memory", shim_param_memory },
		{ "memory_per_cpu", shim_param_memory_per_cpu },
		{ "block_size", shim_param_block_size },
		{ "keep_share", shim_param_keep_share },
		{ "probe_share", shim_param_probe_share },
		{ "klog_size", shim_param_klog_size },
		{ "keep_rate", shim_param_keep_rate },
		{ "keep_burst", shim_param_keep_burst },
		{ "level", shim_param_level },
		{ "trigger_level", shim_param_trigger_level },
		{ "helper", shim_param_helper },
		{ "probes", shim_param_probes },
		{ "console_events", shim_param_console_events },
		{ "region_start", shim_param_region_start },
		{ "region_size", shim_param_region_size },
		{ "region_name", shim_param_region_name },
	};

	memcpy(params, all, sizeof(all));
}

static bool names_a_param(const char *text)
{
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(params); i++) {
		len = strlen(params[i].name);
		if (!strncmp(text, "ttlog: ", 7) &&
		    !strncmp(text + 7, params[i].name, len) &&
		    text[7 + len] == '=')
			return true;
	}
	return false;
}

static void check(void)
{
	struct ttlog_config config;
	int ret;

	nr_said = 0;
	nr_added = 0;
	memset(&config, 0xff, sizeof(config));
	ret = ttlog_params_region(&config);
	require(ret == 0 || ret == -EINVAL);
	require(nr_said == (ret ? 1 : 0));
	require(!ret || names_a_param(said));
	if (!ret)
		check_region(&config);
	used = ret ? 0 : config.region_size / 2 & PAGE_MASK;

	nr_said = 0;
	left = false;
	ret = ttlog_params_check(&config);
	require(ret == 0 || ret == -EINVAL);
	require(nr_said == (ret ? 1 : 0));
	require(!ret || names_a_param(said));
	if (!ret)
		check_config(&config);

	nr_said = 0;
	ret = ttlog_probe_param_check();
	require(ret == 0 || ret == -EINVAL);
	require(nr_said == (ret ? 1 : 0) && !nr_added);
	require(!ret || names_a_param(said));
	if (!ret)
		ttlog_probe_param_add();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size), *rest = text, *line;
	size_t i;

	name_params();
	for (i = 0; i < ARRAY_SIZE(params); i++)
		*params[i].to = NULL;
	*shim_param_helper = "";
	while ((line = strsep(&rest, "\n"))) {
		if (*line)
			*params[(uint8_t)*line % ARRAY_SIZE(params)].to = line + 1;
	}
	check();
	free(text);
	return 0;
}
