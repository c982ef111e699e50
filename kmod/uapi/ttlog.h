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
 * and never waits. It returns the number of bytes given, also when the event is
 * left out by a filter (TTLOG_IOC_FILTER). A write of no bytes is no event and
 * returns 0.
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
 * to its uid 0. What uid 0 writes to a file that another uid opened is charged to
 * that: a set-uid program may have been made to write there.
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
#define TTLOG_ABI_MINOR		4

/* Version of the layout of mapped memory; stands in each map, ring and block. */
#define TTLOG_LAYOUT		2

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
#define TTLOG_NR_LEVELS		8

/*
 * Channels. A ring is named by CPU and channel; of TTLOG_KLOG there is one for the
 * whole machine, named by CPU TTLOG_KLOG_CPU. What users write goes to the first
 * two, and can neither enter nor evict what is in the others.
 */
#define TTLOG_KEEP		0	/* user events of warning and worse */
#define TTLOG_FLOW		1	/* all other user events */
#define TTLOG_PROBE		2	/* hits of kernel probes */
#define TTLOG_KLOG		3	/* the kernel's own log */
#define TTLOG_NR_CHANNELS	4

#define TTLOG_KLOG_CPU		0

/*
 * Why an event that was offered is not in a ring. Each is counted in the ring
 * (CPU and channel) where the event would have gone; where its level was never
 * seen (TOO_LARGE, FAULTED, NO_RING) in that CPU's TTLOG_FLOW. MISSED is for
 * TTLOG_KLOG alone, and known from the gaps in printk's own sequence numbers.
 *
 *	offered = written + the sum of these
 */
#define TTLOG_LOST_FILTERED	0	/* its level isn't recorded: struct ttlog_filter */
#define TTLOG_LOST_SAMPLED	1	/* left out by sampling, likewise or a probe's */
#define TTLOG_LOST_LIMITED	2	/* above a rate limit, likewise or a probe's */
#define TTLOG_LOST_TOO_LARGE	3	/* over TTLOG_TEXT_MAX */
#define TTLOG_LOST_FAULTED	4	/* its bytes could not be read */
#define TTLOG_LOST_HELD		5	/* needed a block that may not be reused now */
#define TTLOG_LOST_NO_RING	6	/* its CPU has no ring (no memory) */
#define TTLOG_LOST_MISSED	7	/* the kernel's log had overwritten it before */
#define TTLOG_NR_LOST		8

/* ------------------------------------------------------------------------
 * Mapped memory
 *
 * mmap(2) of /dev/ttlog, opened for reading, read-only. Offset 0 holds struct
 * ttlog_map, struct ttlog_info.map_size bytes. Each ring is mapped on its own,
 * at the offset and with the size that TTLOG_IOC_RING gives; what an earlier boot
 * left, with those that TTLOG_IOC_PREVIOUS gives.
 *
 *	EPERM   a writable or executable mapping was asked for
 *	EINVAL  offset or length fit neither the map header nor a ring
 *	ENXIO   the ring's CPU was never up, or there was no memory for it; an earlier
 *		boot left nothing there
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
 *	store ring.intent	(open:E)
 *	  smp_mb()
 *	load  ring.hold		(open:F)
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
 *	open:E, open:F pair with hold:A to hold:D of kmod/ring.c, all in the kernel.
 *	Each pair has a file in tools/litmus, named in kmod/ring.c.
 *
 * What a ring holds. Of nr_blocks blocks the newest nr_blocks - nr_spare are what
 * the ring holds; older ones may be there but are no longer part of it. While
 * ring.hold is set it holds all from that position on, as no writer overwrites
 * that: the spare blocks take what comes meanwhile.
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
#define TTLOG_SYMBOL_LEN	128	/* of a probe's symbol, with its NUL */
#define TTLOG_NR_PROBES		256	/* different ones in one boot */
#define TTLOG_PROBE_ARGS	6	/* most arguments that a probe records */
#define TTLOG_NR_REASONS	64	/* different ones of automatic triggers, at once */

