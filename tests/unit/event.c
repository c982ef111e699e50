// SPDX-License-Identifier: GPL-2.0-only
/* What is made of the slots of probes and of the kernel's log. */
#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "tap.h"

static struct event event;
static struct ttlog_event *slot;

static const struct names names = {
	.services = { { .name = "svc" } },
	.nr_services = 1,
	.probes = {
		{ .symbol = "do_sys_openat2", .nr_args = 3 },
		{ .symbol = "vfs_read", .flags = TTLOG_PROBE_RETURN, .nr_args = 1 },
		{ .symbol = "schedule", .offset = 0x1f },
		{ .symbol = "six", .nr_args = 6 },
		{ .symbol = "absurd", .nr_args = 0xffffffff },
		{ .symbol = "b\xff" "d", .offset = ~0ULL },
		{ .symbol = { [0 ... TTLOG_SYMBOL_LEN - 1] = '\xff' },
		  .offset = ~0ULL },
	},
	.nr_probes = 7,
};

/* "kind level message|key=value|…" */
static const char *show(void)
{
	static char text[20000];
	char *to = text;
	size_t i;

	to += sprintf(to, "%.*s %u %.*s", (int)event.kind.len, event.kind.ptr,
		      event.level, (int)event.message.len, event.message.ptr);
	for (i = 0; i < event.nr_fields; i++) {
		const struct field *f = &event.fields[i];

		to += sprintf(to, "|%.*s=", (int)f->key.len, f->key.ptr);
		if (f->value.type == VALUE_UINT)
			to += sprintf(to, "%llu", (unsigned long long)f->value.uint);
		else if (f->value.type == VALUE_INT)
			to += sprintf(to, "%lld", (long long)f->value.sint);
		else if (f->value.type == VALUE_TEXT)
			to += sprintf(to, "'%.*s'", (int)f->value.text.len,
				      f->value.text.ptr);
		else
			to += sprintf(to, "?");
	}
	return text;
}

/*
 * Decode a slot of a kind with this body, of which it says that it has len bytes
 * of text. It has just its size: a read beyond it is seen by ASan. The event that
 * is made of it points there until the next one.
 */
static void slot_is(unsigned int kind, unsigned int level, uint16_t flags,
		    const void *body, size_t size, size_t len,
		    const char *expected)
{
	struct reader_event from = { .size = TTLOG_EVENT_SIZE + size };
	const char *got;
	int err;

	free(slot);
	slot = calloc(1, from.size);
	from.slot = slot;
	slot->ids = (uint64_t)kind << TTLOG_IDS_KIND_SHIFT |
		    (uint64_t)level << TTLOG_IDS_LEVEL_SHIFT |
		    (uint64_t)len << TTLOG_IDS_LEN_SHIFT;
	slot->cgroup_hi = flags;
	memcpy(slot->comm, "kernel", 6);
	memcpy((uint8_t *)slot + TTLOG_EVENT_SIZE, body, size);
	err = event_from_slot(&event, &from, &names);
	got = show();
	if (!tap_ok(!err && !strcmp(got, expected), "%s", expected))
		printf("# %d, got %s\n", err, got);
}

/* A probe's body: id, values. */
static void probe_is(unsigned int id, unsigned int nr, const uint64_t *values,
		     const char *expected)
{
	uint8_t body[TTLOG_PROBE_BODY_SIZE + 16 * 8] = { id, id >> 8 };

	memcpy(body + TTLOG_PROBE_BODY_SIZE, values, nr * sizeof(*values));
	slot_is(TTLOG_KIND_PROBE, 6, 0, body, TTLOG_PROBE_BODY_SIZE + nr * 8,
		TTLOG_PROBE_BODY_SIZE + nr * 8, expected);
}

static void probes(void)
{
	static const uint64_t v[16] = {
		0xffffff9c, 140737488347136, UINT64_MAX, 4, 5, 6, 7, 8,
	};
	static const uint64_t error[] = { -2 };

	probe_is(0, 3, v, "probe 6 do_sys_openat2|arg1=4294967196|"
		 "arg2=140737488347136|arg3=18446744073709551615");
	probe_is(1, 1, v, "probe 6 vfs_read|ret=4294967196");
	probe_is(1, 1, error, "probe 6 vfs_read|ret=-2");
	probe_is(2, 0, v, "probe 6 schedule+0x1f");
	probe_is(3, 6, v, "probe 6 six|arg1=4294967196|arg2=140737488347136|"
		 "arg3=18446744073709551615|arg4=4|arg5=5|arg6=6");
	/* Fewer and more values than the probe has. */
	probe_is(0, 1, v, "probe 6 do_sys_openat2|arg1=4294967196");
	probe_is(0, 0, v, "probe 6 do_sys_openat2");
	probe_is(1, 3, v, "probe 6 vfs_read|ret=4294967196");
	probe_is(2, 4, v, "probe 6 schedule+0x1f");
	/* What makes no sense has a name, and ends. */
	probe_is(4, 8, v, "probe 6 absurd|arg1=4294967196|arg2=140737488347136|"
		 "arg3=18446744073709551615|arg4=4|arg5=5|arg6=6");
	probe_is(5, 0, v, "probe 6 b\xef\xbf\xbd" "d+0xffffffffffffffff");
	probe_is(7, 1, v, "probe 6 unknown");
	probe_is(256, 1, v, "probe 6 unknown");
	probe_is(0xffff, 1, v, "probe 6 unknown");
}

