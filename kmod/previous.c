// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an earlier boot left in the region (region.c): found at load, shown to a helper,
 * cleared once it is saved.
 *
 * The module decides one thing only: whether a half has something that isn't saved, as
 * that isn't to be overwritten. What it is, and whether it can be believed, is for who
 * reads it, in user space. So whatever looks like ours counts, but for a recorder that
 * says of itself that it ended in order.
 *
 * Its map is the first thing that a recorder has in the region, and says how much behind
 * it is its own. In there pages may have anything that users wrote, so nothing in there
 * is taken for another one.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bug.h>
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/nospec.h>
#include <linux/sched.h>
#include <linux/string.h>
#include "map.h"
#include "previous.h"
#include "region.h"
#include "ring.h"

/* What ramoops' buffers begin with, see the kernel's fs/pstore/ram_core.c. */
#define RAMOOPS_MAGIC	0x43474244

struct ramoops {
	u32 magic;
	u32 start;
	u32 size;
};

/* Pages of the region between two looks at whether somebody else is to run. */
#define PAGES_A_TURN	256

static DEFINE_MUTEX(lock);	/* of clearing */
static bool left[TTLOG_PREVIOUS_MAX];

static const struct file *saver;	/* the helper that is at it, under lock */

static void leave(u64 from, u64 to)
{
	left[0] |= from < ttlog_region.half;
	left[1] |= to > ttlog_region.half;
}

static bool in_both(u64 from, u64 to)
{
	return from < ttlog_region.half && to > ttlog_region.half;
}

/* Bytes that a map says are its recorder's; a page where that makes no sense. */
static u64 room_of(const struct ttlog_map *map, u64 offset)
{
	u64 room = map->room;

	if (!room || room > 2 * ttlog_region.half - offset ||
	    !PAGE_ALIGNED(room))
		return PAGE_SIZE;
	return room;
}

static bool is_ramoops(const void *page)
{
	const struct ramoops *r = page;

	return r->magic == RAMOOPS_MAGIC && r->start <= r->size &&
	       r->size <= 2 * ttlog_region.half;
}

/* Look at a page. Returns how many bytes are done with it. */
static u64 look_at(u64 offset)
{
	const void *page = ttlog_region.memory + offset;
	u64 magic = *(const u64 *)page, room;

	if (magic == RING_MAGIC(TTLOG_MAP_MAGIC)) {
		/*
		 * That of another layout says so as well. A user's text that looks like
		 * a map, where the real one is gone, doesn't reach the other half.
		 */
		room = room_of(page, offset);
		if (((const struct ttlog_map *)page)->over != TTLOG_OVER ||
		    in_both(offset, offset + room))
			leave(offset, offset + room);
		return room;
	}
	/* Of a recorder whose map is damaged, or that was larger. */
	if (magic == RING_MAGIC(TTLOG_RING_MAGIC) ||
	    magic == RING_MAGIC(TTLOG_BLOCK_MAGIC))
		leave(offset, offset + PAGE_SIZE);
	else if (is_ramoops(page))
		ttlog_region.foreign = true;
	return PAGE_SIZE;
}

/**
 * ttlog_previous_find() - look through the region
 *
 * Context: task, at load.
 */
void ttlog_previous_find(void)
{
	u64 offset = 0, turn = 0;

	while (offset < 2 * ttlog_region.half) {
		offset += look_at(offset);
		if (turn++ % PAGES_A_TURN == 0)
			cond_resched();
	}
}

/**
 * ttlog_previous_is_left() - is something there that isn't saved?
 * @half: 0 or 1
 *
 * Context: any.
 */
bool ttlog_previous_is_left(unsigned int half)
{
	return READ_ONCE(left[half]);
}

/**
 * ttlog_previous_clear() - make a half empty
 * @half: 0 or 1
 *
 * Context: task.
 */
void ttlog_previous_clear(unsigned int half)
{
	u8 *memory = ttlog_region.memory + half * ttlog_region.half;
	u64 done, part = PAGES_A_TURN * PAGE_SIZE;

	for (done = 0; done < ttlog_region.half; done += part) {
		part = min(part, ttlog_region.half - done);
		memset(memory + done, 0, part);
		ttlog_region_flush(memory + done, part);
		cond_resched();
	}
	WRITE_ONCE(left[half], false);
}

/* By who may, as it is the helper that asks. */
static int save(unsigned int half, bool saved, const struct file *file)
{
	int ret = 0;

	mutex_lock(&lock);
	if (!ttlog_previous_is_left(half))
		ret = -ENOENT;
	else if (saver && saver != file)
		ret = -EBUSY;
	else
		saver = file;
	if (!ret && saved) {
		/* Who else uses it has its own there. */
		if (ttlog_region.foreign)
			WRITE_ONCE(left[half], false);
		else
			ttlog_previous_clear(half);
	}
	mutex_unlock(&lock);
	return ret;
}

/**
 * ttlog_previous_let_go() - a file is being closed
 * @file: if it was at saving what is left, another may be
 *
 * Context: task.
 */
void ttlog_previous_let_go(const struct file *file)
{
	mutex_lock(&lock);
	if (saver == file)
		saver = NULL;
	mutex_unlock(&lock);
}

/**
 * ttlog_previous() - TTLOG_IOC_PREVIOUS
 * @previous: which half, and the answer
 * @helper: the file, if it is a helper that asks, or NULL
 *
 * Context: task.
 * Return: as the ABI says.
 */
int ttlog_previous(struct ttlog_previous *previous, const struct file *helper)
{
	u32 half = previous->index;

	if (half >= TTLOG_PREVIOUS_MAX ||
	    previous->flags & ~TTLOG_PREVIOUS_SAVED)
		return -EINVAL;
	half = array_index_nospec(half, TTLOG_PREVIOUS_MAX);
	if (previous->flags && !helper)
		return -EPERM;
	if (!ttlog_previous_is_left(half))
		return -ENOENT;
	previous->offset = ttlog_map_end() + half * ttlog_region.half;
	previous->size = ttlog_region.half;
	previous->frame = (ttlog_region.start + half * ttlog_region.half) >>
			  PAGE_SHIFT;
	return helper ? save(half, previous->flags, helper) : 0;
}

/**
 * ttlog_previous_mmap() - map a half that has something
 * @vma: checked to be read-only
 * @offset: bytes behind the rings' windows
 *
 * Context: mmap.
 * Return: 0, -EINVAL: not where a half begins, or too long, -ENXIO: nothing is there.
 */
int ttlog_previous_mmap(struct vm_area_struct *vma, u64 offset)
{
	u64 size = vma->vm_end - vma->vm_start, half = ttlog_region.half;

	if (!ttlog_region.memory || size > half ||
	    (offset && offset != half))
		return -EINVAL;
	if (!ttlog_previous_is_left(!!offset))
		return -ENXIO;
	return ttlog_region_mmap(vma, (ttlog_region.start + offset) >> PAGE_SHIFT);
}
