// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a write to the device leaves in the rings: its bounds, bad memory, the
 * level in front, the bytes as they came.
 */
#include <kselftest_harness.h>
#include "ttlog_test.h"

FIXTURE(write)
{
	struct recorder r;
};

FIXTURE_SETUP(write)
{
	ASSERT_EQ(0, ttlog_reload(""));
	ASSERT_EQ(0, pin(1));
	ASSERT_TRUE(recorder_open(&self->r));
}

FIXTURE_TEARDOWN(write)
{
	recorder_close(&self->r);
	EXPECT_EQ(0, ttlog_unload());
}

/* The only event so far is this. */
static bool only_is(struct recorder *r, unsigned int level, const void *text,
		    size_t len)
{
	const struct ttlog_event *e;

	if (!recorder_read(r))
		return false;
	if (r->nr_seen != 1) {
		printf("# %zu events instead of one\n", r->nr_seen);
		return false;
	}
	e = r->seen[0].slot;
	if (slot_level(e) == level && slot_kind(e) == 0 && slot_is(e, text, len))
		return true;
	printf("# level %u, %zu bytes: %.*s\n", slot_level(e), slot_len(e),
	       (int)slot_len(e), slot_text(e));
	return false;
}

/* Nothing was written and one event lost, for this cause. */
static bool lost_one(const struct recorder *r, unsigned int cause)
{
	struct ttlog_ledger sum = ledger_sum(r, ALL_OF_USERS);

	return sum.written == 0 && sum.offered == 1 && sum.lost[cause] == 1 &&
	       ledger_of(r, 1, TTLOG_FLOW).lost[cause] == 1;
}

static char *two_pages(void)
{
	return mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* A pointer that the compiler doesn't look through. */
static void *elsewhere(uintptr_t at)
{
	volatile uintptr_t hidden = at;

	return (void *)hidden;
}

static bool present(const void *page)
{
	uint64_t entry = 0;
	int fd = open("/proc/self/pagemap", O_RDONLY);

	if (pread(fd, &entry, sizeof(entry),
		  (uintptr_t)page / PAGE * sizeof(entry)) != sizeof(entry))
		entry = ~0ULL;
	close(fd);
	return entry >> 63;
}

TEST_F(write, nothing_is_no_event)
{
	EXPECT_EQ(0, write(self->r.fd, "x", 0));
	EXPECT_EQ(0, write(self->r.fd, NULL, 0));
	EXPECT_EQ(0, ledger_sum(&self->r, ALL_OF_USERS).offered);
	ASSERT_TRUE(recorder_read(&self->r));
	EXPECT_EQ(0, self->r.nr_seen);
}

TEST_F(write, one_byte)
{
	ASSERT_EQ(1, write(self->r.fd, "x", 1));
	EXPECT_TRUE(only_is(&self->r, 6, "x", 1));
}

TEST_F(write, most_bytes)
{
	char text[4096];
	size_t i;

	for (i = 0; i < sizeof(text); i++)
		text[i] = 'a' + i * 7 % 26;
	ASSERT_EQ(4096, write(self->r.fd, text, 4096));
	EXPECT_TRUE(only_is(&self->r, 6, text, 4096));
	EXPECT_EQ((49 + 4096 + 7) / 8 * 8, self->r.seen[0].event->size);
}

/* Level and newline count, too. */
TEST_F(write, most_bytes_with_level_and_newline)
{
	char text[4096];

	memset(text, 'x', sizeof(text));
	memcpy(text, "<3>", 3);
	text[4095] = '\n';
	ASSERT_EQ(4096, write(self->r.fd, text, 4096));
	EXPECT_TRUE(only_is(&self->r, 3, text + 3, 4092));
}

TEST_F(write, one_byte_too_many)
{
	char text[4097];

	memset(text, 'x', sizeof(text));
	EXPECT_EQ(EMSGSIZE, ERRNO(write(self->r.fd, text, 4097)));
	EXPECT_TRUE(lost_one(&self->r, TTLOG_LOST_TOO_LARGE));
	ASSERT_TRUE(recorder_read(&self->r));
	EXPECT_EQ(0, self->r.nr_seen);
}

TEST_F(write, bad_pointer)
{
	EXPECT_EQ(EFAULT, ERRNO(write(self->r.fd, elsewhere(8), 10)));
	EXPECT_TRUE(lost_one(&self->r, TTLOG_LOST_FAULTED));
	/* The kernel refuses its own before the device is asked: none offered. */
	EXPECT_EQ(EFAULT, ERRNO(write(self->r.fd,
				      elsewhere(0xffffffff81000000), 10)));
	EXPECT_TRUE(lost_one(&self->r, TTLOG_LOST_FAULTED));
}

TEST_F(write, pointer_that_faults_half_way)
{
	char *pages = two_pages();

	memset(pages, 'x', 2 * PAGE);
	ASSERT_EQ(0, mprotect(pages + PAGE, PAGE, PROT_NONE));
	EXPECT_EQ(EFAULT, ERRNO(write(self->r.fd, pages + PAGE - 10, 20)));
	EXPECT_TRUE(lost_one(&self->r, TTLOG_LOST_FAULTED));
	/* What can be read of it can be written. */
	ASSERT_EQ(10, write(self->r.fd, pages + PAGE - 10, 10));
	EXPECT_TRUE(only_is(&self->r, 6, "xxxxxxxxxx", 10));
}

TEST_F(write, pages_of_a_file_that_are_not_there_yet)
{
	int file = memfd_create("pages", MFD_CLOEXEC);
	char content[2 * PAGE], *pages;
	size_t i;

	for (i = 0; i < sizeof(content); i++)
		content[i] = 'a' + i * 11 % 26;
	ASSERT_EQ(sizeof(content), write(file, content, sizeof(content)));
	pages = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE, file, 0);
	ASSERT_NE(MAP_FAILED, pages);
	ASSERT_FALSE(present(pages));
	ASSERT_FALSE(present(pages + PAGE));
	ASSERT_EQ(4096, write(self->r.fd, pages + 2000, 4096));
	EXPECT_TRUE(only_is(&self->r, 6, content + 2000, 4096));
	EXPECT_EQ(0, ledger_of(&self->r, 1, TTLOG_FLOW).lost[TTLOG_LOST_FAULTED]);
}

