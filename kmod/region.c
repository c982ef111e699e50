// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reserved memory: a region of physical memory that the kernel leaves alone and that a
 * warm reboot keeps. Map and rings lie there from load on, so that what led up to the
 * kernel's end is there in the next boot (previous.c).
 *
 * It has two halves, as what isn't saved is never overwritten: a boot uses one that has
 * nothing of the kind, and where both have, ordinary memory. Whatever is wrong with the
 * region is said, and then it is ordinary memory as well.
 *
 * How a boot ended is in its map: a shutdown and a panic say so, a sudden reset can't.
 * Both see to it that what caches have is in memory before the machine is reset.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/notifier.h>
#include <linux/reboot.h>
#include <linux/sizes.h>
#include <linux/suspend.h>
#include "compat.h"
#include "host.h"
#include "map.h"
#include "previous.h"
#include "region.h"
#include "trigger.h"

struct ttlog_region ttlog_region;

/* As region_size has it. */
#define HALF_MIN	SZ_512K

static const char * const half_names[] = { "first", "second" };

static struct resource *resource;	/* ours while the region is */
static bool used;			/* by this boot */
static u64 own;				/* offset of the half that it uses */
static u64 taken;			/* bytes of that */

/* Where the kernel has made room for it. */
static bool find_by_name(const struct ttlog_config *config, u64 *start,
			 u64 *size)
{
	phys_addr_t at, bytes;

	if (!compat_reserve_mem(config->region_name, &at, &bytes)) {
		pr_warn("region_name=%s: the kernel has reserved no memory of that name (reserve_mem=SIZE:ALIGN:%s, from 6.12 on): rings are in ordinary memory\n",
			config->region_name, config->region_name);
		return false;
	}
	*start = at;
	*size = bytes;
	ttlog_region.kept = true;
	return true;
}

static bool is_of(u64 start, u64 size, unsigned long flags, unsigned long desc)
{
	return region_intersects(start, size, flags, desc) != REGION_DISJOINT;
}

/*
 * Not a device's registers, nor memory that keeps files. x86 has a name for what
 * memmap= takes, but firmware's own has that, too.
 */
static bool is_reserved(u64 start, u64 size)
{
	if (is_of(start, size, IORESOURCE_MEM, IORES_DESC_PERSISTENT_MEMORY) ||
	    is_of(start, size, IORESOURCE_MEM,
		  IORES_DESC_PERSISTENT_MEMORY_LEGACY))
		return false;
	return !IS_ENABLED(CONFIG_X86) ||
	       region_intersects(start, size, IORESOURCE_MEM,
				 IORES_DESC_RESERVED) == REGION_INTERSECTS;
}

/* What the kernel uses itself, or a driver, isn't to be written to. */
static bool claim(u64 start, u64 size)
{
	if (is_of(start, size, IORESOURCE_SYSTEM_RAM, IORES_DESC_NONE)) {
		pr_err("region_start=0x%llx, region_size=0x%llx: the kernel itself uses memory there (see memmap=, and /proc/iomem): rings are in ordinary memory\n",
		       start, size);
		return false;
	}
	if (!is_reserved(start, size)) {
		pr_err("region_start=0x%llx, region_size=0x%llx: expected memory that is reserved, as by memmap=SIZE$START, or has no-map in the device tree (see /proc/iomem): rings are in ordinary memory\n",
		       start, size);
		return false;
	}
	resource = request_mem_region(start, size, KBUILD_MODNAME);
	if (resource)
		return true;
	pr_err("region_start=0x%llx, region_size=0x%llx: another driver uses memory there (see /proc/iomem): rings are in ordinary memory\n",
	       start, size);
	return false;
}

/* Finds whole pages, HALF_MIN or more of them for each half. */
static bool find(const struct ttlog_config *config, u64 *start, u64 *size)
{
	u64 end;

	*start = config->region_start;
	*size = config->region_size;
	if (!config->region_name)
		return claim(*start, *size);
	if (!find_by_name(config, start, size))
		return false;
	end = (*start + *size) & PAGE_MASK;
	*start = PAGE_ALIGN(*start);
	if (end >= *start + 2 * HALF_MIN) {
		*size = end - *start;
		return true;
	}
	pr_err("region_name=%s: expected at least %u bytes, the kernel has reserved %llu: rings are in ordinary memory\n",
	       config->region_name, 2 * HALF_MIN, *size);
	return false;
}

