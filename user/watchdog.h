/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What systemd is told so that it knows that we go on. There is no thread for that, which
 * would go on by itself: whoever works for long says so as he gets on.
 */
#ifndef TTLOG_WATCHDOG_H
#define TTLOG_WATCHDOG_H

#include <stdint.h>

/* From now on it is told, if it has asked us for that. */
void watchdog_open(void);

/* Tell it, if half of the time that it waits has passed since it was told last. */
void watchdog_alive(void);

/* Return: when that will be, CLOCK_MONOTONIC in ms; 0: it needn't be told. */
uint64_t watchdog_due(void);

#endif
