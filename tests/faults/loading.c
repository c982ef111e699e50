// SPDX-License-Identifier: GPL-2.0-only
/*
 * In the guest: whatever the recorder asks the kernel for at its load is refused once.
 * The load ends with a right error, or goes on without; nothing of it is left, and
 * afterwards it can be loaded.
 */
#include "left.h"

/* Functions that the recorder hooks, and with them a probe's and the one that refuses. */
#define HOOKED_MAX	5

FIXTURE(loading)
{
	unsigned int mappings;
	unsigned int hooked;
	const char *params;
	unsigned int wrong;
};

FIXTURE_SETUP(loading)
{
	ASSERT_TRUE(fail_prepare());
	/* What is made once and stays is made now. */
	ASSERT_EQ(0, ttlog_load(LOAD));
	ASSERT_LT(0, number_in(REFUSE "pages"));
	ASSERT_EQ(0, ttlog_unload());
	self->mappings = mappings();
	self->hooked = hooked("");
	ASSERT_LT(0, self->hooked);
	ASSERT_EQ(0, number_in(REFUSE "pages"));
}

FIXTURE_TEARDOWN(loading)
{
	EXPECT_EQ(0, ttlog_load(LOAD));
	EXPECT_TRUE(works());
	EXPECT_EQ(0, ttlog_unload());
	expect_nothing_left(_metadata, self->mappings);
}

static int load(void *arg)
{
	return ttlog_load(((struct _test_data_loading *)arg)->params);
}

static void after_load(void *arg, int error)
{
	struct _test_data_loading *self = arg;
	const char *what;

	if (!error && (hooked("") > self->hooked + HOOKED_MAX || hooked("prb_") == 1)) {
		fprintf(stderr, "# it has hooked what it doesn't name\n");
		self->wrong++;
	}
	if (!error && (!works() || ttlog_unload())) {
		fprintf(stderr, "# what was loaded doesn't work\n");
		self->wrong++;
	}
	what = left(self->mappings);
	if (!what)
		return;
	fprintf(stderr, "# error %d has left %s\n", error, what);
	self->wrong++;
	self->mappings = mappings();
}

/* The first chance behind those of the kernel's loader. */
static unsigned int first_of_init(struct _test_data_loading *self)
{
	const unsigned int many = 1000000;
	long left_then;
	int error;

	fail_nth(many);
	error = load(self);
	fail_nth(0);
	left_then = number_in(REFUSE "chances_left");
	if (error || ttlog_unload() || left_then <= 0 || left_then >= many)
		return 0;
	return many - left_then + 1;
}

TEST_F_TIMEOUT(loading, refused, PATIENCE)
{
	static const struct refusal refusals[] = {
		{ "alloc_workqueue", 0, 0, ENOMEM },
		{ "__alloc_percpu", 0, 0, ENOMEM },
		{ "__cpuhp_setup_state_cpuslocked", -ENOSPC, 0, ENOSPC },
		{ "register_pm_notifier", -EEXIST, 0, EEXIST },
		{ "kmsg_dump_register", -EINVAL, 0, EINVAL },
		{ "register_die_notifier", -EEXIST, 0, EEXIST },
		{ "misc_register", -EBUSY, 0, EBUSY },
		{ "ftrace_set_filter", -ENODEV, 0, 0 },
		{ "ftrace_set_filter", -ENODEV, 1, 0 },
		{ "ftrace_set_filter", -ENODEV, 3, 0 },
		{ "ftrace_set_filter", -ENODEV, 5, 0 },
		{ "register_ftrace_function", -EBUSY, 0, 0 },
		{ "register_ftrace_function", -EBUSY, 1, 0 },
		{ "register_ftrace_function", -EBUSY, 2, 0 },
		{ "kset_find_obj", 0, 0, 0 },
		{ "kernfs_find_and_get_ns", 0, 0, 0 },
		{ "kernfs_find_and_get_ns", 0, 1, 0 },
		{ }
	};

	self->params = LOAD;
	EXPECT_EQ(0, refuse_each(refusals, load, after_load, self));
	EXPECT_EQ(0, self->wrong);
}

