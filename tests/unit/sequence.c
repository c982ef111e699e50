// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events of several files, in the order of their times.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "encode.h"
#include "sequence.h"
#include "tap.h"

#define EVENTS	64
#define MS(n)	((n) * NSEC_PER_MSEC)

/* How many files are being decoded, and at most were; which open is to fail. */
static int decoders, most_decoders, fail_in;

int __real_decode_open(struct decoder *in, const char *name, int fd);
int __wrap_decode_open(struct decoder *in, const char *name, int fd);
int __wrap_decode_open(struct decoder *in, const char *name, int fd)
{
	if (fail_in && !--fail_in) {
		memset(in, 0, sizeof(*in));
		return -ENOMEM;
	}
	if (++decoders > most_decoders)
		most_decoders = decoders;
	return __real_decode_open(in, name, fd);
}

void __real_decode_free(struct decoder *in);
void __wrap_decode_free(struct decoder *in);
void __wrap_decode_free(struct decoder *in)
{
	decoders--;
	__real_decode_free(in);
}

static void put_event(struct encoder *out, uint64_t time, char id)
{
	struct event event = {
		.time = time, .level = 6, .kind = { "log", 3 }, .comm = { "c", 1 },
		.service = { "c", 1 }, .message = { &id, 1 },
	};

	if (encode_event(out, &event))
		errx(1, "event");
}

/*
 * A file with an event at each of some times, in ms, up to a 0. Messages are letters,
 * from @first on.
 */
static int file(char first, const uint64_t *times)
{
	static struct encoder out;
	int fd = memfd_create("snapshot", 0), nr = 0, i;
	struct frame frame;

	while (times[nr])
		nr++;
	if (fd < 0 || frame_begin(&frame, fd))
		err(1, "file");
	encode_init(&out, &frame);
	encode_map(&out, 1);
	encode_name(&out, "events");
	encode_array(&out, nr);
	for (i = 0; i < nr; i++)
		put_event(&out, MS(times[i]), first + i);
	if (encode_flush(&out) || frame_end(&frame) || lseek(fd, 0, SEEK_SET))
		errx(1, "file");
	frame_free(&frame);
	return fd;
}

#define FILE_OF(first, ...)	file(first, (const uint64_t[]) { __VA_ARGS__, 0 })

static void begin(void)
{
	decoders = 0;
	most_decoders = 0;
}

static size_t places;

static void add(struct sequence *sequence, const char *name, int fd)
{
	sequence_add(sequence, name, fd, ++places);
}

/* What comes of it, and which file is the first that is called damaged. */
static void ends(struct sequence *sequence, const char *expected, size_t damaged,
		 const char *what)
{
	const struct event *event;
	char got[EVENTS + 1];
	size_t nr = 0;

	while (nr < EVENTS && (event = sequence_next(sequence)))
		got[nr++] = *event->message.ptr;
	got[nr] = '\0';
	if (!tap_ok(!strcmp(got, expected) && sequence->damaged == damaged && !decoders &&
		    !sequence_next(sequence), "%s: %s", what, expected))
		printf("# %s, damaged %zu, %d decoders\n", got, sequence->damaged,
		       decoders);
	sequence_free(sequence);
	memset(sequence, 0, sizeof(*sequence));
	places = 0;
}

static void orders(void)
{
	struct sequence all = { 0 };

	ends(&all, "", 0, "no file");
	add(&all, "1", FILE_OF('a', 1, 2, 3));
	ends(&all, "abc", 0, "one file");
	add(&all, "1", file('a', (const uint64_t[]) { 0 }));
	ends(&all, "", 0, "no event");
	add(&all, "1", FILE_OF('a', 1, 4, 7));
	add(&all, "2", FILE_OF('m', 2, 5, 8));
	add(&all, "3", FILE_OF('x', 3, 6, 9));
	ends(&all, "amxbnycoz", 0, "three files in turn");
	add(&all, "1", FILE_OF('x', 7, 8));
	add(&all, "2", FILE_OF('a', 1, 2));
	add(&all, "3", FILE_OF('m', 3, 9));
	ends(&all, "abmxyn", 0, "the first is the latest");
	add(&all, "1", FILE_OF('a', 5, 5));
	add(&all, "2", FILE_OF('m', 5, 5));
	add(&all, "3", FILE_OF('x', 4, 5));
	ends(&all, "xabmny", 0, "at the same time in the files' order");
	/* All that stands behind 9 has it for its time. */
	add(&all, "1", FILE_OF('a', 1, 9, 2, 3, 10));
	add(&all, "2", FILE_OF('m', 1, 4, 8, 9, 11));
	ends(&all, "amnobcdpeq", 0, "times that go back");
}

