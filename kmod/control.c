// SPDX-License-Identifier: GPL-2.0-only
/*
 * The level mask, in a page of its own that writers may map: they can't map the
 * rings, where the key and others' messages are.
 */
#include <linux/anon_inodes.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include "control.h"
#include "map.h"

struct ttlog_control *ttlog_control;
static DEFINE_MUTEX(control_lock);	/* of changes */

/**
 * ttlog_control_init() - make the control page
 * @level_mask: bit N set: level N is recorded
 *
 * Context: task, at load.
 * Return: 0 or -ENOMEM.
 */
int ttlog_control_init(u32 level_mask)
{
	ttlog_control = (void *)get_zeroed_page(GFP_KERNEL);
	if (!ttlog_control)
		return -ENOMEM;
	ttlog_control->abi_major = TTLOG_ABI_MAJOR;
	ttlog_control->level_mask = level_mask;
	return 0;
}

/**
 * ttlog_control_exit() - free the control page
 *
 * Context: task, at unload: mappings hold the module, so none is left.
 */
void ttlog_control_exit(void)
{
	free_page((unsigned long)ttlog_control);
}

/**
 * ttlog_control_levels() - read or set the level mask
 * @levels: checked by the caller; the answer is put there
 *
 * Context: task.
 */
void ttlog_control_levels(struct ttlog_levels *levels)
{
	mutex_lock(&control_lock);
	if (levels->flags & TTLOG_LEVELS_SET) {
		WRITE_ONCE(ttlog_control->level_mask, levels->mask);
		/*
		 * Pairs with a program's acquire load of generation: who sees
		 * the new one sees the new mask.
		 */
		smp_store_release(&ttlog_control->generation,
				  ttlog_control->generation + 1);
	}
	levels->mask = ttlog_control->level_mask;
	levels->generation = ttlog_control->generation;
	mutex_unlock(&control_lock);
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
