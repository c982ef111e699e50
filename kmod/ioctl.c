// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ioctls: who may, and how their structs come and go. What they do is in the
 * files of their nouns.
 */
#include <linux/capability.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/nospec.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include "chardev.h"
#include "control.h"
#include "filter.h"
#include "filters.h"
#include "klog.h"
#include "map.h"
#include "previous.h"
#include "probe.h"
#include "request.h"
#include "rings.h"
#include "service.h"
#include "share.h"
#include "trigger.h"

/* Any of the structs, as this module knows it. */
union argument {
	struct ttlog_info info;
	struct ttlog_ring_info ring;
	struct ttlog_ledger ledger;
	struct ttlog_service_name service;
	struct ttlog_levels levels;
	struct ttlog_request request;
	struct ttlog_trigger trigger;
	struct ttlog_done done;
	struct ttlog_release release;
	struct ttlog_progress progress;
	struct ttlog_probe probe;
	struct ttlog_probe_id probe_id;
	struct ttlog_probe_stat probe_stat;
	struct ttlog_boot boot;
	struct ttlog_previous previous;
	struct ttlog_filter filter;
	struct ttlog_share share;
};

static long do_info(struct file *file, union argument *arg)
{
	struct ttlog_file *f = file->private_data;
	ktime_t mono = ktime_get();

	arg->info = (struct ttlog_info){
		.abi_major = TTLOG_ABI_MAJOR,
		.abi_minor = TTLOG_ABI_MINOR,
		.layout = TTLOG_LAYOUT,
		.page_size = PAGE_SIZE,
		.nr_cpus = nr_cpu_ids,
		.nr_channels = TTLOG_NR_CHANNELS,
		.block_size = ttlog_map->block_size,
		.text_max = TTLOG_TEXT_MAX,
		.map_size = ttlog_map_size(),
		/* Pairs with the release in ttlog_map_moved(): generation.litmus */
		.generation = smp_load_acquire(&ttlog_map->generation),
		.memory = ttlog_rings_memory(),
		.mono = ktime_to_ns(mono),
		.boot = ktime_to_ns(ktime_mono_to_any(mono, TK_OFFS_BOOT)),
		.real = ktime_to_ns(ktime_mono_to_real(mono)),
		.created = ttlog_map->created,
		.level_mask = ttlog_filter_levels(),
		.helper = ttlog_trigger_attached(),
		.services = READ_ONCE(ttlog_map->nr_services),
	};
	memcpy(arg->info.boot_id, ttlog_map->boot_id,
	       sizeof(arg->info.boot_id));
	WRITE_ONCE(f->generation, arg->info.generation);
	return 0;
}

static long do_ring(struct file *file, union argument *arg)
{
	return ttlog_rings_info(&arg->ring);
}

static long do_ledger(struct file *file, union argument *arg)
{
	return ttlog_rings_ledger(&arg->ledger);
}

static long do_service(struct file *file, union argument *arg)
{
	struct ttlog_file *f = file->private_data;
	int ret = ttlog_service_name(&arg->service);

	if (ret)
		return ret;
	/*
	 * Another thread may write with it at once: by then the name is there for
	 * who reads that. service.litmus
	 */
	smp_store_release(&f->service, arg->service.id);
	return 0;
}

