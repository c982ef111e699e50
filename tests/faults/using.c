// SPDX-License-Identifier: GPL-2.0-only
/*
 * In the guest: whatever the recorder asks the kernel for while it is used is refused
 * once. Each call ends with a right error, or does what it can without; nothing of it is
 * left, and afterwards it works.
 */
#include <poll.h>
#include "left.h"

/**
 * struct call - what is done with the open device
 * @name: of it, for who reads this
 * @run: does it, and undoes it; 0 or an errno
 * @cmd: for do_ioctl()
 * @arg: a struct of its size
 * @error: what it ends with where nothing is refused
 * @chances: that something is refused: of do_ioctl() just as many, as these are its
 *	copies and what the recorder asks for; of others, with what the kernel asks for
 *	besides, at least
 */
struct call {
	const char *name;
	int (*run)(void *arg);
	unsigned long cmd;
	const void *arg;
	int error;
	unsigned int chances;
};

FIXTURE(using)
{
	int fd;
	const struct call *call;
	unsigned int mappings;
	struct ttlog_probe probe;
	unsigned int wrong;
};

FIXTURE_SETUP(using)
{
	ASSERT_TRUE(fail_prepare());
	self->mappings = mappings();
	ASSERT_EQ(0, ttlog_load(LOAD));
	ASSERT_LT(0, number_in(REFUSE "pages"));
	self->fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(using)
{
	EXPECT_TRUE(works());
	close(self->fd);
	EXPECT_EQ(0, ttlog_unload());
	expect_nothing_left(_metadata, self->mappings);
}

/* An event takes no memory, whatever it is. */
TEST_F_TIMEOUT(using, write, PATIENCE)
{
	static char text[TTLOG_TEXT_MAX + 1] = "<4>text";
	const char *volatile nowhere = (char *)8;
	unsigned int i;

	fail_nth(1);
	for (i = 0; i < 100; i++) {
		ASSERT_EQ(1 + i * 40, write(self->fd, text, 1 + i * 40));
		ASSERT_EQ(EMSGSIZE, ERRNO(write(self->fd, text, sizeof(text))));
		ASSERT_EQ(EFAULT, ERRNO(write(self->fd, nowhere, 10)));
	}
	EXPECT_FALSE(fail_done());
}

/* What is wrong is answered before anything is asked for. */
TEST_F_TIMEOUT(using, wrong, PATIENCE)
{
	const char *volatile nowhere = (char *)8;
	struct iovec v = { (char *)nowhere, 10 };
	struct ttlog_service_name nobody = {};
	struct ttlog_request r = {
		.reason = "reason", .timeout_ms = 60000,
		.path_size = 8, .path = (uintptr_t)nowhere,
	};
	int control = ioctl(self->fd, TTLOG_IOC_CONTROL, 0);

	EXPECT_EQ(EFAULT, ERRNO(writev(self->fd, &v, 1)));
	EXPECT_EQ(EINVAL, ERRNO(ioctl(self->fd, TTLOG_IOC_SERVICE, &nobody)));
	EXPECT_EQ(ESRCH, ERRNO(ioctl(self->fd, TTLOG_IOC_REQUEST, &r)));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, PAGE, PROT_WRITE, MAP_SHARED, self->fd, 0));
	EXPECT_EQ(EPERM, errno);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, control, 0));
	EXPECT_EQ(EPERM, errno);
	close(control);
}

static int do_open(void *arg __attribute__((unused)))
{
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC);

	return fd < 0 ? errno : ERRNO(close(fd));
}

/* Map and unmap it. What is refused once isn't a second time. */
static int map(int fd, size_t size, off_t offset)
{
	void *at = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, offset);

	if (at == MAP_FAILED)
		return errno;
	return munmap(at, size) ? ERRNO(munmap(at, size)) : 0;
}

static int do_map(void *arg)
{
	struct _test_data_using *self = arg;

	return map(self->fd, PAGE, 0);
}

static int do_map_ring(void *arg)
{
	struct _test_data_using *self = arg;
	struct ttlog_ring_info info = { .channel = TTLOG_FLOW };

	if (ioctl(self->fd, TTLOG_IOC_RING, &info))
		return errno;
	return map(self->fd, info.size, info.offset);
}

static int do_writev(void *arg)
{
	struct _test_data_using *self = arg;
	struct iovec v[2] = { { "two ", 4 }, { "parts", 5 } };

	return ERRNO(writev(self->fd, v, 2));
}

