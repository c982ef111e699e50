// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <ttlog.h>

#include "op.h"
#include "ops.h"

#define ENDS		24

static uint64_t taken;			/* id of the trigger that was taken last */
static struct ttlog_end ends[ENDS];
static char path_room[256];

/* What kernels have and calls of which do no harm; what can't be probed; nonsense. */
static const char *const symbols[] = {
	"do_unlinkat", "vfs_rename", "__x64_sys_getpriority", "vfs_fsync_range",
	"do_sys_openat2", "kfree", "ttlog_ioctl", "do_nmi", "no_such_function", "",
	"schedule", "vfs_write",
};

static const char *const reasons[] = {
	"fuzz", "", "no good", "0123456789abcdef0123456789abcdef", "a-b_c", "probe",
};

static void put_name(char *to, size_t size, const char *name)
{
	memset(to, 0, size);
	memcpy(to, name, strnlen(name, size));
}

static void make_probe(struct bytes *in, struct ttlog_probe *probe)
{
	unsigned int how = take(in, 1);

	put_name(probe->symbol, sizeof(probe->symbol), choose(in, symbols));
	probe->flags = how & 3;
	probe->nr_args = how & 1 ? 0 : how >> 2 & 3;
	probe->level = how >> 4 & 7;
	probe->sample = 1 + (how >> 7);
	probe->rate = how & 0x40 ? 10 : 0;
	probe->offset = take(in, 1) < 16 ? 4 : 0;
	if (probe->flags & TTLOG_PROBE_TRIGGER)
		put_name(probe->reason, sizeof(probe->reason), choose(in, reasons));
	count(&ops_shared->nr_probes);
}

static void make_progress(struct bytes *in, struct ttlog_progress *progress)
{
	unsigned int how = take(in, 1), i;

	progress->op = how % 5;
	progress->nr = (how >> 3) % (ENDS + 1);
	memset(progress->cookie, how, sizeof(progress->cookie));
	/* As they were read, or one that isn't so. */
	if (how & 0x80) {
		i = take(in, 1) % ENDS;
		ends[i].cpu = take(in, 1) % 8;
		ends[i].channel = take(in, 1) % 6;
		ends[i].number += (int8_t)take(in, 1);
	}
	progress->ends = (uintptr_t)place(in, ends, sizeof(ends));
}

static void make_done(struct bytes *in, struct ttlog_done *done)
{
	unsigned int how = take(in, 1);

	done->id = how & 1 ? taken : how >> 3;
	done->error = how & 2 ? 0 : how;
	strcpy(path_room, how & 4 ? "/tmp/file" : "/tmp/bad\nfile");
	done->path_size = how & 2 ? strlen(path_room) + 1 : 0;
	done->path = (uintptr_t)place(in, path_room, sizeof(path_room));
}

static void make_request(struct bytes *in, struct ttlog_request *request)
{
	unsigned int how = take(in, 1);

	put_name(request->reason, sizeof(request->reason), choose(in, reasons));
	request->timeout_ms = how & 1 ? how & 31 : how >> 3;
	request->path_size = how & 0x80 ? 1 : sizeof(path_room);
	request->path = (uintptr_t)place(in, path_room, sizeof(path_room));
}

/* Services are those that writers name, none, and what they run as. */
static void make_filter(struct bytes *in, struct ttlog_filter *filter)
{
	unsigned int how = take(in, 1), i;

	filter->flags = take(in, 1);
	if (how & 1)
		snprintf(filter->service, sizeof(filter->service), "service%d",
			 (int)take(in, 1) % 48);
	else if (how & 2)
		snprintf(filter->service, sizeof(filter->service), "call");
	filter->index = how >> 2;
	filter->levels = how & 4 ? 0xff : take(in, 1);
	filter->record = how & 8 ? filter->levels : take(in, 1);
	for (i = 0; i < TTLOG_NR_LEVELS; i++) {
		filter->sample[i] = how & 16 ? 1 + i : take(in, 1);
		filter->rate[i] = how & 32 ? TTLOG_FILTER_NO_LIMIT : take(in, 1);
		filter->burst[i] = how & 32 ? 0 : 1U << take(in, 1) % 31;
	}
}

/* The struct of an ioctl as it should be, more or less. */
static void make_struct(struct bytes *in, unsigned int nr, void *to)
{
	struct ttlog_levels *levels = to;
	struct ttlog_release *release = to;
	struct ttlog_service_name *service = to;
	struct ttlog_ring_info *ring = to;
	struct ttlog_previous *previous = to;
	struct ttlog_share *share = to;
	unsigned int how;

	switch (nr) {
	case 1:
	case 2:		/* begins as the former */
		ring->cpu = take(in, 1) % 6;
		ring->channel = take(in, 1) % 6;
		break;
	case 3:
		snprintf(service->name, sizeof(service->name), "service%d",
			 (int)take(in, 1) % 48);
		break;
	case 4:
		how = take(in, 1);
		levels->flags = how % 5;
		levels->mask = how & 0x80 ? 0xff : take(in, 2);
		levels->trigger = how & 0x40 ? 8 : (how >> 3) % 10;
		break;
	case 6:
		make_request(in, to);
		break;
	case 9:
		make_done(in, to);
		break;
	case 12:
		release->cpu = take(in, 1) % 6;
		release->channel = take(in, 1) % 6;
		how = take(in, 1);
		release->position = how & 1 ? TTLOG_NO_HOLD : how * 4096ULL;
		break;
	case 13:
		make_progress(in, to);
		break;
	case 14:
		make_probe(in, to);
		break;
	case 15:
	case 16:
		*(uint32_t *)to = take(in, 1) % 40;
		break;
	case 17:
		memset(to, take(in, 1), sizeof(struct ttlog_boot));
		break;
	case 18:
		/* What is saved is gone until something is left again. */
		how = take(in, 1);
		previous->index = how % 3;
		previous->flags = how < 16 ? TTLOG_PREVIOUS_SAVED : how >> 7 << 1;
		break;
	case 19:
		make_filter(in, to);
		break;
	case 20:
		share->flags = take(in, 1) % 3;
		share->rate = 1ULL << take(in, 1) % 34;
		share->burst = 1ULL << take(in, 1) % 34;
		break;
	}
}

