// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/ttlog: a write is an event, a read-only mapping shows the rings.
 */
#include <linux/fs.h>
#include <linux/kprobes.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include "chardev.h"
#include "compat.h"
#include "event.h"
#include "map.h"
#include "share.h"
#include "trigger.h"

#define FAULT_TRIES	3	/* to bring a page in that is taken away again */

/* Count an event whose level was never seen, and what it ends with. */
static notrace ssize_t refuse(unsigned int cause, ssize_t error)
{
	struct ttlog_cpu *cpu = get_cpu_ptr(&ttlog_cpu);

	if (cpu->scratch)
		ttlog_ring_lose(&cpu->ring[TTLOG_FLOW], cause);
	else
		local_inc((local_t *)&cpu->no_ring);
	put_cpu_ptr(&ttlog_cpu);
	return error;
}
NOKPROBE_SYMBOL(refuse);

/* Caller has preemption off, and doesn't leave the CPU before it counted. */
static __always_inline bool no_ring(struct ttlog_cpu *cpu)
{
	/* Published before this CPU came up, or before the device did. */
	if (likely(READ_ONCE(cpu->scratch)))
		return false;
	local_inc((local_t *)&cpu->no_ring);
	return true;
}

/*
 * The event is copied before anything is reserved, so that no fault happens
 * while a slot is open. Preemption stays off from the copy to the commit: the
 * scratch is the CPU's.
 */
static notrace ssize_t chardev_write(struct file *file, const char __user *buf,
				     size_t count, loff_t *pos)
{
	struct ttlog_cpu *cpu;
	unsigned long left;
	int tries = 0;

	if (unlikely(!count))
		return 0;
	if (unlikely(count > TTLOG_TEXT_MAX))
		return refuse(TTLOG_LOST_TOO_LARGE, -EMSGSIZE);
	if (unlikely(!access_ok(buf, count)))
		return refuse(TTLOG_LOST_FAULTED, -EFAULT);
	/* Pairs with access_ok(): nothing is read on a mispredicted check. */
	barrier_nospec();
	do {
		cpu = get_cpu_ptr(&ttlog_cpu);
		if (unlikely(no_ring(cpu))) {
			put_cpu_ptr(&ttlog_cpu);
			return count;
		}
		pagefault_disable();
		/*
		 * No check of the object's size is needed: count is at most
		 * TTLOG_TEXT_MAX, and scratch has TTLOG_SCRATCH_SIZE bytes.
		 */
		BUILD_BUG_ON(TTLOG_SCRATCH_SIZE < TTLOG_TEXT_MAX);
		left = raw_copy_from_user(cpu->scratch, buf, count);
		pagefault_enable();
		if (likely(!left))
			ttlog_event_write(cpu, count, file->private_data, 0);
		put_cpu_ptr(&ttlog_cpu);
		if (likely(!left))
			return count;
	} while (tries++ < FAULT_TRIES && !fault_in_readable(buf, count));
	return refuse(TTLOG_LOST_FAULTED, -EFAULT);
}
NOKPROBE_SYMBOL(chardev_write);

/* writev, io_uring, aio: as chardev_write(), from several pieces. */
static notrace ssize_t chardev_write_iter(struct kiocb *iocb,
					  struct iov_iter *from)
{
	u16 flags = is_sync_kiocb(iocb) ? 0 : TTLOG_EVENT_ASYNC;
	size_t count = iov_iter_count(from), copied;
	struct ttlog_cpu *cpu;
	int tries = 0;

	if (unlikely(!count))
		return 0;
	if (unlikely(count > TTLOG_TEXT_MAX))
		return refuse(TTLOG_LOST_TOO_LARGE, -EMSGSIZE);
	do {
		cpu = get_cpu_ptr(&ttlog_cpu);
		if (unlikely(no_ring(cpu))) {
			put_cpu_ptr(&ttlog_cpu);
			return count;
		}
		pagefault_disable();
		copied = copy_from_iter(cpu->scratch, count, from);
		pagefault_enable();
		if (likely(copied == count))
			ttlog_event_write(cpu, count,
					  iocb->ki_filp->private_data, flags);
		put_cpu_ptr(&ttlog_cpu);
		if (likely(copied == count))
			return count;
		iov_iter_revert(from, copied);
		if (iocb->ki_flags & IOCB_NOWAIT)
			return -EAGAIN;
	} while (tries++ < FAULT_TRIES &&
		 !fault_in_iov_iter_readable(from, count));
	return refuse(TTLOG_LOST_FAULTED, -EFAULT);
}
NOKPROBE_SYMBOL(chardev_write_iter);

static int chardev_open(struct inode *inode, struct file *file)
{
	struct ttlog_file *f = kzalloc(sizeof(*f), GFP_KERNEL_ACCOUNT);

	if (!f)
		return -ENOMEM;
	f->service = TTLOG_SERVICE_NONE;
	f->payer = ttlog_share_payer();
	f->may_trigger = ttlog_event_may_trigger();
	f->generation = READ_ONCE(ttlog_map->generation);
	file->private_data = f;
	/*
	 * A write never waits, so io_uring may submit it from the task itself,
	 * and the event has that task's name instead of a worker's.
	 */
	file->f_mode |= FMODE_NOWAIT;
	return nonseekable_open(inode, file);
}

static int chardev_release(struct inode *inode, struct file *file)
{
	ttlog_trigger_detach(file);
	kfree(file->private_data);
	return 0;
}

/*
 * Writing never waits. Readers may wait for the map to move, the helper for
 * triggers; writers wait for nothing and are on no queue.
 */
static __poll_t chardev_poll(struct file *file, poll_table *wait)
{
	struct ttlog_file *f = file->private_data;
	__poll_t mask = EPOLLOUT | EPOLLWRNORM;

	if (!(file->f_mode & FMODE_READ))
		return mask;
	poll_wait(file, &ttlog_trigger_queue, wait);
	if (ttlog_trigger_waits(file))
		mask |= EPOLLIN | EPOLLRDNORM;
	/* After we are in the queue: poll.litmus */
	if (READ_ONCE(ttlog_map->generation) != READ_ONCE(f->generation))
		mask |= EPOLLPRI;
	return mask;
}

static const struct file_operations chardev_fops = {
	.owner = THIS_MODULE,
	.open = chardev_open,
	.release = chardev_release,
	.write = chardev_write,
	.write_iter = chardev_write_iter,
	.mmap = ttlog_map_mmap,
	.poll = chardev_poll,
	.unlocked_ioctl = ttlog_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice chardev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "ttlog",
	.mode = 0662,
	.fops = &chardev_fops,
};

/**
 * ttlog_chardev_init() - show the device; from here on it is used
 *
 * Context: task, at load, after all else.
 * Return: 0 or an error.
 */
int ttlog_chardev_init(void)
{
	return misc_register(&chardev);
}

/**
 * ttlog_chardev_exit() - take the device away
 *
 * Context: task, at unload: open files hold the module, so none is left.
 */
void ttlog_chardev_exit(void)
{
	misc_deregister(&chardev);
}
