/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_CHARDEV_H
#define TTLOG_CHARDEV_H

#include <linux/types.h>

struct file;

/**
 * struct ttlog_file - an open /dev/ttlog
 * @service: service id of its events, or TTLOG_SERVICE_NONE
 * @payer: of who opened it, see ttlog_share_payer()
 * @may_trigger: it was opened with CAP_SYSLOG
 * @generation: of the map, when this file last asked for struct ttlog_info
 */
struct ttlog_file {
	int service;
	u32 payer;
	bool may_trigger;
	u64 generation;
};

int ttlog_chardev_init(void);
void ttlog_chardev_exit(void);
long ttlog_ioctl(struct file *file, unsigned int cmd, unsigned long arg);

#endif
