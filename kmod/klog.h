#ifndef TTLOG_KLOG_H
#define TTLOG_KLOG_H
static inline void ttlog_klog_drain(void) {}
#endif
