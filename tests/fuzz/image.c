// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of a machine that died, of any content, to all that reads it: from user/image.c
 * and user/recorders.c to the file and to ttlog cat.
 *
 * There is a recorder in it, written by the real writer. The input says whether users
 * could write there, which pages are not there, and what else stands where.
 */
#include <errno.h>
#include <unistd.h>

#include "../../kmod/ring.h"
#include "cat.h"
#include "recorders.h"

#define BLOCK		8192
#define PAGE		4096
#define KEY		0x9d2c5680b5297a4dULL
#define RINGS		3
#define RING_PAGES	5	/* a head and two blocks */
#define MAP_PAGES	15	/* the frame table is in the last one */
#define PAGES		(MAP_PAGES + RINGS * RING_PAGES + 4)
#define FIRST		100	/* frame of the first page */
#define SPOILS		32

_Thread_local shim_fn shim_interrupt;
_Thread_local struct task_struct *current;
_Thread_local int shim_interrupts;

static uint8_t whole[PAGES][PAGE] __attribute__((aligned(PAGE)));
static uint8_t pages[PAGES][PAGE] __attribute__((aligned(PAGE)));
static bool lacks[PAGES];

static void name_frames(uint64_t *table, size_t first, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		table[i] = FIRST + first + i;
}

static void write_events(struct ring *r)
{
	static const char text[] = "slow disk\0dev=sda\0ms:=900";
	struct slot slot;
	int i;

	for (i = 0; i < 20; i++) {
		slot = ring_reserve(r, TTLOG_EVENT_SIZE + sizeof(text));
		require(slot.event);
		slot.event->time = 1000000ULL * i;
		slot.event->ids = (uint64_t)sizeof(text) << TTLOG_IDS_LEN_SHIFT | 42;
		memset(slot.event->comm, 'c', TTLOG_COMM_LEN);
		memcpy(slot.event->body, text, sizeof(text));
		ring_commit(r, slot);
	}
}

static void make_whole(void)
{
	static const u8 boot_id[16] = "0123456789abcdef";
	struct ttlog_map *map = (struct ttlog_map *)whole;
	struct ring_geometry g;
	struct ring r;
	size_t i, at;

	map->magic = TTLOG_MAP_MAGIC;
	map->layout = TTLOG_LAYOUT;
	map->nr_cpus = RINGS;
	map->nr_channels = TTLOG_NR_CHANNELS;
	map->block_size = BLOCK;
	map->key = KEY;
	memcpy(map->boot_id, boot_id, sizeof(boot_id));
	map->size = MAP_PAGES * PAGE;
	map->frames_offset = (MAP_PAGES - 1) * PAGE;
	map->frames_page = FIRST + MAP_PAGES - 1;
	map->nr_frames = MAP_PAGES;
	name_frames((uint64_t *)whole[MAP_PAGES - 1], 0, MAP_PAGES);
	strcpy(map->host.nodename, "host");
	map->nr_services = 1;
	strcpy(map->service[0].name, "billing");
	require(ttlog_ring_geometry(2 * BLOCK + PAGE, BLOCK, PAGE, 0, &g));
	require(g.nr_frames == RING_PAGES);
	for (i = 0; i < RINGS; i++) {
		at = MAP_PAGES + i * RING_PAGES;
		ttlog_ring_init(&r, whole[at], &g, i, TTLOG_FLOW, KEY, boot_id);
		name_frames((uint64_t *)(whole[at] + g.frames_offset), at,
			    RING_PAGES);
		write_events(&r);
	}
}

/* Places that are likely to matter: heads, the frame tables, blocks. */
static void spoil(struct input *in)
{
	size_t page = input_number(in, 1) % PAGES;
	uint16_t where = input_number(in, 2);
	const uint8_t *bytes;
	size_t at = where & 0x8000 ? where % PAGE : (where % 64) * 8;
	size_t len = input_bytes(in, &bytes, input_number(in, 1) % 64);

	if (len > PAGE - at)
		len = PAGE - at;
	memcpy(pages[page] + at, bytes, len);
}

/* A struct image_memory's read(). */
static bool read_page(void *arg, uint64_t frame, void *to, size_t size)
{
	(void)arg;
	require(size <= PAGE);
	if (frame < FIRST || frame - FIRST >= PAGES || lacks[frame - FIRST])
		return false;
	memcpy(to, pages[frame - FIRST], size);
	return true;
}

static const struct image_memory memory = {
	.page_size = PAGE,
	.read = read_page,
	.nr_pages = PAGES,
};

static const struct image_memory kernels = {
	.page_size = PAGE,
	.read = read_page,
	.nr_pages = PAGES,
	.kernels = true,
};

static void write_snapshot(struct image *image)
{
	struct snapshot snapshot = { .count = 1 };
	int fd = memfd_of("snapshot");

	image_describe(image, &snapshot);
	snapshot.reason = "panic";
	snapshot.trigger = "panic";
	require(!snapshot_write(&snapshot, fd));
	require(!cat(file_path(fd), "--info", NULL));
	cat_all(file_path(fd));
	close(fd);
}

static void read_image(size_t map)
{
	struct image image;
	size_t i, nr = 0;

	if (image_open(&image, &memory, FIRST + map))
		return;
	for (i = 0; i < PAGES; i++)
		nr += !image_add(&image, FIRST + i);
	require(nr == image.contents.nr);
	write_snapshot(&image);
	image_close(&image);
}

/* With what is damaged made up for. */
static void read_recorders(void)
{
	static struct recorders recorders;
	size_t i;

	memset(&recorders, 0, sizeof(recorders));
	recorders.memory = &kernels;
	for (i = 0; i < PAGES; i++) {
		if (!lacks[i])
			require(!recorders_look(&recorders, FIRST + i,
						*(uint64_t *)pages[i]));
	}
	require(!recorders_mend(&recorders));
	for (i = 0; i < recorders.nr_images; i++) {
		require(!recorders_read(&recorders, &recorders.images[i]));
		write_snapshot(&recorders.images[i]);
		image_forget(&recorders.images[i]);
	}
	recorders_close(&recorders);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	unsigned int how;
	size_t i;

	if (!((struct ttlog_map *)whole)->magic)
		make_whole();
	memcpy(pages, whole, sizeof(pages));
	memset(lacks, 0, sizeof(lacks));
	how = input_number(&in, 1);
	for (i = how % 8; i; i--)
		lacks[input_number(&in, 1) % PAGES] = true;
	for (i = 0; in.left && i < SPOILS; i++)
		spoil(&in);
	if (how & 0x80)
		read_recorders();
	for (i = 0; i < PAGES && !(how & 0x80); i++) {
		if (*(uint64_t *)pages[i] == TTLOG_MAP_MAGIC)
			read_image(i);
	}
	return 0;
}
