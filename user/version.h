/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_VERSION_H
#define TTLOG_VERSION_H

#define TTLOG_VERSION	"0.1.0"

#endif
