// SPDX-License-Identifier: GPL-2.0-only
/*
 * Module parameters. All are read as text, so that a bad one can be answered
 * with its name, its value and what is accepted.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/overflow.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include "event.h"
#include "map.h"
#include "newest.h"
#include "params.h"
#include "region.h"

#define MEMORY_MAX		SZ_64M		/* of the default */
#define CPU_BYTES_MIN		SZ_64K
#define CPU_BYTES_MAX		((u64)SZ_2G)	/* what the smallest blocks can make */
#define KLOG_BYTES_MIN		(192ULL << 10)
#define KLOG_BYTES_MAX		((u64)SZ_1M)	/* of the default */
#define KLOG_SPARE		SZ_64K		/* the text of an oops */
#define REGION_MIN		((u64)SZ_1M)
#define REGION_MAX		BIT_ULL(40)
#define ADDRESS_MAX		BIT_ULL(52)

static char *memory;
module_param(memory, charp, 0444);
MODULE_PARM_DESC(memory,
		 "bytes of the rings of all CPUs (K, M, G), split over the possible ones; default with klog_size 1% of RAM, at most 64M, at least 64K a CPU (with large pages or blocks more)");

static char *memory_per_cpu;
module_param(memory_per_cpu, charp, 0444);
MODULE_PARM_DESC(memory_per_cpu,
		 "bytes of each CPU's rings (K, M, G), 64K to 2G; instead of memory");

static char *block_size;
module_param(block_size, charp, 0444);
MODULE_PARM_DESC(block_size,
		 "bytes a block, the unit of overwriting: 8K, 16K, 32K or 64K, at least a page; default 8K");

static char *keep_share;
module_param(keep_share, charp, 0444);
MODULE_PARM_DESC(keep_share,
		 "per cent of a CPU's memory for events of warning and worse, 5 to 90; default 25");

static char *probe_share;
module_param(probe_share, charp, 0444);
MODULE_PARM_DESC(probe_share,
		 "per cent of a CPU's memory for hits of kernel probes, 5 to 90; default 15");

static char *klog_size;
module_param(klog_size, charp, 0444);
MODULE_PARM_DESC(klog_size,
		 "bytes for the kernel's own log (K, M, G), 192K or 6 blocks to 1G, beside memory; default a quarter of that, at least 192K (with large blocks more), at most 1M");

static char *keep_rate;
module_param(keep_rate, charp, 0444);
MODULE_PARM_DESC(keep_rate,
		 "bytes a second that each uid other than 0 may put into the keep channel (K, M, G), 1 to 1G; default 4K");

static char *keep_burst;
module_param(keep_burst, charp, 0444);
MODULE_PARM_DESC(keep_burst,
		 "bytes that each uid other than 0 may put into the keep channel at once (K, M, G), 4160 to 1G; default an eighth of a CPU's part of it");

static char *level;
module_param(level, charp, 0444);
MODULE_PARM_DESC(level,
		 "record this level and worse: 0 to 7 or emerg, alert, crit, err, warning, notice, info, debug; default debug");

static char *trigger_level;
module_param(trigger_level, charp, 0444);
MODULE_PARM_DESC(trigger_level,
		 "an event of this level or worse, from the kernel's log or a writer with CAP_SYSLOG, asks for a snapshot: 0 to 7, emerg to debug, or none; default none");

static char *helper = "/usr/sbin/ttlogd";
module_param(helper, charp, 0400);
MODULE_PARM_DESC(helper,
		 "program that is run as 'helper --once' when the kernel asks for a snapshot and no helper takes that: a path that begins with /, or nothing; default /usr/sbin/ttlogd");

static char *console_events;
module_param(console_events, charp, 0444);
MODULE_PARM_DESC(console_events,
		 "how many of the newest events are printed when the kernel panics, 0 to 256; default 32");

static char *region_start;
module_param(region_start, charp, 0444);
MODULE_PARM_DESC(region_start,
		 "physical address of reserved memory that a warm reboot keeps, for the rings (K, M, G, or with 0x in front), whole pages; with region_size; default none");

static char *region_size;
module_param(region_size, charp, 0444);
MODULE_PARM_DESC(region_size,
		 "bytes of that memory (K, M, G), 1M to 1T; half of them are for one boot's rings, which are as large as they can be unless memory or memory_per_cpu says otherwise; default none");

