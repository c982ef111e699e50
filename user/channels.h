/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The names that channels and causes of loss have outside the kernel.
 */
#ifndef TTLOG_CHANNELS_H
#define TTLOG_CHANNELS_H

#include <stdint.h>

/* Both: "unknown" where the number has no name. */
const char *channel_name(uint32_t channel);
const char *lost_name(uint32_t cause);

/*
 * Print the numbers of lost events, of TTLOG_NR_LOST causes, and end the line.
 * Causes that lost nothing aren't named.
 */
void lost_print(const uint64_t *lost);

#endif
