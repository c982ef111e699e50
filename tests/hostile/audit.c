// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is left of it all: audit HONEST LINES, run by root when nobody writes any
 * longer. HONEST is how many warnings the honest user wrote, and how often it ran into
 * the probe; LINES how many lines "hostile line N" were in the kernel's log.
 */
#include <kselftest_harness.h>
#include "user.h"

FIXTURE(audit)
{
	struct recorder r;
	unsigned long honest;
	unsigned long lines;
};

FIXTURE_SETUP(audit)
{
	self->honest = atol(getenv("HONEST") ?: "0");
	self->lines = atol(getenv("LINES_OF_KLOG") ?: "0");
	ASSERT_LT(10, self->honest);
	ASSERT_LT(10, self->lines);
	ASSERT_TRUE(recorder_open(&self->r));
	self->r.klog = true;
	ASSERT_EQ(0, ioctl(self->r.fd, TTLOG_IOC_SYNC, 0));
	ASSERT_TRUE(recorder_read(&self->r));
}

FIXTURE_TEARDOWN(audit)
{
	recorder_close(&self->r);
}

/* How many of "BEGIN 0" to "BEGIN NR-1" are there just once, of this uid and kind. */
static unsigned long each_once(struct recorder *r, const char *begin,
			       unsigned long nr, unsigned int kind, unsigned int uid)
{
	unsigned char *times = calloc(nr, 1);
	unsigned long n, once = 0;
	char text[32] = "";
	size_t i, len = strlen(begin);

	for (i = 0; i < r->nr_seen; i++) {
		const struct ttlog_event *e = r->seen[i].slot;

		if (slot_kind(e) != kind || e->uid != uid)
			continue;
		snprintf(text, sizeof(text), "%.*s", (int)slot_len(e),
			 (const char *)slot_text(e));
		if (strncmp(text, begin, len))
			continue;
		n = strtoul(text + len, NULL, 10);
		if (n < nr && times[n] < 2)
			times[n]++;
	}
	for (n = 0; n < nr; n++)
		once += times[n] == 1;
	free(times);
	return once;
}

/* Not one warning of the honest user was lost, evicted or demoted. */
TEST_F(audit, warnings_of_the_honest_user)
{
	size_t i, kept = 0;

	EXPECT_EQ(self->honest, each_once(&self->r, "honest ", self->honest,
					  TTLOG_KIND_LOG, BOB));
	for (i = 0; i < self->r.nr_seen; i++)
		kept += self->r.seen[i].slot->uid == BOB &&
			self->r.seen[i].channel == TTLOG_KEEP &&
			slot_level(self->r.seen[i].slot) == TTLOG_WARNING;
	EXPECT_EQ(self->honest, kept);
}

/* Not one line of the kernel's log. */
TEST_F(audit, lines_of_the_kernels_log)
{
	EXPECT_EQ(self->lines, each_once(&self->r, "hostile line ", self->lines,
					 TTLOG_KIND_KLOG, 0));
}

/* Not one hit of the probe, and none that nobody's call was. */
TEST_F(audit, hits_of_the_probe)
{
	size_t i, hits = 0;

	for (i = 0; i < self->r.nr_seen; i++)
		hits += self->r.seen[i].channel == TTLOG_PROBE &&
			self->r.seen[i].slot->uid == BOB;
	EXPECT_EQ(self->honest, hits);
}

/* All rings' ledgers are exact, and no slot was left open. */
TEST_F(audit, ledgers)
{
	struct ttlog_ledger ledger;
	unsigned int i;

	EXPECT_TRUE(adds_up(&self->r));
	EXPECT_EQ(0, count_holes(&self->r));
	for (i = 0; i < self->r.nr; i++) {
		if (!self->r.at[i])
			continue;
		ledger = ledger_of(&self->r, i / TTLOG_NR_CHANNELS,
				   i % TTLOG_NR_CHANNELS);
		EXPECT_EQ(ledger.written, self->r.ring[i].to);
		EXPECT_EQ(0, ledger.lost[TTLOG_LOST_HELD]);
		EXPECT_EQ(0, ledger.lost[TTLOG_LOST_NO_RING]);
		EXPECT_EQ(0, ledger.lost[TTLOG_LOST_MISSED]);
	}
}

TEST_HARNESS_MAIN
