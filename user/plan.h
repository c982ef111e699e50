/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_PLAN_H
#define TTLOG_PLAN_H

#include "device.h"

/**
 * plan_print() - measure what is written, and say how long which memory would hold it
 * @device: opened for reading
 * @seconds: measure that long; 0: what was written since the module was loaded
 * @span: recommend what holds for so many seconds; 0: for some usual ones
 *
 * Return: EXIT_*; what went wrong is said.
 */
int plan_print(struct device *device, unsigned int seconds, unsigned int span);

#endif