/**
 * struct ttlog_service - a name that writers gave themselves
 * @name: NUL-terminated, 1 to 31 of the bytes 0x21 to 0x7e
 * @uid: the uid that gave it (initial user namespace)
 * @pad: 0
 */
struct ttlog_service {
	char  name[TTLOG_SERVICE_LEN];
	__u32 uid;
	__u32 pad;
};

/**
 * struct ttlog_probe_name - what a probe's id stands for, also when it is gone
 * @symbol: function, NUL-terminated
 * @offset: bytes into it
 * @flags: TTLOG_PROBE_RETURN or 0
 * @nr_args: values of each event, at most TTLOG_PROBE_ARGS: the function's first
 *	arguments; with TTLOG_PROBE_RETURN 1, what it returned
 * @reserved: 0; place for the names and types of arguments
 */
struct ttlog_probe_name {
	char  symbol[TTLOG_SYMBOL_LEN];
	__u64 offset;
	__u32 flags;
	__u32 nr_args;
	__u64 reserved[4];
};

#define TTLOG_PROBE_RETURN	1	/* when the function returns */

#define TTLOG_HOST_LEN		72	/* of a host's texts, with their NUL */

/* What became of the kernel that the map is of. */
#define TTLOG_STATE_RUNS	0	/* it runs, or ended without a word */
#define TTLOG_STATE_PANIC	1	/* it panicked */
#define TTLOG_STATE_CLEAN	0x6e616c63	/* it was shut down; from minor 3 on */

/**
 * struct ttlog_host - the machine and its kernel
 * @nodename: uname(2)'s, NUL-terminated, as are the next three: when the module was
 *	loaded, a helper came, or the kernel panicked, whichever was last
 * @release: likewise
 * @version: likewise
 * @machine: likewise
 * @kernel_boot_id: what a helper has said by TTLOG_IOC_BOOT; 0: none has
 * @abi_major: TTLOG_ABI_MAJOR of the module
 * @abi_minor: TTLOG_ABI_MINOR of the module
 * @state: TTLOG_STATE_*
 * @pad: 0
 * @mono: clock when @state was set, 0 while it runs
 * @boot: likewise
 * @real: likewise
 * @reserved: 0
 */
struct ttlog_host {
	char  nodename[TTLOG_HOST_LEN];
	char  release[TTLOG_HOST_LEN];
	char  version[TTLOG_HOST_LEN];
	char  machine[TTLOG_HOST_LEN];
	__u8  kernel_boot_id[16];
	__u32 abi_major;
	__u32 abi_minor;
	__u32 state;
	__u32 pad;
	__u64 mono;
	__u64 boot;
	__u64 real;
	__u64 reserved[8];
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
 * @nr_probes: entries of @probe in use; likewise
 * @created: mono, when the module was loaded
 * @size: bytes of the map header, whole pages; 0: of ABI minor 1, which has nothing
 *	of what is said to be there from minor 2 on
 * @frames_page: page frame number of the page that the frame table is in, as in
 *	struct ttlog_ring but in that page alone, so that the others are found by it
 * @frames_offset: where the frame table begins, from here
 * @nr_frames: entries of the frame table
 * @created_real: real, when the module was loaded
 * @room: bytes of reserved memory, from here on, that are this recorder's; 0: it is in
 *	ordinary memory. From minor 3 on, at the same place in layouts to come
 * @over: TTLOG_OVER: it ended in order, and needn't be saved. Likewise
 * @reserved: 0
 * @service: names by service id
 * @probe: names by probe id
 * @host: where this is, for who finds it in a memory dump; from minor 2 on
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
	__u32 nr_probes;
	__u64 created;
	__u64 size;
	__u64 frames_page;
	__u64 frames_offset;
	__u64 nr_frames;
	__u64 created_real;
	__u64 room;
	__u64 over;
	__u64 reserved[1];
	struct ttlog_service service[TTLOG_NR_SERVICES];
	struct ttlog_probe_name probe[TTLOG_NR_PROBES];
	struct ttlog_host host;
};