static void give_back(void)
{
	if (ttlog_region.memory)
		memunmap(ttlog_region.memory);
	if (resource)
		release_mem_region(resource->start, resource_size(resource));
	resource = NULL;
	ttlog_region = (struct ttlog_region){};
}

static void tell_left(void)
{
	unsigned int half;

	for (half = 0; half < TTLOG_PREVIOUS_MAX; half++)
		if (ttlog_previous_is_left(half))
			pr_info("the %s half of the region has what an earlier boot left, for a helper to save\n",
				half_names[half]);
}

/* Take a half that has nothing which isn't saved. */
static void choose_half(void)
{
	unsigned int half = ttlog_previous_is_left(0);

	if (ttlog_region.foreign) {
		pr_err("the region has what ramoops writes: expected memory that nobody else uses (where ramoops was given up, switch the machine off and on): rings are in ordinary memory\n");
		return;
	}
	if (ttlog_previous_is_left(half)) {
		pr_warn("both halves of the region have what earlier boots left and nobody has saved: rings are in ordinary memory until the module is loaded again\n");
		return;
	}
	own = half * ttlog_region.half;
	taken = 0;
	used = true;
	ttlog_previous_clear(half);
	/* What is over may reach into it, where the region was another one. */
	if (!ttlog_previous_is_left(!half))
		ttlog_previous_clear(!half);
	if (!COMPAT_CAN_FLUSH)
		pr_info("this kernel can't write caches back: what they have may be lost when the machine is reset\n");
	pr_info("rings are in the %s half of the region, at 0x%llx\n",
		half_names[half], ttlog_region.start + own);
}

/**
 * ttlog_region_init() - find the region, what is in it, and the half for this boot
 * @config: the parameters, as far as they are about it
 *
 * That there is none is no error: it is said, and ttlog_region_used() says so.
 *
 * Context: task, at load.
 */
void ttlog_region_init(const struct ttlog_config *config)
{
	u64 start, size;

	if (!config->region_name && !config->region_size)
		return;
	if (!find(config, &start, &size)) {
		give_back();
		return;
	}
	ttlog_region.start = start;
	ttlog_region.half = size / 2 & PAGE_MASK;
	ttlog_region.memory = memremap(start, size, MEMREMAP_WB);
	if (!ttlog_region.memory) {
		pr_err("the region of 0x%llx bytes at 0x%llx can't be mapped: rings are in ordinary memory\n",
		       size, start);
		give_back();
		return;
	}
	ttlog_previous_find();
	tell_left();
	choose_half();
}

/**
 * ttlog_region_used() - are the rings to be in the region?
 *
 * Context: any.
 * Return: bytes that this boot has of it, or 0: in ordinary memory.
 */
u64 ttlog_region_used(void)
{
	return used ? ttlog_region.half : 0;
}

/**
 * ttlog_region_leave() - don't use the region after all, of which the caller has told
 *
 * Context: task, at load, before anything was taken.
 */
void ttlog_region_leave(void)
{
	pr_warn("rings are in ordinary memory\n");
	used = false;
}

/**
 * ttlog_region_take() - take a piece
 * @size: bytes, whole pages
 * @frame: set to the page frame number of its first page
 *
 * Context: task; callers are serialised.
 * Return: the piece, zeroed; NULL: there is no room.
 */
void *ttlog_region_take(u64 size, u64 *frame)
{
	u64 at = own + taken;

	if (size > ttlog_region.half - taken)
		return NULL;
	taken += size;
	*frame = (ttlog_region.start + at) >> PAGE_SHIFT;
	return ttlog_region.memory + at;
}

/**
 * ttlog_region_flush() - see to it that memory has what caches have
 * @from: in the region
 * @size: bytes
 *
 * Context: any, NMI included.
 */
notrace void ttlog_region_flush(const void *from, u64 size)
{
	compat_flush((void *)from, size);
	/* No partner: the other side is what resets the machine. */
	wmb();
}
NOKPROBE_SYMBOL(ttlog_region_flush);

/**
 * ttlog_region_keep() - as ttlog_region_flush(), if it is in the region
 * @from: it
 * @size: bytes
 *
 * For what all else is read by: a reset without a word is to find it.
 *
 * Context: any.
 */
void ttlog_region_keep(const void *from, u64 size)
{
	if (used)
		ttlog_region_flush(from, size);
}

/**
 * ttlog_region_mmap() - map a part of it
 * @vma: checked to be read-only, and no longer than the part
 * @frame: page frame number of its first page
 *
 * Context: mmap.
 * Return: 0 or an error.
 */
