// SPDX-License-Identifier: GPL-2.0-only
/* What the reader in the kernel needs of the recorder, which itself exports nothing. */
#include <linux/export.h>
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
