// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long rings hold what is written: laid out as the module's own sources do it, and
 * numbers that were computed by hand.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"
#include "../../kmod/params.h"
#include "../../kmod/region.h"
#include "sizing.h"
#include "tap.h"

#define SECOND	1000000000ULL
#define MIB	(1ULL << 20)

_Thread_local shim_fn shim_interrupt;
_Thread_local struct task_struct *current;
_Thread_local int shim_interrupts;

extern char **const shim_param_memory, **const shim_param_block_size,
	    **const shim_param_keep_share, **const shim_param_probe_share,
	    **const shim_param_klog_size;

static unsigned int cpus = 1;

/* What the module calls. */

void shim_print(const char *format, ...)
{
	(void)format;
}

u64 ttlog_region_used(void)
{
	return 0;
}

void ttlog_region_leave(void)
{
}

u64 ttlog_map_size(void)
{
	return 15 * PAGE_SIZE;
}

unsigned long totalram_pages(void)
{
	return 1 << 20;
}

unsigned int num_possible_cpus(void)
{
	return cpus;
}

int shim_kstrtou64(const char *text, unsigned int base, u64 *value)
{
	*value = strtoull(text, NULL, base);
	return 0;
}

int shim_kstrtou32(const char *text, unsigned int base, u32 *value)
{
	*value = strtoul(text, NULL, base);
	return 0;
}

static u64 held_by(const struct ring_geometry *g)
{
	return (u64)(g->nr_blocks - g->nr_spare - 1) * g->block_size;
}

static char *text_of(char *text, u64 value)
{
	sprintf(text, "%llu", (unsigned long long)value);
	return text;
}

/* Is it the same by the module's own reading of its parameters? */
static bool same(const struct layout *layout, u64 memory)
{
	char texts[4][24];
	struct ttlog_config config;
	struct held held = { 0 };
	bool theirs, ours;
	int i;

	cpus = layout->cpus;
	*shim_param_memory = text_of(texts[0], memory);
	*shim_param_block_size = text_of(texts[1], layout->block_size);
	*shim_param_keep_share = text_of(texts[2], layout->keep_share);
	*shim_param_probe_share = text_of(texts[3], layout->probe_share);
	theirs = !ttlog_params_check(&config);
	ours = sizing_held(layout, memory, &held);
	if (theirs != ours)
		printf("# memory %llu: %d, expected %d\n", (unsigned long long)memory,
		       ours, theirs);
	for (i = 0; theirs && ours && i < TTLOG_NR_CHANNELS; i++) {
		if (held.bytes[i] == held_by(&config.channel[i]))
			continue;
		printf("# memory %llu, channel %d: %" PRIu64 ", expected %llu\n",
		       (unsigned long long)memory, i, held.bytes[i],
		       (unsigned long long)held_by(&config.channel[i]));
		return false;
	}
	return theirs == ours;
}

static void as_the_module(void)
{
	static const u32 shares[][2] = { { 25, 15 }, { 5, 5 }, { 90, 5 }, { 5, 90 }, { 33, 20 } };
	struct layout layout = { .page_size = PAGE_SIZE };
	unsigned int tested, good, i;
	u64 memory;

	for (layout.block_size = 8192; layout.block_size <= 65536; layout.block_size *= 2) {
		tested = 0;
		good = 0;
		for (layout.cpus = 1; layout.cpus <= 256; layout.cpus *= 4) {
			for (i = 0; i < ARRAY_SIZE(shares); i++) {
				layout.keep_share = shares[i][0];
				layout.probe_share = shares[i][1];
				for (memory = 50000; memory < 600ULL << 30;
				     memory += memory / 7 + 4099, tested++)
					good += same(&layout, memory);
			}
		}
		tap_ok(good == tested && tested > 2000,
		       "blocks of %u: %u of %u as the module has them", layout.block_size,
		       good, tested);
	}
}

