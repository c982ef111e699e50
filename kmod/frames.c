// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory of the map and of the rings: pages of any place, or a piece of the region
 * that survives a reboot. Who writes there and who maps it can't tell.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "frames.h"
#include "region.h"

static int take_pages(struct frames *f, unsigned int nr)
{
	gfp_t gfp = GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN | __GFP_RETRY_MAYFAIL;
	struct page *page;

	f->pages = kvmalloc_array(nr, sizeof(*f->pages),
				  GFP_KERNEL | __GFP_NOWARN);
	if (!f->pages)
		return -ENOMEM;
	while (f->nr < nr) {
		page = alloc_pages_node(f->node, gfp, 0);
		if (!page)
			goto free;
		f->pages[f->nr++] = page;
		cond_resched();
	}
	f->memory = vmap(f->pages, nr, VM_MAP | VM_USERMAP, PAGE_KERNEL);
	if (f->memory)
		return 0;
free:
	ttlog_frames_free(f);
	return -ENOMEM;
}

/**
 * ttlog_frames_take() - take memory
 * @f: filled in
 * @size: bytes, whole pages
 * @node: NUMA node that it is to be on, or NUMA_NO_NODE; reserved memory is where it is
 *
 * Context: task; callers are serialised.
 * Return: 0, and it is zeroed, or -ENOMEM.
 */
int ttlog_frames_take(struct frames *f, u64 size, int node)
{
	*f = (struct frames){ .node = node };
	if (!ttlog_region_used())
		return take_pages(f, size >> PAGE_SHIFT);
	f->memory = ttlog_region_take(size, &f->first);
	if (!f->memory)
		return -ENOMEM;
	f->nr = size >> PAGE_SHIFT;
	f->node = NUMA_NO_NODE;
	return 0;
}

/**
 * ttlog_frames_free() - give it back
 * @f: it; or nothing was taken
 *
 * The region is given back as a whole, by ttlog_region_exit().
 *
 * Context: task.
 */
void ttlog_frames_free(struct frames *f)
{
	if (f->pages) {
		vunmap(f->memory);
		while (f->nr)
			__free_page(f->pages[--f->nr]);
		kvfree(f->pages);
	}
	*f = (struct frames){};
}

/**
 * ttlog_frames_name() - where a page of it is
 * @f: the memory
 * @page: number of the page, below @f->nr
 *
 * Context: any.
 * Return: its page frame number.
 */
u64 ttlog_frames_name(const struct frames *f, u64 page)
{
	return f->pages ? page_to_pfn(f->pages[page]) : f->first + page;
}

/**
 * ttlog_frames_mmap() - map its beginning
 * @f: the memory
 * @vma: checked to be read-only, and no longer than that
 *
 * Context: mmap.
 * Return: 0 or an error.
 */
int ttlog_frames_mmap(const struct frames *f, struct vm_area_struct *vma)
{
	if (f->pages)
		return remap_vmalloc_range(vma, f->memory, 0);
	return ttlog_region_mmap(vma, f->first);
}
