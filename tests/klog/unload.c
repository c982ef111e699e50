// SPDX-License-Identifier: GPL-2.0-only
/*
 * The recorder comes and goes while all CPUs print.
 */
#include <kselftest_harness.h>
#include "print.h"

FIXTURE(storm)
{
};

FIXTURE_SETUP(storm)
{
	ASSERT_EQ(0, ttlog_reload("klog_size=16M"));
}

FIXTURE_TEARDOWN(storm)
{
	EXPECT_TRUE(print("calm"));
	EXPECT_EQ(0, ttlog_unload());
}

TEST_F_TIMEOUT(storm, unload, 120)
{
	struct recorder r;
	int i;

	ASSERT_TRUE(print("storm"));
	for (i = 0; i < 5; i++) {
		ASSERT_EQ(0, ttlog_unload());
		if (i % 2)
			usleep(20000);
		ASSERT_EQ(0, ttlog_load(""));
		if (i % 3)
			usleep(20000);
	}
	ASSERT_TRUE(recorder_open(&r));
	recorder_close(&r);
}

TEST_HARNESS_MAIN