static void klog_as_the_module(void)
{
	struct layout layout = { .cpus = 1, .page_size = PAGE_SIZE };
	unsigned int tested = 0, good = 0;
	struct ttlog_config config;
	char size[24], block[24];
	u64 bytes;

	*shim_param_memory = NULL;
	*shim_param_keep_share = NULL;
	*shim_param_probe_share = NULL;
	cpus = 1;
	for (layout.block_size = 8192; layout.block_size <= 65536; layout.block_size *= 2) {
		*shim_param_block_size = text_of(block, layout.block_size);
		for (bytes = 6 << 16; bytes <= 1 << 30; bytes += bytes / 5, tested++) {
			*shim_param_klog_size = text_of(size, bytes);
			good += !ttlog_params_check(&config) &&
				sizing_klog_held(&layout, bytes) ==
				held_by(&config.channel[TTLOG_KLOG]);
		}
	}
	*shim_param_klog_size = NULL;
	tap_ok(good == tested && tested > 100, "the kernel's log: %u of %u", good, tested);
}

/* Pages larger than this machine's: by the ring's own source. */
static void large_pages(void)
{
	struct layout layout = { .cpus = 1, .page_size = 65536, .block_size = 65536 };
	unsigned int tested = 0, good = 0;
	struct ring_geometry g;
	u64 bytes;

	for (bytes = 100000; bytes < 1 << 30; bytes += bytes / 9, tested++) {
		ttlog_ring_geometry(bytes, 65536, 65536, 65536, &g);
		good += sizing_klog_held(&layout, bytes) == held_by(&g);
	}
	tap_ok(good == tested && tested > 80, "pages of 64K: %u of %u", good, tested);
}

static const struct layout usual = {
	.cpus = 4, .page_size = 4096, .block_size = 8192, .keep_share = 25, .probe_share = 15,
};

#define DEMAND(ns_, keep, flow, probe, klog) ((struct demand) {			\
	.ns = ns_, .rates = { { .bytes = keep }, { .bytes = flow },		\
			      { .bytes = probe }, { .bytes = klog } } })

/*
 * 16M: 4M a CPU. keep: 1M has 127 blocks and a page of head, 15 spare; probe: 629,145
 * bytes have 76 and a page, 9 spare; flow: what is left, 2,523,136 bytes, has 307 and two
 * pages, 38 spare. Of each one is being filled. The kernel's log: 1M has 127, 15 spare.
 */
static void by_hand(void)
{
	struct held held;

	tap_ok(sizing_held(&usual, 16 * MIB, &held) && held.bytes[TTLOG_KEEP] == 111 * 8192 &&
	       held.bytes[TTLOG_PROBE] == 66 * 8192 && held.bytes[TTLOG_FLOW] == 268 * 8192 &&
	       held.bytes[TTLOG_KLOG] == 111 * 8192, "16M, by hand");
	tap_ok(!sizing_held(&usual, 4 * 65536 - 1, &held) &&
	       sizing_held(&usual, 4 * 65536, &held) &&
	       held.bytes[TTLOG_KEEP] == 8192, "the least: two blocks, none spare");
	tap_ok(sizing_held(&usual, 8ULL << 30, &held) &&
	       !sizing_held(&usual, (8ULL << 30) + 1, &held), "the most");
}

static void spans(void)
{
	struct demand demand = DEMAND(10 * SECOND, 3, 1000, 0, 1);
	struct held held = { .bytes = { 1000, 100000, 7, 5000 } };

	tap_ok(sizing_span(&demand, TTLOG_FLOW, 100000) == 1000 * SECOND,
	       "100,000 bytes at 1,000 in 10 s last 1,000 s");
	tap_ok(sizing_span(&demand, TTLOG_KEEP, 1000) == 3333333333333ULL,
	       "it isn't rounded up");
	tap_ok(sizing_span(&demand, TTLOG_PROBE, 7) == SIZING_IDLE, "no bytes: idle");
	tap_ok(sizing_span(&demand, TTLOG_PROBE, 0) == SIZING_IDLE, "also where it holds none");
	tap_ok(sizing_span(&demand, TTLOG_KLOG, 1ULL << 62) == SIZING_IDLE - 1,
	       "what is longer than can be told isn't idle");
	tap_ok(sizing_shortest(&demand, &held, true) == TTLOG_FLOW, "flow is the shortest");
	held.bytes[TTLOG_KLOG] = 99;
	tap_ok(sizing_shortest(&demand, &held, true) == TTLOG_KLOG &&
	       sizing_shortest(&demand, &held, false) == TTLOG_FLOW,
	       "or the kernel's log, where it is asked for");
	demand = DEMAND(SECOND, 0, 0, 0, 5);
	tap_ok(sizing_shortest(&demand, &held, false) == TTLOG_NR_CHANNELS,
	       "none, where all are idle");
}

