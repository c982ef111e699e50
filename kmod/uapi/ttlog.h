/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * ttlog: the ABI between the module, its readers and its writers.
 *
 * This header is the specification. User space compiles with it and keeps no
 * copy. Three things are laid down here:
 *
 *   1. what a write(2) to /dev/ttlog means,
 *   2. the ioctls of /dev/ttlog,
 *   3. the memory that a reader maps: map header, rings, blocks, events.
 *
 * All integers are in the byte order of the machine. Sizes and positions are
 * bytes unless a name says otherwise. Times are nanoseconds. "mono", "boot" and
 * "real" are CLOCK_MONOTONIC, CLOCK_BOOTTIME and CLOCK_REALTIME.
 *
 * Writing
 * -------
 * One write(2), writev(2) or io_uring write is one event of at most
 * TTLOG_TEXT_MAX bytes:
 *
 *	[<N>] message { NUL key=value | NUL key:=value }
 *
 * "<N>", one to three decimal digits, sets the level to N modulo 8 (so a syslog
 * priority with a facility works); without it the level is TTLOG_INFO. One
 * trailing newline is dropped. After each NUL stands a field: "key=value" is a
 * string, "key:=value" a number, true or false. The module stores message and
 * fields as they came; who reads them takes them apart. A write is never partial
 * and never waits. It returns the number of bytes given, also when the level is
 * filtered out. A write of no bytes is no event and returns 0.
 *
 *	EMSGSIZE  more than TTLOG_TEXT_MAX bytes; nothing is written
 *	EFAULT    the bytes could not be read; nothing is written
 *	EAGAIN    IOCB_NOWAIT (io_uring, RWF_NOWAIT) was asked for and a page of
 *		  them isn't in memory; nothing is written or counted
 *
 * Events of level TTLOG_WARNING and worse go to the channel TTLOG_KEEP, the
 * others to TTLOG_FLOW. A uid other than 0 that is above its share of TTLOG_KEEP
 * gets TTLOG_FLOW for the rest (the level stays as it is). Tasks in a user
 * namespace are charged to the owner of the outermost one or, where that is root,
 * to its uid 0.
 *
 * Context: all of it is for tasks; none of it for signal handlers that must not
 * take a system call.
 */
#ifndef _UAPI_TTLOG_H
#define _UAPI_TTLOG_H

#include <linux/types.h>
#include <linux/ioctl.h>

/*
 * Programs and module work together when their major numbers are the same. The
 * minor number grows when something is added.
 */
#define TTLOG_ABI_MAJOR		1
#define TTLOG_ABI_MINOR		0

/* Version of the layout of mapped memory; stands in each map, ring and block. */
#define TTLOG_LAYOUT		1

/* Most bytes that one write may have, "<N>" and a trailing newline included. */
#define TTLOG_TEXT_MAX		4096

/* syslog's levels. */
#define TTLOG_EMERG		0
#define TTLOG_ALERT		1
#define TTLOG_CRIT		2
#define TTLOG_ERR		3
#define TTLOG_WARNING		4
#define TTLOG_NOTICE		5
#define TTLOG_INFO		6
#define TTLOG_DEBUG		7

/* Channels. A ring is named by CPU and channel. */
#define TTLOG_KEEP		0	/* user events of warning and worse */
#define TTLOG_FLOW		1	/* all other user events */
#define TTLOG_NR_CHANNELS	2

/*
 * Why an event that was offered is not in a ring. Each is counted in the ring
 * (CPU and channel) where the event would have gone; where its level was never
 * seen (TOO_LARGE, FAULTED, NO_RING) in that CPU's TTLOG_FLOW.
 *
 *	offered = written + the sum of these
 */
#define TTLOG_LOST_FILTERED	0	/* its level is not in the level mask */
#define TTLOG_LOST_SAMPLED	1	/* left out by sampling */
#define TTLOG_LOST_LIMITED	2	/* above a rate limit */
#define TTLOG_LOST_TOO_LARGE	3	/* over TTLOG_TEXT_MAX */
#define TTLOG_LOST_FAULTED	4	/* its bytes could not be read */
#define TTLOG_LOST_HELD		5	/* needed a block that may not be reused now */
#define TTLOG_LOST_NO_RING	6	/* its CPU has no ring (no memory) */
#define TTLOG_NR_LOST		7

