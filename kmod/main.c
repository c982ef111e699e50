// SPDX-License-Identifier: GPL-2.0-only
/*
 * ttlog: the flight recorder. Load and unload.
 */
#include <linux/init.h>
#include <linux/module.h>
#include "auto.h"
#include "chardev.h"
#include "control.h"
#include "filter.h"
#include "klog.h"
#include "map.h"
#include "once.h"
#include "oops.h"
#include "panic.h"
#include "params.h"
#include "probe.h"
#include "progress.h"
#include "region.h"
#include "rings.h"
#include "share.h"
#include "uapi/ttlog.h"
#include "abi.h"

static int __init ttlog_init(void)
{
	struct ttlog_config config;
	int ret;

	ret = ttlog_params_region(&config);
	if (ret)
		return ret;
	ret = ttlog_probe_param_check();
	if (ret)
		return ret;
	ttlog_region_init(&config);
	ret = ttlog_params_check(&config);
	if (ret)
		goto exit_region;
	ttlog_share_init(config.keep_rate, config.keep_burst);
	ttlog_once_init(config.helper);
	ret = ttlog_map_init(config.channel[TTLOG_FLOW].block_size);
	if (ret)
		goto exit_region;
	ret = ttlog_region_start();
	if (ret)
		goto exit_map;
	ret = ttlog_rings_init(&config);
	if (ret)
		goto stop_region;
	/* A panic of what follows is to be seen as well. */
	ttlog_panic_init(config.console_events);
	ret = ttlog_progress_init();
	if (ret)
		goto exit_panic;
	/* Behind what it works on: it has a hold's end to come. */
	ret = ttlog_auto_init();
	if (ret)
		goto exit_progress;
	ret = ttlog_control_init(config.level_mask, config.trigger_level);
	if (ret)
		goto exit_auto;
	ret = ttlog_filter_init(config.level_mask);
	if (ret)
		goto exit_control;
	ttlog_klog_init();
	ret = ttlog_oops_init();
	if (ret)
		goto exit_klog;
	/* Last: whoever opens the device finds everything in place. */
	ret = ttlog_chardev_init();
	if (ret)
		goto exit_oops;
	ttlog_probe_param_add();
	return 0;

exit_oops:
	ttlog_oops_exit();
exit_klog:
	ttlog_klog_exit();
	/* What klog has read may have started it. */
	ttlog_once_exit();
	ttlog_filter_exit();
exit_control:
	ttlog_control_exit();
exit_auto:
	ttlog_auto_exit();
exit_progress:
	ttlog_progress_exit();
exit_panic:
	ttlog_panic_exit();
	ttlog_rings_exit();
stop_region:
	ttlog_region_stop();
exit_map:
	ttlog_map_exit();
exit_region:
	ttlog_region_exit();
	return ret;
}

/*
 * Open files and mappings hold the module, so nobody is at work. First goes what
 * strikes by itself, then what was set going by it.
 */
static void __exit ttlog_exit(void)
{
	/* They alone are at work without a file that is open. */
	ttlog_probe_exit();
	ttlog_chardev_exit();
	ttlog_oops_exit();
	ttlog_klog_exit();
	ttlog_once_exit();
	ttlog_filter_exit();
	ttlog_control_exit();
	ttlog_auto_exit();
	ttlog_progress_exit();
	ttlog_panic_exit();
	ttlog_rings_exit();
	ttlog_region_stop();
	ttlog_map_exit();
	ttlog_region_exit();
}

module_init(ttlog_init);
module_exit(ttlog_exit);

MODULE_AUTHOR("The ttlog developers");
MODULE_DESCRIPTION("Flight recorder: the last events of the whole machine, in fixed memory");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
