/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the module ring_nest and its checker. */
#ifndef RING_NEST_H
#define RING_NEST_H

#include <linux/types.h>

#define NEST_KEY	0x5bd1e995c3a7f0d1ULL
#define NEST_BLOCK	8192

/* At which store of the writer the nested one strikes. */
enum {
	NEST_OUTER,		/* the outermost's mark */
	NEST_DEPTH,		/* a writer is in the ring */
	NEST_HEAD,		/* the reservation */
	NEST_TAG,		/* begin, then commit */
	NEST_START,		/* the next block's lap announced */
	NEST_FIRST,		/* the next block's head being written */
	NEST_READY,		/* the next block's head written */
	NEST_TARGETS,
};

/**
 * struct nest_run - write one to run it
 * @target: NEST_*
 * @blocks: of the ring
 * @before: events that are written before the one that is interrupted
 * @burst: events of each nested writer
 */
struct nest_run {
	__u32 target;
	__u32 blocks;
	__u32 before;
	__u32 burst;
};

/**
 * struct nest_result - what a read returns, and the ring's memory after it
 * @hits: times that the store was seen, each a nested writer
 * @in_nmi: of these, how many ran in NMI context
 * @written: events that got a slot, by writer: 0 the task, 1 the nested
 * @held: events that were held
 * @size: bytes of the ring
 */
struct nest_result {
	__u64 hits;
	__u64 in_nmi;
	__u64 written[2];
	__u64 held;
	__u64 size;
};

#endif