TEST_F(write, pages_that_were_given_back)
{
	char zero[4096] = {}, *pages = two_pages();

	memset(pages, 'x', 2 * PAGE);
	ASSERT_EQ(0, madvise(pages, 2 * PAGE, MADV_DONTNEED));
	ASSERT_FALSE(present(pages));
	ASSERT_FALSE(present(pages + PAGE));
	ASSERT_EQ(4096, write(self->r.fd, pages + 2000, 4096));
	EXPECT_TRUE(only_is(&self->r, 6, zero, 4096));
	EXPECT_EQ(0, ledger_of(&self->r, 1, TTLOG_FLOW).lost[TTLOG_LOST_FAULTED]);
}

/* One event, unless it takes to wait for a page. */
static ssize_t write_nowait(int fd, char *at, size_t len)
{
	struct iovec v = { at, len };

	return pwritev2(fd, &v, 1, -1, RWF_NOWAIT);
}

TEST_F(write, page_that_is_not_waited_for)
{
	char *pages = two_pages();

	ASSERT_FALSE(present(pages));
	EXPECT_EQ(EAGAIN, ERRNO(write_nowait(self->r.fd, pages, 10)));
	EXPECT_FALSE(present(pages));
	/* Nor is half of it written. */
	memset(pages, 'x', PAGE);
	ASSERT_FALSE(present(pages + PAGE));
	EXPECT_EQ(EAGAIN, ERRNO(write_nowait(self->r.fd, pages + PAGE - 10, 20)));
	EXPECT_FALSE(present(pages + PAGE));
	EXPECT_EQ(0, ledger_sum(&self->r, ALL_OF_USERS).offered);
	ASSERT_TRUE(recorder_read(&self->r));
	EXPECT_EQ(0, self->r.nr_seen);

	memset(pages + PAGE, 'y', 10);
	EXPECT_EQ(20, write_nowait(self->r.fd, pages + PAGE - 10, 20));
	EXPECT_TRUE(only_is(&self->r, 6, "xxxxxxxxxxyyyyyyyyyy", 20));
	EXPECT_EQ(1, ledger_sum(&self->r, ALL_OF_USERS).offered);
}

