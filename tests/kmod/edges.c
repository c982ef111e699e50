// SPDX-License-Identifier: GPL-2.0-only
/*
 * Slots that end exactly where their block or their ring ends: nothing behind
 * them is touched. Texts of no to 24 bytes, in each form that a slot has, over
 * many laps of the smallest rings; behind the ring is a page that isn't there.
 */
#include <kselftest_harness.h>
#include <pthread.h>
#include <sys/prctl.h>
#include "ttlog_test.h"

#define EVENTS	100000

FIXTURE(edges)
{
	struct recorder r;
};

FIXTURE_SETUP(edges)
{
	ASSERT_EQ(0, pin(0));
	ASSERT_EQ(0, ttlog_reload("memory_per_cpu=64K"));
	ASSERT_TRUE(recorder_open(&self->r));
}

FIXTURE_TEARDOWN(edges)
{
	recorder_close(&self->r);
	EXPECT_EQ(0, ttlog_unload());
}

/**
 * struct job - what a thread writes
 * @fd: the device
 * @name: of the thread, or NULL to keep it
 * @wrote: events that were written
 */
struct job {
	int fd;
	const char *name;
	unsigned long wrote;
};

/*
 * Half of the texts are empty, the others of any length, so that each size of a
 * slot comes to end at each place of a block, its last one too.
 */
static void *write_all(void *arg)
{
	static const char text[] = "<6>........................";
	struct job *job = arg;
	uint32_t random = 1;
	size_t len;
	int i;

	if (job->name)
		prctl(PR_SET_NAME, job->name);
	for (i = 0; i < EVENTS; i++) {
		random = random * 1664525 + 1013904223;
		len = random >> 31 ? 3 : 3 + (random >> 16) % (sizeof(text) - 3);
		job->wrote += write(job->fd, text, len) == (ssize_t)len;
	}
	return NULL;
}

/* What the module wrote once, when it made the ring, is as it was. */
static void check_heads(struct __test_metadata *_metadata, struct recorder *r)
{
	const struct ttlog_ring *ring = r->at[TTLOG_FLOW];
	const struct ttlog_block *block;
	uint32_t i;

	for (i = 0; i < ring->nr_blocks; i++) {
		block = (const void *)((const char *)ring + ring->data_offset +
				       (size_t)i * ring->block_size);
		ASSERT_EQ(TTLOG_BLOCK_MAGIC, block->magic);
		ASSERT_EQ(TTLOG_LAYOUT, block->layout);
		ASSERT_EQ(0, block->cpu);
		ASSERT_EQ(TTLOG_FLOW, block->channel);
		ASSERT_EQ(0, memcmp(block->boot_id, r->map->boot_id, 16));
	}
}

static void check(struct __test_metadata *_metadata, struct recorder *r,
		  struct job *job, uint16_t flags)
{
	struct reader_ring *ring;
	pthread_t thread;
	size_t i;

	ASSERT_EQ(0, pthread_create(&thread, NULL, write_all, job));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	ASSERT_EQ(EVENTS, job->wrote);
	check_heads(_metadata, r);
	ASSERT_TRUE(recorder_read(r));
	ring = recorder_ring(r, 0, TTLOG_FLOW);
	EXPECT_EQ(EVENTS, ring->to);
	EXPECT_EQ(EVENTS, ring->nr_events + ring->overwritten);
	EXPECT_EQ(0, ring->holes);
	for (i = 0; i < r->nr_seen; i++)
		ASSERT_EQ(flags, slot_flags(r->seen[i].slot));
}

TEST_F(edges, thread_of_the_process_name)
{
	struct job job = { .fd = self->r.fd };

	check(_metadata, &self->r, &job, 0);
}

TEST_F(edges, thread_of_its_own_name)
{
	struct job job = { .fd = self->r.fd, .name = "fifteen-bytes-x" };

	check(_metadata, &self->r, &job, TTLOG_EVENT_LEADER);
}

TEST_F(edges, named_service)
{
	struct ttlog_service_name name = { .name = "svc" };
	struct job job = { .fd = self->r.fd };

	ASSERT_EQ(0, ioctl(self->r.fd, TTLOG_IOC_SERVICE, &name));
	check(_metadata, &self->r, &job, TTLOG_EVENT_SERVICE);
}

TEST_HARNESS_MAIN