static int do_control(void *arg)
{
	struct _test_data_using *self = arg;
	int fd = ioctl(self->fd, TTLOG_IOC_CONTROL, 0), error;

	if (fd < 0)
		return errno;
	error = map(fd, PAGE, 0);
	close(fd);
	return error;
}

/* Its argument as it was, as the kernel answers there. */
static int do_ioctl(void *arg)
{
	struct _test_data_using *self = arg;
	const struct call *call = self->call;
	uint8_t copy[512];

	memcpy(copy, call->arg, _IOC_SIZE(call->cmd));
	return ERRNO(ioctl(self->fd, call->cmd, copy));
}

static int attach(unsigned long cmd)
{
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC), error;

	if (fd < 0)
		return errno;
	error = ERRNO(ioctl(fd, cmd, 0));
	close(fd);
	return error;
}

static int do_helper(void *arg __attribute__((unused)))
{
	return attach(TTLOG_IOC_HELPER);
}

/* Beside the helper. */
static int do_once(void *arg __attribute__((unused)))
{
	return attach(TTLOG_IOC_ONCE);
}

static int do_poll(void *arg)
{
	struct _test_data_using *self = arg;
	struct pollfd p = { .fd = self->fd, .events = POLLIN };

	return ERRNO(poll(&p, 1, 1));
}

static struct ttlog_end ends[64];
static const uint8_t zeros[512];

/* As a later version of the ABI may have it. */
#define RING_LONGER	_IOC(_IOC_DIR(TTLOG_IOC_RING), _IOC_TYPE(TTLOG_IOC_RING),	\
			     _IOC_NR(TTLOG_IOC_RING), _IOC_SIZE(TTLOG_IOC_RING) + 8)

