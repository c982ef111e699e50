/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Setting and asking probes by their ioctls.
 */
#ifndef TTLOG_PROBES_H
#define TTLOG_PROBES_H

#include "../kmod/ttlog_test.h"

static inline struct ttlog_probe probe_on(const char *symbol, uint32_t offset,
					  uint32_t args, uint32_t flags)
{
	struct ttlog_probe p = {
		.level = TTLOG_NOTICE,
		.sample = 1,
		.offset = offset,
		.nr_args = args,
		.flags = flags,
	};

	snprintf(p.symbol, sizeof(p.symbol), "%s", symbol);
	return p;
}

/* Set it; 0 or an errno. */
static inline int probe_add(const struct recorder *r, struct ttlog_probe *p)
{
	return ERRNO(ioctl(r->fd, TTLOG_IOC_PROBE_ADD, p));
}

static inline int probe_del(const struct recorder *r, uint32_t id)
{
	struct ttlog_probe_id which = { .id = id };

	return ERRNO(ioctl(r->fd, TTLOG_IOC_PROBE_DEL, &which));
}

/*
 * The first place for a probe behind what an entry is traced by: a call of 5 bytes,
 * with IBT after a mark of 4; on arm64 two instructions. 0: none.
 */
static inline uint32_t probe_inside(const struct recorder *r, const char *symbol)
{
	struct ttlog_probe p;
	uint32_t offset;

	for (offset = 5; offset < 16; offset++) {
		p = probe_on(symbol, offset, 0, 0);
		if (!probe_add(r, &p))
			return probe_del(r, p.id) ? 0 : offset;
	}
	return 0;
}

/* All bits are set if it isn't there. */
static inline struct ttlog_probe_stat probe_stat(const struct recorder *r,
						 uint32_t id)
{
	struct ttlog_probe_stat stat = { .probe.id = id };

	if (ioctl(r->fd, TTLOG_IOC_PROBE_STAT, &stat) || stat.probe.id != id)
		memset(&stat, 0xff, sizeof(stat));
	return stat;
}

static inline uint64_t probe_lost(const struct ttlog_probe_stat *stat)
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i < TTLOG_NR_LOST; i++)
		sum += stat->lost[i];
	return sum;
}

/* Of a hit. */

static inline unsigned int hit_id(const struct ttlog_event *e)
{
	return e->body[0] | e->body[1] << 8;
}

static inline uint64_t hit_value(const struct ttlog_event *e, unsigned int i)
{
	uint64_t value;

	memcpy(&value, (const char *)e + 56 + 8 * i, sizeof(value));
	return value;
}

#endif