#define TTLOG_OVER	0x7265766f676f6c74ULL

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
 * @cpu: the CPU that alone writes here; for TTLOG_KLOG, TTLOG_KLOG_CPU, and who
 *	writes there is under a lock
 * @channel: TTLOG_KEEP to TTLOG_KLOG
 * @block_size: bytes a block, a power of two from 8192 to 65536
 * @nr_blocks: blocks of this ring, at least 2
 * @nr_spare: of these, how many are not part of what the ring holds, see above
 * @boot_id: as in struct ttlog_map
 * @size: bytes of the whole ring, this header included
 * @data_offset: where the blocks begin, from here
 * @frames_offset: where the frame table begins, from here: a __u64 a page of the
 *	ring, in order, each a page frame number
 * @nr_frames: entries of the frame table
 * @created: mono, when the ring was made
 * @seal: struct ttlog_map.key XOR TTLOG_RING_MAGIC: who finds this in a memory dump
 *	knows that nobody has made it up who can't read rings; 0 before ABI minor 2
 * @reserved0: 0
 * @head: the reservation word
 * @base: an event number at most 2^31 away from that of @head
 * @outer: @head as the outermost of the nested writers found it
 * @depth: writers that are in this ring now (nested in one another)
 * @pad1: 0
 * @intent: start of the block that a writer last wanted to open
 * @hold: blocks from this start on are not overwritten; TTLOG_NO_HOLD: no hold
 * @mark: number of events when the hold was set
 * @pad2: 0
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
	__u32 nr_spare;
	__u8  boot_id[16];
	__u64 size;
	__u64 data_offset;
	__u64 frames_offset;
	__u64 nr_frames;
	__u64 created;
	__u64 seal;
	__u64 reserved0[4];

	__u64 head;		/* offset 128: the writer's own cache line */
	__u64 base;
	__u64 outer;
	__u32 depth;
	__u32 pad1;
	__u64 intent;
	__u64 hold;
	__u64 mark;
	__u64 pad2;

	__u64 lost[TTLOG_NR_LOST];
	__u64 demoted;
	__u64 reserved1[7];
};

#define TTLOG_NO_HOLD	(~0ULL)

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
#define TTLOG_KIND_PROBE	1	/* a probe's hit: see struct ttlog_probe_body */
#define TTLOG_KIND_KLOG		2	/* a line of the kernel's log; see below */

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

/**
 * struct ttlog_probe_body - body of an event of TTLOG_KIND_PROBE; its bytes are the
 *	event's "bytes of text"
 * @id: of the probe, low and high byte: index of struct ttlog_map.probe
 * @pad: 0; so that values are aligned
 * @values: nr_args of struct ttlog_probe_name: arguments as the function got them
 *	in registers, whole, whatever their declared width
 */
struct ttlog_probe_body {
	__u8  id[2];
	__u8  pad[5];
	__u64 values[];
} __attribute__((packed));

#define TTLOG_PROBE_BODY_SIZE	7

/*
 * An event of TTLOG_KIND_KLOG has the line as its text, without level and time in
 * front, then fields as in a write: "seq:=N", printk's sequence number, "us:=N",
 * printk's own time in microseconds (the event's time is the same, by mono),
 * "facility:=N" where it isn't 0 (the kernel), and "caller=..." where the kernel
 * tells it. Its pid, tid, uid and cgroup are 0, its comm is "kernel".
 */

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

/*
 * TTLOG_IOC_SYNC (no struct; give 0): bring TTLOG_KLOG up to date with the kernel's
 * log. Readers. Sleeps. Where a task died while it recorded the log (of somebody else's
 * probe, say) nothing more of it is recorded; that is no error here.
 */

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
 * @level_mask: bit N set: level N is recorded, but for services with a filter of
 *	their own
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