/* It holds that long, and a MiB less doesn't. */
static bool is_least(const struct demand *demand, uint32_t channel, uint64_t memory,
		     uint64_t span)
{
	struct held held;

	return sizing_held(&usual, memory, &held) &&
	       sizing_span(demand, channel, held.bytes[channel]) >= span &&
	       sizing_held(&usual, memory - MIB, &held) &&
	       sizing_span(demand, channel, held.bytes[channel]) < span;
}

/* Two blocks of each ring take more than the least memory there may be. */
static void large_blocks(void)
{
	const struct layout large = { .cpus = 16, .page_size = 4096, .block_size = 65536,
				      .keep_share = 25, .probe_share = 15 };
	struct demand idle = DEMAND(SECOND, 0, 0, 0, 0);
	u64 memory = sizing_memory(&large, &idle, SECOND);
	struct held held;

	tap_ok(memory > MIB && sizing_held(&large, memory, &held) &&
	       !sizing_held(&large, memory - MIB, &held),
	       "blocks of 64K: %llu MiB are the least for 16 CPUs", memory / MIB);
}

static void recommends(void)
{
	struct demand demand = DEMAND(SECOND, 0, 268 * 8192, 0, 0);

	tap_ok(sizing_memory(&usual, &demand, SECOND) == 16 * MIB,
	       "what 16M hold in a second takes 16M");
	demand.rates[TTLOG_FLOW].bytes++;
	tap_ok(sizing_memory(&usual, &demand, SECOND) == 17 * MIB, "one byte more, 17M");
	demand = DEMAND(10 * SECOND, 12345, 123456, 1234, 0);
	tap_ok(is_least(&demand, TTLOG_FLOW,
			sizing_memory(&usual, &demand, 3600 * SECOND), 3600 * SECOND),
	       "the least that holds an hour of flow");
	demand.rates[TTLOG_KEEP].bytes = 100000;
	tap_ok(is_least(&demand, TTLOG_KEEP,
			sizing_memory(&usual, &demand, 3600 * SECOND), 3600 * SECOND),
	       "and of keep, where that is the shortest");
	tap_ok(!sizing_memory(&usual, &demand, 3000000 * SECOND), "more than there may be");
	demand = DEMAND(SECOND, 0, 0, 0, 1 << 20);
	tap_ok(sizing_memory(&usual, &demand, 3600 * SECOND) == MIB,
	       "where all are idle, the least whole MiB");
	/* 111 blocks of 127, as above. */
	demand.rates[TTLOG_KLOG].bytes = 111 * 8192;
	tap_ok(sizing_klog(&usual, &demand, SECOND) == MIB, "1M of the kernel's log");
	demand.rates[TTLOG_KLOG].bytes++;
	tap_ok(sizing_klog(&usual, &demand, SECOND) == MIB + 65536, "64K more");
	demand.rates[TTLOG_KLOG].bytes = 0;
	tap_ok(sizing_klog(&usual, &demand, SECOND) == 192 << 10, "the least");
	demand.rates[TTLOG_KLOG].bytes = 1 << 30;
	tap_ok(!sizing_klog(&usual, &demand, SECOND), "more than there may be of that");
}

int main(void)
{
	as_the_module();
	klog_as_the_module();
	large_pages();
	by_hand();
	spans();
	recommends();
	large_blocks();
	return tap_done();
}
