/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * While a trigger holds the rings: release what is copied, block by block.
 */
#ifndef TTLOG_HOLD_H
#define TTLOG_HOLD_H

#include "device.h"

/**
 * struct hold - a hold that ends as we copy
 * @fd: of the device
 * @over: there is no hold (any more) on the ring that is being read
 * @reading: a ring is being read
 * @at: that ring
 */
struct hold {
	int fd;
	bool over;
	bool reading;
	struct ttlog_release at;
};

/* A struct wanted's choose(): all of a ring, released as it is copied. */
void hold_choose(void *hold, uint32_t cpu, uint32_t channel,
		 struct reader_range *range);

/* The last ring was read. */
void hold_end(struct hold *hold);

#endif
