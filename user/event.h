/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One event as the programs know it: made from a slot of a ring or from a
 * snapshot file, turned into CBOR, text or JSON.
 */
#ifndef TTLOG_EVENT_H
#define TTLOG_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "reader.h"

#define NSEC_PER_MSEC	UINT64_C(1000000)
#define NSEC_PER_SEC	UINT64_C(1000000000)

/*
 * No event in a snapshot is larger, so a block of the file holds at least one.
 * What a slot can become is far below: TTLOG_TEXT_MAX bytes, each replaced by
 * three, once more raw, and the rest.
 */
#define EVENT_MAX	65536

/**
 * struct slice - bytes that belong to someone else
 */
struct slice {
	const char *ptr;
	size_t len;
};

static inline bool slice_same(struct slice a, struct slice b)
{
	return a.len == b.len && !memcmp(a.ptr, b.ptr, a.len);
}

static inline bool slice_is(struct slice a, const char *text)
{
	return a.len == strlen(text) && !memcmp(a.ptr, text, a.len);
}

enum value_type {
	VALUE_NULL,
	VALUE_BOOL,
	VALUE_UINT,
	VALUE_INT,	/* below 0 */
	VALUE_FLOAT,
	VALUE_TEXT,	/* UTF-8 */
	VALUE_BYTES,
};

struct value {
	enum value_type type;
	union {
		bool truth;
		uint64_t uint;
		int64_t sint;
		double real;
		struct slice text;
	};
};

/**
 * struct field - a field of an event
 * @key: UTF-8
 * @value: its value
 * @same: the next field with this key
 * @again: an earlier field has this key
 */
struct field {
	struct slice key;
	struct value value;
	struct field *same;
	bool again;
};

/**
 * struct event - an event
 * @time: ns since the epoch
 * @level: 0 to 7
 * @kind: "log", …
 * @cpu: that wrote it
 * @pid: thread group
 * @tid: thread
 * @uid: effective uid
 * @cgroup: cgroup v2 id
 * @async: submitted through io_uring or aio
 * @demoted: in TTLOG_FLOW though its level is for TTLOG_KEEP
 * @comm: name of the thread
 * @service: what it says it is
 * @message: UTF-8
 * @raw: the message's bytes where they weren't UTF-8, otherwise @ptr is NULL
 * @fields: in the order written
 * @nr_fields: entries of @fields
 * @nr_keys: different keys in @fields
 */
struct event {
	uint64_t time;
	unsigned int level;
	struct slice kind;
	uint32_t cpu;
	uint32_t pid;
	uint32_t tid;
	uint32_t uid;
	uint64_t cgroup;
	bool async;
	bool demoted;
	struct slice comm;
	struct slice service;
	struct slice message;
	struct slice raw;
	struct field *fields;
	size_t nr_fields;
	size_t nr_keys;

	/* private: room that is used again for the next event */
	struct field **sorted;
	size_t max_fields;
	char *store;
	size_t stored;
};

int event_init(struct event *event);
void event_free(struct event *event);

/* Forget what the event holds; keep its room. */
void event_reset(struct event *event);

/**
 * event_store() - room for bytes that live as long as what the event holds
 *
 * Return: @len bytes, or NULL when the event would pass EVENT_MAX.
 */
char *event_store(struct event *event, size_t len);

/**
 * event_add_field() - room for one more field
 *
 * Moves the fields there are.
 */
struct field *event_add_field(struct event *event);

/**
 * event_group_fields() - find the fields that share a key
 *
 * To be called once all fields are there.
 */
void event_group_fields(struct event *event);

/**
 * struct names - what the ids in slots stand for
 * @services: by service id
 * @nr_services: entries of @services in use
 * @probes: by probe id
 * @nr_probes: entries of @probes in use
 */
struct names {
	struct ttlog_service services[TTLOG_NR_SERVICES];
	size_t nr_services;
	struct ttlog_probe_name probes[TTLOG_NR_PROBES];
	size_t nr_probes;
};

/**
 * event_from_slot() - take a slot apart
 * @event: filled in; points into @from's copy and @names
 * @from: the slot
 * @names: as they are now
 *
 * @event's time, and what its ring tells, are left to the caller. Nothing in the slot is
 * believed beyond its size.
 *
 * Return: 0 or -ENOMEM.
 */
int event_from_slot(struct event *event, const struct reader_event *from,
		    const struct names *names);

/* Take what the ring tells of an event in it that event_from_slot() took apart. */
void event_set_ring(struct event *event, const struct reader_ring *ring);

/* TTLOG_KEEP to TTLOG_KLOG, or TTLOG_NR_CHANNELS where its kind isn't known. */
uint32_t event_channel(const struct event *event);

#endif
