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

/**
 * timer_settle() - end what a helper that died had begun
 *
 * While its file is where it was. What fails is tried again with the next snapshot.
 */
void timer_settle(struct helper *helper);

#endif
