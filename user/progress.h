/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How far timer snapshots have come, as the module keeps it for helpers to come.
 * What is wrong is said on stderr.
 */
#ifndef TTLOG_PROGRESS_H
#define TTLOG_PROGRESS_H

#include "advance.h"
#include "cookie.h"

/**
 * progress_read() - learn it; first end what a helper that died had begun
 * @folder: where that helper's file would be
 * @advance: filled in, @ends to be freed by the caller, also after a failure
 *
 * Return: EXIT_*.
 */
int progress_read(const struct device *device, const char *folder,
		  struct advance *advance);

/**
 * progress_prepare() - say what will hold once the file has its name
 * @cookie: of that file
 *
 * Return: 0 or a negative errno.
 */
int progress_prepare(const struct device *device,
		     const struct ttlog_end *ends, uint32_t nr,
		     const uint8_t *cookie);

/**
 * progress_commit() - put into force what was prepared
 *
 * Return: 0 or a negative errno.
 */
int progress_commit(const struct device *device);

#endif
