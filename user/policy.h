/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The filters and the share of keep that the configuration asks for, put in force in the
 * kernel.
 */
#ifndef TTLOG_POLICY_H
#define TTLOG_POLICY_H

#include "config.h"
#include "device.h"

/**
 * policy_apply() - set in the kernel what differs from the configuration
 *
 * Where it has a section of a filter, be it empty, it is in charge of all of them: those
 * that it hasn't are removed, and what holds for all is what it says, or as the module
 * was loaded. Otherwise they are left alone. The share is set if it has that. What can't
 * be set is said, and all else is set nevertheless.
 *
 * Return: EXIT_*: of the first that couldn't.
 */
int policy_apply(const struct device *device, const struct config *config);

#endif
