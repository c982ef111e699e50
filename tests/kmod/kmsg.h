/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's log as /dev/kmsg has it, to hold the channel klog against.
 */
#ifndef KMSG_H
#define KMSG_H

#include <stdlib.h>
#include "ttlog_test.h"

#define KMSG_TEXT	8192
#define KMSG_CUT	2048

/**
 * struct kmsg_line - a record of /dev/kmsg
 * @len: bytes of @text
 * @text: the message as it was printed
 * @cut: only so far: see kmsg_parse()
 */
struct kmsg_line {
	uint64_t seq;
	uint64_t us;
	unsigned int level;
	unsigned int facility;
	size_t len;
	char *text;
	bool cut;
};

/**
 * struct klog_line - an event of the channel klog
 * @us: -1: it has none
 * @text: the message, in the event
 * @time: mono
 */
struct klog_line {
	uint64_t seq;
	int64_t us;
	unsigned int level;
	unsigned int facility;
	size_t len;
	const char *text;
	uint64_t time;
};

/* Write a line to the kernel's log. Without a newline at its end it isn't one yet. */
static inline bool kmsg_print(const char *line, size_t len)
{
	struct iovec parts[] = { { (void *)line, len }, { (void *)"\n", 1 } };
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && writev(fd, parts, 2) == (ssize_t)len + 1;

	close(fd);
	return done;
}

static inline bool put_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 &&
		    write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	close(fd);
	return done;
}

/* "\xNN" stands for bytes that aren't plain. */
static inline size_t kmsg_unescape(char *to, const char *from, const char *end)
{
	char *begin = to;
	unsigned int byte;

	while (from < end) {
		if (*from == '\\' && end - from < 4)
			break;	/* cut in the middle of it */
		if (*from == '\\' && sscanf(from, "\\x%2x", &byte) == 1) {
			*to++ = byte;
			from += 4;
		} else {
			*to++ = *from++;
		}
	}
	return to - begin;
}

/*
 * From 6.4 on the kernel writes a record, bytes that aren't plain as four, into a
 * buffer of KMSG_CUT bytes, and what has no room there isn't given out. Before that
 * there was room for all.
 */
static inline bool kmsg_parse(struct kmsg_line *line, char *record, size_t len)
{
	char *text = strchr(record, ';'), *end;
	unsigned int priority;

	if (!text || sscanf(record, "%u,%lu,%lu,", &priority, &line->seq,
			    &line->us) != 3)
		return false;
	end = strchr(++text, '\n');
	if (!end)
		return false;
	line->cut = len == KMSG_CUT;
	line->level = priority & 7;
	line->facility = priority >> 3;
	line->text = malloc(end - text + 1);
	line->len = kmsg_unescape(line->text, text, end);
	return true;
}

/* All that is there; the number of lines, 0: it can't be read. */
static inline size_t kmsg_read(struct kmsg_line **lines)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	size_t nr = 0, room = 0;
	char record[KMSG_TEXT + 1];
	ssize_t len;

	*lines = NULL;
	if (fd < 0)
		return 0;
	for (;;) {
		len = read(fd, record, KMSG_TEXT);
		if (len < 0 && errno == EPIPE)
			continue;
		if (len <= 0)
			break;
		record[len] = 0;
		if (nr == room) {
			room = room ? 2 * room : 1024;
			*lines = reallocarray(*lines, room, sizeof(**lines));
		}
		if (!kmsg_parse(&(*lines)[nr++], record, len))
			return 0;
	}
	close(fd);
	return errno == EAGAIN ? nr : 0;
}

static inline void kmsg_free(struct kmsg_line *lines, size_t nr)
{
	while (nr)
		free(lines[--nr].text);
	free(lines);
}