/* Most names charged to one uid other than 0. User namespaces are as for events. */
#define TTLOG_UID_SERVICES	16

/* Names that are left for uid 0, however many uids others may have. */
#define TTLOG_ROOT_SERVICES	64

/**
 * struct ttlog_levels - TTLOG_IOC_LEVELS: read or set the level mask of the filter for
 *	all. Any file to read it; CAP_SYS_ADMIN to set it
 * @flags: in: 0, or TTLOG_LEVELS_SET, TTLOG_LEVELS_TRIGGER or both
 * @mask: in with TTLOG_LEVELS_SET: bits 0 to 7; out: the mask that now holds; which
 *	events needn't be written at all says the control page alone
 * @generation: out: that of the control page
 * @trigger: in with TTLOG_LEVELS_TRIGGER: an event of this level or worse, from the
 *	kernel's log or a writer with CAP_SYSLOG, which opened its file with it, is a
 *	trigger if it is recorded; TTLOG_TRIGGER_NEVER: none is; out: what now holds
 * @pad: 0
 *
 *	EINVAL  unknown flag, a bit of @mask beyond 7, or a @trigger beyond
 *		TTLOG_TRIGGER_NEVER
 *	EPERM   no CAP_SYS_ADMIN
 */
struct ttlog_levels {
	__u32 flags;
	__u32 mask;
	__u64 generation;
	__u32 trigger;
	__u32 pad;
};

#define TTLOG_LEVELS_SET	1
#define TTLOG_LEVELS_TRIGGER	2

#define TTLOG_TRIGGER_NEVER	8

/**
 * struct ttlog_control - the control page, for writers that want to skip filtered
 *	events without a system call
 * @abi_major: TTLOG_ABI_MAJOR of the module
 * @level_mask: bit N clear: level N is recorded of no service at all
 * @generation: grows each time that a filter or the level mask is set
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

/**
 * struct ttlog_filter - TTLOG_IOC_FILTER: read, set or remove what is recorded of a
 *	service's events, or of all. Readers to read; CAP_SYS_ADMIN as well to change
 * @flags: in: 0 to read; TTLOG_FILTER_NEXT to read the filter with the lowest @index
 *	from there on; what is set for @levels: any of TTLOG_FILTER_LEVELS or
 *	TTLOG_FILTER_LEVELS_INHERIT, TTLOG_FILTER_SAMPLE, TTLOG_FILTER_RATE; or
 *	TTLOG_FILTER_REMOVE
 * @index: in with TTLOG_FILTER_NEXT, out: the filter's, below TTLOG_NR_FILTERS; 0 is
 *	the filter for all
 * @service: in, or out with TTLOG_FILTER_NEXT: the service, NUL-terminated, up to 31 of
 *	the bytes 0x20 to 0x7e; none: the filter for all
 * @levels: in where something is set: bit N set: it is set for level N; out: bit N
 *	set: this filter says whether level N is recorded
 * @record: in with TTLOG_FILTER_LEVELS, out: bit N set: level N is recorded; out, it
 *	has bits of @levels alone
 * @sample: in with TTLOG_FILTER_SAMPLE, out: by level: record the first of each so
 *	many events on a CPU, 1 (all) to 1000000000, or TTLOG_FILTER_INHERIT
 * @rate: in with TTLOG_FILTER_RATE, out: by level: record at most so many events a
 *	second on a CPU, 1 to 1000000000, TTLOG_FILTER_NO_LIMIT or TTLOG_FILTER_INHERIT
 * @burst: in with TTLOG_FILTER_RATE, out: by level: where @rate is a number, after
 *	as many at once, 1 to 1000000000; 0 where it is none
 * @lost: out: events that this filter left out, by cause: TTLOG_LOST_FILTERED,
 *	_SAMPLED and _LIMITED
 *
 * A service is what a writer named by TTLOG_IOC_SERVICE, whatever its uid, or the
 * comm of its thread group leader. What the filter of a service doesn't say of a
 * level is as the filter for all says, and is counted there together with all others
 * for which that holds. The first thing that is set makes the filter. Removing the
 * filter for all makes it what it was when the module was loaded.
 *
 * An event is asked for its level, then sampled, then limited, and lost to the first
 * that leaves it out. What is left out is no trigger. Samples and limits are counted
 * on each CPU and for each level by itself, as counting for all CPUs would have them
 * share a written cache line: a service that runs on several CPUs may record that
 * many events on each.
 *
 * Filters don't protect from anybody: level and service are what a writer claims, so
 * whoever writes uses up what may be recorded of that service, or of all. Events of
 * probes are asked for their level by the filter for all; those of the kernel's log
 * aren't asked.
 *
 *	EINVAL  flags that are none or don't go together; a @service with another
 *		byte, or without its NUL; no level, or one beyond 7; another value than
 *		said; the filter for all, and TTLOG_FILTER_INHERIT or _LEVELS_INHERIT
 *	EPERM   (to change) no CAP_SYS_ADMIN
 *	ENOENT  (to read, NEXT, REMOVE) there is no such filter
 *	ENOSPC  there are TTLOG_NR_FILTERS already
 *	ENOMEM  as the name says
 *
 * With an error but EFAULT nothing changed. TTLOG_FILTER_REMOVE has no answer.
 */