/* ------------------------------------------------------------------------
 * Mapped memory
 *
 * mmap(2) of /dev/ttlog, opened for reading, read-only. Offset 0 holds struct
 * ttlog_map, struct ttlog_info.map_size bytes. Each ring is mapped on its own,
 * at the offset and with the size that TTLOG_IOC_RING gives.
 *
 *	EPERM   a writable or executable mapping was asked for
 *	EINVAL  offset or length fit neither the map header nor a ring
 *	ENXIO   the ring's CPU was never up, or there was no memory for it
 *
 * A ring: struct ttlog_ring, the frame table, then nr_blocks blocks of
 * block_size bytes. A block: struct ttlog_block, then slots; no slot crosses a
 * block. A slot: struct ttlog_event, padded to TTLOG_ALIGN.
 *
 * Ordering. The writer runs on the ring's CPU; the labels are those of
 * kmod/ring.c and user/reader.c.
 *
 *	writer (kernel)				reader (user space)
 *
 *	store block.start	(open:A)	load  ring.head		(read:A)
 *	  smp_wmb()				  acquire
 *	cmpxchg ring.head	(open:B)	load  block.start	(read:B)
 *	store header fields	(open:C)	load  block.ready	(read:C)
 *	  release				  acquire
 *	store block.ready	(open:D)	load  event.tag		(read:D)
 *	store event.tag, begun	(slot:A)	  acquire
 *	store event		(slot:B)	copy  header and events	(read:E)
 *	  release				  smp_rmb()
 *	store event.tag, commit	(slot:C)	load  block.start	(read:F)
 *
 *	slot:C pairs with read:D: a committed tag means a whole event.
 *	open:D pairs with read:C: a ready header is whole.
 *	open:A pairs with read:F: whoever copied a byte of the next lap sees that
 *	lap's start there, and throws the copy away.
 *	open:B pairs with read:A: a head in a block means its start is there.
 * ------------------------------------------------------------------------
 */

/*
 * "ttlogMAP", "ttlogRNG", "ttlogBLK" in a hex dump of a little-endian machine.
 * They stand in ring memory only, never in the module's text or data.
 */
#define TTLOG_MAP_MAGIC		0x50414d676f6c7474ULL
#define TTLOG_RING_MAGIC	0x474e52676f6c7474ULL
#define TTLOG_BLOCK_MAGIC	0x4b4c42676f6c7474ULL

#define TTLOG_ALIGN		8	/* of slots */
#define TTLOG_COMM_LEN		15	/* of a task's name, without its NUL */
#define TTLOG_SERVICE_LEN	32	/* of a service's name, with its NUL */
#define TTLOG_NR_SERVICES	256	/* in one boot */

/**
 * struct ttlog_service - a name that writers gave themselves
 * @name: NUL-terminated, 1 to 31 of the bytes 0x21 to 0x7e
 * @uid: the uid that it was charged to (initial user namespace)
 * @pad: 0
 */
struct ttlog_service {
	char  name[TTLOG_SERVICE_LEN];
	__u32 uid;
	__u32 pad;
};

/**
 * struct ttlog_map - the head of mapped memory
 * @magic: TTLOG_MAP_MAGIC
 * @layout: TTLOG_LAYOUT
 * @nr_cpus: possible CPUs; CPU numbers are below it
 * @key: this boot's secret, see struct ttlog_event.tag
 * @boot_id: random, made when the module was loaded
 * @block_size: bytes a block, a power of two
 * @nr_channels: channels a CPU
 * @generation: grows when a ring appears: map anew
 * @nr_services: entries of @service in use; a release store follows each entry
 * @pad: 0
 * @created: mono, when the module was loaded
 * @reserved: 0
 * @service: names by service id
 */
struct ttlog_map {
	__u64 magic;
	__u32 layout;
	__u32 nr_cpus;
	__u64 key;
	__u8  boot_id[16];
	__u32 block_size;
	__u32 nr_channels;
	__u64 generation;
	__u32 nr_services;
	__u32 pad;
	__u64 created;
	__u64 reserved[8];
	struct ttlog_service service[TTLOG_NR_SERVICES];
};

/*
 * The reservation word, struct ttlog_ring.head. One word, so that position and
 * event number always move together:
 *
 *	63          32 31       14 13        0
 *	[ number      ][ block    ][ offset/8 ]
 *
 * number: events reserved in this ring so far, modulo 2^32
 * block:  index of the block that is being filled
 * offset: of that block's first free byte; block_size when it is full
 *
 * The block's start (struct ttlog_block.start) makes a position of it, and
 * struct ttlog_ring.base extends the number to 64 bits.
 */
