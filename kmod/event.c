// SPDX-License-Identifier: GPL-2.0-only
/*
 * From the bytes of a write to an event in a ring: level, channel, the kernel's
 * stamps, text. All of it is on the event path: no lock, no allocation, nothing
 * that a probe can be set on.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/kprobes.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>
#include "chardev.h"
#include "compat.h"
#include "control.h"
#include "event.h"
#include "filter.h"
#include "hold.h"
#include "rings.h"
#include "share.h"
#include "stamp.h"

/**
 * struct text - a write, taken apart
 * @at: message and fields
 * @len: bytes of it
 * @level: TTLOG_EMERG to TTLOG_DEBUG
 */
struct text {
	const u8 *at;
	size_t len;
	u32 level;
};

static __always_inline void drop_front(struct text *text, size_t bytes)
{
	text->at += bytes;
	text->len -= bytes;
}

/*
 * "<N>" in front, one to three digits; without it the level is "info". One digit
 * is what most have. The scratch has more bytes than the three that are looked at.
 */
static __always_inline void take_level(struct text *text)
{
	size_t i, end;
	u32 n;

	text->level = TTLOG_INFO;
	if (text->at[0] != '<' || text->len < 3)
		return;
	n = text->at[1] - '0';
	if (likely(text->at[2] == '>' && n <= 9)) {
		text->level = n % 8;
		drop_front(text, 3);
		return;
	}
	n = 0;
	end = min_t(size_t, text->len, 5);
	for (i = 1; i < end && text->at[i] >= '0' && text->at[i] <= '9'; i++)
		n = n * 10 + text->at[i] - '0';
	if (i == 1 || i == end || text->at[i] != '>')
		return;
	text->level = n % 8;
	drop_front(text, i + 1);
}

/*
 * The service of a writer that named none is its thread group leader's comm. It
 * needs room only where it isn't the thread's own. NULL: it is.
 */
static __always_inline const char *leader_comm(void)
{
	const char *comm;

	if (likely(current->pid == current->tgid))
		return NULL;
	comm = READ_ONCE(current->group_leader)->comm;
	if (comm_word(comm, 0) == comm_word(current->comm, 0) &&
	    comm_word(comm, 8) == comm_word(current->comm, 8))
		return NULL;
	return comm;
}

/* Warnings and worse are what the keep channel is for. */
static __always_inline bool is_kept(u32 level)
{
	return level <= TTLOG_WARNING;
}

/* Choose the ring: what is to be kept is, as far as the share goes. */
static __always_inline struct ring *choose(struct ttlog_cpu *cpu,
					   const struct ttlog_file *file,
					   u32 level, size_t size, u64 now)
{
	if (unlikely(is_kept(level)) &&
	    ttlog_share_take(file->payer, size, now))
		return &cpu->ring[TTLOG_KEEP];
	return &cpu->ring[TTLOG_FLOW];
}

/* Does a filter leave it out? Then it is counted where it would have gone. */
static notrace noinline bool is_left_out(struct ttlog_cpu *cpu, u32 level,
					 int service)
{
	u32 cause = ttlog_filter_ask(level, service);

	if (cause == TTLOG_FILTER_PASSES)
		return false;
	ttlog_ring_lose(&cpu->ring[is_kept(level) ? TTLOG_KEEP : TTLOG_FLOW],
			cause);
	return true;
}
NOKPROBE_SYMBOL(is_left_out);

/**
 * ttlog_event_may_trigger() - may the running task trigger by what it writes?
 *
 * Those who have CAP_SYSLOG may, if they had it when they opened the file: who has
 * not can have a set-uid program write to it. Security modules aren't asked: they
 * may lock and print.
 *
 * Context: task.
 * Return: true if it has the capability now.
 */
notrace bool ttlog_event_may_trigger(void)
{
	return current_user_ns() == &init_user_ns &&
	       cap_raised(current_cred()->cap_effective, CAP_SYSLOG);
}
NOKPROBE_SYMBOL(ttlog_event_may_trigger);

/**
 * ttlog_event_write() - record the bytes in this CPU's scratch
 * @cpu: this CPU, with rings
 * @len: bytes in @cpu->scratch, 1 to TTLOG_TEXT_MAX
 * @file: that is written to
 * @flags: 0 or TTLOG_EVENT_ASYNC
 *
 * Context: task, preemption off.
 */
notrace void ttlog_event_write(struct ttlog_cpu *cpu, size_t len,
			       const struct ttlog_file *file, u16 flags)
{
	int service = READ_ONCE(file->service);
	struct text text = { .at = cpu->scratch, .len = len };
	const char *leader = NULL;
	struct ring *ring;
	struct slot slot;
	size_t head = 0;
	u8 *body;
	u64 now;

	if (text.at[len - 1] == '\n')
		text.len--;
	take_level(&text);
	if (unlikely(!ttlog_control_is_plain(text.level)) &&
	    is_left_out(cpu, text.level, service))
		return;

	if (service != TTLOG_SERVICE_NONE) {
		flags |= TTLOG_EVENT_SERVICE;
		head = 1;
	} else {
		leader = leader_comm();
		if (leader) {
			flags |= TTLOG_EVENT_LEADER;
			head = TTLOG_COMM_LEN;
		}
	}

	now = ktime_get_mono_fast_ns();
	len = TTLOG_EVENT_SIZE + head + text.len;
	ring = choose(cpu, file, text.level, len, now);
	if (unlikely(ttlog_rings_suspending()))
		ttlog_ring_after_sleep(ring);
	slot = ring_reserve(ring, len);
	if (unlikely(!slot.event)) {
		ttlog_hold_lost();
		return;
	}
	stamp_event(slot.event, now, stamp_cgroup(), flags,
		    stamp_ids(text.len, text.level, TTLOG_KIND_LOG));
	body = (u8 *)slot.event + TTLOG_EVENT_SIZE;
	if (leader)
		stamp_comm(body, leader);
	else
		*body = service;	/* or nothing: text or padding follow */
	/* Bound: the slot was reserved for head and text.len bytes of body. */
	memcpy(body + head, text.at, text.len);
	ring_commit(ring, slot);
	if (unlikely(is_kept(text.level) && ring == &cpu->ring[TTLOG_FLOW]))
		ring_count(&ring->shared->demoted);
	if (unlikely(!ttlog_control_is_plain(text.level)) &&
	    ttlog_control_is_trigger(text.level) && file->may_trigger &&
	    ttlog_event_may_trigger())
		ttlog_control_raise();
}
NOKPROBE_SYMBOL(ttlog_event_write);
