/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The operations. Each takes from the sequence what it wants.
 */
#ifndef TTLOG_FUZZ_OP_H
#define TTLOG_FUZZ_OP_H

#include "act.h"

/* file.c: descriptors */
void do_open(struct bytes *in);
void do_close(struct bytes *in);
void do_dup(struct bytes *in);
void do_fcntl(struct bytes *in);
void do_poll(struct bytes *in);

/* write.c: events */
void do_write(struct bytes *in);
void do_writev(struct bytes *in);
void do_read(struct bytes *in);
void do_uring(struct bytes *in);

/* call.c: ioctls, of any kind and of two that belong together */
void do_ioctl(struct bytes *in);
void do_helper(struct bytes *in);
void do_probe(struct bytes *in);

/* map.c: mappings */
void map_init(void);
void unmap_all(void);
void do_mmap(struct bytes *in);
void do_munmap(struct bytes *in);
void do_remap(struct bytes *in);
void do_touch(struct bytes *in);

/* Reserved memory, where the environment has REGION (tests/fuzz/vm/run). */
#define REGION_START	0x1a000000
#define REGION_SIZE	0x400000

/* machine.c: what isn't a process's own */
void machine_init(void);
void do_kmsg(struct bytes *in);
void do_hotplug(struct bytes *in);
void do_parameter(struct bytes *in);

/*
 * The module out and in again. For that all sequences are between these two, which
 * wait for it.
 */
void machine_enter(void);
void machine_leave(void);
void do_reload(struct bytes *in);

#endif