#define TTLOG_HEAD_OFFSET_BITS	14
#define TTLOG_HEAD_BLOCK_BITS	18
#define TTLOG_HEAD_NUMBER_SHIFT	(TTLOG_HEAD_OFFSET_BITS + TTLOG_HEAD_BLOCK_BITS)

/**
 * struct ttlog_ring - the head of a ring
 * @magic: TTLOG_RING_MAGIC
 * @layout: TTLOG_LAYOUT
 * @cpu: the CPU that alone writes here
 * @channel: TTLOG_KEEP or TTLOG_FLOW
 * @block_size: bytes a block, a power of two from 8192 to 65536
 * @nr_blocks: blocks of this ring, at least 2
 * @pad: 0
 * @boot_id: as in struct ttlog_map
 * @size: bytes of the whole ring, this header included
 * @data_offset: where the blocks begin, from here
 * @frames_offset: where the frame table begins, from here: a __u64 a page of the
 *	ring, in order, each a page frame number
 * @nr_frames: entries of the frame table
 * @created: mono, when the ring was made
 * @reserved0: 0
 * @head: the reservation word
 * @base: an event number at most 2^31 away from that of @head
 * @outer: @head as the outermost of the nested writers found it
 * @depth: writers that are in this ring now (nested in one another)
 * @pad1: 0
 * @hold: place for a snapshot's hold
 * @lost: events that did not get in, by cause
 * @demoted: events of TTLOG_KEEP's levels that went to this ring of TTLOG_FLOW
 * @reserved1: 0
 */
struct ttlog_ring {
	__u64 magic;
	__u32 layout;
	__u32 cpu;
	__u32 channel;
	__u32 block_size;
	__u32 nr_blocks;
	__u32 pad;
	__u8  boot_id[16];
	__u64 size;
	__u64 data_offset;
	__u64 frames_offset;
	__u64 nr_frames;
	__u64 created;
	__u64 reserved0[5];

	__u64 head;		/* offset 128: the writer's own cache line */
	__u64 base;
	__u64 outer;
	__u32 depth;
	__u32 pad1;
	__u64 hold[4];

	__u64 lost[TTLOG_NR_LOST];
	__u64 demoted;
	__u64 reserved1[8];
};

/**
 * struct ttlog_block - the head of a block
 * @magic: TTLOG_BLOCK_MAGIC
 * @layout: TTLOG_LAYOUT
 * @cpu: of the ring
 * @channel: of the ring
 * @pad: 0
 * @boot_id: of the ring
 * @start: position of this block's first byte: bytes since the ring was made,
 *	never wraps. Stored before anything of this lap is
 * @first: event number of the first slot
 * @mono: clock when the block was opened
 * @boot: likewise
 * @real: likewise
 * @lost: the ring's loss counters then
 * @ready: the tag of a committed slot of this header's size at @start; stored
 *	last. Anything else: the header is being written
 */
struct ttlog_block {
	__u64 magic;
	__u32 layout;
	__u32 cpu;
	__u32 channel;
	__u32 pad;
	__u8  boot_id[16];
	__u64 start;
	__u64 first;
	__u64 mono;
	__u64 boot;
	__u64 real;
	__u64 lost[TTLOG_NR_LOST];
	__u64 ready;
};

/*
 * A slot's tag:
 *
 *	63       53 52                      3   0
 *	[ size/8   ][ position of the slot   ][ C ]   XOR  struct ttlog_map.key
 *
 * C, bit 0, is clear from the moment the slot is begun and set when it is
 * committed; bits 1 and 2 are clear. The position changes each lap and the key
 * is known to ring readers only, so bytes that a user wrote in an earlier lap
 * can't be taken for a tag.
 */
#define TTLOG_TAG_SIZE_SHIFT	53
#define TTLOG_TAG_POSITION_MASK	((1ULL << TTLOG_TAG_SIZE_SHIFT) - 1)
#define TTLOG_TAG_COMMITTED	1ULL

