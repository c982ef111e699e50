// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rings of all CPUs: their memory, taken on the CPU's node when it first
 * comes up and kept until the module goes, and how they are found.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/suspend.h>
#include <linux/topology.h>
#include "cpu.h"
#include "frames.h"
#include "map.h"
#include "region.h"
#include "rings.h"

DEFINE_PER_CPU(struct ttlog_cpu, ttlog_cpu);
struct ring ttlog_klog_ring;
bool ttlog_suspending;

static struct ring_geometry geometry[TTLOG_NR_CHANNELS];
static struct frames (*frames)[TTLOG_NR_CHANNELS];	/* by CPU */
static atomic64_t memory;
static int hotplug_state;

/* Fill the table by which a ring is found in a memory dump. */
static void name_frames(const struct frames *f, const struct ring_geometry *g)
{
	u64 *table = f->memory + g->frames_offset;
	unsigned int i;

	for (i = 0; i < f->nr; i++)
		table[i] = ttlog_frames_name(f, i);
}

/* Make a ring in frames that were taken for it. */
static void make_ring(struct ring *ring, unsigned int cpu, unsigned int ch)
{
	const struct ring_geometry *g = &geometry[ch];

	name_frames(&frames[cpu][ch], g);
	ttlog_ring_init(ring, frames[cpu][ch].memory, g, cpu, ch,
			ttlog_map->key, ttlog_map->boot_id);
	ttlog_region_keep(frames[cpu][ch].memory, g->size);
	atomic64_add(g->size, &memory);
}

static int take_rings(unsigned int cpu)
{
	struct ttlog_cpu *c = per_cpu_ptr(&ttlog_cpu, cpu);
	int node = cpu_to_node(cpu);
	unsigned int ch;
	u8 *scratch;

	scratch = kmalloc_node(TTLOG_SCRATCH_SIZE, GFP_KERNEL, node);
	if (!scratch)
		return -ENOMEM;
	for (ch = 0; ch < TTLOG_CPU_CHANNELS; ch++)
		if (ttlog_frames_take(&frames[cpu][ch], geometry[ch].size, node))
			goto free;
	for (ch = 0; ch < TTLOG_CPU_CHANNELS; ch++)
		make_ring(&c->ring[ch], cpu, ch);
	/* The CPU isn't up: what it lost without rings is complete. */
	c->ring[TTLOG_FLOW].shared->lost[TTLOG_LOST_NO_RING] = c->no_ring;
	/* Pairs with the acquire in ttlog_rings_get(): scratch.litmus */
	smp_store_release(&c->scratch, scratch);
	ttlog_map_moved();
	return 0;
free:
	while (ch)
		ttlog_frames_free(&frames[cpu][--ch]);
	kfree(scratch);
	return -ENOMEM;
}

/* The kernel's log comes from no CPU of its own: its ring is near the loader. */
static int take_klog_ring(void)
{
	if (ttlog_frames_take(&frames[TTLOG_KLOG_CPU][TTLOG_KLOG],
			      geometry[TTLOG_KLOG].size, NUMA_NO_NODE))
		return -ENOMEM;
	make_ring(&ttlog_klog_ring, TTLOG_KLOG_CPU, TTLOG_KLOG);
	return 0;
}

/**
 * ttlog_rings_get() - find a ring
 * @cpu: a possible CPU
 * @channel: below TTLOG_NR_CHANNELS
 *
 * Context: any.
 * Return: the ring, or NULL: the CPU was never up, there was no memory for it, or
 * it has none of this channel.
 */
notrace struct ring *ttlog_rings_get(u32 cpu, u32 channel)
{
	struct ttlog_cpu *c = per_cpu_ptr(&ttlog_cpu, cpu);

	if (channel == TTLOG_KLOG)
		return cpu == TTLOG_KLOG_CPU ? &ttlog_klog_ring : NULL;
	/* Pairs with the release in take_rings(): scratch.litmus */
	return smp_load_acquire(&c->scratch) ? &c->ring[channel] : NULL;
}
NOKPROBE_SYMBOL(ttlog_rings_get);

static bool has_rings(unsigned int cpu)
{
	return ttlog_rings_get(cpu, TTLOG_FLOW);
}

/**
 * ttlog_rings_keep() - what rings are read by is to survive a reset
 *
 * What they hold goes to memory when caches need room; their heads, which are in use
 * all the time, never would.
 *
 * Context: any.
 */
