// SPDX-License-Identifier: GPL-2.0-only
/* The bytes of a snapshot, told by hand after RFC 8949. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "encode.h"
#include "synth.h"
#include "tap.h"

static const struct names no_names;

static struct encoder out;
static struct event event;

static void hex(const char *what, const char *expected)
{
	char got[4096], *to = got;
	size_t i;

	for (i = 0; i < out.used; i++)
		to += sprintf(to, "%02x", out.bytes[i]);
	*to = '\0';
	if (!tap_ok(!strcmp(got, expected), "%s", what))
		printf("# expected %s\n# got      %s\n", expected, got);
	encode_init(&out, NULL);
}

static void scalars(void)
{
	encode_uint(&out, 23);
	encode_uint(&out, 24);
	encode_uint(&out, 256);
	encode_uint(&out, 65536);
	encode_uint(&out, UINT64_MAX);
	hex("unsigned numbers",
	    "17" "1818" "190100" "1a00010000" "1bffffffffffffffff");
	encode_int(&out, -1);
	encode_int(&out, -25);
	encode_int(&out, INT64_MIN);
	encode_int(&out, 5);
	hex("signed numbers", "20" "3818" "3b7fffffffffffffff" "05");
	encode_float(&out, 1.5);
	encode_bool(&out, false);
	encode_bool(&out, true);
	encode_null(&out);
	hex("the rest", "fb3ff8000000000000" "f4" "f5" "f6");
	encode_name(&out, "");
	encode_name(&out, "ab");
	encode_bytes(&out, "\x00\xff", 2);
	encode_map(&out, 1);
	encode_array(&out, 300);
	hex("strings, map, array", "60" "626162" "4200ff" "a1" "99012c");
}

/* The words of the two events below. */
#define K_TIMESTAMP	"69" "74696d657374616d70"
#define K_LEVEL		"65" "6c6576656c"
#define K_MESSAGE	"67" "6d657373616765"
#define K_NS		"62" "6e73"
#define K_CPU		"63" "637075"
#define K_PID		"63" "706964"
#define K_TID		"63" "746964"
#define K_UID		"63" "756964"
#define K_CGROUP	"66" "6367726f7570"
#define K_COMM		"64" "636f6d6d"
#define K_SERVICE	"67" "73657276696365"
#define K_KIND		"64" "6b696e64"
#define K_ASYNC		"65" "6173796e63"
#define K_DEMOTED	"67" "64656d6f746564"
#define K_FIELDS	"66" "6669656c6473"
#define K_RAW		"6b" "6d6573736167655f726177"

static void make(const struct synth_event *from)
{
	static const struct names names = {
		.services = { { .name = "db" } },
		.nr_services = 1,
		.probes = {
			{ .symbol = "open", .nr_args = 2 },
			{ .symbol = "close", .flags = TTLOG_PROBE_RETURN,
			  .nr_args = 1 },
		},
		.nr_probes = 2,
	};
	struct reader_ring ring = { .cpu = 3, .channel = TTLOG_FLOW };

	synth_add(&ring, *from);
	event_from_slot(&event, &ring.events[0], &names);
	event.time = 1795428672123456789;
	event_set_ring(&event, &ring);
	encode_event(&out, &event);
	synth_free(&ring);
}

static void events(void)
{
	make(&(struct synth_event) {
		.level = 6, .pid = 10, .comm = "sh", .text = "hi",
	});
	hex("an event with defaults",
	    "a7"
	    K_TIMESTAMP "1b000001a207e3627b"
	    K_LEVEL "64696e666f"
	    K_MESSAGE "626869"
	    K_NS "1a0006f855"
	    K_CPU "03"
	    K_PID "0a"
	    K_COMM "627368");
	make(&(struct synth_event) {
		.level = 4, .pid = 10, .tid = 11, .uid = 1000,
		.cgroup = 0x123456789ab, .comm = "sh", .service = 1,
		.flags = TTLOG_EVENT_ASYNC, .text = "\xff\0a=1\0b:=-2\0a",
		.len = 13,
	});
	hex("an event with all there is",
	    "af"
	    K_TIMESTAMP "1b000001a207e3627b"
	    K_LEVEL "677761726e696e67"
	    K_MESSAGE "63efbfbd"
	    K_NS "1a0006f855"
	    K_CPU "03"
	    K_PID "0a"
	    K_TID "0b"
	    K_UID "1903e8"
	    K_CGROUP "1b00000123456789ab"
	    K_COMM "627368"
	    K_SERVICE "626462"
	    K_ASYNC "f5"
	    K_DEMOTED "f5"
	    K_FIELDS "a2" "6161" "82" "6131" "f6" "6162" "21"
	    K_RAW "41ff");
}

