/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RACE_HELD_H
#define RACE_HELD_H

#include <linux/types.h>

int race_read_held(void);
void race_follow(u32 cpu);

#endif
