// SPDX-License-Identifier: GPL-2.0-only
/*
 * In the guest: a CPU comes up that wasn't at load, and whatever the recorder asks for
 * it is refused once. It comes up all the same; events there are in its rings, or are
 * counted.
 */
#include "left.h"

#define LATE	2	/* a CPU that is down at load */

static bool has_ring(unsigned int cpu)
{
	struct ttlog_ring_info info = { .cpu = cpu, .channel = TTLOG_FLOW };
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	bool has = !ioctl(fd, TTLOG_IOC_RING, &info);

	close(fd);
	return has;
}

/* Any event that comes there is counted, if there is no ring for it. */
static bool counts(unsigned int cpu)
{
	struct ttlog_ledger before = { .cpu = cpu, .channel = TTLOG_FLOW }, after = before;
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	unsigned int cause = TTLOG_LOST_NO_RING;
	bool good;

	good = !pin(cpu) && !ioctl(fd, TTLOG_IOC_LEDGER, &before) &&
	       write(fd, "counts", 6) == 6 && !ioctl(fd, TTLOG_IOC_LEDGER, &after) &&
	       after.offered == before.offered + 1 &&
	       after.lost[cause] == before.lost[cause] + !has_ring(cpu);
	close(fd);
	return !pin(0) && good;
}

FIXTURE(hotplug)
{
	unsigned int mappings;
	unsigned int without;
	unsigned int wrong;
};

FIXTURE_SETUP(hotplug)
{
	ASSERT_TRUE(fail_prepare());
	ASSERT_TRUE(has_line("/sys/devices/system/cpu/cpu2/online", "0"));
	/* What is made once and stays is made now. */
	ASSERT_EQ(0, cpu_online(LATE, true));
	ASSERT_EQ(0, cpu_online(LATE, false));
	ASSERT_EQ(0, ttlog_load(LOAD));
	ASSERT_EQ(0, ttlog_unload());
	self->mappings = mappings();
	ASSERT_EQ(0, number_in(REFUSE "pages"));
	ASSERT_EQ(0, ttlog_load(LOAD));
	ASSERT_LT(0, number_in(REFUSE "pages"));
}

FIXTURE_TEARDOWN(hotplug)
{
	EXPECT_TRUE(works());
	EXPECT_EQ(0, ttlog_unload());
	expect_nothing_left(_metadata, self->mappings);
}

static int bring_up(void *arg __attribute__((unused)))
{
	return cpu_online(LATE, true) ? errno : 0;
}

static void after_up(void *arg, int error)
{
	struct _test_data_hotplug *self = arg;

	if (!error && (!counts(LATE) || cpu_online(LATE, false)))
		self->wrong++;
	if (!has_ring(LATE)) {
		self->without += !error;
		return;
	}
	if (ttlog_unload() || ttlog_load(LOAD))
		self->wrong++;
}

TEST_F_TIMEOUT(hotplug, comes_up, PATIENCE)
{
	struct outcome o = {};

	EXPECT_EQ(0, fail_each(&o, &fail_way_own, 1, bring_up, after_up, self));
	fail_print("a CPU comes up", &o);
	/* A scratch, and for each channel its pages, what names them and what maps them. */
	EXPECT_LT(20, self->without);
	EXPECT_EQ(o.chances, self->without);
	EXPECT_EQ(o.chances, o.unharmed);
	EXPECT_EQ(0, self->wrong);
}

TEST_HARNESS_MAIN
