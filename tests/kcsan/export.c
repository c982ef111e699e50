// SPDX-License-Identifier: GPL-2.0-only
/* What the reader in the kernel needs of the recorder, which itself exports nothing. */
#include <linux/export.h>
#include "../../kmod/cpu.h"
#include "../../kmod/event.h"
#include "../../kmod/hold.h"
#include "../../kmod/map.h"
#include "../../kmod/ring.h"
#include "../../kmod/rings.h"
#include "../../kmod/trigger.h"

extern struct ttlog_map *ttlog_map;
EXPORT_SYMBOL_GPL(ttlog_map);

struct ring *ttlog_rings_get(u32 cpu, u32 channel);
EXPORT_SYMBOL_GPL(ttlog_rings_get);

extern struct mutex ttlog_trigger_lock;
EXPORT_SYMBOL_GPL(ttlog_trigger_lock);

u64 ttlog_hold_set(void);
EXPORT_SYMBOL_GPL(ttlog_hold_set);

void ttlog_hold_end(void);
EXPORT_SYMBOL_GPL(ttlog_hold_end);

void ttlog_ring_hold(struct ring *r);
EXPORT_SYMBOL_GPL(ttlog_ring_hold);

bool ttlog_ring_release(struct ring *r, u64 position);
EXPORT_SYMBOL_GPL(ttlog_ring_release);

u64 ttlog_ring_written(const struct ring *r);
EXPORT_SYMBOL_GPL(ttlog_ring_written);

EXPORT_PER_CPU_SYMBOL_GPL(ttlog_cpu);

void ttlog_event_write(struct ttlog_cpu *cpu, size_t len, const struct ttlog_file *file,
		       u16 flags);
EXPORT_SYMBOL_GPL(ttlog_event_write);
