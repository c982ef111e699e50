// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <linux/io_uring.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "op.h"
#include "ops.h"

void do_write(struct bytes *in)
{
	static uint8_t text[8192];
	int fd = *slot_of(in);
	size_t size = make_text(in, text, sizeof(text));

	if (write(fd, place(in, text, size), size) == (ssize_t)size)
		count(&ops_shared->nr_events);
}

void do_writev(struct bytes *in)
{
	static uint8_t text[3][4200];
	struct iovec parts[3];
	int fd = *slot_of(in), i, nr = take(in, 1) % 4;
	size_t size;

	for (i = 0; i < nr; i++) {
		size = make_text(in, text[i], sizeof(text[i]));
		parts[i] = (struct iovec){ place(in, text[i], size), size };
	}
	if (take(in, 1) & 1)
		(void)!pwritev2(fd, parts, nr, -1, RWF_NOWAIT);
	else
		(void)!writev(fd, parts, nr);
}

void do_read(struct bytes *in)
{
	static uint8_t room[256];
	int fd = *slot_of(in);

	(void)!pread(fd, place(in, room, sizeof(room)), take(in, 2) % 8192, take(in, 1));
}

/* One write by io_uring, with what ring there is room for on the stack. */
void do_uring(struct bytes *in)
{
	struct io_uring_params params = { 0 };
	struct io_uring_sqe *sqe;
	static uint8_t text[4200];
	int fd = *slot_of(in), ring;
	size_t size, rings;
	uint8_t *sq;

	ring = syscall(__NR_io_uring_setup, 2, &params);
	if (ring < 0)
		return;
	rings = params.sq_off.array + params.sq_entries * sizeof(uint32_t);
	sq = mmap(NULL, rings, PROT_READ | PROT_WRITE, MAP_SHARED, ring,
		  IORING_OFF_SQ_RING);
	sqe = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, ring,
		   IORING_OFF_SQES);
	if (sq != MAP_FAILED && sqe != MAP_FAILED) {
		size = make_text(in, text, sizeof(text));
		*sqe = (struct io_uring_sqe){
			.opcode = take(in, 1) & 1 ? IORING_OP_WRITE : IORING_OP_POLL_ADD,
			.fd = fd, .addr = (uintptr_t)place(in, text, size),
			.len = size, .flags = take(in, 1) & IOSQE_ASYNC,
		};
		if (sqe->opcode == IORING_OP_POLL_ADD)
			sqe->len = 0, sqe->addr = 0, sqe->poll32_events = POLLIN;
		*(uint32_t *)(sq + params.sq_off.array) = 0;
		__atomic_store_n((uint32_t *)(sq + params.sq_off.tail), 1,
				 __ATOMIC_RELEASE);
		syscall(__NR_io_uring_enter, ring, 1, 0, 0, NULL, 0);
	}
	if (sq != MAP_FAILED)
		munmap(sq, rings);
	if (sqe != MAP_FAILED)
		munmap(sqe, PAGE);
	close(ring);
}
