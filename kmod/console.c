// SPDX-License-Identifier: GPL-2.0-only
/*
 * The last words: when the kernel panics, the newest events of users and probes are
 * printed, so that they land wherever the kernel's own last words land (a serial line,
 * netconsole, pstore). The kernel's lines among the events are there already.
 *
 * Interrupts are off, other CPUs are stopped or ought to be, and any lock may be held
 * by who will never give it back. So it takes none, allocates nothing, and is bounded
 * in what it walks and prints; printk itself knows how to print in a panic.
 *
 * What it prints doesn't become events: the kernel's log was taken for the last time
 * just before, with all that the panic has said.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/math64.h>
#include <linux/nmi.h>
#include <linux/printk.h>
#include <linux/string.h>
#include "compat.h"
#include "console.h"
#include "event.h"
#include "map.h"
#include "newest.h"
#include "params.h"

/* Bytes of a line; printk cuts off what is behind some 1,000. */
#define LINE_MAX_BYTES	800

/**
 * struct text - a line that is being made
 * @len: bytes in use
 * @cut: there was no room for all
 * @bytes: it
 */
struct text {
	size_t len;
	bool cut;
	char bytes[LINE_MAX_BYTES];
};

static u32 wanted;		/* events */

/* A panic's own memory, as its stack may be short. */
static struct newest found[TTLOG_NEWEST_MAX];
static struct text line;
static u8 copy[TTLOG_EVENT_MAX] __aligned(TTLOG_ALIGN);

static __printf(2, 3) void put(struct text *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	t->len += vscnprintf(t->bytes + t->len, sizeof(t->bytes) - t->len,
			     format, args);
	va_end(args);
}

/*
 * Bytes that somebody else chose, so that none can move a terminal's cursor, begin
 * another line, or be taken for an escaped one.
 */
static void put_bytes(struct text *t, const char *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		/* Room for the longest, for what marks a cut, and for the NUL. */
		if (t->len + 4 + 3 + 1 > sizeof(t->bytes)) {
			t->cut = true;
			return;
		}
		if (bytes[i] >= 0x20 && bytes[i] < 0x7f && bytes[i] != '\\')
			put(t, "%c", bytes[i]);
		else
			put(t, "\\x%02x", (u8)bytes[i]);
	}
}

static void put_name(struct text *t, const char *name, size_t size)
{
	put_bytes(t, name, strnlen(name, size));
}

/* "key=value" or "key:=value". */
static void put_field(struct text *t, const char *field, size_t len)
{
	const char *equals = memchr(field, '=', len);
	size_t key = equals ? equals - field : len;

	if (t->cut)
		return;
	put(t, " ");
	put_bytes(t, field, key && equals && field[key - 1] == ':' ? key - 1 : key);
	put_bytes(t, field + key, len - key);
}

/* What was written: the message, and fields behind NULs. */
static void put_written(struct text *t, const char *bytes, size_t len)
{
	size_t part = strnlen(bytes, len);

	put_bytes(t, bytes, part);
	while (part < len) {
		bytes += part + 1;
		len -= part + 1;
		part = strnlen(bytes, len);
		if (part)
			put_field(t, bytes, part);
	}
}

static void put_hit(struct text *t, const struct ttlog_probe_body *hit, size_t len)
{
	const struct ttlog_probe_name *name;
	u32 id, i, nr;

	if (len < TTLOG_PROBE_BODY_SIZE)
		return;
	id = hit->id[0] | hit->id[1] << 8;
	if (id >= TTLOG_NR_PROBES)
		return;
	name = &ttlog_map->probe[id];
	put_name(t, name->symbol, sizeof(name->symbol));
	if (name->offset)
		put(t, "+0x%llx", name->offset);
	nr = (len - TTLOG_PROBE_BODY_SIZE) / sizeof(u64);
	for (i = 0; i < nr && i < TTLOG_PROBE_ARGS; i++) {
		if (name->flags & TTLOG_PROBE_RETURN)
			put(t, " ret=%lld", get_unaligned(&hit->values[i]));
		else
			put(t, " arg%u=%lld", i + 1, get_unaligned(&hit->values[i]));
	}
}

/* The service's name: one of its own, the leader's, or the thread's. */
static const u8 *put_service(struct text *t, const struct ttlog_event *e)
{
	const u8 *body = e->body;

	if (e->cgroup_hi & TTLOG_EVENT_SERVICE) {
		put_name(t, ttlog_map->service[*body].name, TTLOG_SERVICE_LEN);
		return body + 1;
	}
	if (e->cgroup_hi & TTLOG_EVENT_LEADER) {
		put_name(t, (const char *)body, TTLOG_COMM_LEN);
		return body + TTLOG_COMM_LEN;
	}
	put_name(t, (const char *)e->comm, TTLOG_COMM_LEN);
	return body;
}

static void put_time(struct text *t, u64 ns)
{
	u32 rest;
	u64 seconds = div_u64_rem(ns, NSEC_PER_SEC, &rest);

	put(t, "%llu.%06u", seconds, rest / (u32)NSEC_PER_USEC);
}

static void put_event(struct text *t, const struct newest *n,
		      const struct ttlog_event *e)
{
	u32 level = e->ids >> TTLOG_IDS_LEVEL_SHIFT & 7;
	u32 kind = e->ids >> TTLOG_IDS_KIND_SHIFT;
	size_t len = e->ids >> TTLOG_IDS_LEN_SHIFT & TTLOG_IDS_LEN_MASK;
	const u8 *end = (const u8 *)e + n->size, *body;

	put_time(t, n->time);
	put(t, " cpu%u %s ", n->cpu, ttlog_params_level_name(level));
	if (kind == TTLOG_KIND_PROBE)
		put(t, "probe ");
	body = put_service(t, e);
	put(t, "[%u] uid=%u: ",
	    (u32)(e->ids >> TTLOG_IDS_PID_SHIFT & TTLOG_IDS_PID_MASK), e->uid);
	len = body < end ? min_t(size_t, len, end - body) : 0;
	if (kind == TTLOG_KIND_PROBE)
		put_hit(t, (const struct ttlog_probe_body *)body, len);
	else
		put_written(t, (const char *)body, len);
	if (t->cut)
		put(t, "...");
}

static void print_event(const struct newest *n)
{
	struct ttlog_event *e = (struct ttlog_event *)copy;

	if (!ttlog_newest_copy(n, e))
		return;
	line.len = 0;
	line.cut = false;
	put_event(&line, n, e);
	pr_emerg("%s\n", line.bytes);
	/* A console may be slow. */
	touch_nmi_watchdog();
}

/**
 * ttlog_console_init() - be ready for a panic
 * @nr_events: how many to print then, at most TTLOG_NEWEST_MAX; 0: none
 *
 * Context: task, at load.
 */
void ttlog_console_init(u32 nr_events)
{
	wanted = nr_events;
}

/**
 * ttlog_console_print() - print the newest events
 *
 * Context: any, NMI included; once, in a panic, after ttlog_klog_end().
 */
void ttlog_console_print(void)
{
	unsigned int i, nr;

	nr = ttlog_newest_find(found, wanted);
	if (!nr)
		return;
	pr_emerg("the last %u events:\n", nr);
	for (i = 0; i < nr; i++)
		print_event(&found[i]);
	pr_emerg("end of the last events\n");
}
