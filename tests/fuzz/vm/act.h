/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the operations of a sequence share: the bytes that they are made from, the
 * descriptors, who runs them, and places in memory, good ones and bad ones.
 */
#ifndef TTLOG_FUZZ_ACT_H
#define TTLOG_FUZZ_ACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DEVICE		"/dev/ttlog"
#define PAGE		4096
#define USER		1000
#define READERS		4242	/* a group that may read */

/**
 * struct bytes - what is left of the sequence
 */
struct bytes {
	const uint8_t *at;
	size_t left;
};

/* Who runs the sequence: root, one of READERS, or somebody. */
enum { ROOT, READER, NOBODY };
extern uint8_t role;

void act_init(void);

/* The next bytes as a number; where there are none, they are 0. */
uint64_t take(struct bytes *in, unsigned int bytes);

/* What the sequence chooses from a list. */
#define choose(in, list) ((list)[take(in, 1) % (sizeof(list) / sizeof((list)[0]))])

/* At most once in so many ms, whoever asks. */
bool is_time(uint64_t *last, uint64_t ms);

/* For all processes. */
void count(uint64_t *counter);

void put_text(const char *path, const char *text);

/* Of the next allocations and copies of this task the Nth fails; 0: none does. */
void fail(unsigned int nth);

/*
 * The kernel (6.1) warns where it is refused memory for a mapping of reserved memory,
 * whose ever it is: before what makes or copies one.
 */
void fail_no_mapping(void);

/* Where a descriptor is, or -1. Two of them most often. */
int *slot_of(struct bytes *in);

/* This one is there instead, if it is one. */
void put_slot(int *at, int fd);

/* So many at the beginning have the device open, in the modes that @how has. */
void open_slots(uint8_t how);
void close_slots(void);

/* Text of some length: what the sequence has, then the same again. */
size_t make_text(struct bytes *in, uint8_t *to, size_t max);

/* Where bytes may be that the module is to read or write. */
void *place(struct bytes *in, const void *good, size_t size);

#endif
