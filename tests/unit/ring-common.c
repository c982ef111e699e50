// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include "ring.h"

_Thread_local shim_fn shim_interrupt;
_Thread_local struct task_struct *current;
_Thread_local int shim_interrupts;

void test_ring_make_spare(struct test_ring *t, u32 block_size, u32 nr_blocks,
			  u64 spare, u32 cpu, u32 channel)
{
	static const u8 boot_id[16] = "0123456789abcdef";
	u64 bytes = (u64)block_size * nr_blocks + TEST_PAGE;

	/* A page of head is enough for a few blocks, else take more. */
	while (!ttlog_ring_geometry(bytes, block_size, TEST_PAGE, spare,
				    &t->geometry) ||
	       t->geometry.nr_blocks < nr_blocks)
		bytes += TEST_PAGE;
	t->memory = aligned_alloc(TEST_PAGE, t->geometry.size);
	memset(t->memory, 0, t->geometry.size);
	ttlog_ring_init(&t->ring, t->memory, &t->geometry, cpu, channel,
			TEST_KEY, boot_id);
}

void test_ring_make(struct test_ring *t, u32 block_size, u32 nr_blocks, u32 cpu,
		    u32 channel)
{
	test_ring_make_spare(t, block_size, nr_blocks, 0, cpu, channel);
}

void test_ring_free(struct test_ring *t)
{
	free(t->memory);
}