#define CALL(name)	{ TTLOG_IOC_##name, #name }

/* By number, all that the header has: tests/fuzz/vm/run compares them. */
static const struct call {
	unsigned int cmd;
	const char *name;
} calls[] = {
	CALL(INFO), CALL(RING), CALL(LEDGER), CALL(SERVICE), CALL(LEVELS), CALL(CONTROL),
	CALL(REQUEST), CALL(HELPER), CALL(TAKE), CALL(DONE), CALL(SYNC), CALL(ONCE),
	CALL(RELEASE), CALL(PROGRESS), CALL(PROBE_ADD), CALL(PROBE_DEL), CALL(PROBE_STAT),
	CALL(BOOT), CALL(PREVIOUS), CALL(FILTER), CALL(SHARE),
};

#define NR_CALLS	(sizeof(calls) / sizeof(calls[0]))

_Static_assert(NR_CALLS <= OPS_CALLS, "room for the counts");

unsigned int calls_tell(void)
{
	unsigned int missing = 0;
	size_t i;

	printf("ioctls, of how many calls how many succeeded:");
	for (i = 0; i < NR_CALLS; i++) {
		printf(" %s %" PRIu64 " %" PRIu64, calls[i].name, ops_shared->called[i],
		       ops_shared->succeeded[i]);
		missing += !ops_shared->called[i];
	}
	printf("\n");
	return missing;
}

/* The number of an ioctl, perhaps of another version's or of nobody's. */
static unsigned int distort(struct bytes *in, unsigned int cmd)
{
	unsigned int how = take(in, 1);

	if (how < 200)
		return cmd;
	if (how < 240)		/* another size */
		return (cmd & ~(_IOC_SIZEMASK << _IOC_SIZESHIFT)) |
		       take(in, 2) % 600 << _IOC_SIZESHIFT;
	return cmd ^ 1U << how % 32;
}

static void do_ioctl_nr(struct bytes *in, unsigned int nr)
{
	union {
		uint64_t words[128];
		struct ttlog_trigger trigger;
	} arg = { { 0 } };
	int *at = slot_of(in), ret;
	unsigned int cmd = distort(in, calls[nr].cmd), how = take(in, 1);
	void *there;

	if (how < 230)
		make_struct(in, nr, &arg);
	else if (how < 240)
		memset(&arg, 0xff, sizeof(arg));
	if (how < 16 || how >= 240)
		arg.words[take(in, 1) % 40] ^= take(in, 8);
	there = _IOC_SIZE(cmd) ? place(in, &arg, sizeof(arg)) : NULL;
	/*
	 * The kernel (6.1) can't remove a probe for which an allocation fails: it
	 * warns, and goes on to use what was freed. As the memory is so little, it
	 * never really fails.
	 */
	if (_IOC_NR(cmd) == _IOC_NR(TTLOG_IOC_PROBE_DEL))
		fail(0);
	ret = ioctl(*at, cmd, there);
	if (*at >= 0 && cmd == calls[nr].cmd)
		count(&ops_shared->called[nr]);
	if (ret >= 0 && cmd == calls[nr].cmd)
		count(&ops_shared->succeeded[nr]);
	if (ret >= 0 && calls[nr].cmd == TTLOG_IOC_TAKE && there == &arg)
		taken = arg.trigger.id;
	if (ret > 2 && calls[nr].cmd == TTLOG_IOC_CONTROL)
		put_slot(slot_of(in), ret);
}

void do_ioctl(struct bytes *in)
{
	unsigned int nr = take(in, 1) % NR_CALLS;

	if ((nr != 14 && nr != 15) || is_time(&ops_shared->last_probe, 150))
		do_ioctl_nr(in, nr);
}

/* What belongs together, so that it is met often. */
void do_helper(struct bytes *in)
{
	static const uint8_t often[] = { 7, 8, 8, 9, 9, 11, 12, 12, 13, 13, 6, 10 };

	do_ioctl_nr(in, choose(in, often));
}

void do_probe(struct bytes *in)
{
	static const uint8_t often[] = { 14, 14, 14, 15, 16 };

	if (is_time(&ops_shared->last_probe, 150))
		do_ioctl_nr(in, choose(in, often));
}
