/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How much of something is recorded, as users write it.
 */
#ifndef TTLOG_QUANTITY_H
#define TTLOG_QUANTITY_H

#include <stdbool.h>
#include <stdint.h>

/* For messages: what these accept. */
#define QUANTITY_SAMPLE	"N or 1/N with N from 1 (all) to 1000000000"
#define QUANTITY_RATE	"RATE or RATE/BURST, each from 1 to 1000000000 events, or none"
#define QUANTITY_SHARE \
	"RATE or RATE/BURST in bytes, RATE from 1 and BURST from 4160 to 1G, with K, M or G as a unit or without"

/**
 * quantity_sample() - record one of so many
 * @sample: set, as in struct ttlog_filter
 */
bool quantity_sample(const char *text, uint32_t *sample);

/**
 * quantity_rate() - record so many a second, after so many at once
 * @rate: set, as in struct ttlog_filter
 * @burst: likewise; where it isn't given it is the rate
 */
bool quantity_rate(const char *text, uint32_t *rate, uint32_t *burst);

/**
 * quantity_share() - so many bytes a second, after so many at once
 * @rate: set, as in struct ttlog_share
 * @burst: likewise; where it isn't given it is the rate, or the least that it may be
 */
bool quantity_share(const char *text, uint64_t *rate, uint64_t *burst);

#endif
