/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What of the module a sequence came through, as kcov has it.
 */
#ifndef TTLOG_FUZZ_COVER_H
#define TTLOG_FUZZ_COVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COVER_EDGES	65536

/* For this process, from now on. Return: false where the kernel has no kcov. */
bool cover_init(void);

/* Forget what was come through. */
void cover_begin(void);

/*
 * Put the steps from one place in the module to another, since then, among those
 * that are known; returns how many weren't.
 */
size_t cover_end(uint8_t *known);

/* The module may be elsewhere now. */
void cover_moved(void);

#endif
