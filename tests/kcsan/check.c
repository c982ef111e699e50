// SPDX-License-Identifier: GPL-2.0-only
/* Is an event that a reader has copied what was written? */
#include <linux/kernel.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include "../../kmod/event.h"
#include "../../kmod/map.h"
#include "../../kmod/ring.h"
#include "check.h"
#include "text.h"

#define TARGET	"race_target"

static DEFINE_MUTEX(bad_lock);
static ulong bad;
module_param(bad, ulong, 0444);

static const u8 *text_of(const struct ttlog_event *e)
{
	if (e->cgroup_hi & TTLOG_EVENT_SERVICE)
		return e->body + 1;
	if (e->cgroup_hi & TTLOG_EVENT_LEADER)
		return e->body + TTLOG_COMM_LEN;
	return e->body;
}

/* As race_text_check(): a hit of the function that ring_writer calls. */
static int check_hit(const struct ttlog_event *e, size_t len)
{
	const struct ttlog_probe_body *body = (const void *)e->body;
	u32 id = body->id[0] | body->id[1] << 8;
	const struct ttlog_probe_name *name;
	u64 values[3] = {};

	/* Pairs with the release of add_id(). */
	if (id >= smp_load_acquire(&ttlog_map->nr_probes))
		return 0;
	name = &ttlog_map->probe[id];
	if (len != TTLOG_PROBE_BODY_SIZE + name->nr_args * sizeof(u64))
		return 0;
	if (strcmp(name->symbol, TARGET) || !name->nr_args)
		return -1;
	memcpy(values, body->values,
	       min(len - TTLOG_PROBE_BODY_SIZE, sizeof(values)));
	if (name->flags & TTLOG_PROBE_RETURN)
		return values[0] & 1;
	return values[1] == 2 * values[0] && values[2] == ~values[0];
}

static int check_event(const struct ttlog_event *e, size_t size)
{
	size_t len = e->ids >> TTLOG_IDS_LEN_SHIFT & TTLOG_IDS_LEN_MASK;
	u32 kind = e->ids >> TTLOG_IDS_KIND_SHIFT;
	const u8 *text = text_of(e);
	const u8 *nul;

	if (text + len > (const u8 *)e + size ||
	    ALIGN(text + len - (const u8 *)e, TTLOG_ALIGN) != size)
		return 0;
	if (kind == TTLOG_KIND_PROBE)
		return check_hit(e, len);
	nul = memchr(text, '\0', len);
	return race_text_check(text, nul ? nul - text : len);
}

/* What is wrong is told: the log is looked through for it. */
void race_count_bad(const struct ring *r, u64 position, const char *what)
{
	pr_err("race_reader: CPU %u, channel %u, position %llu: %s\n",
	       r->shared->cpu, r->shared->channel, position, what);
	mutex_lock(&bad_lock);
	bad++;
	mutex_unlock(&bad_lock);
}

/* As race_text_check(), of an event in private memory; a bad one is told. */
int race_check(const struct ring *r, u64 position, const struct ttlog_event *e,
	       size_t size)
{
	int ret = check_event(e, size);

	if (ret)
		return ret;
	race_count_bad(r, position, "not what was written");
	print_hex_dump(KERN_ERR, "race_reader: ", DUMP_PREFIX_OFFSET, 32, 1, e,
		       min_t(size_t, size, 128), true);
	return 0;
}