/* Each with what it says where nothing is refused. */
static const struct call calls[] = {
	{ "open", do_open, .error = 0, 3 },
	{ "mmap of the map header", do_map, .error = 0, 3 },
	{ "mmap of a ring", do_map_ring, .error = 0, 5 },
	{ "writev", do_writev, .error = 0, 3 },
	{ "poll", do_poll, .error = 0, 1 },
	{ "TTLOG_IOC_INFO", do_ioctl, TTLOG_IOC_INFO, &(struct ttlog_info){}, 0, 2 },
	{ "TTLOG_IOC_RING", do_ioctl, TTLOG_IOC_RING, &(struct ttlog_ring_info){}, 0, 2 },
	{ "TTLOG_IOC_RING, longer", do_ioctl, RING_LONGER, zeros, 0, 2 },
	{ "TTLOG_IOC_LEDGER", do_ioctl, TTLOG_IOC_LEDGER, &(struct ttlog_ledger){}, 0, 2 },
	{ "TTLOG_IOC_SERVICE", do_ioctl, TTLOG_IOC_SERVICE,
	  &(struct ttlog_service_name){ .name = "service" }, 0, 2 },
	{ "TTLOG_IOC_LEVELS", do_ioctl, TTLOG_IOC_LEVELS,
	  &(struct ttlog_levels){ .flags = TTLOG_LEVELS_SET, .mask = 0xff }, 0, 2 },
	{ "TTLOG_IOC_CONTROL", do_control, .error = 0, 5 },
	{ "TTLOG_IOC_HELPER", do_helper, .error = EBUSY, 3 },
	{ "TTLOG_IOC_ONCE", do_once, .error = 0, 3 },
	{ "TTLOG_IOC_BOOT", do_ioctl, TTLOG_IOC_BOOT, &(struct ttlog_boot){ .id = "boot" }, 0, 2 },
	{ "TTLOG_IOC_TAKE", do_ioctl, TTLOG_IOC_TAKE, &(struct ttlog_trigger){}, EAGAIN, 1 },
	{ "TTLOG_IOC_DONE", do_ioctl, TTLOG_IOC_DONE,
	  &(struct ttlog_done){ .id = 1, .path_size = 6, .path = (uintptr_t)"/file" }, ENOENT, 2 },
	{ "TTLOG_IOC_DONE, no NUL", do_ioctl, TTLOG_IOC_DONE,
	  &(struct ttlog_done){ .id = 1, .path_size = 5, .path = (uintptr_t)"/file" }, EINVAL, 2 },
	{ "TTLOG_IOC_SYNC", do_ioctl, TTLOG_IOC_SYNC, "", 0, 0 },
	{ "TTLOG_IOC_RELEASE", do_ioctl, TTLOG_IOC_RELEASE, &(struct ttlog_release){}, ENOENT, 1 },
	{ "TTLOG_IOC_PROGRESS, READ", do_ioctl, TTLOG_IOC_PROGRESS,
	  &(struct ttlog_progress){ .op = TTLOG_PROGRESS_READ, .nr = 64,
		 .ends = (uintptr_t)ends }, 0, 9 },
	{ "TTLOG_IOC_PROGRESS, one", do_ioctl, TTLOG_IOC_PROGRESS,
	  &(struct ttlog_progress){ .op = TTLOG_PROGRESS_READ, .nr = 1,
		 .ends = (uintptr_t)ends }, 0, 3 },
	{ "TTLOG_IOC_PROGRESS, COMMIT", do_ioctl, TTLOG_IOC_PROGRESS,
	  &(struct ttlog_progress){ .op = TTLOG_PROGRESS_COMMIT }, ENOENT, 1 },
	{ "TTLOG_IOC_PROGRESS, PREPARE", do_ioctl, TTLOG_IOC_PROGRESS,
	  &(struct ttlog_progress){ .op = TTLOG_PROGRESS_PREPARE, .nr = 4,
		 .ends = (uintptr_t)ends }, 0, 6 },
	{ "TTLOG_IOC_PROBE_STAT", do_ioctl, TTLOG_IOC_PROBE_STAT, &(struct ttlog_probe_stat){},
	  ENOENT, 1 },
	{ "TTLOG_IOC_PROBE_DEL", do_ioctl, TTLOG_IOC_PROBE_DEL, &(struct ttlog_probe_id){},
	  ENOENT, 1 },
	{ "TTLOG_IOC_PREVIOUS", do_ioctl, TTLOG_IOC_PREVIOUS, &(struct ttlog_previous){},
	  ENOENT, 1 },
	{ "TTLOG_IOC_FILTER", do_ioctl, TTLOG_IOC_FILTER, &(struct ttlog_filter){}, 0, 2 },
	{ "TTLOG_IOC_FILTER, NEXT", do_ioctl, TTLOG_IOC_FILTER,
	  &(struct ttlog_filter){ .flags = TTLOG_FILTER_NEXT }, 0, 2 },
	{ "TTLOG_IOC_SHARE", do_ioctl, TTLOG_IOC_SHARE, &(struct ttlog_share){}, 0, 2 },
	{ "TTLOG_IOC_SHARE, SET", do_ioctl, TTLOG_IOC_SHARE,
	  &(struct ttlog_share){ .flags = TTLOG_SHARE_SET, .rate = 8192, .burst = 8192 }, 0, 2 },
};

TEST_F_TIMEOUT(using, calls, PATIENCE)
{
	const struct call *c;

	ASSERT_EQ(0, ioctl(self->fd, TTLOG_IOC_HELPER, 0));
	for (c = calls; c < calls + sizeof(calls) / sizeof(*c); c++) {
		struct outcome o = {};
		int expected[] = { ENOMEM, EFAULT, c->error, 0 };

		if (c->error == ENOMEM || c->error == EFAULT)
			expected[2] = 0;
		self->call = c;
		EXPECT_EQ(c->error, fail_all(&o, c->run, NULL, self)) {
			TH_LOG("%s", c->name);
		}
		fail_print(c->name, &o);
		EXPECT_EQ(0, fail_others(&o, expected));
		EXPECT_LE(c->chances, o.chances) {
			TH_LOG("%s", c->name);
		}
		if (c->run != do_ioctl)
			continue;
		EXPECT_EQ(c->chances, o.chances) {
			TH_LOG("%s", c->name);
		}
	}
}

/* A request, served by another process: what goes wrong here is only told here. */

static void serve(void)
{
	static const char path[] = "/file";
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct ttlog_trigger t;

	if (ioctl(fd, TTLOG_IOC_HELPER, 0))
		_exit(1);
	while (poll(&p, 1, -1) == 1) {
		struct ttlog_done d = { .path_size = sizeof(path), .path = (uintptr_t)path };

		if (ioctl(fd, TTLOG_IOC_TAKE, &t))
			continue;
		d.id = t.id;
		ioctl(fd, TTLOG_IOC_DONE, &d);
	}
	_exit(0);
}