TEST_F(write, page_that_is_waited_for)
{
	char *pages = two_pages();
	struct iovec v = { pages + PAGE - 10, 20 };

	memset(pages, 'x', PAGE);
	EXPECT_EQ(EAGAIN, ERRNO(write_nowait(self->r.fd, pages + PAGE - 10, 20)));
	ASSERT_FALSE(present(pages + PAGE));
	EXPECT_EQ(20, pwritev2(self->r.fd, &v, 1, -1, 0));
	EXPECT_TRUE(only_is(&self->r, 6, "xxxxxxxxxx\0\0\0\0\0\0\0\0\0\0", 20));
	EXPECT_EQ(1, ledger_sum(&self->r, ALL_OF_USERS).offered);
}

FIXTURE(text)
{
	struct recorder r;
};

/**
 * @text: what is written
 * @len: bytes of it
 * @level: that comes out
 * @skip: bytes in front that don't
 * @drop: bytes at the end that don't
 */
FIXTURE_VARIANT(text)
{
	const char *text;
	size_t len;
	unsigned int level;
	size_t skip;
	size_t drop;
};

#define TEXT(literal, lvl, front, end)			\
	.text = literal, .len = sizeof(literal) - 1,	\
	.level = lvl, .skip = front, .drop = end

FIXTURE_VARIANT_ADD(text, no_level) {
	TEXT("plain", 6, 0, 0)
};

FIXTURE_VARIANT_ADD(text, level_0) {
	TEXT("<0>x", 0, 3, 0)
};

FIXTURE_VARIANT_ADD(text, level_1) {
	TEXT("<1>x", 1, 3, 0)
};

FIXTURE_VARIANT_ADD(text, level_2) {
	TEXT("<2>x", 2, 3, 0)
};

FIXTURE_VARIANT_ADD(text, level_3) {
	TEXT("<3>x", 3, 3, 0)
};

FIXTURE_VARIANT_ADD(text, level_4) {
	TEXT("<4>x", 4, 3, 0)
};

FIXTURE_VARIANT_ADD(text, level_5) {
	TEXT("<5>x", 5, 3, 0)
};

FIXTURE_VARIANT_ADD(text, level_6) {
	TEXT("<6>x", 6, 3, 0)
};

FIXTURE_VARIANT_ADD(text, level_7) {
	TEXT("<7>x", 7, 3, 0)
};

FIXTURE_VARIANT_ADD(text, facility) {
	TEXT("<12>x", 4, 4, 0)
};

FIXTURE_VARIANT_ADD(text, highest_facility) {
	TEXT("<191>x", 7, 5, 0)
};

FIXTURE_VARIANT_ADD(text, three_digits) {
	TEXT("<999>x", 7, 5, 0)
};

FIXTURE_VARIANT_ADD(text, leading_zeros) {
	TEXT("<003>x", 3, 5, 0)
};

FIXTURE_VARIANT_ADD(text, four_digits) {
	TEXT("<1234>x", 6, 0, 0)
};

FIXTURE_VARIANT_ADD(text, no_digit) {
	TEXT("<>x", 6, 0, 0)
};

FIXTURE_VARIANT_ADD(text, a_letter) {
	TEXT("<a>x", 6, 0, 0)
};

FIXTURE_VARIANT_ADD(text, a_letter_behind) {
	TEXT("<4a>x", 6, 0, 0)
};

FIXTURE_VARIANT_ADD(text, a_sign) {
	TEXT("<-1>x", 6, 0, 0)
};

FIXTURE_VARIANT_ADD(text, not_closed) {
	TEXT("<4", 6, 0, 0)
};

FIXTURE_VARIANT_ADD(text, opened_only) {
	TEXT("<", 6, 0, 0)
};

FIXTURE_VARIANT_ADD(text, three_digits_not_closed) {
	TEXT("<123", 6, 0, 0)
};

FIXTURE_VARIANT_ADD(text, space_in_front) {
	TEXT(" <4>x", 6, 0, 0)
};

FIXTURE_VARIANT_ADD(text, second_level_is_text) {
	TEXT("<4><3>x", 4, 3, 0)
};

FIXTURE_VARIANT_ADD(text, level_alone) {
	TEXT("<4>", 4, 3, 0)
};

FIXTURE_VARIANT_ADD(text, newline) {
	TEXT("x\n", 6, 0, 1)
};

FIXTURE_VARIANT_ADD(text, two_newlines) {
	TEXT("x\n\n", 6, 0, 1)
};

