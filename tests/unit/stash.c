// SPDX-License-Identifier: GPL-2.0-only
/* What is kept in memory, for how long, and how much of it. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stash.h"
#include "synth.h"
#include "tap.h"

static struct stash stash = { .fd = -1 };
static struct reader_ring ring;
static struct snapshot snapshot;

static int put(const char *reason, uint32_t kind, uint64_t limit)
{
	snapshot.reason = reason;
	return stash_put(&stash, &snapshot, kind, limit);
}

static bool holds(const char *reason)
{
	return stash_full(&stash) && !strcmp(stash.head.reason, reason);
}

static off_t size_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) ? -1 : st.st_size;
}

static int nr_alive;

static void alive(void)
{
	nr_alive++;
}

static void content(void)
{
	char whole[1 << 16], copy[1 << 16];
	int direct = memfd_create("direct", 0), again = memfd_create("again", 0);
	ssize_t len;
	int i;

	tap_ok(!put("level", TTLOG_TRIGGER_LEVEL, 1 << 20) && holds("level"),
	       "put");
	snapshot.alive = alive;
	snapshot_write(&snapshot, direct);
	snapshot.alive = NULL;
	tap_ok(nr_alive == 2, "of 2000 events a sign of life with each 1024");
	len = pread(direct, whole, sizeof(whole), 0);
	for (i = 0; i < 2; i++) {
		if (ftruncate(again, 0) || lseek(again, 0, SEEK_SET))
			perror("again");
		tap_ok(!stash_copy(&stash, again) && len > 0 &&
		       pread(again, copy, sizeof(copy), 0) == len &&
		       !memcmp(whole, copy, len),
		       "it is the file that would have been written, %zd bytes",
		       len);
	}
	tap_ok(size_of(stash.fd) == len, "and takes no more");
	tap_ok(stash.head.pid == 4711 &&
	       stash.head.clocks.real == snapshot.clocks.real,
	       "what its name is made of");
	close(direct);
	i = open("/dev/full", O_WRONLY);
	tap_ok(stash_copy(&stash, i) == -ENOSPC && stash_full(&stash),
	       "a copy that fails");
	close(i);
	close(again);
	tap_ok(!put("exact", TTLOG_TRIGGER_LEVEL, len) && holds("exact"),
	       "exactly the limit");
	tap_ok(put("large", TTLOG_TRIGGER_LEVEL, len - 1) == -EFBIG &&
	       holds("exact") && size_of(stash.fd) == len,
	       "one byte over the limit: EFBIG, the one before stays");
}

static void displaced(void)
{
	tap_ok(!put("a", TTLOG_TRIGGER_PROBE, 1 << 20) && holds("a"),
	       "a newer one replaces it");
	tap_ok(!put("b", TTLOG_TRIGGER_OOPS, 1 << 20) && holds("b"),
	       "so does an oops");
	tap_ok(put("c", TTLOG_TRIGGER_LEVEL, 1 << 20) == -EBUSY && holds("b"),
	       "which gives no way to a level");
	tap_ok(put("c", TTLOG_TRIGGER_PROBE, 1 << 20) == -EBUSY && holds("b"),
	       "nor to a probe");
	tap_ok(!put("d", TTLOG_TRIGGER_OOPS, 1 << 20) && holds("d"),
	       "but to another oops");
	stash_drop(&stash);
	tap_ok(!stash_full(&stash), "dropped");
	stash_drop(&stash);
	tap_ok(!put("e", TTLOG_TRIGGER_LEVEL, 1 << 20) && holds("e"),
	       "and there is room again");
	stash_drop(&stash);
}

int main(void)
{
	char text[40];
	int i, first = dup(0);

	close(first);
	for (i = 0; i < 2000; i++) {
		snprintf(text, sizeof(text), "event %d", i * 7919 % 1999);
		synth_add(&ring, (struct synth_event) {
			.time = i, .level = 6, .pid = i, .text = text,
		});
	}
	synth_head(&snapshot, &ring, 1);
	content();
	displaced();
	i = dup(0);
	tap_ok(i == first, "no descriptor is left open");
	synth_free(&ring);
	return tap_done();
}