struct ttlog_filter {
	__u32 flags;
	__u32 index;
	char  service[TTLOG_SERVICE_LEN];
	__u32 levels;
	__u32 record;
	__u32 sample[TTLOG_NR_LEVELS];
	__u32 rate[TTLOG_NR_LEVELS];
	__u32 burst[TTLOG_NR_LEVELS];
	__u64 lost[TTLOG_NR_LOST];
};

#define TTLOG_NR_FILTERS	64	/* that for all included */

#define TTLOG_FILTER_LEVELS	1
#define TTLOG_FILTER_LEVELS_INHERIT	2
#define TTLOG_FILTER_SAMPLE	4
#define TTLOG_FILTER_RATE	8
#define TTLOG_FILTER_REMOVE	16
#define TTLOG_FILTER_NEXT	32

#define TTLOG_FILTER_INHERIT	0
#define TTLOG_FILTER_NO_LIMIT	(~0U)
#define TTLOG_FILTER_MAX	1000000000

/**
 * struct ttlog_share - TTLOG_IOC_SHARE: read or set how much of TTLOG_KEEP a uid other
 *	than 0 gets. Readers to read; CAP_SYS_ADMIN as well to set
 * @flags: in: 0, or TTLOG_SHARE_SET
 * @pad: 0
 * @rate: in with TTLOG_SHARE_SET, out: bytes a second, 1 to TTLOG_SHARE_MAX
 * @burst: in with TTLOG_SHARE_SET, out: bytes at once, TTLOG_SHARE_BURST_MIN (the
 *	largest event) to TTLOG_SHARE_MAX
 *
 * The module's parameters keep_rate and keep_burst are what holds after loading.
 *
 *	EINVAL  no such flag, or a value that is none of these
 *	EPERM   (to set) no CAP_SYS_ADMIN
 */
struct ttlog_share {
	__u32 flags;
	__u32 pad;
	__u64 rate;
	__u64 burst;
};

#define TTLOG_SHARE_SET		1
#define TTLOG_SHARE_BURST_MIN	4160
#define TTLOG_SHARE_MAX		0x40000000

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
#define TTLOG_TRIGGER_REQUEST	0	/* TTLOG_IOC_REQUEST */
#define TTLOG_TRIGGER_OOPS	1	/* the kernel oopsed */
#define TTLOG_TRIGGER_PROBE	2	/* a probe with TTLOG_PROBE_TRIGGER was hit */
#define TTLOG_TRIGGER_LEVEL	3	/* see struct ttlog_levels.trigger */

