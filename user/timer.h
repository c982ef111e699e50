/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_TIMER_H
#define TTLOG_TIMER_H

#include "helper.h"

/**
 * timer_snapshot() - save what came since the last timer snapshot, if anything did
 * @reason: "timer" or "exit": the reason and the trigger
 *
 * One that can't be written isn't kept in memory: it isn't counted as saved, so the
 * next one begins where it did.
 *
 * Return: EXIT_*.
 */
int timer_snapshot(struct helper *helper, const char *reason);

#endif
