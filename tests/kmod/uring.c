// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writing through io_uring, by its system calls alone: one submission is one
 * event, marked as such, with the name of who submitted it.
 */
#include <kselftest_harness.h>
#include <linux/io_uring.h>
#include <sys/prctl.h>
#include "ttlog_test.h"

FIXTURE(uring)
{
	struct recorder r;
	int fd;
	struct io_uring_params params;
	uint32_t rw_flags;	/* RWF_* of what is submitted */
	uint8_t *sq;
	uint8_t *cq;
	struct io_uring_sqe *sqe;
};

FIXTURE_SETUP(uring)
{
	struct io_uring_params *p = &self->params;

	self->r.fd = -1;
	self->fd = syscall(SYS_io_uring_setup, 4, p);
	if (self->fd < 0 && (errno == ENOSYS || errno == EPERM))
		SKIP(return, "no io_uring here");
	ASSERT_LE(0, self->fd);
	self->sq = mmap(NULL, p->sq_off.array + p->sq_entries * 4,
			PROT_READ | PROT_WRITE, MAP_SHARED, self->fd,
			IORING_OFF_SQ_RING);
	ASSERT_NE(MAP_FAILED, (void *)self->sq);
	self->cq = mmap(NULL, p->cq_off.cqes + p->cq_entries *
			sizeof(struct io_uring_cqe),
			PROT_READ | PROT_WRITE, MAP_SHARED, self->fd,
			IORING_OFF_CQ_RING);
	ASSERT_NE(MAP_FAILED, (void *)self->cq);
	self->sqe = mmap(NULL, p->sq_entries * sizeof(*self->sqe),
			 PROT_READ | PROT_WRITE, MAP_SHARED, self->fd,
			 IORING_OFF_SQES);
	ASSERT_NE(MAP_FAILED, (void *)self->sqe);
	ASSERT_EQ(0, ttlog_reload("memory_per_cpu=64K"));
	ASSERT_EQ(0, pin(1));
	ASSERT_TRUE(recorder_open(&self->r));
	ASSERT_EQ(0, prctl(PR_SET_NAME, "submitter"));
}

FIXTURE_TEARDOWN(uring)
{
	int error, i;

	if (self->fd < 0)
		return;
	close(self->fd);
	recorder_close(&self->r);
	/* A worker of the ring may have the file a little longer. */
	for (i = 0; i < 1000; i++) {
		error = ttlog_unload();
		if (error != EAGAIN)
			break;
		usleep(10000);
	}
	EXPECT_EQ(0, error);
}

static uint32_t *word(uint8_t *ring, uint32_t offset)
{
	return (uint32_t *)(ring + offset);
}

/* Submit one and wait for its end; what it ended with. */
static int submit(struct _test_data_uring *self, int op, const void *at, uint32_t len,
		  uint8_t flags)
{
	const struct io_sqring_offsets *sq = &self->params.sq_off;
	const struct io_cqring_offsets *cq = &self->params.cq_off;
	uint32_t tail = *word(self->sq, sq->tail);
	uint32_t at_sq = tail & *word(self->sq, sq->ring_mask);
	uint32_t head = *word(self->cq, cq->head);
	struct io_uring_cqe *cqe;
	int ret;

	self->sqe[at_sq] = (struct io_uring_sqe){
		.opcode = op,
		.flags = flags,
		.fd = self->r.fd,
		.addr = (uintptr_t)at,
		.len = len,
		.rw_flags = self->rw_flags,
	};
	word(self->sq, sq->array)[at_sq] = at_sq;
	__atomic_store_n(word(self->sq, sq->tail), tail + 1, __ATOMIC_RELEASE);
	ret = syscall(SYS_io_uring_enter, self->fd, 1, 1, IORING_ENTER_GETEVENTS,
		      NULL, 0);
	if (ret != 1)
		return -errno;
	if (__atomic_load_n(word(self->cq, cq->tail), __ATOMIC_ACQUIRE) == head)
		return -ENOMSG;
	cqe = (struct io_uring_cqe *)(self->cq + cq->cqes) +
	      (head & *word(self->cq, cq->ring_mask));
	ret = cqe->res;
	__atomic_store_n(word(self->cq, cq->head), head + 1, __ATOMIC_RELEASE);
	return ret;
}

TEST_F(uring, write_is_an_event)
{
	const struct ttlog_event *e;

	ASSERT_EQ(8, submit(self, IORING_OP_WRITE, "<4>async", 8, 0));
	ASSERT_TRUE(recorder_read(&self->r));
	ASSERT_EQ(1, self->r.nr_seen);
	e = self->r.seen[0].slot;
	EXPECT_TRUE(slot_is(e, "async", 5));
	EXPECT_EQ(4, slot_level(e));
	EXPECT_EQ(TTLOG_EVENT_ASYNC, slot_flags(e));
	EXPECT_EQ(getpid(), slot_pid(e));
	EXPECT_EQ(syscall(SYS_gettid), slot_tid(e));
	EXPECT_STREQ("submitter", (char *)e->comm);
	EXPECT_EQ(1, self->r.seen[0].cpu);
}