/**
 * struct ttlog_trigger - TTLOG_IOC_TAKE: take the oldest trigger. The helper
 * @id: names the trigger in TTLOG_IOC_DONE
 * @kind: TTLOG_TRIGGER_*
 * @uid: who asked: effective uid, initial user namespace; 0 if not a request
 * @pid: who asked, or who was running: thread group, initial pid namespace
 * @flags: TTLOG_TRIGGER_HELD or 0
 * @time: mono, when it was asked, or when the first that it stands for came
 * @reason: NUL-terminated, [A-Za-z0-9_-]{1,32}
 * @count: how many it stands for: 1, or more where others of the same reason came
 *	less than 30 s after the one before; above 2^30 they aren't counted
 * @pad: 0
 *
 * All triggers but requests are automatic: they come from the kernel, one of a
 * reason at most each 30 s (what comes sooner is deferred until then), are taken
 * oops first, and wait for a helper if there is none. They wait again if the one
 * that took them goes away before TTLOG_IOC_DONE, and with a new id if it lets a
 * hold end for want of progress or isn't done after 60 s.
 *
 * TTLOG_IOC_HELPER (no struct; give 0) makes a reader's file the helper until it
 * is closed. TTLOG_IOC_ONCE (no struct; give 0) makes it the helper for automatic
 * triggers only, beside a helper that doesn't take them: it may take those that
 * wait for 2 s or, where there is no helper, at once.
 *
 *	EBUSY   (HELPER, ONCE) there is one already
 *	EPERM   (HELPER, ONCE) no CAP_SYSLOG
 *	EPERM   (TAKE, DONE) this file is neither
 *	EAGAIN  (TAKE) no trigger waits
 */
struct ttlog_trigger {
	__u64 id;
	__u32 kind;
	__u32 uid;
	__u32 pid;
	__u32 flags;
	__u64 time;
	char  reason[TTLOG_REASON_MAX + 8];
	__u32 count;
	__u32 pad;
};

#define TTLOG_TRIGGER_HELD	1	/* the rings are held, see TTLOG_IOC_RELEASE */

/**
 * struct ttlog_release - TTLOG_IOC_RELEASE: blocks of a ring are copied and need not
 *	be held any longer. The helper that took a trigger with TTLOG_TRIGGER_HELD
 * @cpu: in: CPU number, below nr_cpus
 * @channel: in: channel, below nr_channels
 * @position: in: blocks that start before it are released; TTLOG_NO_HOLD: all
 *
 * A hold ends when all rings are released, at TTLOG_IOC_DONE, 2 s after the last
 * progress (the trigger, its being taken, a release), and 10 s after it was set at
 * the latest. After one there is none for nine times as long as it was. Meanwhile
 * a writer that would need a held block loses its event (TTLOG_LOST_HELD).
 *
 *	EPERM   this file is no helper
 *	EINVAL  no such CPU or channel
 *	ENXIO   there is no such ring
 *	ENOENT  there is no hold (any more)
 */
struct ttlog_release {
	__u32 cpu;
	__u32 channel;
	__u64 position;
};

/**
 * struct ttlog_end - up to where a ring has been saved
 * @cpu: CPU number
 * @channel: channel
 * @number: events before this number are saved
 * @open_since: mono, since when event @number is known to be reserved but not
 *	committed; 0: it isn't known to be
 */
struct ttlog_end {
	__u32 cpu;
	__u32 channel;
	__u64 number;
	__u64 open_since;
};

