/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_FUZZ_CAT_H
#define TTLOG_FUZZ_CAT_H

#include "harness.h"

/* ttlog cat OPTION NAME; what it prints is caught. Either may be NULL. */
int cat(const char *name, const char *option, const char *other);

/*
 * ttlog cat in all its forms: what it prints is harmless, JSON is JSON, and all
 * forms agree on whether the file is whole and how many events are in it.
 */
void cat_all(const char *name);

#endif