FIXTURE_VARIANT_ADD(text, newline_alone) {
	TEXT("\n", 6, 0, 1)
};

FIXTURE_VARIANT_ADD(text, newline_in_front) {
	TEXT("\nx", 6, 0, 0)
};

FIXTURE_VARIANT_ADD(text, level_and_newline) {
	TEXT("<3>\n", 3, 3, 1)
};

FIXTURE_VARIANT_ADD(text, newline_in_level) {
	TEXT("<4\n>x", 6, 0, 0)
};

FIXTURE_VARIANT_ADD(text, carriage_return) {
	TEXT("x\r\n", 6, 0, 1)
};

FIXTURE_VARIANT_ADD(text, nul) {
	TEXT("a\0b", 6, 0, 0)
};

FIXTURE_VARIANT_ADD(text, nuls_alone) {
	TEXT("\0\0\0", 6, 0, 0)
};

FIXTURE_VARIANT_ADD(text, newline_before_nul) {
	TEXT("a\n\0", 6, 0, 0)
};

FIXTURE_VARIANT_ADD(text, broken_utf8) {
	TEXT("\xff\xfe\xc0\x80\xed\xa0\x80 \xe2\x82", 6, 0, 0)
};

FIXTURE_VARIANT_ADD(text, fields) {
	TEXT("<4>slow disk\0dev=sda\0ms:=900", 4, 3, 0)
};

FIXTURE_VARIANT_ADD(text, fields_newline) {
	TEXT("<4>slow disk\0dev=sda\n", 4, 3, 1)
};

FIXTURE_VARIANT_ADD(text, field_without_equals) {
	TEXT("m\0field\0\0=\0:=", 6, 0, 0)
};

FIXTURE_SETUP(text)
{
	ASSERT_EQ(0, ttlog_reload("memory_per_cpu=64K"));
	ASSERT_EQ(0, pin(1));
	ASSERT_TRUE(recorder_open(&self->r));
}

FIXTURE_TEARDOWN(text)
{
	recorder_close(&self->r);
	EXPECT_EQ(0, ttlog_unload());
}

TEST_F(text, stored)
{
	ASSERT_EQ(variant->len, write(self->r.fd, variant->text, variant->len));
	EXPECT_TRUE(only_is(&self->r, variant->level,
			    variant->text + variant->skip,
			    variant->len - variant->skip - variant->drop));
}

FIXTURE(writev)
{
	struct recorder r;
};

FIXTURE_SETUP(writev)
{
	ASSERT_EQ(0, ttlog_reload("memory_per_cpu=64K"));
	ASSERT_EQ(0, pin(1));
	ASSERT_TRUE(recorder_open(&self->r));
}

FIXTURE_TEARDOWN(writev)
{
	recorder_close(&self->r);
	EXPECT_EQ(0, ttlog_unload());
}

/* The level is in two pieces, and some have nothing in them. */
TEST_F(writev, pieces_are_one_event)
{
	struct iovec v[] = {
		{ "<", 1 }, { NULL, 0 }, { "4>on", 4 }, { "e", 1 }, { "x", 0 },
		{ "\0key=", 5 }, { "value\n", 6 },
	};

	ASSERT_EQ(17, writev(self->r.fd, v, 7));
	EXPECT_TRUE(only_is(&self->r, 4, "one\0key=value", 13));
}

TEST_F(writev, nothing_is_no_event)
{
	struct iovec v[] = { { "x", 0 }, { NULL, 0 } };

	EXPECT_EQ(0, writev(self->r.fd, v, 2));
	EXPECT_EQ(0, writev(self->r.fd, v, 0));
	EXPECT_EQ(0, ledger_sum(&self->r, ALL_OF_USERS).offered);
}

TEST_F(writev, most_bytes)
{
	char text[4096];
	struct iovec v[] = { { text, 4000 }, { text + 4000, 96 } };
	size_t i;

	for (i = 0; i < sizeof(text); i++)
		text[i] = 'a' + i * 5 % 26;
	ASSERT_EQ(4096, writev(self->r.fd, v, 2));
	EXPECT_TRUE(only_is(&self->r, 6, text, 4096));
}