int ttlog_region_mmap(struct vm_area_struct *vma, u64 frame)
{
	pgprot_t prot = vma->vm_page_prot;

	/* As memremap() has it, where memory is encrypted. */
	if (!ttlog_region.kept)
		prot = pgprot_decrypted(prot);
	return remap_pfn_range(vma, vma->vm_start, frame,
			       vma->vm_end - vma->vm_start, prot);
}

/**
 * ttlog_region_save() - what this boot has recorded is to survive a reset now
 *
 * Context: any, NMI included; for the kernel's end.
 */
notrace void ttlog_region_save(void)
{
	if (used)
		ttlog_region_flush(ttlog_region.memory + own, taken);
}
NOKPROBE_SYMBOL(ttlog_region_save);

/* A panic that came before, or comes on top of it, is one all the same. */
static void end_in_order(void)
{
	struct ttlog_host *host = &ttlog_map->host;

	if (READ_ONCE(host->state) == TTLOG_STATE_PANIC)
		return;
	ttlog_host_end(host, TTLOG_STATE_CLEAN);
	WRITE_ONCE(ttlog_map->over, TTLOG_OVER);
}

/**
 * ttlog_region_go_on() - it wasn't the end: the next boot is to see to this one again
 *
 * For an oops behind on_reboot(), where a driver is shut down, say.
 *
 * Context: any, NMI included; between ttlog_region_start() and ttlog_region_stop().
 */
notrace void ttlog_region_go_on(void)
{
	if (!used || !READ_ONCE(ttlog_map->over))
		return;
	WRITE_ONCE(ttlog_map->over, 0);
	/* A panic stays one. */
	cmpxchg_relaxed(&ttlog_map->host.state, TTLOG_STATE_CLEAN, TTLOG_STATE_RUNS);
	ttlog_region_flush(ttlog_map, sizeof(*ttlog_map));
}
NOKPROBE_SYMBOL(ttlog_region_go_on);

/* What an oops asked for and nobody could write is for the next boot. */
static int on_reboot(struct notifier_block *nb, unsigned long event,
		     void *unused)
{
	if (ttlog_trigger_all_saved())
		end_in_order();
	/* Who oopses meanwhile sees that it is over, or is seen here: over.litmus */
	smp_mb();
	if (!ttlog_trigger_all_saved())
		ttlog_region_go_on();
	ttlog_region_save();
	return NOTIFY_DONE;
}

/* Behind all others, in which something may still go wrong. */
static struct notifier_block reboot_notifier = {
	.notifier_call = on_reboot,
	.priority = INT_MIN,
};

/*
 * A hibernation keeps the kernel's own pages alone. The rings would be gone under who
 * writes there when the machine comes back.
 */
static int on_hibernation(void)
{
	if (ttlog_region.kept)
		return NOTIFY_DONE;
	pr_warn("the machine can't hibernate while rings are in memory that isn't the kernel's (region_start): unload ttlog first\n");
	return notifier_from_errno(-EBUSY);
}

/* A kernel that was booted to bring a hibernated one back ends in it. */
static int on_pm(struct notifier_block *nb, unsigned long event, void *unused)
{
	switch (event) {
	case PM_HIBERNATION_PREPARE:
		return on_hibernation();
	case PM_RESTORE_PREPARE:
		end_in_order();
		ttlog_region_save();
		break;
	case PM_POST_RESTORE:
		ttlog_region_go_on();
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block pm_notifier = {
	.notifier_call = on_pm,
};

/**
 * ttlog_region_start() - watch over it, now that the map is there
 *
 * Context: task, at load.
 * Return: 0 or an error.
 */
int ttlog_region_start(void)
{
	int ret;

	if (!used)
		return 0;
	ret = register_reboot_notifier(&reboot_notifier);
	if (ret)
		return ret;
	ret = register_pm_notifier(&pm_notifier);
	if (ret)
		unregister_reboot_notifier(&reboot_notifier);
	return ret;
}

/**
 * ttlog_region_stop() - the map goes
 *
 * Context: task, at unload, and at load after ttlog_region_start().
 */
void ttlog_region_stop(void)
{
	if (!used)
		return;
	unregister_pm_notifier(&pm_notifier);
	unregister_reboot_notifier(&reboot_notifier);
}

/**
 * ttlog_region_exit() - give it back
 *
 * What this boot had there goes; what an earlier one has left stays.
 *
 * Context: task, at unload, and at load after ttlog_region_init(): nobody uses it.
 */
void ttlog_region_exit(void)
{
	if (used)
		ttlog_previous_clear(own / ttlog_region.half);
	used = false;
	give_back();
}
