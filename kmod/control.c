// SPDX-License-Identifier: GPL-2.0-only
/*
 * Levels: which may be recorded, as the filters say, and which are triggers. The mask
 * is in a page of its own that writers may map: they can't map the rings, where the
 * key and others' messages are.
 */
#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include "auto.h"
#include "control.h"
#include "filters.h"
#include "map.h"

struct ttlog_control *ttlog_control;
u32 ttlog_control_plain;
static u32 unfiltered;			/* levels that no filter says anything of */
static u32 trigger_level;
static struct ttlog_auto *level_trigger;
static DEFINE_MUTEX(control_lock);	/* of changes */

/* Caller holds control_lock, or is alone. */
static void set_plain(void)
{
	u32 triggers = (2U << trigger_level) - 1;

	if (trigger_level == TTLOG_TRIGGER_NEVER)
		triggers = 0;
	WRITE_ONCE(ttlog_control_plain, unfiltered & ~triggers);
}

/**
 * ttlog_control_is_trigger() - is an event of this level a trigger?
 * @level: TTLOG_EMERG to TTLOG_DEBUG
 *
 * Context: any.
 * Return: true if it is, where it comes from one who may trigger.
 */
notrace bool ttlog_control_is_trigger(u32 level)
{
	u32 least = READ_ONCE(trigger_level);

	return least != TTLOG_TRIGGER_NEVER && level <= least;
}
NOKPROBE_SYMBOL(ttlog_control_is_trigger);

/**
 * ttlog_control_raise() - an event was such a trigger
 *
 * Context: any.
 */
notrace void ttlog_control_raise(void)
{
	ttlog_auto_raise(level_trigger);
}
NOKPROBE_SYMBOL(ttlog_control_raise);

/**
 * ttlog_control_init() - make the control page
 * @level_mask: bit N set: all events of level N are recorded; no other is
 * @trigger: this level and worse are triggers, or TTLOG_TRIGGER_NEVER
 *
 * Context: task, at load.
 * Return: 0 or an error.
 */
int ttlog_control_init(u32 level_mask, u32 trigger)
{
	level_trigger = ttlog_auto_get(TTLOG_TRIGGER_LEVEL, "level");
	if (IS_ERR(level_trigger))
		return PTR_ERR(level_trigger);
	ttlog_control = (void *)get_zeroed_page(GFP_KERNEL);
	if (!ttlog_control) {
		ttlog_auto_put(level_trigger);
		return -ENOMEM;
	}
	ttlog_control->abi_major = TTLOG_ABI_MAJOR;
	ttlog_control->level_mask = level_mask;
	unfiltered = level_mask;
	trigger_level = trigger;
	set_plain();
	return 0;
}

/**
 * ttlog_control_exit() - free the control page
 *
 * Context: task, at unload: mappings hold the module, so none is left.
 */
void ttlog_control_exit(void)
{
	ttlog_auto_put(level_trigger);
	free_page((unsigned long)ttlog_control);
}

/* Anybody may ask, so it takes no lock that who changes them waits for. */
static void get_levels(struct ttlog_levels *levels)
{
	/* The mask may be newer than its generation, not older: levels.litmus */
	levels->generation = smp_load_acquire(&ttlog_control->generation);
	levels->mask = ttlog_filter_levels();
	levels->trigger = READ_ONCE(trigger_level);
}

/**
 * ttlog_control_show() - have writers know what the filters say
 * @some: bit N set: level N is recorded of a service
 * @all: bit N set: all events of level N are recorded
 *
 * Context: task.
 */
void ttlog_control_show(u32 some, u32 all)
{
	mutex_lock(&control_lock);
	unfiltered = all;
	set_plain();
	WRITE_ONCE(ttlog_control->level_mask, some);
	/*
	 * Pairs with a program's acquire load of generation: who sees the new one
	 * sees the new mask. levels.litmus
	 */
	smp_store_release(&ttlog_control->generation,
			  ttlog_control->generation + 1);
	mutex_unlock(&control_lock);
}

/**
 * ttlog_control_levels() - read the level mask, read or set the triggering level
 * @levels: checked by the caller; the answer is put there
 *
 * Context: task.
 */
void ttlog_control_levels(struct ttlog_levels *levels)
{
	if (levels->flags & TTLOG_LEVELS_TRIGGER) {
		mutex_lock(&control_lock);
		WRITE_ONCE(trigger_level, levels->trigger);
		set_plain();
		mutex_unlock(&control_lock);
	}
	get_levels(levels);
}

static int control_mmap(struct file *file, struct vm_area_struct *vma)
{
	int ret = ttlog_map_read_only(vma);

	if (ret)
		return ret;
	if (vma->vm_pgoff || vma_pages(vma) != 1)
		return -EINVAL;
	return vm_insert_page(vma, vma->vm_start, virt_to_page(ttlog_control));
}

static const struct file_operations control_fops = {
	.owner = THIS_MODULE,
	.mmap = control_mmap,
};

/**
 * ttlog_control_open() - give the caller a descriptor of the control page
 *
 * Context: task.
 * Return: the descriptor, or an error.
 */
int ttlog_control_open(void)
{
	return anon_inode_getfd("[ttlog-control]", &control_fops, NULL,
				O_RDONLY | O_CLOEXEC);
}