/* Where it isn't to be had, rings are in ordinary memory. */
TEST_F_TIMEOUT(loading, region_refused, PATIENCE)
{
	static const struct refusal refusals[] = {
		{ "__request_region", 0, 0, 0 },
		{ "memremap", 0, 0, 0 },
		{ "register_reboot_notifier", -EEXIST, 0, EEXIST },
		{ "register_pm_notifier", -EEXIST, 0, EEXIST },
		{ "register_pm_notifier", -EEXIST, 1, EEXIST },
		{ "misc_register", -EBUSY, 0, EBUSY },
		{ }
	};

	self->params = LOAD " " REGION;
	EXPECT_EQ(0, refuse_each(refusals, load, after_load, self));
	EXPECT_EQ(0, self->wrong);
}

TEST_F_TIMEOUT(loading, region_own, PATIENCE)
{
	static const int expected[] = { ENOMEM, 0 };
	struct outcome o = {};

	self->params = LOAD " " REGION;
	EXPECT_EQ(0, fail_each(&o, &fail_way_own, 1, load, after_load, self));
	fail_print("load, into a region", &o);
	EXPECT_LT(6, o.failed[ENOMEM]);
	EXPECT_EQ(0, fail_others(&o, expected));
	EXPECT_EQ(0, self->wrong);
}

/* One that is too small for what is asked for, and one that there isn't. */
TEST_F_TIMEOUT(loading, region_left, PATIENCE)
{
	self->params = "memory_per_cpu=1M klog_size=192K helper= " REGION;
	after_load(self, load(self));
	self->params = LOAD " region_name=nowhere";
	after_load(self, load(self));
	EXPECT_EQ(0, self->wrong);
}

TEST_F_TIMEOUT(loading, wrong, PATIENCE)
{
	EXPECT_EQ(EINVAL, ttlog_load("region_start=1M"));
	EXPECT_EQ(EINVAL, ttlog_load("level=9"));
	EXPECT_EQ(EINVAL, ttlog_load("probes=,"));
}

/* The name is taken, by who knows whom. */
TEST_F_TIMEOUT(loading, twice, PATIENCE)
{
	ASSERT_EQ(0, ttlog_load(LOAD));
	EXPECT_EQ(EEXIST, ttlog_load(LOAD));
	EXPECT_EQ(0, ttlog_unload());
}

/* With probes, which come last: one that can't be set is no reason to fail. */
#define PROBES	" probes=" PROBED ",args=1;" PROBED "+5,trigger=x"

/* A CPU may be without its rings, klog's ring is needed. */
TEST_F_TIMEOUT(loading, own, PATIENCE)
{
	static const int expected[] = { ENOMEM, 0 };
	struct outcome o = {};

	self->params = LOAD PROBES;
	EXPECT_EQ(0, fail_each(&o, &fail_way_own, 1, load, after_load, self));
	fail_print("load, by the recorder", &o);
	EXPECT_LT(100, o.chances);
	EXPECT_LT(48, o.failed[ENOMEM]);
	EXPECT_LT(50, o.unharmed);
	EXPECT_EQ(0, fail_others(&o, expected));
	EXPECT_EQ(0, self->wrong);
}

TEST_F_TIMEOUT(loading, on_the_way, PATIENCE)
{
	static const int expected[] = { ENOMEM, EFAULT, 0 };
	struct outcome o = {};
	unsigned int first;

	self->params = LOAD PROBES;
	first = first_of_init(self);
	ASSERT_NE(0, first);
	EXPECT_EQ(0, fail_each(&o, &fail_way, first, load, after_load, self));
	fail_print("load, on the way", &o);
	EXPECT_LT(10, o.failed[ENOMEM]);
	EXPECT_EQ(0, fail_others(&o, expected));
	EXPECT_EQ(0, self->wrong);
}

TEST_HARNESS_MAIN