static long do_levels(struct file *file, union argument *arg)
{
	if (arg->levels.flags & ~(TTLOG_LEVELS_SET | TTLOG_LEVELS_TRIGGER) ||
	    arg->levels.mask & ~0xff ||
	    arg->levels.trigger > TTLOG_TRIGGER_NEVER)
		return -EINVAL;
	if (arg->levels.flags && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (arg->levels.flags & TTLOG_LEVELS_SET)
		ttlog_filter_set_levels(arg->levels.mask);
	ttlog_control_levels(&arg->levels);
	return 0;
}

static long do_control(struct file *file, union argument *arg)
{
	return ttlog_control_open();
}

static long do_request(struct file *file, union argument *arg)
{
	return ttlog_request(&arg->request);
}

static long do_helper(struct file *file, union argument *arg)
{
	/* It answers root's requests: membership of a group isn't enough. */
	if (!capable(CAP_SYSLOG))
		return -EPERM;
	return ttlog_trigger_attach(file, false);
}

static long do_once(struct file *file, union argument *arg)
{
	if (!capable(CAP_SYSLOG))
		return -EPERM;
	return ttlog_trigger_attach(file, true);
}

static long do_take(struct file *file, union argument *arg)
{
	return ttlog_trigger_take(file, &arg->trigger);
}

static long do_done(struct file *file, union argument *arg)
{
	return ttlog_trigger_done(file, &arg->done);
}

static long do_sync(struct file *file, union argument *arg)
{
	ttlog_klog_sync();
	return 0;
}

static long do_release(struct file *file, union argument *arg)
{
	return ttlog_trigger_release(file, &arg->release);
}

static long do_progress(struct file *file, union argument *arg)
{
	return ttlog_trigger_progress(file, &arg->progress);
}

static long do_probe_add(struct file *file, union argument *arg)
{
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	return ttlog_probe_add(&arg->probe);
}

static long do_probe_del(struct file *file, union argument *arg)
{
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	return ttlog_probe_del(arg->probe_id.id);
}

static long do_probe_stat(struct file *file, union argument *arg)
{
	return ttlog_probe_stat(&arg->probe_stat);
}

static long do_boot(struct file *file, union argument *arg)
{
	return ttlog_trigger_boot(file, &arg->boot);
}

static long do_previous(struct file *file, union argument *arg)
{
	return ttlog_previous(&arg->previous,
			      ttlog_trigger_is_helper(file) ? file : NULL);
}

static long do_filter(struct file *file, union argument *arg)
{
	return ttlog_filter(&arg->filter);
}

static long do_share(struct file *file, union argument *arg)
{
	return ttlog_share(&arg->share);
}

/**
 * struct call - an ioctl
 * @cmd: its number, with the size of the struct that this module knows
 * @first_size: of the struct's first version
 * @mode: what the file must be open for
 * @run: does it; a positive value is the ioctl's own
 */
struct call {
	unsigned int cmd;
	unsigned int first_size;
	fmode_t mode;
	long (*run)(struct file *file, union argument *arg);
};

static const struct call calls[] = {
	[_IOC_NR(TTLOG_IOC_INFO)] = { TTLOG_IOC_INFO, 120, 0, do_info },
	[_IOC_NR(TTLOG_IOC_RING)] = { TTLOG_IOC_RING, 56, 0, do_ring },
	[_IOC_NR(TTLOG_IOC_LEDGER)] = { TTLOG_IOC_LEDGER, 96, FMODE_READ, do_ledger },
	[_IOC_NR(TTLOG_IOC_SERVICE)] = { TTLOG_IOC_SERVICE, 40, FMODE_WRITE, do_service },
	[_IOC_NR(TTLOG_IOC_LEVELS)] = { TTLOG_IOC_LEVELS, 16, 0, do_levels },
	[_IOC_NR(TTLOG_IOC_CONTROL)] = { TTLOG_IOC_CONTROL, 0, FMODE_WRITE, do_control },
	[_IOC_NR(TTLOG_IOC_REQUEST)] = { TTLOG_IOC_REQUEST, 56, FMODE_READ, do_request },
	[_IOC_NR(TTLOG_IOC_HELPER)] = { TTLOG_IOC_HELPER, 0, FMODE_READ, do_helper },
	[_IOC_NR(TTLOG_IOC_TAKE)] = { TTLOG_IOC_TAKE, 72, FMODE_READ, do_take },
	[_IOC_NR(TTLOG_IOC_DONE)] = { TTLOG_IOC_DONE, 24, FMODE_READ, do_done },
	[_IOC_NR(TTLOG_IOC_SYNC)] = { TTLOG_IOC_SYNC, 0, FMODE_READ, do_sync },
	[_IOC_NR(TTLOG_IOC_ONCE)] = { TTLOG_IOC_ONCE, 0, FMODE_READ, do_once },
	[_IOC_NR(TTLOG_IOC_RELEASE)] = { TTLOG_IOC_RELEASE, 16, FMODE_READ, do_release },
	[_IOC_NR(TTLOG_IOC_PROGRESS)] = { TTLOG_IOC_PROGRESS, 88, FMODE_READ, do_progress },
	[_IOC_NR(TTLOG_IOC_PROBE_ADD)] = { TTLOG_IOC_PROBE_ADD, 200, FMODE_READ, do_probe_add },
	[_IOC_NR(TTLOG_IOC_PROBE_DEL)] = { TTLOG_IOC_PROBE_DEL, 8, FMODE_READ, do_probe_del },
	[_IOC_NR(TTLOG_IOC_PROBE_STAT)] = { TTLOG_IOC_PROBE_STAT, 288, FMODE_READ, do_probe_stat },
	[_IOC_NR(TTLOG_IOC_BOOT)] = { TTLOG_IOC_BOOT, 16, FMODE_READ, do_boot },
	[_IOC_NR(TTLOG_IOC_PREVIOUS)] = { TTLOG_IOC_PREVIOUS, 32, FMODE_READ, do_previous },
	[_IOC_NR(TTLOG_IOC_FILTER)] = { TTLOG_IOC_FILTER, 208, FMODE_READ, do_filter },
	[_IOC_NR(TTLOG_IOC_SHARE)] = { TTLOG_IOC_SHARE, 24, FMODE_READ, do_share },
};

/* The size may be another version's, all else must be the call's. */
static const struct call *find_call(unsigned int cmd)
{
	unsigned int nr = _IOC_NR(cmd);
	unsigned int size = _IOC_SIZEMASK << _IOC_SIZESHIFT;

	if (nr >= ARRAY_SIZE(calls))
		return NULL;
	nr = array_index_nospec(nr, ARRAY_SIZE(calls));
	if (!calls[nr].run || (calls[nr].cmd ^ cmd) & ~size)
		return NULL;
	return &calls[nr];
}

/**
 * ttlog_ioctl() - the ioctls of /dev/ttlog
 * @file: the device
 * @cmd: TTLOG_IOC_*, with the size of the struct that the caller knows
 * @arg: address of the struct
 *
 * Context: task; TTLOG_IOC_REQUEST sleeps.
 * Return: as the ABI says.
 */
long ttlog_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	const struct call *call = find_call(cmd);
	void __user *user = (void __user *)arg;
	size_t size = _IOC_SIZE(cmd), known;
	union argument argument = {};
	long ret;

	if (!call)
		return -ENOTTY;
	if ((file->f_mode & call->mode) != call->mode)
		return -EBADF;
	if (size < call->first_size)
		return -EINVAL;
	known = _IOC_SIZE(call->cmd);
	if (size && !known)
		return -ENOTTY;
	if (known) {
		ret = copy_struct_from_user(&argument, known, user, size);
		if (ret)
			return ret;
	}
	ret = call->run(file, &argument);
	if (ret >= 0 && known &&
	    copy_to_user(user, &argument, min(size, known)))
		return -EFAULT;
	return ret;
}