static int do_request(void *arg)
{
	struct _test_data_using *self = arg;
	char path[64] = "";
	struct ttlog_request r = {
		.reason = "reason", .timeout_ms = 60000,
		.path_size = sizeof(path), .path = (uintptr_t)path,
	};

	if (ioctl(self->fd, TTLOG_IOC_REQUEST, &r))
		return errno;
	return strcmp(path, "/file") ? EPROTO : 0;
}

TEST_F_TIMEOUT(using, request, PATIENCE)
{
	static const int expected[] = { EFAULT, 0 };
	struct ttlog_info info = {};
	struct outcome o = {};
	pid_t helper = fork();

	if (!helper)
		serve();
	while (!info.helper) {
		usleep(10000);
		ASSERT_EQ(0, ioctl(self->fd, TTLOG_IOC_INFO, &info));
	}
	EXPECT_EQ(0, fail_all(&o, do_request, NULL, self));
	fail_print("TTLOG_IOC_REQUEST", &o);
	EXPECT_EQ(3, o.chances);
	EXPECT_EQ(0, fail_others(&o, expected));
	kill(helper, SIGKILL);
	waitpid(helper, NULL, 0);
}

/* A trigger that waits does so again if who took it goes. */

static int do_take(void *arg __attribute__((unused)))
{
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC), error;
	struct ttlog_trigger t;

	if (fd < 0)
		return errno;
	error = ERRNO(ioctl(fd, TTLOG_IOC_HELPER, 0));
	if (!error)
		error = ERRNO(ioctl(fd, TTLOG_IOC_TAKE, &t));
	close(fd);
	return error;
}

TEST_F_TIMEOUT(using, take, PATIENCE)
{
	static const int expected[] = { ENOMEM, EFAULT, 0 };
	struct ttlog_levels levels = { .flags = TTLOG_LEVELS_TRIGGER, .trigger = 1 };
	struct outcome o = {};
	unsigned int i;

	ASSERT_EQ(0, ioctl(self->fd, TTLOG_IOC_LEVELS, &levels));
	ASSERT_EQ(9, write(self->fd, "<1>strike", 9));
	for (i = 0; i < 1000 && do_take(NULL); i++)
		usleep(10000);
	EXPECT_EQ(0, fail_all(&o, do_take, NULL, self));
	fail_print("a trigger is taken", &o);
	/* How it is asked for, and what it is. */
	EXPECT_LE(2, o.failed[EFAULT]);
	EXPECT_EQ(0, fail_others(&o, expected));
}

/* Reserved memory in which an earlier boot seems to have left something. */

static bool leave_something(void)
{
	uint64_t magic = TTLOG_MAP_MAGIC;
	int fd = open("/dev/mem", O_RDWR | O_CLOEXEC);
	bool good = pwrite(fd, &magic, sizeof(magic), REGION_START) == sizeof(magic);

	close(fd);
	return good;
}

static int previous(struct _test_data_using *self, unsigned int flags)
{
	struct ttlog_previous p = { .flags = flags };

	return ERRNO(ioctl(self->fd, TTLOG_IOC_PREVIOUS, &p));
}

static int do_map_previous(void *arg)
{
	struct _test_data_using *self = arg;
	struct ttlog_previous p = {};

	if (ioctl(self->fd, TTLOG_IOC_PREVIOUS, &p))
		return errno;
	return map(self->fd, p.size, p.offset);
}

static int do_previous(void *arg)
{
	return previous(arg, 0);
}

/* What wasn't mapped can be. */
static void after_map(void *arg, int error __attribute__((unused)))
{
	struct _test_data_using *self = arg;

	if (do_map_previous(self) || do_map_ring(self))
		self->wrong++;
}

/*
 * Its mappings are refused as a whole: the kernel (6.1) warns where it is refused memory
 * for a part of one (untrack_pfn), whose ever it is.
 */
