/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where timer snapshots go on: for each ring the number of the first event that
 * isn't saved yet.
 *
 * A timer snapshot ends in each ring before the first event that isn't committed,
 * and the next one begins there. An event that stays uncommitted is given up after
 * a while, so that what a dead writer left holds up nothing.
 */
#ifndef TTLOG_ADVANCE_H
#define TTLOG_ADVANCE_H

#include "device.h"

/* How long an event may stay reserved and not committed. */
#define ADVANCE_PATIENCE	(5 * NSEC_PER_SEC)

/**
 * struct advance - how far rings are saved
 * @ends: in no order; a ring that isn't there is saved up to 0
 * @nr: entries of @ends
 * @now: mono
 */
struct advance {
	struct ttlog_end *ends;
	uint32_t nr;
	uint64_t now;
};

/* A struct wanted's choose(): from where the ring is saved up to an open event. */
void advance_choose(void *advance, uint32_t cpu, uint32_t channel,
		    struct reader_range *range);

/* Is there anything in these rings that isn't saved? */
bool advance_news(const struct reader_ring *rings, size_t nr);

/**
 * advance_ends() - how far rings will be saved once what was read is
 * @rings: as they were read
 * @nr: entries of @rings
 * @out: @nr entries; those whose end has changed are put there
 *
 * Return: how many have.
 */
uint32_t advance_ends(const struct advance *advance,
		      const struct reader_ring *rings, size_t nr,
		      struct ttlog_end *out);

#endif
