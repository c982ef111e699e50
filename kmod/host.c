// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the map says of the machine and its kernel. A reader on the machine asks that
 * itself; who has the memory alone finds it there.
 */
#include <linux/compiler.h>
#include <linux/kprobes.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/utsname.h>
#include "host.h"

static notrace void set_nodename(struct ttlog_host *host)
{
	const char *from = init_uts_ns.name.nodename;
	size_t i;

	for (i = 0; i < sizeof(host->nodename) - 1 && i < __NEW_UTS_LEN; i++) {
		/*
		 * Another may set it meanwhile, and the lock that it takes isn't for
		 * modules: what is read then is some of both names.
		 */
		WRITE_ONCE(host->nodename[i], data_race(from[i]));
	}
}
NOKPROBE_SYMBOL(set_nodename);

/**
 * ttlog_host_init() - say what is known at load
 * @host: zeroed
 *
 * Context: task, at load.
 */
void ttlog_host_init(struct ttlog_host *host)
{
	BUILD_BUG_ON(__NEW_UTS_LEN >= TTLOG_HOST_LEN);
	set_nodename(host);
	strscpy(host->release, init_uts_ns.name.release, sizeof(host->release));
	strscpy(host->version, init_uts_ns.name.version, sizeof(host->version));
	strscpy(host->machine, init_uts_ns.name.machine, sizeof(host->machine));
	host->abi_major = TTLOG_ABI_MAJOR;
	host->abi_minor = TTLOG_ABI_MINOR;
	host->state = TTLOG_STATE_RUNS;
}

/**
 * ttlog_host_boot() - a helper says which boot this is
 * @host: the map's
 * @boot: what it says
 *
 * Context: task.
 */
void ttlog_host_boot(struct ttlog_host *host, const struct ttlog_boot *boot)
{
	memcpy(host->kernel_boot_id, boot->id, sizeof(host->kernel_boot_id));
	set_nodename(host);
}

/**
 * ttlog_host_end() - the kernel ends
 * @host: the map's
 * @state: how: TTLOG_STATE_*
 *
 * Context: any, NMI included.
 */
notrace void ttlog_host_end(struct ttlog_host *host, u32 state)
{
	set_nodename(host);
	WRITE_ONCE(host->mono, ktime_get_mono_fast_ns());
	WRITE_ONCE(host->boot, ktime_get_boot_fast_ns());
	WRITE_ONCE(host->real, ktime_get_real_fast_ns());
	WRITE_ONCE(host->state, state);
}
NOKPROBE_SYMBOL(ttlog_host_end);