TEST_F(writev, one_byte_too_many)
{
	char text[4096] = {};
	struct iovec v[] = { { text, 4000 }, { text, 97 } };

	EXPECT_EQ(EMSGSIZE, ERRNO(writev(self->r.fd, v, 2)));
	EXPECT_TRUE(lost_one(&self->r, TTLOG_LOST_TOO_LARGE));
}

TEST_F(writev, piece_that_faults)
{
	struct iovec v[] = { { "one", 3 }, { elsewhere(8), 4 }, { "three", 5 } };

	EXPECT_EQ(EFAULT, ERRNO(writev(self->r.fd, v, 3)));
	EXPECT_TRUE(lost_one(&self->r, TTLOG_LOST_FAULTED));
	ASSERT_TRUE(recorder_read(&self->r));
	EXPECT_EQ(0, self->r.nr_seen);
}

TEST_F(writev, piece_that_faults_half_way)
{
	char *pages = two_pages();
	struct iovec v[] = { { "one", 3 }, { pages + PAGE - 3, 6 } };

	ASSERT_EQ(0, mprotect(pages + PAGE, PAGE, PROT_NONE));
	EXPECT_EQ(EFAULT, ERRNO(writev(self->r.fd, v, 2)));
	EXPECT_TRUE(lost_one(&self->r, TTLOG_LOST_FAULTED));
}

/* The copy that faults begins anew, from the first piece. */
TEST_F(writev, pages_that_were_given_back)
{
	char text[3 + 3000] = "one", *pages = two_pages();
	struct iovec v[] = { { text, 3 }, { pages + 2000, 3000 } };

	memset(pages, 'x', 2 * PAGE);
	ASSERT_EQ(0, madvise(pages, 2 * PAGE, MADV_DONTNEED));
	ASSERT_FALSE(present(pages));
	ASSERT_EQ(3003, writev(self->r.fd, v, 2));
	EXPECT_TRUE(only_is(&self->r, 6, text, 3003));
}

FIXTURE(file)
{
	struct recorder r;
};

FIXTURE_SETUP(file)
{
	ASSERT_EQ(0, ttlog_reload("memory_per_cpu=64K"));
	ASSERT_EQ(0, pin(1));
	ASSERT_TRUE(recorder_open(&self->r));
}

FIXTURE_TEARDOWN(file)
{
	recorder_close(&self->r);
	EXPECT_EQ(0, ttlog_unload());
}

TEST_F(file, cannot_be_read)
{
	char byte;

	EXPECT_EQ(EINVAL, ERRNO(read(self->r.fd, &byte, 1)));
}

TEST_F(file, has_no_position)
{
	EXPECT_EQ(ESPIPE, ERRNO(lseek(self->r.fd, 0, SEEK_SET)));
	EXPECT_EQ(ESPIPE, ERRNO(lseek(self->r.fd, 0, SEEK_CUR)));
	EXPECT_EQ(ESPIPE, ERRNO(pwrite(self->r.fd, "x", 1, 0)));
	EXPECT_EQ(0, ledger_sum(&self->r, ALL_OF_USERS).offered);
}

static int write_as_user(void *arg)
{
	int fd = open(DEVICE, *(int *)arg);

	if (fd < 0)
		return 1;
	return write(fd, "from a user", 11) == 11 ? 0 : 2;
}

static int open_to_read(void *arg)
{
	return ERRNO(open(DEVICE, *(int *)arg));
}

TEST_F(file, a_user_writes_and_does_not_read)
{
	int rdonly = O_RDONLY, wronly = O_WRONLY, rdwr = O_RDWR;

	ASSERT_EQ(0, run_as(ALICE, write_as_user, &wronly));
	EXPECT_EQ(EACCES, run_as(ALICE, open_to_read, &rdonly));
	EXPECT_EQ(EACCES, run_as(ALICE, open_to_read, &rdwr));
	EXPECT_TRUE(only_is(&self->r, 6, "from a user", 11));
	EXPECT_EQ(ALICE, self->r.seen[0].slot->uid);
}

TEST_F(file, open_for_reading_does_not_write)
{
	int fd = open(DEVICE, O_RDONLY);

	ASSERT_LE(0, fd);
	EXPECT_EQ(EBADF, ERRNO(write(fd, "x", 1)));
	close(fd);
	EXPECT_EQ(0, ledger_sum(&self->r, ALL_OF_USERS).offered);
}

TEST_HARNESS_MAIN