void ttlog_rings_keep(void)
{
	unsigned int cpu, ch;

	if (!ttlog_region_used())
		return;
	ttlog_region_flush(ttlog_klog_ring.shared, sizeof(struct ttlog_ring));
	for_each_possible_cpu(cpu)
		for (ch = 0; has_rings(cpu) && ch < TTLOG_CPU_CHANNELS; ch++)
			ttlog_region_flush(ttlog_rings_get(cpu, ch)->shared,
					   sizeof(struct ttlog_ring));
}

static void close_blocks(struct ttlog_cpu *c)
{
	unsigned int ch;

	if (!c->scratch)
		return;
	for (ch = 0; ch < TTLOG_CPU_CHANNELS; ch++)
		ttlog_ring_close_block(&c->ring[ch]);
}

static void close_own_blocks(void *unused)
{
	close_blocks(this_cpu_ptr(&ttlog_cpu));
}

/*
 * Before a CPU comes up, and for each that is up at load. A recorder that can't
 * have its memory is no reason to go without a CPU. One that was down may have
 * been so while the machine slept.
 */
static int prepare_cpu(unsigned int cpu)
{
	if (has_rings(cpu) && !cpu_online(cpu))
		close_blocks(per_cpu_ptr(&ttlog_cpu, cpu));
	if (!has_rings(cpu) && take_rings(cpu))
		pr_warn("no memory for the rings of CPU %u: its events are lost and counted\n",
			cpu);
	return 0;
}

/*
 * A block's clocks hold for all of it, and a suspend moves them apart. Tasks run
 * again before we are told that it is over, so from its announcement until then
 * writers look at the clocks themselves.
 */