TEST_F_TIMEOUT(using, region, PATIENCE)
{
	static const struct refusal refusals[] = {
		{ "remap_pfn_range", -ENOMEM, 0, ENOMEM },
		{ }
	};
	static const int expected[] = { EFAULT, 0 };
	struct outcome o = {};

	close(self->fd);
	ASSERT_EQ(0, ttlog_unload());
	ASSERT_TRUE(leave_something());
	ASSERT_EQ(0, ttlog_load(LOAD " " REGION));
	self->fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_EQ(0, ioctl(self->fd, TTLOG_IOC_HELPER, 0));
	EXPECT_EQ(0, fail_all(&o, do_previous, NULL, self));
	fail_print("TTLOG_IOC_PREVIOUS, something", &o);
	EXPECT_EQ(2, o.failed[EFAULT]);
	EXPECT_EQ(0, fail_others(&o, expected));
	EXPECT_EQ(0, refuse_each(refusals, do_map_previous, after_map, self));
	EXPECT_EQ(0, refuse_each(refusals, do_map_ring, after_map, self));
	EXPECT_EQ(0, self->wrong);

	/* It is still there if that it is saved wasn't heard, not if the answer wasn't. */
	fail_nth(1);
	EXPECT_EQ(EFAULT, previous(self, TTLOG_PREVIOUS_SAVED));
	EXPECT_TRUE(fail_done());
	EXPECT_EQ(0, previous(self, 0));
	fail_nth(2);
	EXPECT_EQ(EFAULT, previous(self, TTLOG_PREVIOUS_SAVED));
	EXPECT_TRUE(fail_done());
	EXPECT_EQ(ENOENT, previous(self, 0));
}

/* Probes: one that isn't set is not there, and can be set. */

static int add_probe(void *arg)
{
	struct _test_data_using *self = arg;
	struct ttlog_probe p = self->probe;

	return ERRNO(ioctl(self->fd, TTLOG_IOC_PROBE_ADD, &p));
}

static void after_probe(void *arg, int error)
{
	struct _test_data_using *self = arg;
	struct ttlog_probe_stat stat = {};
	struct ttlog_probe_id which;

	/* Where only the answer didn't arrive it is set. */
	if (!ioctl(self->fd, TTLOG_IOC_PROBE_STAT, &stat)) {
		which = (struct ttlog_probe_id){ .id = stat.probe.id };
		if ((error && error != EFAULT) ||
		    ioctl(self->fd, TTLOG_IOC_PROBE_DEL, &which)) {
			fprintf(stderr, "# error %d, and it is set\n", error);
			self->wrong++;
		}
	} else if (!error) {
		fprintf(stderr, "# no error, and it isn't set\n");
		self->wrong++;
	}
	if (has_line("/sys/kernel/debug/kprobes/list", "getppid")) {
		fprintf(stderr, "# error %d, and the kernel still has it\n", error);
		self->wrong++;
	}
}

/*
 * The recorder's own chances alone, of which there are none: the kernel (6.1) can't
 * remove a probe for which it is refused memory, it warns and uses what it has freed.
 */
static int remove_probe(void *arg)
{
	struct _test_data_using *self = arg;
	struct ttlog_probe_id which = { .id = self->probe.id };

	return ERRNO(ioctl(self->fd, TTLOG_IOC_PROBE_DEL, &which));
}

TEST_F_TIMEOUT(using, probe_removed, PATIENCE)
{
	struct outcome o = {};

	self->probe = (struct ttlog_probe){ .symbol = PROBED, .sample = 1 };
	ASSERT_EQ(0, ioctl(self->fd, TTLOG_IOC_PROBE_ADD, &self->probe));
	/* One whose name isn't heard stays. */
	fail_nth(1);
	EXPECT_EQ(EFAULT, remove_probe(self));
	EXPECT_TRUE(fail_done());
	EXPECT_EQ(0, fail_each(&o, &fail_way_own, 1, remove_probe, NULL, self));
	EXPECT_EQ(0, o.chances);
	EXPECT_FALSE(has_line("/sys/kernel/debug/kprobes/list", "getppid"));
}

static void probe_each(struct __test_metadata *_metadata, struct _test_data_using *self,
		       const char *name, struct ttlog_probe probe)
{
	static const int expected[] = { ENOMEM, EFAULT, 0 };
	struct outcome o = {};

	self->probe = probe;
	strcpy(self->probe.symbol, PROBED);
	self->probe.sample = 1;
	EXPECT_EQ(0, fail_all(&o, add_probe, after_probe, self));
	fail_print(name, &o);
	EXPECT_LE(2, o.failed[ENOMEM]);
	EXPECT_EQ(0, fail_others(&o, expected));
	EXPECT_EQ(0, self->wrong);
}

