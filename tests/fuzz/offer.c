// SPDX-License-Identifier: GPL-2.0-only
#include "kernel.h"
#include "../../kmod/chardev.h"
#include "../../kmod/control.h"
#include "../../kmod/cpu.h"
#include "../../kmod/event.h"
#include "../../kmod/filter.h"
#include "../../kmod/hold.h"
#include "../../kmod/rings.h"
#include "../../kmod/share.h"
#include "harness.h"
#include "offer.h"

#define BLOCK	8192
#define PAGE	4096

_Thread_local shim_fn shim_interrupt;
_Thread_local struct task_struct *current;
_Thread_local int shim_interrupts;
struct user_namespace init_user_ns;
struct cred shim_cred;
kuid_t shim_euid;

u32 ttlog_control_plain;
bool ttlog_suspending;

static uint8_t flags;
static struct ttlog_cpu cpu;
static struct ring_geometry geometry;
static struct task_struct task, leader;

bool ttlog_control_is_trigger(u32 level)
{
	(void)level;
	return false;
}

void ttlog_control_raise(void)
{
}

u32 ttlog_filter_ask(u32 level, int service)
{
	(void)level;
	(void)service;
	return TTLOG_LOST_FILTERED;
}

void ttlog_hold_lost(void)
{
}

bool ttlog_share_take(u32 opener, u32 bytes, u64 now)
{
	(void)opener;
	(void)bytes;
	(void)now;
	return flags & (OFFER_ROOT | OFFER_SHARE);
}

static void make_cpu(void)
{
	static const u8 boot_id[16];
	u32 channel;
	void *memory;

	require(ttlog_ring_geometry(2 * BLOCK + PAGE, BLOCK, PAGE, 0, &geometry));
	for (channel = 0; channel < TTLOG_CPU_CHANNELS; channel++) {
		memory = aligned_alloc(PAGE, geometry.size);
		require(memory);
		memset(memory, 0, geometry.size);
		ttlog_ring_init(&cpu.ring[channel], memory, &geometry, 0,
				channel, OFFER_KEY, boot_id);
	}
	cpu.scratch = malloc(TTLOG_SCRATCH_SIZE);
	require(cpu.scratch);
}

static void make_task(const uint8_t *name, size_t len)
{
	leader = (struct task_struct) {
		.pid = OFFER_TGID, .tgid = OFFER_TGID, .comm = "leader" };
	task = (struct task_struct) {
		.pid = flags & OFFER_THREAD ? OFFER_TID : OFFER_TGID,
		.tgid = OFFER_TGID, .group_leader = &leader };
	memcpy(task.comm, name, min(len, sizeof(task.comm) - 1));
	current = &task;
	shim_euid.val = flags & OFFER_ROOT ? 0 : 1000;
}

static unsigned int fill_block(struct ring *flow)
{
	unsigned int nr = 0;

	for (; ring_head_offset(flow->shared->head) + 200 < BLOCK; nr++)
		ring_commit(flow, ring_reserve(flow, 64));
	return nr;
}

unsigned int offer_begin(uint8_t with, uint8_t mask, const uint8_t *name,
			 size_t len)
{
	flags = with;
	ttlog_control_plain = mask;
	make_cpu();
	make_task(name, len);
	return flags & OFFER_LATE ? fill_block(&cpu.ring[TTLOG_FLOW]) : 0;
}

void offer_write(const uint8_t *bytes, size_t len)
{
	struct ttlog_file file = {
		.service = flags & OFFER_SERVICE ? 0 : TTLOG_SERVICE_NONE };

	memset(cpu.scratch, '7', TTLOG_SCRATCH_SIZE);
	memcpy(cpu.scratch, bytes, len);
	ttlog_event_write(&cpu, len, &file,
			  flags & OFFER_ASYNC ? TTLOG_EVENT_ASYNC : 0);
}

const void *offer_ring(unsigned int channel, size_t *size)
{
	*size = geometry.size;
	return cpu.ring[channel].shared;
}

void offer_end(void)
{
	u32 channel;

	for (channel = 0; channel < TTLOG_CPU_CHANNELS; channel++)
		free(cpu.ring[channel].shared);
	free(cpu.scratch);
}