/* The hit of a probe, of a probe when a function returns, a line of the kernel's. */
static void kinds(void)
{
	make(&(struct synth_event) {
		.kind = TTLOG_KIND_PROBE, .level = 6, .pid = 10, .comm = "sh",
		.text = "\0\0\0\0\0\0\0" "\1\0\0\0\0\0\0\0"
			"\xff\xff\xff\xff\xff\xff\xff\xff", .len = 23,
	});
	hex("a probe's hit",
	    "a9"
	    K_TIMESTAMP "1b000001a207e3627b"
	    K_LEVEL "64696e666f"
	    K_MESSAGE "646f70656e"
	    K_NS "1a0006f855"
	    K_KIND "6570726f6265"
	    K_CPU "03"
	    K_PID "0a"
	    K_COMM "627368"
	    K_FIELDS "a2" "6461726731" "01" "6461726732" "1bffffffffffffffff");
	make(&(struct synth_event) {
		.kind = TTLOG_KIND_PROBE, .level = 3, .pid = 10, .comm = "sh",
		.text = "\1\0\0\0\0\0\0" "\xfe\xff\xff\xff\xff\xff\xff\xff",
		.len = 15,
	});
	hex("a probe's hit when a function returns",
	    "a9"
	    K_TIMESTAMP "1b000001a207e3627b"
	    K_LEVEL "63657272"
	    K_MESSAGE "65636c6f7365"
	    K_NS "1a0006f855"
	    K_KIND "6570726f6265"
	    K_CPU "03"
	    K_PID "0a"
	    K_COMM "627368"
	    K_FIELDS "a1" "63726574" "21");
	make(&(struct synth_event) {
		.kind = TTLOG_KIND_KLOG, .level = 4, .comm = "kernel",
		.text = "hi\0seq:=7\0us:=300", .len = 18,
	});
	hex("a line of the kernel's log",
	    "a9"
	    K_TIMESTAMP "1b000001a207e3627b"
	    K_LEVEL "677761726e696e67"
	    K_MESSAGE "626869"
	    K_NS "1a0006f855"
	    K_KIND "646b6c6f67"
	    K_CPU "03"
	    K_PID "00"
	    K_COMM "666b65726e656c"
	    K_FIELDS "a2" "63736571" "07" "627573" "19012c");
}

/* What a slot says of itself beyond its size counts for nothing. */
static void lies(void)
{
	struct reader_ring ring = { 0 };
	struct ttlog_event *slot;

	synth_add(&ring, (struct synth_event) { .text = "12345678" });
	slot = (struct ttlog_event *)ring.events[0].slot;
	slot->ids |= TTLOG_IDS_LEN_MASK << TTLOG_IDS_LEN_SHIFT;
	event_from_slot(&event, &ring.events[0], &no_names);
	tap_ok(event.message.len == 8, "a length beyond the slot");
	slot->cgroup_hi = TTLOG_EVENT_SERVICE;
	event_from_slot(&event, &ring.events[0], &no_names);
	tap_ok(event.service.len == 0 && event.message.len == 7,
	       "a service that there isn't");
	ring.events[0].size = TTLOG_EVENT_SIZE;
	slot->cgroup_hi = TTLOG_EVENT_LEADER;
	event_from_slot(&event, &ring.events[0], &no_names);
	tap_ok(event.message.len == 0, "a slot without body");
	synth_free(&ring);
}

