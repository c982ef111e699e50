// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "channels.h"
#include "event.h"
#include "text.h"
#include "utf8.h"

int event_init(struct event *event)
{
	memset(event, 0, sizeof(*event));
	event->store = malloc(EVENT_MAX);
	return event->store ? 0 : -ENOMEM;
}

void event_free(struct event *event)
{
	free(event->fields);
	free(event->sorted);
	free(event->store);
}

void event_reset(struct event *event)
{
	struct event room = {
		.fields = event->fields,
		.sorted = event->sorted,
		.max_fields = event->max_fields,
		.store = event->store,
	};

	*event = room;
}

char *event_store(struct event *event, size_t len)
{
	char *room = event->store + event->stored;

	if (len > EVENT_MAX - event->stored)
		return NULL;
	event->stored += len;
	return room;
}

struct field *event_add_field(struct event *event)
{
	size_t max = event->max_fields ? 2 * event->max_fields : 16;
	struct field **sorted;
	struct field *fields;

	if (event->nr_fields == event->max_fields) {
		fields = reallocarray(event->fields, max, sizeof(*fields));
		if (!fields)
			return NULL;
		event->fields = fields;
		sorted = reallocarray(event->sorted, max, sizeof(*sorted));
		if (!sorted)
			return NULL;
		event->sorted = sorted;
		event->max_fields = max;
	}
	fields = &event->fields[event->nr_fields++];
	memset(fields, 0, sizeof(*fields));
	return fields;
}