static char *region_name;
module_param(region_name, charp, 0444);
MODULE_PARM_DESC(region_name,
		 "name of that memory, where the kernel has reserved it by reserve_mem=SIZE:ALIGN:NAME (6.12 or later), instead of region_start and region_size; default none");

static const char * const level_names[] = {
	"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug",
};

/*
 * A number with K, M or G behind it, or nothing; false if it isn't one.
 * memparse() doesn't see an overflow.
 */
static bool parse_bytes(const char *text, u64 *value)
{
	static const char units[] = "KMG";
	size_t len = strspn(text, "0123456789");
	unsigned int shift = 0;
	const char *unit;
	char digits[21];

	if (!len || len >= sizeof(digits))
		return false;
	memcpy(digits, text, len);
	digits[len] = '\0';
	if (kstrtou64(digits, 10, value))
		return false;
	if (text[len]) {
		unit = strchr(units, toupper(text[len]));
		if (!unit || text[len + 1])
			return false;
		shift = 10 * (unit - units + 1);
	}
	return !check_shl_overflow(*value, shift, value);
}

static int read_bytes(const char *name, const char *text, u64 low, u64 high,
		      u64 *value)
{
	if (!text)
		return 0;
	if (parse_bytes(text, value) && *value >= low && *value <= high)
		return 0;
	pr_err("%s=%s: expected a number of bytes from %llu to %llu (K, M, G may follow)\n",
	       name, text, low, high);
	return -EINVAL;
}

static int read_block_size(u64 *bytes)
{
	*bytes = max_t(u64, RING_BLOCK_SIZE_MIN, PAGE_SIZE);
	if (!block_size)
		return 0;
	if (parse_bytes(block_size, bytes) && is_power_of_2(*bytes) &&
	    *bytes >= RING_BLOCK_SIZE_MIN && *bytes <= RING_BLOCK_SIZE_MAX &&
	    *bytes >= PAGE_SIZE)
		return 0;
	pr_err("block_size=%s: expected 8K, 16K, 32K or 64K, and at least %lu\n",
	       block_size, PAGE_SIZE);
	return -EINVAL;
}

static int read_share(const char *name, const char *text, u32 *share)
{
	if (!text)
		return 0;
	if (!kstrtou32(text, 10, share) && *share >= 5 && *share <= 90)
		return 0;
	pr_err("%s=%s: expected a per cent from 5 to 90\n", name, text);
	return -EINVAL;
}

/**
 * ttlog_params_level() - read a level by name or number
 * @text: it
 * @n: TTLOG_EMERG to TTLOG_DEBUG
 *
 * Context: any.
 * Return: false if it is none.
 */
bool ttlog_params_level(const char *text, u32 *n)
{
	int i = match_string(level_names, ARRAY_SIZE(level_names), text);

	if (i < 0)
		return !kstrtou32(text, 10, n) && *n <= TTLOG_DEBUG;
	*n = i;
	return true;
}

/**
 * ttlog_params_level_name() - how a level is called
 * @n: TTLOG_EMERG to TTLOG_DEBUG
 *
 * Context: any.
 * Return: its name.
 */
const char *ttlog_params_level_name(u32 n)
{
	return level_names[n];
}

static int read_level(u32 *mask)
{
	u32 n = TTLOG_DEBUG;

	if (level && !ttlog_params_level(level, &n)) {
		pr_err("level=%s: expected 0 to 7 or emerg, alert, crit, err, warning, notice, info, debug\n",
		       level);
		return -EINVAL;
	}
	*mask = (2U << n) - 1;
	return 0;
}

static int read_trigger_level(u32 *n)
{
	*n = TTLOG_TRIGGER_NEVER;
	if (!trigger_level || !strcmp(trigger_level, "none") ||
	    ttlog_params_level(trigger_level, n))
		return 0;
	pr_err("trigger_level=%s: expected 0 to 7 or emerg, alert, crit, err, warning, notice, info, debug, or none\n",
	       trigger_level);
	return -EINVAL;
}

static int read_console_events(u32 *nr)
{
	*nr = 32;
	if (!console_events ||
	    (!kstrtou32(console_events, 10, nr) && *nr <= TTLOG_NEWEST_MAX))
		return 0;
	pr_err("console_events=%s: expected a number from 0 to %u\n",
	       console_events, TTLOG_NEWEST_MAX);
	return -EINVAL;
}

