// SPDX-License-Identifier: GPL-2.0-only
/*
 * What readers map: the map header at offset 0, then a window for each ring, then those
 * of what an earlier boot left. Everything is read-only, now and for ever.
 */
#include <linux/cpumask.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/timekeeping.h>
#include "compat.h"
#include "frames.h"
#include "host.h"
#include "map.h"
#include "previous.h"
#include "region.h"
#include "ring.h"
#include "rings.h"
#include "trigger.h"

struct ttlog_map *ttlog_map;

static struct frames frames;

/* The frame table is behind all else, and in one page. */
static u64 frames_offset(void)
{
	u64 offset = ALIGN(sizeof(struct ttlog_map), sizeof(u64));
	u64 table = (offset / PAGE_SIZE + 2) * sizeof(u64);

	if (offset % PAGE_SIZE + table > PAGE_SIZE)
		offset = ALIGN(offset, PAGE_SIZE);
	return offset;
}

/* Fill the table by which the map is found whole in a memory dump. */
static void name_frames(void)
{
	u64 offset = frames_offset(), i;
	u64 *table = (u64 *)((u8 *)ttlog_map + offset);

	ttlog_map->size = ttlog_map_size();
	ttlog_map->frames_page = ttlog_frames_name(&frames, offset / PAGE_SIZE);
	ttlog_map->frames_offset = offset;
	ttlog_map->nr_frames = ttlog_map_size() / PAGE_SIZE;
	for (i = 0; i < ttlog_map->nr_frames; i++)
		table[i] = ttlog_frames_name(&frames, i);
}

/**
 * ttlog_map_init() - make the map header, with a new key and boot id
 * @block_size: bytes a block
 *
 * Context: task, at load.
 * Return: 0 or -ENOMEM.
 */
int ttlog_map_init(u32 block_size)
{
	if (ttlog_frames_take(&frames, ttlog_map_size(), NUMA_NO_NODE))
		return -ENOMEM;
	ttlog_map = frames.memory;
	ttlog_map->magic = RING_MAGIC(TTLOG_MAP_MAGIC);
	ttlog_map->layout = TTLOG_LAYOUT;
	ttlog_map->nr_cpus = nr_cpu_ids;
	ttlog_map->block_size = block_size;
	ttlog_map->nr_channels = TTLOG_NR_CHANNELS;
	ttlog_map->created = ktime_get_ns();
	ttlog_map->created_real = ktime_get_real_ns();
	get_random_bytes(&ttlog_map->key, sizeof(ttlog_map->key));
	get_random_bytes(ttlog_map->boot_id, sizeof(ttlog_map->boot_id));
	ttlog_map->room = ttlog_region_used();
	name_frames();
	ttlog_host_init(&ttlog_map->host);
	ttlog_map_keep();
	return 0;
}

/**
 * ttlog_map_keep() - something in it is new: a reset is to find it
 *
 * Context: task.
 */
void ttlog_map_keep(void)
{
	ttlog_region_keep(ttlog_map, ttlog_map_size());
}

/**
 * ttlog_map_exit() - free the map header
 *
 * Context: task, at unload: mappings hold the module, so none is left.
 */
void ttlog_map_exit(void)
{
	/* Who looks for a recorder in a dump isn't to find what is no longer one. */
	ttlog_map->magic = 0;
	ttlog_frames_free(&frames);
}

/**
 * ttlog_map_size() - how much of the map header is mapped
 *
 * Context: any.
 * Return: bytes, whole pages.
 */
u64 ttlog_map_size(void)
{
	u64 offset = frames_offset();

	/* An entry for each page before it, and for its own. */
	return PAGE_ALIGN(offset + (offset / PAGE_SIZE + 1) * sizeof(u64));
}

/**
 * ttlog_map_end() - where the windows of the rings end
 *
 * Context: any.
 * Return: bytes; what an earlier boot left is behind it.
 */
u64 ttlog_map_end(void)
{
	return ttlog_map_size() + ttlog_rings_window();
}

/**
 * ttlog_map_moved() - a ring appeared: readers map anew
 *
 * Context: task; CPU hotplug serialises the callers.
 */
void ttlog_map_moved(void)
{
	/*
	 * Pairs with the acquire in do_info() and in readers, generation.litmus: a
	 * new generation has its ring. Who polls is woken: poll.litmus
	 */
	smp_store_release(&ttlog_map->generation, ttlog_map->generation + 1);
	ttlog_trigger_wake();
}

/**
 * ttlog_map_read_only() - refuse a mapping that isn't read-only, and keep it so
 * @vma: the mapping asked for
 *
 * Context: mmap.
 * Return: 0, or -EPERM: writable or executable.
 */
int ttlog_map_read_only(struct vm_area_struct *vma)
{
	if (vma->vm_flags & (VM_WRITE | VM_EXEC))
		return -EPERM;
	vm_flags_mod(vma, VM_DONTEXPAND | VM_DONTDUMP, VM_MAYWRITE | VM_MAYEXEC);
	return 0;
}

/**
 * ttlog_map_mmap() - map the map header or a ring
 * @file: the device, open for reading
 * @vma: the mapping asked for
 *
 * Context: mmap.
 * Return: 0, -EPERM: writable or executable, -EINVAL: not where something is,
 * -ENXIO: no ring there.
 */
int ttlog_map_mmap(struct file *file, struct vm_area_struct *vma)
{
	u64 offset = (u64)vma->vm_pgoff << PAGE_SHIFT;
	int ret = ttlog_map_read_only(vma);

	if (ret)
		return ret;
	/* Who gives up its rights after a fork takes no mapping along. */
	vm_flags_mod(vma, VM_DONTCOPY, 0);
	if (offset >= ttlog_map_end())
		return ttlog_previous_mmap(vma, offset - ttlog_map_end());
	if (offset >= ttlog_map_size())
		return ttlog_rings_mmap(vma, offset - ttlog_map_size());
	if (offset || vma->vm_end - vma->vm_start > ttlog_map_size())
		return -EINVAL;
	return ttlog_frames_mmap(&frames, vma);
}