/**
 * struct ttlog_progress - TTLOG_IOC_PROGRESS: where the next timer snapshot begins.
 *	The helper
 * @op: in: TTLOG_PROGRESS_*
 * @nr: in: entries at @ends; out: how many there are, also where fewer fit
 * @ends: in: address of struct ttlog_end[]; put there by READ, read by PREPARE
 * @cookie: in: stored by PREPARE; out of READ: that of the prepared ends
 * @prepared: out: 1 if ends are prepared and neither committed nor discarded
 * @pad: 0
 *
 * The module keeps this for helpers to come. PREPARE stores the new ends beside the
 * old ones, with a cookie by which a later helper can tell whether the file was
 * finished; COMMIT puts them into force, DISCARD forgets them. Rings that PREPARE
 * doesn't name keep their ends.
 *
 *	EPERM   this file isn't the helper
 *	EINVAL  no such op; (PREPARE) an entry names no ring, or a number that goes
 *		back or is beyond what was written
 *	ENOENT  (COMMIT, DISCARD) nothing is prepared
 *	EFAULT  @ends can't be read or written
 *
 * With an error nothing changed: what was prepared before is so still.
 */
struct ttlog_progress {
	__u32 op;
	__u32 nr;
	__u64 ends;
	__u8  cookie[64];
	__u32 prepared;
	__u32 pad;
};

#define TTLOG_PROGRESS_READ	0
#define TTLOG_PROGRESS_PREPARE	1
#define TTLOG_PROGRESS_COMMIT	2
#define TTLOG_PROGRESS_DISCARD	3

/**
 * struct ttlog_probe - TTLOG_IOC_PROBE_ADD: set a probe. CAP_SYS_ADMIN, readers
 * @id: out: names the probe; the same definition (symbol, offset, return, number of
 *	arguments) has the same id all the time
 * @flags: in: TTLOG_PROBE_RETURN, TTLOG_PROBE_TRIGGER
 * @symbol: in: NUL-terminated name of a kernel function
 * @offset: in: bytes into it; 0 with TTLOG_PROBE_RETURN
 * @nr_args: in: record that many arguments, 0 to TTLOG_PROBE_ARGS; only at offset
 *	0; 0 with TTLOG_PROBE_RETURN
 * @level: in: level of its events, 0 to 7
 * @sample: in: record one of so many hits on a CPU, 1 (all) to 1000000000
 * @rate: in: record at most so many a second on all CPUs together, after as many at
 *	once; 1 to 1000000000; 0: no limit
 * @reason: in: with TTLOG_PROBE_TRIGGER the trigger's REASON, [A-Za-z0-9_-]{1,32};
 *	otherwise empty
 *
 *	EPERM   no CAP_SYS_ADMIN, or the kernel is locked down (confidentiality)
 *	EINVAL  one of the values is none of these
 *	ENOENT  there is no such function: misspelt, or inlined everywhere
 *	EOPNOTSUPP  the function can't be probed: it is on the kernel's list of these,
 *		the recorder's own, or marked notrace
 *	EILSEQ  @offset is not at an instruction's beginning, or not in the function
 *	EEXIST  this definition is set already
 *	EBUSY   kprobes are switched off as a whole (debugfs: kprobes/enabled)
 *	ENOSPC  TTLOG_NR_PROBES different ones were set since the module was loaded,
 *		or automatic triggers have TTLOG_NR_REASONS already
 *	ENOMEM  as the name says
 */
struct ttlog_probe {
	__u32 id;
	__u32 flags;
	char  symbol[TTLOG_SYMBOL_LEN];
	__u64 offset;
	__u32 nr_args;
	__u32 level;
	__u32 sample;
	__u32 rate;
	char  reason[TTLOG_REASON_MAX + 8];
};

#define TTLOG_PROBE_TRIGGER	2	/* a hit that is recorded is a trigger */
#define TTLOG_PROBE_GONE	4	/* (STAT) its module is gone, and it with it */

/**
 * struct ttlog_probe_id - TTLOG_IOC_PROBE_DEL: remove a probe. CAP_SYS_ADMIN, readers
 * @id: in: of the probe
 * @pad: 0
 *
 *	EPERM   no CAP_SYS_ADMIN
 *	ENOENT  no probe has this id
 */
struct ttlog_probe_id {
	__u32 id;
	__u32 pad;
};