static int read_helper(const char **path)
{
	*path = helper;
	if (!*helper || *helper == '/')
		return 0;
	pr_err("helper=%s: expected a path that begins with /, or nothing\n",
	       helper);
	return -EINVAL;
}

/**
 * struct sizes - bytes
 * @cpu: that the rings of one CPU may take
 * @klog: that the ring of the kernel's log may take
 */
struct sizes {
	u64 cpu;
	u64 klog;
};

/* @room: bytes of the region that are for rings; 0: they are in ordinary memory */
static int read_memory(struct sizes *sizes, u64 block, u64 room)
{
	/* Room for what is spare, and some more. */
	u64 klog_min = max(KLOG_BYTES_MIN, 6 * block);
	u64 ram = (u64)totalram_pages() << PAGE_SHIFT;
	u64 cpus = num_possible_cpus();
	u64 all = room ?: min_t(u64, ram / 100, MEMORY_MAX);

	if (memory && memory_per_cpu) {
		pr_err("memory=%s and memory_per_cpu=%s: expected one of them\n",
		       memory, memory_per_cpu);
		return -EINVAL;
	}
	if (read_bytes("memory", memory, cpus * CPU_BYTES_MIN,
		       cpus * CPU_BYTES_MAX, &all))
		return -EINVAL;
	sizes->klog = clamp_t(u64, all / 4, klog_min, KLOG_BYTES_MAX);
	if (read_bytes("klog_size", klog_size, klog_min, SZ_1G,
		       &sizes->klog))
		return -EINVAL;
	if (!memory)
		all -= min(all, sizes->klog);
	sizes->cpu = clamp_t(u64, div64_u64(all, cpus), CPU_BYTES_MIN,
			     CPU_BYTES_MAX);
	return read_bytes("memory_per_cpu", memory_per_cpu, CPU_BYTES_MIN,
			  CPU_BYTES_MAX, &sizes->cpu);
}

/* The number of bytes that @part per cent of @whole were, rounded up. */
static u64 whole_of(u64 bytes, u32 part)
{
	return DIV_ROUND_UP_ULL(bytes * 100, part);
}

/*
 * Split a CPU's bytes over its channels. False: they are too few, and @least would be
 * enough.
 */
static bool split(struct ttlog_config *config, u64 cpu_bytes, u32 keep_part,
		  u32 probe_part, u64 block, u64 *least)
{
	struct ring_geometry *keep = &config->channel[TTLOG_KEEP];
	struct ring_geometry *flow = &config->channel[TTLOG_FLOW];
	struct ring_geometry *probe = &config->channel[TTLOG_PROBE];
	u64 taken;

	ttlog_ring_geometry(cpu_bytes * keep_part / 100, block, PAGE_SIZE, 0,
			    keep);
	ttlog_ring_geometry(cpu_bytes * probe_part / 100, block, PAGE_SIZE, 0,
			    probe);
	taken = keep->size + probe->size;
	if (ttlog_ring_geometry(cpu_bytes > taken ? cpu_bytes - taken : 0,
				block, PAGE_SIZE, 0, flow))
		return true;
	/* Now flow is the smallest ring; the others may be that as well. */
	*least = max3(3 * flow->size,
		      whole_of(flow->size, 100 - keep_part - probe_part),
		      max(whole_of(2 * flow->size, 100 - keep_part),
			  whole_of(2 * flow->size, 100 - probe_part)));
	return false;
}

static int lay_out(struct ttlog_config *config, u64 cpu_bytes, u32 keep_part,
		   u32 probe_part, u64 block)
{
	u64 least;

	if (keep_part + probe_part > 95) {
		pr_err("keep_share=%u and probe_share=%u: expected at most 95 together\n",
		       keep_part, probe_part);
		return -EINVAL;
	}
	if (split(config, cpu_bytes, keep_part, probe_part, block, &least))
		return 0;
	/* With large pages or blocks, and many CPUs: nobody has asked for so little. */
	if (!memory && !memory_per_cpu &&
	    split(config, least, keep_part, probe_part, block, &least))
		return 0;
	pr_err("%s=%s: expected at least %llu bytes a CPU with block_size=%llu, keep_share=%u and probe_share=%u\n",
	       memory ? "memory" : "memory_per_cpu",
	       memory ?: memory_per_cpu ?: "(default)",
	       least, block, keep_part, probe_part);
	return -EINVAL;
}