TEST_F_TIMEOUT(using, probes, PATIENCE)
{
	struct ttlog_probe entry = { .nr_args = 6 }, inside = { .offset = 5 },
		returns = { .flags = TTLOG_PROBE_RETURN },
		trigger = { .flags = TTLOG_PROBE_TRIGGER, .reason = "new" };

	probe_each(_metadata, self, "a probe at the entry", entry);
	probe_each(_metadata, self, "a probe inside", inside);
	probe_each(_metadata, self, "a probe at the return", returns);
	probe_each(_metadata, self, "a probe that triggers", trigger);
}

TEST_F_TIMEOUT(using, probe_refused, PATIENCE)
{
	static const struct refusal entry[] = {
		{ "__alloc_percpu", 0, 0, ENOMEM },
		{ "register_kprobe", -ENOMEM, 0, ENOMEM },
		{ "register_kprobe", -EINVAL, 0, EOPNOTSUPP },
		{ "enable_kprobe", -EBUSY, 0, EBUSY },
		{ "security_locked_down", -EPERM, 0, EPERM },
		{ }
	}, inside[] = {
		{ "register_kprobe", -ENOMEM, 1, ENOMEM },
		{ "register_kprobe", -EINVAL, 1, EOPNOTSUPP },
		{ }
	};

	self->probe = (struct ttlog_probe){ .symbol = PROBED, .sample = 1 };
	EXPECT_EQ(0, refuse_each(entry, add_probe, after_probe, self));
	self->probe.offset = 5;
	EXPECT_EQ(0, refuse_each(inside, add_probe, after_probe, self));
	EXPECT_EQ(0, self->wrong);
}

/* A filter of a service: one that isn't made is not there. */

static int add_filter(void *arg)
{
	struct _test_data_using *self = arg;
	struct ttlog_filter f = {
		.flags = TTLOG_FILTER_LEVELS, .service = "new", .levels = 1,
	};

	return ERRNO(ioctl(self->fd, TTLOG_IOC_FILTER, &f));
}

static void after_filter(void *arg, int error)
{
	struct _test_data_using *self = arg;
	struct ttlog_filter f = { .service = "new" };
	bool is = !ioctl(self->fd, TTLOG_IOC_FILTER, &f);

	/* Where only the answer didn't arrive it is set. */
	if (error != EFAULT && is == !!error) {
		fprintf(stderr, "# error %d, and the filter is%s there\n", error,
			is ? "" : "n't");
		self->wrong++;
	}
	f.flags = TTLOG_FILTER_REMOVE;
	if (is && ioctl(self->fd, TTLOG_IOC_FILTER, &f))
		self->wrong++;
}

TEST_F_TIMEOUT(using, filters, PATIENCE)
{
	static const int expected[] = { ENOMEM, EFAULT, 0 };
	static const struct refusal refusals[] = {
		{ "__alloc_percpu", 0, 0, ENOMEM },
		{ }
	};
	struct outcome o = {};

	EXPECT_EQ(0, fail_all(&o, add_filter, after_filter, self));
	fail_print("a service's filter", &o);
	EXPECT_LE(1, o.failed[ENOMEM]);
	EXPECT_EQ(0, fail_others(&o, expected));
	EXPECT_EQ(0, refuse_each(refusals, add_filter, after_filter, self));
	EXPECT_EQ(0, self->wrong);
}

/* There are two of the recorder's own, and one that is refused has left none. */
TEST_F_TIMEOUT(using, reasons, PATIENCE)
{
	static const char * const calls[] = {
		"getppid", "getgroups", "setgroups", "setfsuid", "setfsgid", "mlockall",
		"munlockall", "pivot_root", "sethostname",
	};
	struct ttlog_probe p;
	unsigned int i;

	for (i = 0; i < 63; i++) {
		p = (struct ttlog_probe){
			.sample = 1, .nr_args = i % 7, .flags = TTLOG_PROBE_TRIGGER,
		};
		snprintf(p.symbol, sizeof(p.symbol), SYSCALL "%s", calls[i / 7]);
		snprintf(p.reason, sizeof(p.reason), "reason-%u", i);
		ASSERT_EQ(i < 62 ? 0 : ENOSPC, ERRNO(ioctl(self->fd, TTLOG_IOC_PROBE_ADD, &p)));
	}
	strcpy(p.reason, "reason-0");
	ASSERT_EQ(0, ERRNO(ioctl(self->fd, TTLOG_IOC_PROBE_ADD, &p)));
}

TEST_HARNESS_MAIN