static void bounded(const char *what)
{
	tap_ok(out.used > 4096 && out.used < 20480 && !out.overflow,
	       "%s take %zu bytes", what, out.used);
	encode_init(&out, NULL);
}

/* The largest event: 4,096 bytes, each replaced by three, and once more raw. */
static void largest(void)
{
	char text[TTLOG_TEXT_MAX], name[TTLOG_COMM_LEN + 1] = "";
	struct synth_event from = {
		.text = text, .len = sizeof(text), .comm = name, .leader = name,
	};
	size_t i;

	memset(name, 0xff, TTLOG_COMM_LEN);
	memset(text, 0xff, sizeof(text));
	make(&from);
	tap_ok(out.used > 16384, "replaced and raw");
	bounded("4,096 broken bytes");
	for (i = 0; i < sizeof(text); i++)
		text[i] = "\0:=1e5"[i % 6];
	make(&from);
	bounded("fields all of numbers");
	for (i = 0; i < sizeof(text); i += 4) {
		text[i] = '\0';
		text[i + 1] = 0xff;
		text[i + 2] = '0' + i / 4 % 64;
		text[i + 3] = '0' + i / 256;
	}
	make(&from);
	bounded("fields all of broken keys");
}

/* Sizes of the content of each block of a file. */
static void alignment(void)
{
	static unsigned char header[16] = { 0 };
	int fd = memfd_create("frame", 0);
	char text[4000];
	struct synth_event from = { .text = text, .len = sizeof(text) };
	struct frame frame;
	bool aligned = true;
	off_t at = 7;
	uint32_t size;
	int i, blocks = 0;

	frame_begin(&frame, fd);
	encode_init(&out, &frame);
	memset(text, 'x', sizeof(text));
	for (i = 0; i < 100; i++)
		make(&from);
	encode_flush(&out);
	frame_end(&frame);
	frame_free(&frame);

	/* Header 7; each block 4 + size + 4; end mark 4, checksum 4. */
	while (pread(fd, header, 16, at) >= 8) {
		memcpy(&size, header, 4);
		if (!size)
			break;
		/* After LZ4's token and length: a map, then "timestamp". */
		aligned = aligned && (header[6] & 0xe0) == 0xa0 &&
			  header[7] == 0x69 && header[8] == 't';
		at += 4 + (size & 0x7fffffff) + 4;
		blocks++;
	}
	tap_ok(aligned && blocks == 7, "each of %d blocks begins with an event",
	       blocks);
	tap_ok(lseek(fd, 0, SEEK_END) == at + 8, "and nothing else is there");
	close(fd);
	encode_init(&out, NULL);
}

static const char zeros[FRAME_BLOCK + EVENT_MAX];

/* Bytes that have @len with their head, which has 3 or, up from 64 KiB, 5 of them. */
static int unit_of(size_t len)
{
	encode_init(&out, NULL);
	encode_bytes(&out, zeros, len - (len < 65536 + 5 ? 3 : 5));
	return encode_unit(&out);
}

static void too_large(void)
{
	tap_ok(!unit_of(EVENT_MAX) && unit_of(EVENT_MAX + 1) == -EOVERFLOW,
	       "a unit has %d bytes at most", EVENT_MAX);
	unit_of(sizeof(out.bytes));
	tap_ok(out.used == sizeof(out.bytes) && !out.overflow, "the room is full");
	encode_null(&out);
	tap_ok(out.used == sizeof(out.bytes) && out.overflow,
	       "an item more isn't there, which is known");
	tap_ok(unit_of(sizeof(out.bytes) + 1) == -EOVERFLOW && out.overflow &&
	       out.used == 5, "bytes beyond the room aren't there");
	encode_init(&out, NULL);
}

int main(void)
{
	event_init(&event);
	encode_init(&out, NULL);
	scalars();
	events();
	kinds();
	lies();
	largest();
	alignment();
	too_large();
	event_free(&event);
	return tap_done();
}