/* struct ttlog_event.ids */
#define TTLOG_IDS_PID_SHIFT	0	/* 22 bits: thread group, initial namespace */
#define TTLOG_IDS_TID_SHIFT	22	/* 22 bits: thread, initial namespace */
#define TTLOG_IDS_LEN_SHIFT	44	/* 13 bits: bytes of text */
#define TTLOG_IDS_LEVEL_SHIFT	57	/* 3 bits */
#define TTLOG_IDS_KIND_SHIFT	60	/* 4 bits */
#define TTLOG_IDS_PID_MASK	((1ULL << 22) - 1)
#define TTLOG_IDS_LEN_MASK	((1ULL << 13) - 1)

#define TTLOG_KIND_LOG		0	/* a write; the body is its text */

/* struct ttlog_event.cgroup_hi: 12 bits of the id, and these. */
#define TTLOG_EVENT_CGROUP_MASK	0x0fff
#define TTLOG_EVENT_ASYNC	0x1000	/* submitted through io_uring or aio */
#define TTLOG_EVENT_SERVICE	0x2000	/* body starts with a service id, 1 byte */
#define TTLOG_EVENT_LEADER	0x4000	/* body starts with the leader's comm, 15 */

/**
 * struct ttlog_event - a slot
 * @tag: see above
 * @time: mono
 * @ids: pid, tid, bytes of text, level, kind
 * @uid: effective uid in the initial user namespace
 * @cgroup_lo: low 32 bits of the cgroup v2 id
 * @cgroup_hi: its next 12 bits, and TTLOG_EVENT_*
 * @comm: name of the thread, padded with NULs
 * @body: what TTLOG_EVENT_SERVICE or _LEADER says (never both), then the text.
 *	With neither the service is @comm
 *
 * All but level, service and text is stamped by the kernel. The fixed part has
 * TTLOG_EVENT_SIZE bytes, not sizeof: there is no padding before @body.
 */
struct ttlog_event {
	__u64 tag;
	__u64 time;
	__u64 ids;
	__u32 uid;
	__u32 cgroup_lo;
	__u16 cgroup_hi;
	__u8  comm[TTLOG_COMM_LEN];
	__u8  body[];
};

#define TTLOG_EVENT_SIZE	49

/* ------------------------------------------------------------------------
 * ioctls
 *
 * Each takes a pointer to its struct. A struct may grow at its end: the number
 * carries the size that the caller knows, what the module doesn't know must be
 * 0 (E2BIG otherwise), and what the caller doesn't know is left out. Set to 0
 * what isn't described as input. All work for 32-bit programs.
 *
 * "Readers" are files opened for reading, which the node's mode leaves to root
 * and its group; "writers" files opened for writing.
 *
 *	ENOTTY  no such ioctl
 *	EINVAL  the struct is smaller than its first version, or as said below
 *	EFAULT  the struct could not be read or written
 *	EBADF   the file is not open for reading (or writing), as said below
 *
 * poll(2): POLLOUT always, as a write never waits. For readers POLLPRI once the
 * map moved since this file's last TTLOG_IOC_INFO; for the helper POLLIN while a
 * trigger waits to be taken.
 * ------------------------------------------------------------------------
 */
#define TTLOG_IOC_MAGIC		0xC7

/**
 * struct ttlog_info - TTLOG_IOC_INFO: what this module is. Any file
 * @abi_major: TTLOG_ABI_MAJOR of the module
 * @abi_minor: TTLOG_ABI_MINOR of the module
 * @layout: TTLOG_LAYOUT of the module
 * @page_size: unit of the frame tables
 * @nr_cpus: possible CPUs
 * @nr_channels: channels a CPU
 * @block_size: bytes a block
 * @text_max: TTLOG_TEXT_MAX of the module
 * @map_size: bytes to map at offset 0
 * @generation: as in struct ttlog_map
 * @memory: bytes that the rings take now, headers included
 * @mono: clocks, all at the same moment
 * @boot: likewise
 * @real: likewise
 * @created: mono, when the module was loaded
 * @boot_id: as in struct ttlog_map
 * @level_mask: bit N set: level N is recorded
 * @helper: 1 while a helper is attached
 * @services: names given so far, of TTLOG_NR_SERVICES
 * @pad: 0
 */
struct ttlog_info {
	__u32 abi_major;
	__u32 abi_minor;
	__u32 layout;
	__u32 page_size;
	__u32 nr_cpus;
	__u32 nr_channels;
	__u32 block_size;
	__u32 text_max;
	__u64 map_size;
	__u64 generation;
	__u64 memory;
	__u64 mono;
	__u64 boot;
	__u64 real;
	__u64 created;
	__u8  boot_id[16];
	__u32 level_mask;
	__u32 helper;
	__u32 services;
	__u32 pad;
};

