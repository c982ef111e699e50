/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading memory that the kernel writes. The ordering table is in ttlog.h.
 */
#ifndef TTLOG_BARRIER_H
#define TTLOG_BARRIER_H

#include <stddef.h>
#include <stdint.h>

#define load_once(p)	__atomic_load_n(p, __ATOMIC_RELAXED)
#define load_acquire(p)	__atomic_load_n(p, __ATOMIC_ACQUIRE)

/* Of a word that the next lap may have overwritten by stores of any kind. */
#define load_tag(p)	load_acquire(p)

/*
 * Copy words that may change meanwhile, so that what is loaded after the call is
 * not older than what was copied: lap.litmus. ThreadSanitizer knows no fences: for
 * it each load is an acquire.
 */
static inline void copy_then_fence(void *to, const void *from, size_t size)
{
	const uint64_t *f = from;
	uint64_t *t = to;
	size_t i;

	for (i = 0; i < size / sizeof(*t); i++)
#ifdef __SANITIZE_THREAD__
		t[i] = load_acquire(&f[i]);	/* as in look.litmus */
#else
		t[i] = load_once(&f[i]);
	/* Pairs with the smp_wmb between open:A and open:B: lap.litmus */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
#endif
}

#endif