TEST_F(uring, writev_is_one_event)
{
	struct iovec v[] = { { "<2>a", 4 }, { "b\0k", 3 }, { "=v\n", 3 } };
	const struct ttlog_event *e;

	ASSERT_EQ(10, submit(self, IORING_OP_WRITEV, v, 3, 0));
	ASSERT_TRUE(recorder_read(&self->r));
	ASSERT_EQ(1, self->r.nr_seen);
	e = self->r.seen[0].slot;
	EXPECT_TRUE(slot_is(e, "ab\0k=v", 6));
	EXPECT_EQ(2, slot_level(e));
	EXPECT_EQ(TTLOG_EVENT_ASYNC, slot_flags(e));
	EXPECT_EQ(getpid(), slot_pid(e));
	EXPECT_EQ(syscall(SYS_gettid), slot_tid(e));
	EXPECT_STREQ("submitter", (char *)e->comm);
}

/* The worker that a caller insists on is of the caller's process. */
TEST_F(uring, forced_worker_has_the_callers_process)
{
	const struct ttlog_event *e;

	ASSERT_EQ(6, submit(self, IORING_OP_WRITE, "worker", 6, IOSQE_ASYNC));
	ASSERT_TRUE(recorder_read(&self->r));
	ASSERT_EQ(1, self->r.nr_seen);
	e = self->r.seen[0].slot;
	EXPECT_TRUE(slot_is(e, "worker", 6));
	EXPECT_EQ(TTLOG_EVENT_ASYNC, slot_flags(e) & TTLOG_EVENT_ASYNC);
	EXPECT_EQ(getpid(), slot_pid(e));
	EXPECT_EQ(0, e->uid);
}

/*
 * Submitting doesn't wait for a page. A worker does, unless the caller won't
 * have that; whatever became of the first attempt, it is one event.
 */
TEST_F(uring, page_that_is_not_there)
{
	const struct ttlog_event *e;
	struct ttlog_ledger sum;
	char *page;

	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, page);
	self->rw_flags = RWF_NOWAIT;
	EXPECT_EQ(-EAGAIN, submit(self, IORING_OP_WRITE, page, 9, 0));
	EXPECT_EQ(0, ledger_sum(&self->r, ALL_OF_USERS).offered);
	ASSERT_TRUE(recorder_read(&self->r));
	EXPECT_EQ(0, self->r.nr_seen);

	self->rw_flags = 0;
	EXPECT_EQ(9, submit(self, IORING_OP_WRITE, page, 9, 0));
	sum = ledger_sum(&self->r, ALL_OF_USERS);
	EXPECT_EQ(1, sum.offered);
	EXPECT_EQ(1, sum.written);
	ASSERT_TRUE(recorder_read(&self->r));
	ASSERT_EQ(1, self->r.nr_seen);
	e = self->r.seen[0].slot;
	EXPECT_TRUE(slot_is(e, "\0\0\0\0\0\0\0\0", 9));
	EXPECT_EQ(getpid(), slot_pid(e));
	EXPECT_NE(syscall(SYS_gettid), slot_tid(e));

	/* It is there now: the submitter itself writes. */
	self->rw_flags = RWF_NOWAIT;
	EXPECT_EQ(9, submit(self, IORING_OP_WRITE, page, 9, 0));
	ASSERT_TRUE(recorder_read(&self->r));
	ASSERT_EQ(2, self->r.nr_seen);
	e = self->r.seen[1].slot;
	EXPECT_EQ(syscall(SYS_gettid), slot_tid(e));
	EXPECT_STREQ("submitter", (char *)e->comm);
	munmap(page, PAGE);
}

/* A write(2) beside it bears no mark. */
TEST_F(uring, plain_write_has_no_mark)
{
	struct iovec v = { "plain", 5 };

	ASSERT_EQ(5, writev(self->r.fd, &v, 1));
	ASSERT_EQ(5, write(self->r.fd, "other", 5));
	ASSERT_TRUE(recorder_read(&self->r));
	ASSERT_EQ(2, self->r.nr_seen);
	EXPECT_EQ(0, slot_flags(self->r.seen[0].slot));
	EXPECT_EQ(0, slot_flags(self->r.seen[1].slot));
}

TEST_F(uring, bounds)
{
	static char text[4097];
	struct ttlog_ledger sum;

	memset(text, 'x', sizeof(text));
	EXPECT_EQ(-EMSGSIZE, submit(self, IORING_OP_WRITE, text, 4097, 0));
	EXPECT_EQ(-EFAULT, submit(self, IORING_OP_WRITE, (void *)8, 4, 0));
	EXPECT_EQ(4096, submit(self, IORING_OP_WRITE, text, 4096, 0));
	sum = ledger_sum(&self->r, ALL_OF_USERS);
	EXPECT_EQ(3, sum.offered);
	EXPECT_EQ(1, sum.written);
	EXPECT_EQ(1, sum.lost[TTLOG_LOST_TOO_LARGE]);
	EXPECT_EQ(1, sum.lost[TTLOG_LOST_FAULTED]);
	ASSERT_TRUE(recorder_read(&self->r));
	ASSERT_EQ(1, self->r.nr_seen);
	EXPECT_TRUE(slot_is(self->r.seen[0].slot, text, 4096));
}

TEST_HARNESS_MAIN
