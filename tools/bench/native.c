// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an event costs on this machine, outside a kernel: recorded by the shipped
 * ring.c, read by the real reader, written by the real snapshot writer. Prints a
 * line a figure: NAME VALUE UNIT. Each is the best of several rounds, as whatever
 * else the machine does only adds.
 *
 * The baseline beside "record" is the same loop with the ring left out.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "../../kmod/ring.h"
#include "frame.h"
#include "snapshot.h"

#define ROUNDS	9
#define EVENTS	100000
#define KEY	0x2545f4914f6cdd1dULL

_Thread_local shim_fn shim_interrupt;
_Thread_local struct task_struct *current;
_Thread_local int shim_interrupts;

static struct ring ring;
static struct ring_geometry geometry;
static struct reader_ring rings[1];
static void *memory;
static char text[128];

static const char * const words[] = {
	"connection", "from", "10.0.3.7", "closed", "after", "1823", "ms", "user",
	"request", "id=93f2", "served", "cache", "miss", "retry", "queue", "full",
};

static u64 now(void)
{
	return shim_clock(CLOCK_MONOTONIC);
}

/* About 58 bytes of something like a log line. */
static size_t make_text(u64 i)
{
	size_t len = 0, w;

	for (w = 0; w < 8; w++)
		len += snprintf(text + len, sizeof(text) - len, "%s ",
				words[(i * 7 + w * (i % 5 + 1)) % 16]);
	return len + snprintf(text + len, sizeof(text) - len, "%llu",
			      (unsigned long long)i % 100000);
}

static void fill(struct ttlog_event *e, const char *from, size_t len, u64 time)
{
	e->time = time;
	e->ids = 4711 | 4711ULL << TTLOG_IDS_TID_SHIFT |
		 (u64)len << TTLOG_IDS_LEN_SHIFT |
		 6ULL << TTLOG_IDS_LEVEL_SHIFT;
	e->uid = 1000;
	e->cgroup_lo = 77;
	e->cgroup_hi = 0;
	memcpy(e->comm, "bench\0\0\0\0\0\0\0\0\0\0", TTLOG_COMM_LEN);
	memcpy((u8 *)e + TTLOG_EVENT_SIZE, from, len);
}

static void record(size_t len)
{
	u64 time = ktime_get_mono_fast_ns();
	struct slot slot = ring_reserve(&ring, TTLOG_EVENT_SIZE + len);

	fill(slot.event, text, len, time);
	ring_commit(&ring, slot);
}

static void record_nowhere(size_t len)
{
	static struct ttlog_event *to;

	if (!to)
		to = malloc(256);
	fill(to, text, len, ktime_get_mono_fast_ns());
	/* What is written counts as used. */
	__asm__ volatile("" : : "r"(to) : "memory");
}

static double per_event(u64 begin)
{
	return (double)(now() - begin) / EVENTS;
}

static void keep(double *best, double value)
{
	if (!*best || value < *best)
		*best = value;
}

static double bench_record(void (*run)(size_t len), size_t len)
{
	double best = 0;
	u64 begin;
	int r, i;

	memset(text, 'x', sizeof(text));
	for (r = 0; r < ROUNDS; r++) {
		begin = now();
		for (i = 0; i < EVENTS; i++)
			run(len);
		keep(&best, per_event(begin));
	}
	return best;
}

static double bench_read(void)
{
	double best = 0;
	u64 begin;
	int r, i;

	for (i = 0; i < EVENTS; i++)
		record(make_text(i));
	for (r = 0; r < ROUNDS; r++) {
		reader_ring_free(&rings[0]);
		begin = now();
		if (reader_ring_read(memory, geometry.size, KEY, &READER_ALL,
				     &rings[0]))
			errx(1, "the ring can't be read");
		keep(&best, (double)(now() - begin) / rings[0].nr_events);
	}
	return best;
}

static void empty(int fd)
{
	if (ftruncate(fd, 0) || lseek(fd, 0, SEEK_SET))
		err(1, "memfd");
}

static double bench_snapshot(int fd)
{
	static const struct names names;
	struct snapshot s = {
		.service = "ttlog", .pid = 1, .reason = "bench",
		.trigger = "request", .count = 1, .names = &names,
		.rings = rings, .nr_rings = 1,
		.clocks = { now(), shim_clock(CLOCK_BOOTTIME),
			    shim_clock(CLOCK_REALTIME) },
	};
	double best = 0;
	u64 begin;
	int r;

	for (r = 0; r < ROUNDS; r++) {
		empty(fd);
		begin = now();
		if (snapshot_write(&s, fd))
			errx(1, "the snapshot can't be written");
		keep(&best, (double)(now() - begin) / rings[0].nr_events);
	}
	return best;
}

/* The file's content, for LZ4 alone. */
static unsigned char *decompress(int fd, size_t in_size, size_t *out_size)
{
	size_t room = (size_t)EVENTS * 512, left, got;
	unsigned char *in = mmap(NULL, in_size, PROT_READ, MAP_SHARED, fd, 0);
	unsigned char *out = malloc(room);
	LZ4F_dctx *ctx;
	size_t used = 0;

	LZ4F_createDecompressionContext(&ctx, LZ4F_VERSION);
	*out_size = 0;
	do {
		left = in_size - used;
		got = room - *out_size;
		if (LZ4F_isError(LZ4F_decompress(ctx, out + *out_size, &got,
						 in + used, &left, NULL)))
			errx(1, "the snapshot can't be decompressed");
		used += left;
		*out_size += got;
	} while (left || got);
	LZ4F_freeDecompressionContext(ctx);
	munmap(in, in_size);
	return out;
}

static double bench_lz4(const unsigned char *content, size_t size, int fd)
{
	struct frame frame;
	size_t at, len;
	double best = 0;
	u64 begin;
	int r;

	for (r = 0; r < ROUNDS; r++) {
		empty(fd);
		begin = now();
		if (frame_begin(&frame, fd))
			errx(1, "LZ4");
		for (at = 0; at < size; at += len) {
			len = size - at < FRAME_BLOCK ? size - at : FRAME_BLOCK;
			frame_block(&frame, content + at, len);
		}
		frame_end(&frame);
		frame_free(&frame);
		keep(&best, (double)(now() - begin) / rings[0].nr_events);
	}
	return best;
}

int main(void)
{
	static const u8 boot_id[16];
	size_t size, file;
	unsigned char *content;
	double read, all, lz4;
	int fd = memfd_create("snapshot", 0);

	ttlog_ring_geometry(32 << 20, 8192, 4096, 0, &geometry);
	memory = aligned_alloc(4096, geometry.size);
	memset(memory, 0, geometry.size);
	ttlog_ring_init(&ring, memory, &geometry, 0, TTLOG_FLOW, KEY, boot_id);

	printf("no_ring_64 %.1f ns\n", bench_record(record_nowhere, 64));
	printf("record_64 %.1f ns\n", bench_record(record, 64));
	read = bench_read();
	all = bench_snapshot(fd);
	file = lseek(fd, 0, SEEK_END);
	content = decompress(fd, file, &size);
	lz4 = bench_lz4(content, size, fd);
	printf("read %.1f ns\n", read);
	printf("merge_encode %.1f ns\n", all - lz4);
	printf("lz4 %.1f ns\n", lz4);
	printf("cbor %.1f bytes\n", (double)size / rings[0].nr_events);
	printf("file %.1f bytes\n", (double)file / rings[0].nr_events);
	return 0;
}
