/* SPDX-License-Identifier: GPL-2.0-only */
/* Nothing here is told of panics. */