/**
 * struct ttlog_ring_info - TTLOG_IOC_RING: one ring. Any file
 * @cpu: in: CPU number, below nr_cpus
 * @channel: in: channel, below nr_channels
 * @offset: where to map the ring
 * @size: bytes to map
 * @data_offset: as in struct ttlog_ring
 * @frames_offset: as in struct ttlog_ring
 * @nr_frames: as in struct ttlog_ring
 * @nr_blocks: as in struct ttlog_ring
 * @node: NUMA node that was asked for the memory, -1 for any
 *
 *	EINVAL  no such CPU or channel
 *	ENXIO   the CPU was never up, or there was no memory for its ring
 */
struct ttlog_ring_info {
	__u32 cpu;
	__u32 channel;
	__u64 offset;
	__u64 size;
	__u64 data_offset;
	__u64 frames_offset;
	__u64 nr_frames;
	__u32 nr_blocks;
	__s32 node;
};

/**
 * struct ttlog_ledger - TTLOG_IOC_LEDGER: what became of the events that were
 *	offered to one ring, since the module was loaded. Readers
 * @cpu: in: CPU number, below nr_cpus
 * @channel: in: channel, below nr_channels
 * @offered: events offered: @written and the sum of @lost
 * @written: events that got a slot
 * @lost: events that got none, by cause
 * @demoted: of @written, how many came here from TTLOG_KEEP's levels
 *
 * Exact while no writer is at work on that CPU.
 *
 *	EINVAL  no such CPU or channel
 */
struct ttlog_ledger {
	__u32 cpu;
	__u32 channel;
	__u64 offered;
	__u64 written;
	__u64 lost[TTLOG_NR_LOST];
	__u64 demoted;
};

/**
 * struct ttlog_service_name - TTLOG_IOC_SERVICE: name the service that this file's
 *	events are of, from now on. Writers
 * @name: in: NUL-terminated, 1 to 31 of the bytes 0x21 to 0x7e
 * @id: the service's id; the same uid gets the same id for the same name
 * @pad: 0
 *
 *	EINVAL  the name is empty, too long, or has another byte
 *	EDQUOT  a uid other than 0 has TTLOG_UID_SERVICES names already
 *	ENOSPC  TTLOG_NR_SERVICES names are given; for a uid other than 0: all but
 *		TTLOG_ROOT_SERVICES of them
 */
struct ttlog_service_name {
	char  name[TTLOG_SERVICE_LEN];
	__u32 id;
	__u32 pad;
};

/* Most names charged to one uid other than 0. */
#define TTLOG_UID_SERVICES	16

/* Names that are left for uid 0, however many uids others may have. */
#define TTLOG_ROOT_SERVICES	64

/**
 * struct ttlog_levels - TTLOG_IOC_LEVELS: read or set the level mask. Any file to
 *	read it; CAP_SYS_ADMIN to set it
 * @flags: in: 0, or TTLOG_LEVELS_SET
 * @mask: in with TTLOG_LEVELS_SET: bits 0 to 7; out: the mask that now holds
 * @generation: out: grows each time the mask is set
 *
 *	EINVAL  unknown flag or a bit of @mask beyond 7
 *	EPERM   no CAP_SYS_ADMIN
 */
struct ttlog_levels {
	__u32 flags;
	__u32 mask;
	__u64 generation;
};

#define TTLOG_LEVELS_SET	1

/**
 * struct ttlog_control - the control page, for writers that want to skip filtered
 *	events without a system call
 * @abi_major: TTLOG_ABI_MAJOR of the module
 * @level_mask: bit N set: level N is recorded
 * @generation: grows each time the mask is set
 *
 * TTLOG_IOC_CONTROL (no struct; give 0) returns a new file descriptor, close on
 * exec. Map its first page read-only. Writers. The page outlives neither module
 * nor boot; the module can't be unloaded while the descriptor or a mapping is
 * there.
 */
struct ttlog_control {
	__u32 abi_major;
	__u32 level_mask;
	__u64 generation;
};

/* Most bytes of a reason: [A-Za-z0-9_-]{1,32} */
#define TTLOG_REASON_MAX	32

/* Most bytes of a path that is handed from helper to requester, with its NUL. */
#define TTLOG_PATH_MAX		4096

