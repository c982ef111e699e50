/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_SERVICE_H
#define TTLOG_SERVICE_H

#include "uapi/ttlog.h"

int ttlog_service_name(struct ttlog_service_name *name);

#endif