static void resting(void)
{
	struct sequence all = { 0 };
	uint64_t times[3] = { 0 };
	int i;

	begin();
	for (i = 19; i >= 0; i--) {
		times[0] = 10 + i;
		times[1] = 11 + i;
		add(&all, "many", file('A' + 2 * i, times));
	}
	tap_ok(most_decoders == 1 && !decoders, "files rest until they are due");
	ends(&all, "ACBEDGFIHKJMLONQPSRUTWVYX[Z]\\_^a`cbedgfh", 0, "20 files");
	tap_ok(most_decoders == 2, "at most %d of them are read at a time", most_decoders);
}

/* What can't be read twice. */
static void pipes(void)
{
	struct sequence all = { 0 };
	char bytes[4096];
	int fds[2], fd = FILE_OF('a', 1, 4, 7);
	ssize_t len = read(fd, bytes, sizeof(bytes));

	close(fd);
	if (len <= 0 || pipe(fds) || write(fds[1], bytes, len) != len)
		err(1, "pipe");
	close(fds[1]);
	add(&all, "pipe", fds[0]);
	add(&all, "2", FILE_OF('m', 2, 5, 8));
	ends(&all, "ambnco", 0, "a pipe and a file");

	/* A file that is read from somewhere on is read from there again. */
	fd = memfd_create("snapshot", 0);
	if (write(fd, "shell", 5) != 5 || write(fd, bytes, len) != len)
		err(1, "file");
	lseek(fd, 5, SEEK_SET);
	add(&all, "behind", fd);
	ends(&all, "abc", 0, "not from its beginning");
}

static int cut(int fd, size_t less)
{
	if (ftruncate(fd, lseek(fd, 0, SEEK_END) - less) || lseek(fd, 0, SEEK_SET))
		err(1, "file");
	return fd;
}

static void damage(void)
{
	struct sequence all = { 0 };
	int fd;

	add(&all, "1", FILE_OF('a', 1, 4));
	add(&all, "no file", memfd_create("snapshot", 0));
	add(&all, "2", FILE_OF('m', 2, 5));
	ends(&all, "ambn", 2, "one of them is empty");
	add(&all, "1", FILE_OF('a', 1, 4));
	add(&all, "2", cut(FILE_OF('m', 2, 5), 4));
	ends(&all, "ambn", 2, "one of them lacks its checksum");
	add(&all, "1", cut(FILE_OF('a', 1, 4), 4));
	add(&all, "no file", memfd_create("snapshot", 0));
	ends(&all, "ab", 1, "the first is found out last");

	/* No longer what it was when it was looked at. */
	fd = FILE_OF('x', 3, 4);
	add(&all, "1", FILE_OF('a', 1, 5));
	add(&all, "gone", fd);
	if (ftruncate(fd, 0))
		err(1, "file");
	ends(&all, "ab", 2, "one is emptied meanwhile");

	add(&all, "1", FILE_OF('a', 1, 5));
	fail_in = 1;
	add(&all, "no memory", FILE_OF('m', 2));
	ends(&all, "amb", 0, "no memory to look at one");
	add(&all, "1", FILE_OF('a', 1, 5));
	add(&all, "no memory", FILE_OF('m', 2));
	fail_in = 2;
	ends(&all, "ab", 2, "no memory to read one");
}

static void given_up(void)
{
	struct sequence all = { 0 };

	add(&all, "1", FILE_OF('a', 1, 5));
	add(&all, "2", FILE_OF('m', 2, 3));
	add(&all, "3", FILE_OF('x', 4));
	tap_ok(*sequence_next(&all)->message.ptr == 'a' &&
	       *sequence_next(&all)->message.ptr == 'm', "two events");
	sequence_free(&all);
	tap_ok(!decoders, "the rest isn't wanted");
}

static int open_files(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

int main(void)
{
	int before = open_files();

	orders();
	resting();
	pipes();
	damage();
	given_up();
	tap_ok(open_files() == before, "all files are closed");
	return tap_done();
}