/* A layout that fills @room, or is as large as was asked for. */
static int read_rings(struct ttlog_config *config, u64 room)
{
	u32 keep_part = 25, probe_part = 15;
	struct sizes sizes;
	u64 block;

	if (read_block_size(&block) || read_memory(&sizes, block, room) ||
	    read_share("keep_share", keep_share, &keep_part) ||
	    read_share("probe_share", probe_share, &probe_part) ||
	    lay_out(config, sizes.cpu, keep_part, probe_part, block))
		return -EINVAL;
	/* Any size that is accepted has room for the smallest ring. */
	ttlog_ring_geometry(sizes.klog, block, PAGE_SIZE, KLOG_SPARE,
			    &config->channel[TTLOG_KLOG]);
	return 0;
}

static u64 rings_size(const struct ttlog_config *config)
{
	unsigned int ch;
	u64 size = 0;

	for (ch = 0; ch < TTLOG_CPU_CHANNELS; ch++)
		size += config->channel[ch].size;
	return size * num_possible_cpus() + config->channel[TTLOG_KLOG].size;
}

/* With 0x in front, as other tools name it, or as a number of bytes. */
static bool parse_address(const char *text, u64 *value)
{
	if (text[0] == '0' && tolower(text[1]) == 'x')
		return !kstrtou64(text, 16, value);
	return parse_bytes(text, value);
}

static int read_region_start(u64 size, u64 *start)
{
	if (parse_address(region_start, start) && *start &&
	    *start <= ADDRESS_MAX - size && PAGE_ALIGNED(*start))
		return 0;
	pr_err("region_start=%s: expected a physical address, a multiple of %lu, up to 0x%llx (K, M, G may follow, or with 0x in front)\n",
	       region_start, PAGE_SIZE, ADDRESS_MAX - size);
	return -EINVAL;
}

/**
 * ttlog_params_region() - read and check the parameters that say where rings are to be
 * @config: that part of it is filled in
 *
 * Context: task, at load, before ttlog_region_init().
 * Return: 0, or -EINVAL after a message.
 */
int ttlog_params_region(struct ttlog_config *config)
{
	config->region_start = 0;
	config->region_size = 0;
	config->region_name = region_name;
	if (region_name && (region_start || region_size)) {
		pr_err("region_name=%s with region_%s=%s: expected the name, or start and size\n",
		       region_name, region_start ? "start" : "size",
		       region_start ?: region_size);
		return -EINVAL;
	}
	if (!region_start != !region_size) {
		pr_err("region_%s=%s: expected with region_%s\n",
		       region_start ? "start" : "size",
		       region_start ?: region_size,
		       region_start ? "size" : "start");
		return -EINVAL;
	}
	if (!region_start)
		return 0;
	if (read_bytes("region_size", region_size, REGION_MIN, REGION_MAX,
		       &config->region_size))
		return -EINVAL;
	return read_region_start(config->region_size, &config->region_start);
}

/**
 * ttlog_params_check() - read and check the other module parameters
 * @config: filled in
 *
 * Context: task, at load, after ttlog_region_init().
 * Return: 0, or -EINVAL after a message.
 */
int ttlog_params_check(struct ttlog_config *config)
{
	u64 room = ttlog_region_used();

	if (room)
		room -= ttlog_map_size();
	if (read_rings(config, room) ||
	    read_level(&config->level_mask) ||
	    read_trigger_level(&config->trigger_level) ||
	    read_console_events(&config->console_events) ||
	    read_helper(&config->helper))
		return -EINVAL;
	if (room && rings_size(config) > room) {
		pr_err("a half of the region has room for %llu bytes of rings, expected at least %llu\n",
		       room, rings_size(config));
		ttlog_region_leave();
		if (read_rings(config, 0))
			return -EINVAL;
	}
	BUILD_BUG_ON(TTLOG_SHARE_BURST_MIN != TTLOG_EVENT_MAX);
	config->keep_rate = SZ_4K;
	config->keep_burst = max_t(u64, config->channel[TTLOG_KEEP].size / 8,
				   TTLOG_EVENT_MAX);
	if (read_bytes("keep_rate", keep_rate, 1, TTLOG_SHARE_MAX,
		       &config->keep_rate) ||
	    read_bytes("keep_burst", keep_burst, TTLOG_SHARE_BURST_MIN,
		       TTLOG_SHARE_MAX,
		       &config->keep_burst))
		return -EINVAL;
	return 0;
}