/* Take one event apart, strictly: the ABI says what it has, and in which order. */
static inline bool klog_parse(struct klog_line *line, const struct ttlog_event *e)
{
	const char *at = (const char *)e->body, *end = at + slot_len(e);
	char fields[128];
	size_t len, i;
	int used = 0;

	memset(line, 0, sizeof(*line));
	line->us = -1;
	line->text = at;
	line->time = e->time;
	line->level = slot_level(e);
	line->len = strnlen(at, end - at);
	len = end - at - line->len;
	if (slot_kind(e) != TTLOG_KIND_KLOG || slot_pid(e) || slot_tid(e) ||
	    e->uid || slot_cgroup(e) || slot_flags(e) || len < 2 ||
	    len >= sizeof(fields) ||
	    memcmp(e->comm, "kernel\0\0\0\0\0\0\0\0", TTLOG_COMM_LEN))
		return false;
	for (i = 0; i < len; i++)
		fields[i] = at[line->len + i] ?: ' ';
	fields[len] = 0;
	if (sscanf(fields, " seq:=%lu%n", &line->seq, &used) != 1)
		return false;
	at = fields + used;
	used = 0;
	if (sscanf(at, " us:=%ld%n", &line->us, &used) == 1)
		at += used;
	used = 0;
	if (sscanf(at, " facility:=%u%n", &line->facility, &used) == 1)
		at += used;
	return !*at;
}

/* What the ring holds, in its order; the number of lines. */
static inline size_t klog_read(struct recorder *r, struct klog_line **lines)
{
	const struct reader_ring *ring;
	size_t i;

	*lines = NULL;
	if (!recorder_read(r))
		return 0;
	ring = recorder_ring(r, TTLOG_KLOG_CPU, TTLOG_KLOG);
	*lines = calloc(ring->nr_events + 1, sizeof(**lines));
	for (i = 0; i < ring->nr_events; i++) {
		if (!klog_parse(&(*lines)[i], ring->events[i].slot)) {
			printf("# event %zu isn't a line: %.*s\n", i,
			       (int)slot_len(ring->events[i].slot),
			       ring->events[i].slot->body);
			return 0;
		}
	}
	return ring->nr_events;
}

/* Is the event that line? With @timed, printk's time is to be in it. */
static inline bool klog_same(const struct klog_line *a, const struct kmsg_line *b,
			     bool timed)
{
	size_t i;

	if (a->seq != b->seq || a->level != b->level ||
	    a->facility != b->facility ||
	    (b->cut ? a->len < b->len : a->len != b->len) ||
	    (timed ? a->us != (int64_t)b->us : a->us != -1))
		return false;
	/* No event's message has a NUL. */
	for (i = 0; i < b->len; i++)
		if (a->text[i] != (b->text[i] ?: '?'))
			return false;
	return true;
}

/*
 * Hold all lines from @from on against all events: the same, once, in order. How
 * many they were; -1: not so, and said why.
 */
static inline long klog_compare(struct recorder *r, uint64_t from, bool timed)
{
	struct klog_line *events;
	struct kmsg_line *lines;
	size_t i = 0, k = 0, nr_lines, nr_events;
	long same = 0;

	if (ioctl(r->fd, TTLOG_IOC_SYNC, 0))
		return -1;
	nr_lines = kmsg_read(&lines);
	if (ioctl(r->fd, TTLOG_IOC_SYNC, 0))
		return -1;
	nr_events = klog_read(r, &events);
	while (i < nr_lines && lines[i].seq < from)
		i++;
	while (k < nr_events && events[k].seq < from)
		k++;
	for (; i < nr_lines; i++, k++, same++) {
		if (k < nr_events && klog_same(&events[k], &lines[i], timed))
			continue;
		printf("# line %lu,%lu,%u,%u '%.*s' isn't event", lines[i].seq,
		       lines[i].us, lines[i].level, lines[i].facility,
		       (int)lines[i].len, lines[i].text);
		if (k < nr_events)
			printf(" %lu,%ld,%u,%u '%.*s'\n", events[k].seq,
			       events[k].us, events[k].level,
			       events[k].facility, (int)events[k].len,
			       events[k].text);
		else
			printf("\n");
		same = -1;
		break;
	}
	kmsg_free(lines, nr_lines);
	free(events);
	return same;
}

/* The newest line's number. */
static inline uint64_t kmsg_last(void)
{
	struct kmsg_line *lines;
	size_t nr = kmsg_read(&lines);
	uint64_t seq = nr ? lines[nr - 1].seq : 0;

	kmsg_free(lines, nr);
	return seq;
}

#endif