static int slice_compare(struct slice a, struct slice b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len ? memcmp(a.ptr, b.ptr, len) : 0;

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int field_compare(const void *left, const void *right)
{
	const struct field *a = *(struct field *const *)left;
	const struct field *b = *(struct field *const *)right;
	int order = slice_compare(a->key, b->key);

	return order ? order : (a > b) - (a < b);
}

/* By sorting: a writer may send 2,000 fields to make us slow. */
void event_group_fields(struct event *event)
{
	struct field **sorted = event->sorted;
	size_t i;

	event->nr_keys = event->nr_fields;
	if (event->nr_fields < 2)
		return;
	for (i = 0; i < event->nr_fields; i++)
		sorted[i] = &event->fields[i];
	qsort(sorted, event->nr_fields, sizeof(*sorted), field_compare);
	for (i = 1; i < event->nr_fields; i++) {
		if (slice_compare(sorted[i - 1]->key, sorted[i]->key))
			continue;
		sorted[i - 1]->same = sorted[i];
		sorted[i]->again = true;
		event->nr_keys--;
	}
}

static struct slice name_slice(struct event *event, const void *name,
			       size_t len)
{
	return text_clean(event, (struct slice) { name, strnlen(name, len) });
}

/* Sets the service and returns how many bytes of the body said it. */
static size_t service_take(struct event *event, const struct ttlog_event *slot,
			   size_t len, const struct names *names)
{
	const struct ttlog_service *service;

	event->service = event->comm;
	if (slot->cgroup_hi & TTLOG_EVENT_SERVICE && len >= 1) {
		if (slot->body[0] < names->nr_services) {
			service = &names->services[slot->body[0]];
			event->service = name_slice(event, service->name,
						    TTLOG_SERVICE_LEN);
		}
		return 1;
	}
	if (slot->cgroup_hi & TTLOG_EVENT_LEADER && len >= TTLOG_COMM_LEN) {
		event->service = name_slice(event, slot->body, TTLOG_COMM_LEN);
		return TTLOG_COMM_LEN;
	}
	return 0;
}

static struct slice kind_name(unsigned int kind)
{
	switch (kind) {
	case TTLOG_KIND_LOG:
		return (struct slice) { "log", 3 };
	case TTLOG_KIND_PROBE:
		return (struct slice) { "probe", 5 };
	case TTLOG_KIND_KLOG:
		return (struct slice) { "klog", 4 };
	}
	return (struct slice) { "unknown", 7 };
}

/* A symbol once it is UTF-8, and what is put around it, at most. */
#define FORMAT_MAX	(UTF8_EXPANSION * TTLOG_SYMBOL_LEN + 32)

/* A text of the event's own. NULL: it would be too large. */
__attribute__((format(printf, 2, 3)))
static struct slice store_format(struct event *event, const char *format, ...)
{
	char text[FORMAT_MAX];
	va_list args;
	size_t len;
	char *room;

	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	room = len < sizeof(text) ? event_store(event, len) : NULL;
	if (!room)
		return (struct slice) { "", 0 };
	memcpy(room, text, len);
	return (struct slice) { room, len };
}

static int add_value(struct event *event, const struct ttlog_probe_name *name,
		     unsigned int i, uint64_t number)
{
	struct field *field = event_add_field(event);

	if (!field)
		return -ENOMEM;
	if (!(name->flags & TTLOG_PROBE_RETURN)) {
		field->key = store_format(event, "arg%u", i + 1);
		field->value.type = VALUE_UINT;
		field->value.uint = number;
		return 0;
	}
	/* What functions return is an error number more often than not. */
	field->key = (struct slice) { "ret", 3 };
	field->value.type = (int64_t)number < 0 ? VALUE_INT : VALUE_UINT;
	field->value.uint = number;
	return 0;
}

/* The hit of a probe: its symbol is the message, its values are fields. */
static int probe_split(struct event *event, const uint8_t *body, size_t len,
		       const struct names *names)
{
	const struct ttlog_probe_name *name;
	unsigned int id, i, nr;
	struct slice symbol;
	uint64_t value;

	event->message = (struct slice) { "unknown", 7 };
	if (len < TTLOG_PROBE_BODY_SIZE)
		return 0;
	id = body[0] | body[1] << 8;
	if (id >= names->nr_probes)
		return 0;
	name = &names->probes[id];
	symbol = text_clean(event, (struct slice) {
		name->symbol, strnlen(name->symbol, TTLOG_SYMBOL_LEN) });
	event->message = symbol;
	if (name->offset)
		event->message = store_format(event, "%.*s+%#llx",
					      (int)symbol.len, symbol.ptr,
					      (unsigned long long)name->offset);
	nr = (len - TTLOG_PROBE_BODY_SIZE) / sizeof(value);
	for (i = 0; i < nr && i < name->nr_args && i < TTLOG_PROBE_ARGS; i++) {
		memcpy(&value, body + TTLOG_PROBE_BODY_SIZE + i * sizeof(value),
		       sizeof(value));
		if (add_value(event, name, i, value))
			return -ENOMEM;
	}
	event_group_fields(event);
	return 0;
}

uint32_t event_channel(const struct event *event)
{
	if (slice_is(event->kind, "probe"))
		return TTLOG_PROBE;
	if (slice_is(event->kind, "klog"))
		return TTLOG_KLOG;
	if (!slice_is(event->kind, "log"))
		return TTLOG_NR_CHANNELS;
	return event->demoted ? TTLOG_FLOW : channel_of_level(event->level);
}

void event_set_ring(struct event *event, const struct reader_ring *ring)
{
	event->cpu = ring->cpu;
	event->demoted = ring->channel == TTLOG_FLOW &&
			 event_channel(event) == TTLOG_KEEP;
}

int event_from_slot(struct event *event, const struct reader_event *from,
		    const struct names *names)
{
	const struct ttlog_event *slot = from->slot;
	unsigned int kind = slot->ids >> TTLOG_IDS_KIND_SHIFT;
	size_t room = from->size - TTLOG_EVENT_SIZE;
	size_t skip, len;

	event_reset(event);
	event->level = slot->ids >> TTLOG_IDS_LEVEL_SHIFT & 7;
	event->kind = kind_name(kind);
	event->pid = slot->ids >> TTLOG_IDS_PID_SHIFT & TTLOG_IDS_PID_MASK;
	event->tid = slot->ids >> TTLOG_IDS_TID_SHIFT & TTLOG_IDS_PID_MASK;
	event->uid = slot->uid;
	event->cgroup = (uint64_t)(slot->cgroup_hi & TTLOG_EVENT_CGROUP_MASK) << 32 |
			slot->cgroup_lo;
	event->async = slot->cgroup_hi & TTLOG_EVENT_ASYNC;
	event->comm = name_slice(event, slot->comm, TTLOG_COMM_LEN);

	skip = service_take(event, slot, room, names);
	len = slot->ids >> TTLOG_IDS_LEN_SHIFT & TTLOG_IDS_LEN_MASK;
	if (len > room - skip)
		len = room - skip;
	if (len > TTLOG_TEXT_MAX)
		len = TTLOG_TEXT_MAX;
	if (kind == TTLOG_KIND_PROBE)
		return probe_split(event, slot->body + skip, len, names);
	return text_split(event, (const char *)slot->body + skip, len);
}
