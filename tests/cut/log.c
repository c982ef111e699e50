// SPDX-License-Identifier: GPL-2.0-only
/* Bytes and words are those of drivers/md/dm-log-writes.c, little-endian. */
#include <endian.h>
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

#define MAGIC	0x6a736677736872ULL
#define PIECE	65536

struct disk_super {
	uint64_t magic;
	uint64_t version;
	uint64_t nr_entries;
	uint32_t sectorsize;
} __attribute__((packed));

/* A sector, then the data. A mark's text stands in the same sector. */
struct disk_entry {
	uint64_t sector;
	uint64_t nr_sectors;
	uint64_t flags;
	uint64_t data_len;
	char text[CUT_MARK_ROOM];
};

static void get(int fd, void *to, size_t size, off_t at)
{
	if (pread(fd, to, size, at) != (ssize_t)size)
		err(2, "reading %zu bytes of the log at %lld", size,
		    (long long)at);
}

static void take(struct entry *entry, const struct disk_entry *disk,
		 uint32_t sectorsize)
{
	size_t len = le64toh(disk->data_len);

	entry->flags = le64toh(disk->flags);
	entry->to = le64toh(disk->sector) * sectorsize;
	entry->size = le64toh(disk->nr_sectors) * sectorsize;
	if (!(entry->flags & CUT_MARK))
		return;
	if (len >= sizeof(entry->mark))
		errx(2, "a mark of %zu bytes", len);
	memcpy(entry->mark, disk->text, len);
	entry->mark[len] = '\0';
}

void log_open(struct log *log, const char *path)
{
	struct disk_super super;
	struct disk_entry disk;
	uint32_t sectorsize;
	uint64_t at;
	size_t i;

	log->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (log->fd < 0)
		err(2, "%s", path);
	get(log->fd, &super, sizeof(super), 0);
	sectorsize = le32toh(super.sectorsize);
	if (le64toh(super.magic) != MAGIC || le64toh(super.version) != 1 ||
	    sectorsize < 512 || sectorsize > 4096)
		errx(2, "%s has no log of writes", path);
	log->nr = le64toh(super.nr_entries);
	log->entry = calloc(log->nr, sizeof(*log->entry));
	if (!log->entry)
		err(2, "%zu entries", log->nr);
	for (i = 0, at = sectorsize; i < log->nr; i++) {
		get(log->fd, &disk, sizeof(disk), at);
		take(&log->entry[i], &disk, sectorsize);
		at += sectorsize;
		log->entry[i].from = at;
		if (!(log->entry[i].flags & CUT_DISCARD))
			at += log->entry[i].size;
	}
}

void log_apply(const struct log *log, size_t i, int device)
{
	const struct entry *entry = &log->entry[i];
	bool none = entry->flags & CUT_DISCARD;
	static char bytes[PIECE];
	uint64_t done;
	size_t n;

	if (none)
		memset(bytes, 0, sizeof(bytes));
	for (done = 0; done < entry->size; done += n) {
		n = entry->size - done < PIECE ? entry->size - done : PIECE;
		if (!none)
			get(log->fd, bytes, n, entry->from + done);
		if (pwrite(device, bytes, n, entry->to + done) != (ssize_t)n)
			err(2, "writing %zu bytes at %llu", n,
			    (unsigned long long)(entry->to + done));
	}
}

size_t log_find(const struct log *log, const char *mark)
{
	size_t i;

	for (i = 0; i < log->nr; i++)
		if (log->entry[i].flags & CUT_MARK &&
		    !strcmp(log->entry[i].mark, mark))
			return i;
	return log->nr;
}