/**
 * struct ttlog_probe_stat - TTLOG_IOC_PROBE_STAT: the probe with this id, or the next
 *	one. Readers
 * @probe: in: id; out: the probe with the lowest id from there on
 * @hits: how often it was hit: recorded and the sum of @lost
 * @recorded: of @hits
 * @missed: hits that the kernel passed over (a probe within a probe, too many
 *	returns at once), and that aren't in @hits
 * @lost: of @hits, by cause
 *
 *	ENOENT  no probe is set with this id or a higher one
 */
struct ttlog_probe_stat {
	struct ttlog_probe probe;
	__u64 hits;
	__u64 recorded;
	__u64 missed;
	__u64 lost[TTLOG_NR_LOST];
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

/**
 * struct ttlog_boot - TTLOG_IOC_BOOT: say which boot of the kernel this is, for who
 *	reads its memory after it. The helper
 * @id: in: /proc/sys/kernel/random/boot_id, as 16 bytes
 *
 *	EPERM   this file isn't the helper
 */
struct ttlog_boot {
	__u8 id[16];
};

/**
 * struct ttlog_previous - TTLOG_IOC_PREVIOUS: one half of reserved memory (the module's
 *	parameters region_start, region_size, region_name), with what an earlier boot left
 *	there and nobody has saved. Readers; the helper, or who is it for ONCE, to say
 *	that it is saved
 * @index: in: 0 to TTLOG_PREVIOUS_MAX - 1
 * @flags: in: 0 or TTLOG_PREVIOUS_SAVED
 * @offset: where to map it, as rings are mapped
 * @size: bytes to map
 * @frame: page frame number of its first page, for the frame tables in it
 *
 * What is in it may be anything: a recorder, whole or damaged, of this layout or
 * another, or bytes of somebody else. Maps and rings begin with a page. Where both
 * halves are there a recorder may lie in both. TTLOG_PREVIOUS_SAVED gives the half
 * back: it is cleared, and is what the boot after this one may use.
 *
 *	EINVAL  no such flag, or no such index
 *	ENOENT  there is nothing (any more) that isn't saved
 *	EBUSY   a helper asks, and another one is at it: it was the first to ask, and
 *		its file isn't closed
 *	EPERM   (TTLOG_PREVIOUS_SAVED) this file is no helper
 */
struct ttlog_previous {
	__u32 index;
	__u32 flags;
	__u64 offset;
	__u64 size;
	__u64 frame;
};

#define TTLOG_PREVIOUS_MAX	2
#define TTLOG_PREVIOUS_SAVED	1

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
#define TTLOG_IOC_SYNC		_IO(TTLOG_IOC_MAGIC, 10)
#define TTLOG_IOC_ONCE		_IO(TTLOG_IOC_MAGIC, 11)
#define TTLOG_IOC_RELEASE	_IOWR(TTLOG_IOC_MAGIC, 12, struct ttlog_release)
#define TTLOG_IOC_PROGRESS	_IOWR(TTLOG_IOC_MAGIC, 13, struct ttlog_progress)
#define TTLOG_IOC_PROBE_ADD	_IOWR(TTLOG_IOC_MAGIC, 14, struct ttlog_probe)
#define TTLOG_IOC_PROBE_DEL	_IOWR(TTLOG_IOC_MAGIC, 15, struct ttlog_probe_id)
#define TTLOG_IOC_PROBE_STAT	_IOWR(TTLOG_IOC_MAGIC, 16, struct ttlog_probe_stat)
#define TTLOG_IOC_BOOT		_IOWR(TTLOG_IOC_MAGIC, 17, struct ttlog_boot)
#define TTLOG_IOC_PREVIOUS	_IOWR(TTLOG_IOC_MAGIC, 18, struct ttlog_previous)
#define TTLOG_IOC_FILTER	_IOWR(TTLOG_IOC_MAGIC, 19, struct ttlog_filter)
#define TTLOG_IOC_SHARE		_IOWR(TTLOG_IOC_MAGIC, 20, struct ttlog_share)

#endif /* _UAPI_TTLOG_H */
