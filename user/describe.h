/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a snapshot says of where it is from.
 */
#ifndef TTLOG_DESCRIBE_H
#define TTLOG_DESCRIBE_H

#include "device.h"
#include "snapshot.h"

/* The name of this recorder. */
#define DESCRIBE_SERVICE	"ttlog"

/**
 * describe_boot() - the kernel's id of this boot
 * @boot_id: BOOT_ID_SIZE bytes; zeros for digits if it can't be read, which is said
 *
 * Return: EXIT_*.
 */
int describe_boot(char *boot_id);

/**
 * describe_host() - this machine and this program, as who asked; one trigger
 * @snapshot: the rest of it is left as it is
 * @boot_id: of describe_boot()
 */
void describe_host(struct snapshot *snapshot, const char *boot_id);

/*
 * The module, what it records, and what its rings held. @contents must stay.
 * @device->alive is called.
 */
void describe_contents(struct snapshot *snapshot, const struct device *device,
		       const struct contents *contents);

#endif