/* A symbol that is as long as it can be, and longer once it is UTF-8. */
static void long_symbol(void)
{
	char expected[4 * TTLOG_SYMBOL_LEN] = "probe 6 ";
	uint64_t none = 0;
	int i;

	for (i = 0; i < TTLOG_SYMBOL_LEN; i++)
		strcat(expected, "\xef\xbf\xbd");
	strcat(expected, "+0xffffffffffffffff");
	probe_is(6, 0, &none, expected);
}

/* Bodies that are cut off, and lengths that aren't theirs. */
static void short_probes(void)
{
	uint8_t body[TTLOG_PROBE_BODY_SIZE + 24] = { 0 };

	body[7] = 9;
	slot_is(TTLOG_KIND_PROBE, 3, 0, body, 0, 0, "probe 3 unknown");
	slot_is(TTLOG_KIND_PROBE, 3, 0, body, 6, 6, "probe 3 unknown");
	slot_is(TTLOG_KIND_PROBE, 3, 0, body, 6, 31, "probe 3 unknown");
	slot_is(TTLOG_KIND_PROBE, 3, 0, body, 31, 6, "probe 3 unknown");
	slot_is(TTLOG_KIND_PROBE, 3, 0, body, 7, 7, "probe 3 do_sys_openat2");
	slot_is(TTLOG_KIND_PROBE, 3, 0, body, 7, 8191, "probe 3 do_sys_openat2");
	slot_is(TTLOG_KIND_PROBE, 3, 0, body, 14, 14, "probe 3 do_sys_openat2");
	slot_is(TTLOG_KIND_PROBE, 3, 0, body, 22, 8191,
		"probe 3 do_sys_openat2|arg1=9");
	slot_is(TTLOG_KIND_PROBE, 3, 0, body, 31, 23,
		"probe 3 do_sys_openat2|arg1=9|arg2=0");
}

#define KLOG(text, level, expected) \
	slot_is(TTLOG_KIND_KLOG, level, 0, text, sizeof(text) - 1, \
		sizeof(text) - 1, expected)

static void klog(void)
{
	KLOG("EXT4-fs (sda1): mounted\0seq:=812\0us:=12345678", 6,
	     "klog 6 EXT4-fs (sda1): mounted|seq=812|us=12345678");
	tap_ok(event.comm.len == 6 && event.service.len == 6 &&
	       !memcmp(event.service.ptr, "kernel", 6) && !event.pid &&
	       !event.tid && !event.uid && !event.cgroup, "it is the kernel's");
	KLOG("said by a program\0seq:=18446744073709551615\0us:=0\0facility:=3\0"
	     "caller=T42", 0,
	     "klog 0 said by a program|seq=18446744073709551615|us=0|facility=3|"
	     "caller='T42'");
	KLOG("", 4, "klog 4 ");
}

static void others(void)
{
	slot_is(TTLOG_KIND_LOG, 7, TTLOG_EVENT_SERVICE, "\0text\0a=b", 9, 8,
		"log 7 text|a='b'");
	tap_ok(event.service.len == 3 && !memcmp(event.service.ptr, "svc", 3),
	       "its service is told by its id");
	slot_is(3, 7, 0, "text", 4, 4, "unknown 7 text");
	slot_is(15, 7, 0, "text", 4, 4, "unknown 7 text");
}

/* A slot that isn't the module's may say that it has more than any has. */
static void too_long(void)
{
	char expected[TTLOG_TEXT_MAX + 16] = "log 6 ", body[TTLOG_TEXT_MAX + 100];

	memset(body, 'x', sizeof(body));
	memcpy(expected + strlen(expected), body, TTLOG_TEXT_MAX);
	slot_is(TTLOG_KIND_LOG, 6, 0, body, sizeof(body), sizeof(body), expected);
}

int main(void)
{
	event_init(&event);
	probes();
	long_symbol();
	short_probes();
	klog();
	others();
	too_long();
	event_free(&event);
	free(slot);
	return tap_done();
}
