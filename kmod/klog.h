/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TTLOG_KLOG_H
#define TTLOG_KLOG_H

void ttlog_klog_init(void);
void ttlog_klog_exit(void);
void ttlog_klog_sync(void);
void ttlog_klog_died(void);
void ttlog_klog_drain(void);
void ttlog_klog_last(void);
void ttlog_klog_end(void);
void ttlog_klog_stop(void);

#endif
