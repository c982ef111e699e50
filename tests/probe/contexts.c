// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hits from all contexts, in each way in which the kernel can set a probe: each is
 * there, in order, with its values, and stamped as what it came on top of. The
 * function is called by the module of this folder.
 */
#include <kselftest_harness.h>
#include "probes.h"

#define TARGET		"/sys/module/probe_target/parameters/"
#define FUNCTION	"probe_target_call"
#define CALLS		200

FIXTURE(contexts)
{
	struct recorder r;
};

FIXTURE_VARIANT(contexts)
{
	const char *from;
	unsigned int in_nmi;
};

FIXTURE_VARIANT_ADD(contexts, task) {
	.from = "task",
	.in_nmi = 0,
};

FIXTURE_VARIANT_ADD(contexts, softirq) {
	.from = "softirq",
	.in_nmi = 0,
};

FIXTURE_VARIANT_ADD(contexts, hardirq) {
	.from = "hardirq",
	.in_nmi = 0,
};

FIXTURE_VARIANT_ADD(contexts, nmi) {
	.from = "nmi",
	.in_nmi = CALLS,
};

FIXTURE_SETUP(contexts)
{
	ASSERT_EQ(0, ttlog_reload("memory_per_cpu=1M probe_share=50"));
	ASSERT_TRUE(recorder_open(&self->r));
	ASSERT_EQ(0, pin(3));
}

FIXTURE_TEARDOWN(contexts)
{
	recorder_close(&self->r);
	EXPECT_EQ(0, ttlog_unload());
}

static bool call_from(const char *context, unsigned int times)
{
	FILE *file = fopen(TARGET "call", "we");

	if (!file)
		return false;
	fprintf(file, "%s %u", context, times);
	return !fclose(file);
}

static uint64_t parameter(const char *name)
{
	unsigned long long value = -1ULL;
	char path[80];
	FILE *file;

	snprintf(path, sizeof(path), TARGET "%s", name);
	file = fopen(path, "re");
	if (!file || fscanf(file, "%llu", &value) != 1)
		value = -1ULL;
	if (file)
		fclose(file);
	return value;
}

/* What the function gives for a number, which is what it was called with first. */
static uint64_t returned(uint64_t number)
{
	return number + 2 * number + ~number;
}

static void check_values(struct __test_metadata *_metadata,
			 const struct ttlog_event *e,
			 const struct ttlog_probe *p, uint64_t number)
{
	if (p->flags & TTLOG_PROBE_RETURN) {
		EXPECT_EQ(returned(number), hit_value(e, 0));
		EXPECT_EQ(7 + 8, slot_len(e));
		return;
	}
	EXPECT_EQ(7 + 8 * p->nr_args, slot_len(e));
	if (!p->nr_args)
		return;
	EXPECT_EQ(number, hit_value(e, 0));
	EXPECT_EQ(2 * number, hit_value(e, 1));
	EXPECT_EQ(~number, hit_value(e, 2));
}

/* All hits of a probe, each a moment after the one before. */
static void check_hits(struct __test_metadata *_metadata, struct recorder *r,
		       const struct ttlog_probe *p, uint64_t before,
		       uint64_t after)
{
	uint64_t number = 0, time = before;
	const struct ttlog_event *e;
	size_t i;

	ASSERT_TRUE(recorder_read(r));
	for (i = 0; i < r->nr_seen; i++) {
		e = r->seen[i].slot;
		if (r->seen[i].channel != TTLOG_PROBE || hit_id(e) != p->id)
			continue;
		check_values(_metadata, e, p, number++);
		EXPECT_EQ(3, r->seen[i].cpu);
		EXPECT_EQ(getpid(), slot_pid(e));
		EXPECT_EQ(getpid(), slot_tid(e));
		EXPECT_EQ(0, e->uid);
		EXPECT_EQ(1, slot_kind(e));
		EXPECT_EQ(TTLOG_NOTICE, slot_level(e));
		EXPECT_EQ(0, memcmp(e->comm, "contexts", 9));
		EXPECT_LE(time, e->time);
		time = e->time;
	}
	EXPECT_LE(time, after);
	EXPECT_EQ(CALLS, number);
}

static void hit_all(struct __test_metadata *_metadata, struct recorder *r,
		    const char *from, unsigned int in_nmi,
		    struct ttlog_probe p)
{
	struct ttlog_probe_stat stat;
	struct ttlog_ledger ledger;
	uint64_t before, after;

	ASSERT_EQ(0, probe_add(r, &p));
	before = mono_now();
	ASSERT_TRUE(call_from(from, CALLS));
	after = mono_now();
	EXPECT_EQ(in_nmi, parameter("in_nmi"));
	EXPECT_EQ(CALLS * (CALLS - 1ULL) - CALLS, parameter("sum"));
	stat = probe_stat(r, p.id);
	EXPECT_EQ(CALLS, stat.hits);
	EXPECT_EQ(CALLS, stat.recorded);
	EXPECT_EQ(0, stat.missed);
	ASSERT_EQ(0, probe_del(r, p.id));
	/* It isn't hit any more. */
	ASSERT_TRUE(call_from(from, 10));
	check_hits(_metadata, r, &p, before, after);
	ledger = ledger_of(r, 3, TTLOG_PROBE);
	EXPECT_EQ(CALLS, ledger.offered);
	EXPECT_EQ(CALLS, ledger.written);
}

/* See target_watch(). */
#define NO_NMI		"no NMI here in which probes aren't passed over"

TEST_F(contexts, entry)
{
	if (variant->in_nmi && !HAS_NMI)
		SKIP(return, NO_NMI);
	hit_all(_metadata, &self->r, variant->from, variant->in_nmi,
		probe_on(FUNCTION, 0, 3, 0));
}

TEST_F(contexts, inside)
{
	uint32_t offset = probe_inside(&self->r, FUNCTION);

	if (variant->in_nmi && !HAS_NMI)
		SKIP(return, NO_NMI);
	ASSERT_NE(0, offset);
	hit_all(_metadata, &self->r, variant->from, variant->in_nmi,
		probe_on(FUNCTION, offset, 0, 0));
}

TEST_F(contexts, returns)
{
	if (variant->in_nmi && !HAS_NMI)
		SKIP(return, NO_NMI);
	hit_all(_metadata, &self->r, variant->from, variant->in_nmi,
		probe_on(FUNCTION, 0, 0, TTLOG_PROBE_RETURN));
}

TEST_HARNESS_MAIN