/**
 * struct ttlog_request - TTLOG_IOC_REQUEST: ask the helper for a snapshot and wait
 *	until its file is there. Readers
 * @reason: in: NUL-terminated, [A-Za-z0-9_-]{1,32}
 * @timeout_ms: in: how long to wait, 1 to 600000
 * @path_size: in: bytes at @path, 1 to TTLOG_PATH_MAX
 * @path: in: address of a buffer; the file's path, NUL-terminated, is put there
 *
 *	EINVAL  reason, timeout or path_size is none of these
 *	ESRCH   no helper is attached, or it went away
 *	EAGAIN  TTLOG_REQUESTS_MAX requests are waiting already
 *	ETIMEDOUT, EINTR  as the names say; the helper may still write the file
 *	ENAMETOOLONG  the path doesn't fit; the file is there
 *	anything else  the error with which the helper gave up
 */
struct ttlog_request {
	char  reason[TTLOG_REASON_MAX + 8];
	__u32 timeout_ms;
	__u32 path_size;
	__u64 path;
};

#define TTLOG_REQUESTS_MAX	16

/* What asks for a snapshot. */
#define TTLOG_TRIGGER_REQUEST	0

/**
 * struct ttlog_trigger - TTLOG_IOC_TAKE: take the oldest trigger. The helper
 * @id: names the trigger in TTLOG_IOC_DONE
 * @kind: TTLOG_TRIGGER_*
 * @uid: who asked: effective uid, initial user namespace
 * @pid: who asked: thread group, initial pid namespace
 * @pad: 0
 * @time: mono, when it was asked
 * @reason: NUL-terminated, [A-Za-z0-9_-]{1,32}
 *
 * TTLOG_IOC_HELPER (no struct; give 0) makes a reader's file the helper until it
 * is closed.
 *
 *	EBUSY   (HELPER) there is a helper already
 *	EPERM   (HELPER) no CAP_SYSLOG
 *	EPERM   (TAKE, DONE) this file isn't the helper
 *	EAGAIN  (TAKE) no trigger waits
 */
struct ttlog_trigger {
	__u64 id;
	__u32 kind;
	__u32 uid;
	__u32 pid;
	__u32 pad;
	__u64 time;
	char  reason[TTLOG_REASON_MAX + 8];
};

/**
 * struct ttlog_done - TTLOG_IOC_DONE: a taken trigger is served. The helper
 * @id: in: of the trigger
 * @error: in: 0, or the errno with which the helper gave up, 1 to 4095
 * @path_size: in: bytes at @path with the NUL, 1 to TTLOG_PATH_MAX; 0 with an
 *	@error
 * @path: in: address of the file's path, NUL-terminated
 *
 *	ENOENT  no taken trigger has this id, or its requester went away
 *	EINVAL  error or path_size is none of these, no NUL ends the path, or it has
 *		a control byte (below 0x20, or 0x7f)
 */
struct ttlog_done {
	__u64 id;
	__u32 error;
	__u32 path_size;
	__u64 path;
};

#define TTLOG_IOC_INFO		_IOWR(TTLOG_IOC_MAGIC, 0, struct ttlog_info)
#define TTLOG_IOC_RING		_IOWR(TTLOG_IOC_MAGIC, 1, struct ttlog_ring_info)
#define TTLOG_IOC_LEDGER	_IOWR(TTLOG_IOC_MAGIC, 2, struct ttlog_ledger)
#define TTLOG_IOC_SERVICE	_IOWR(TTLOG_IOC_MAGIC, 3, struct ttlog_service_name)
#define TTLOG_IOC_LEVELS	_IOWR(TTLOG_IOC_MAGIC, 4, struct ttlog_levels)
#define TTLOG_IOC_CONTROL	_IO(TTLOG_IOC_MAGIC, 5)
#define TTLOG_IOC_REQUEST	_IOWR(TTLOG_IOC_MAGIC, 6, struct ttlog_request)
#define TTLOG_IOC_HELPER	_IO(TTLOG_IOC_MAGIC, 7)
#define TTLOG_IOC_TAKE		_IOWR(TTLOG_IOC_MAGIC, 8, struct ttlog_trigger)
#define TTLOG_IOC_DONE		_IOWR(TTLOG_IOC_MAGIC, 9, struct ttlog_done)

#endif /* _UAPI_TTLOG_H */