static int pm_notify(struct notifier_block *nb, unsigned long event,
		     void *unused)
{
	switch (event) {
	case PM_SUSPEND_PREPARE:
	case PM_HIBERNATION_PREPARE:
		WRITE_ONCE(ttlog_suspending, true);
		break;
	case PM_POST_SUSPEND:
	case PM_POST_HIBERNATION:
		on_each_cpu(close_own_blocks, NULL, 1);
		WRITE_ONCE(ttlog_suspending, false);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block pm_notifier = {
	.notifier_call = pm_notify,
};

static void free_all(void)
{
	unsigned int cpu, ch;

	for_each_possible_cpu(cpu) {
		for (ch = 0; ch < TTLOG_NR_CHANNELS; ch++)
			ttlog_frames_free(&frames[cpu][ch]);
		kfree(per_cpu_ptr(&ttlog_cpu, cpu)->scratch);
	}
	kvfree(frames);
}

/*
 * Older kernels don't call back for those that are up, whatever they are told: so
 * that is done here.
 */
static int prepare_cpus(void)
{
	unsigned int cpu;
	int ret;

	cpus_read_lock();
	ret = cpuhp_setup_state_nocalls_cpuslocked(CPUHP_BP_PREPARE_DYN,
						   "ttlog:prepare",
						   prepare_cpu, NULL);
	if (ret >= 0)
		for_each_online_cpu(cpu)
			prepare_cpu(cpu);
	cpus_read_unlock();
	return ret;
}

/**
 * ttlog_rings_init() - take the rings of the CPUs that are up, and of others later
 * @config: the checked parameters
 *
 * Context: task, at load, after ttlog_map_init().
 * Return: 0 or an error; a CPU without memory is none.
 */
int ttlog_rings_init(const struct ttlog_config *config)
{
	int ret;

	memcpy(geometry, config->channel, sizeof(geometry));
	frames = kvcalloc(nr_cpu_ids, sizeof(*frames), GFP_KERNEL);
	if (!frames)
		return -ENOMEM;
	ret = take_klog_ring();
	if (ret)
		goto free;
	ret = prepare_cpus();
	if (ret < 0)
		goto free;
	hotplug_state = ret;
	ret = register_pm_notifier(&pm_notifier);
	if (ret)
		goto remove_state;
	return 0;

remove_state:
	cpuhp_remove_state_nocalls(hotplug_state);
free:
	free_all();
	return ret;
}

/**
 * ttlog_rings_exit() - free the rings of all CPUs
 *
 * Context: task, at unload: nobody writes or maps any more.
 */
void ttlog_rings_exit(void)
{
	unregister_pm_notifier(&pm_notifier);
	cpuhp_remove_state_nocalls(hotplug_state);
	free_all();
}

/**
 * ttlog_rings_stride() - from one ring to the next in the offsets of mmap
 *
 * Context: any.
 * Return: bytes.
 */
u64 ttlog_rings_stride(void)
{
	u64 stride = 0;
	int ch;

	for (ch = 0; ch < TTLOG_NR_CHANNELS; ch++)
		stride = max(stride, geometry[ch].size);
	return stride;
}

/**
 * ttlog_rings_window() - how much of the offsets of mmap is for rings
 *
 * Context: any.
 * Return: bytes, behind the map header.
 */
u64 ttlog_rings_window(void)
{
	return ttlog_rings_stride() * nr_cpu_ids * TTLOG_NR_CHANNELS;
}

/**
 * ttlog_rings_memory() - what the rings take now, headers included
 *
 * Context: any.
 * Return: bytes.
 */
u64 ttlog_rings_memory(void)
{
	return atomic64_read(&memory);
}

/**
 * ttlog_rings_valid() - check what user space named, also against speculation
 * @cpu: a CPU's number
 * @channel: a channel's
 *
 * Context: any.
 * Return: true if they are a possible CPU and a channel.
 */
bool ttlog_rings_valid(u32 *cpu, u32 *channel)
{
	if (*cpu >= nr_cpu_ids || *channel >= TTLOG_NR_CHANNELS)
		return false;
	*cpu = array_index_nospec(*cpu, nr_cpu_ids);
	*channel = array_index_nospec(*channel, TTLOG_NR_CHANNELS);
	return cpu_possible(*cpu);
}

/**
 * ttlog_rings_info() - describe one ring
 * @info: which, and the answer
 *
 * Context: task.
 * Return: 0, -EINVAL: no such CPU or channel, -ENXIO: no ring.
 */
int ttlog_rings_info(struct ttlog_ring_info *info)
{
	const struct ring_geometry *g;

	if (!ttlog_rings_valid(&info->cpu, &info->channel))
		return -EINVAL;
	if (!ttlog_rings_get(info->cpu, info->channel))
		return -ENXIO;
	g = &geometry[info->channel];
	info->offset = ttlog_map_size() + ttlog_rings_stride() *
		       ((u64)info->cpu * TTLOG_NR_CHANNELS + info->channel);
	info->size = g->size;
	info->data_offset = g->data_offset;
	info->frames_offset = g->frames_offset;
	info->nr_frames = g->nr_frames;
	info->nr_blocks = g->nr_blocks;
	info->node = frames[info->cpu][info->channel].node;
	return 0;
}

/**
 * ttlog_rings_mmap() - map one ring
 * @vma: checked to be read-only
 * @offset: bytes behind the map header
 *
 * Context: mmap.
 * Return: 0, -EINVAL: not where a ring is, -ENXIO: no ring there.
 */
int ttlog_rings_mmap(struct vm_area_struct *vma, u64 offset)
{
	u64 ring = div64_u64(offset, ttlog_rings_stride());
	u32 channel = ring % TTLOG_NR_CHANNELS;
	u32 cpu = min_t(u64, ring / TTLOG_NR_CHANNELS, nr_cpu_ids);

	if (offset % ttlog_rings_stride() ||
	    !ttlog_rings_valid(&cpu, &channel) ||
	    vma->vm_end - vma->vm_start > geometry[channel].size)
		return -EINVAL;
	if (!ttlog_rings_get(cpu, channel))
		return -ENXIO;
	return ttlog_frames_mmap(&frames[cpu][channel], vma);
}

/**
 * ttlog_rings_ledger() - what became of the events that a ring was offered
 * @ledger: which, and the answer
 *
 * Context: task.
 * Return: 0, -EINVAL: no such CPU or channel.
 */
int ttlog_rings_ledger(struct ttlog_ledger *ledger)
{
	struct ring *r;
	int i;

	if (!ttlog_rings_valid(&ledger->cpu, &ledger->channel))
		return -EINVAL;
	r = ttlog_rings_get(ledger->cpu, ledger->channel);
	*ledger = (struct ttlog_ledger){
		.cpu = ledger->cpu,
		.channel = ledger->channel,
	};
	if (!r) {
		if (ledger->channel == TTLOG_FLOW)
			ledger->lost[TTLOG_LOST_NO_RING] =
				READ_ONCE(per_cpu(ttlog_cpu, ledger->cpu).no_ring);
	} else {
		ledger->written = ttlog_ring_written(r);
		for (i = 0; i < TTLOG_NR_LOST; i++)
			ledger->lost[i] = READ_ONCE(r->shared->lost[i]);
		ledger->demoted = READ_ONCE(r->shared->demoted);
	}
	ledger->offered = ledger->written;
	for (i = 0; i < TTLOG_NR_LOST; i++)
		ledger->offered += ledger->lost[i];
	return 0;
}
