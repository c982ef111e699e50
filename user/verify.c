// SPDX-License-Identifier: GPL-2.0-only
/*
 * The decoder checks frame and CBOR, and what an event has to be. Here it is held
 * together: events against each other, the ledger, the head, and the file's name.
 */
#include <argp.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "args.h"
#include "channels.h"
#include "cmd.h"
#include "exit.h"
#include "files.h"
#include "print.h"
#include "snapname.h"
#include "snapshot.h"
#include "summary.h"

/* Of events: those of channels of a version to come are the last. */
#define PLACES	(TTLOG_NR_CHANNELS + 1)

/**
 * struct check - one file
 * @in: its decoder
 * @wrong: it contradicts itself, or lacks something; that was said
 * @summary: what it says
 * @last: time of the event before
 * @demoted: an event says that it is
 * @events: by channel, that are there
 * @read: by channel, that are there as the ledger has it
 * @sum: of the rings' ledgers
 */
struct check {
	struct decoder in;
	bool wrong;
	struct summary summary;
	uint64_t last;
	bool demoted;
	uint64_t events[PLACES];
	uint64_t read[PLACES];
	struct summary_tally sum;
};

/* Say that something is wrong that could be read, and where; reading goes on. */
__attribute__((format(printf, 2, 3)))
static void complain(struct check *check, const char *format, ...)
{
	char what[256];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	check->wrong = true;
	print_warning("%s: at byte %" PRIu64 " of the content: %s", check->in.name,
		      check->in.offset, what);
}

/* The first six keys have their places. Behind a gap nothing has. */
static void check_place(struct check *check, struct slice key)
{
	const char *name;

	if (check->in.damaged || check->summary.items > SUMMARY_REASON)
		return;
	name = summary_key_name(check->summary.items);
	if (!slice_is(key, name))
		complain(check, "the key %s should stand here", name);
}

static void check_events_place(struct check *check)
{
	if (!check->in.damaged && check->summary.items != SUMMARY_REASON + 1)
		complain(check, "the events should stand behind the key %s",
			 summary_key_name(SUMMARY_REASON));
}

static void on_event(void *context, const struct event *event)
{
	struct check *check = context;

	if (event->time < check->last)
		complain(check, "event %" PRIu64 " is older than the one before it",
			 check->in.seen);
	if (check->in.seen == 1)
		check_events_place(check);
	check->last = event->time;
	check->demoted |= event->demoted;
	check->events[event_channel(event)]++;
}

static int on_item(void *context, struct decoder *in, struct slice key)
{
	struct check *check = context;

	check_place(check, key);
	return summary_item(&check->summary, in, key);
}

/* Sums may pass 2^64, as counters that nobody can trust may: so they do when written. */
static void check_offered(struct check *check, const struct summary_tally *tally,
			  const char *of)
{
	uint64_t sum = tally->written + summary_lost(tally);

	if (tally->offered != sum)
		complain(check,
			 "the ledger of %s: offered is %" PRIu64 ", written and lost are %" PRIu64,
			 of, tally->offered, sum);
}

static void check_interval(struct check *check, const struct summary_ring *ring,
			   const char *of)
{
	const struct summary_tally *tally = &ring->tally;
	uint64_t sum = tally->read + tally->overwritten + tally->holes;

	if (ring->from > ring->to || ring->to > tally->written)
		complain(check,
			 "the ledger of %s: from %" PRIu64 " to %" PRIu64 " of %" PRIu64 " written makes no sense",
			 of, ring->from, ring->to, tally->written);
	else if (ring->to - ring->from != sum)
		complain(check,
			 "the ledger of %s: from %" PRIu64 " to %" PRIu64 " are not the %" PRIu64 " events of read, overwritten and holes",
			 of, ring->from, ring->to, sum);
}

/* Where it says which events it has, they are as many, in order, and of the interval. */
static void check_numbers(struct check *check, const struct summary_ring *ring,
			  const char *of)
{
	const struct summary_runs *runs = &ring->numbers;
	uint64_t at = ring->from, sum = 0;
	bool good = true;
	size_t i;

	for (i = 0; good && i < runs->nr; i++) {
		good = runs->list[i].first >= at && runs->list[i].first <= ring->to &&
		       runs->list[i].nr <= ring->to - runs->list[i].first;
		at = runs->list[i].first + runs->list[i].nr;
		sum += runs->list[i].nr;
	}
	if (runs->nr && (!good || sum != ring->tally.read))
		complain(check, "the ledger of %s: its numbers aren't those of %" PRIu64 " events between from and to",
			 of, ring->tally.read);
}

static void add(struct summary_tally *to, const struct summary_tally *tally)
{
	int i;

	to->offered += tally->offered;
	to->written += tally->written;
	for (i = 0; i < TTLOG_NR_LOST; i++)
		to->lost[i] += tally->lost[i];
	to->lost_otherwise += tally->lost_otherwise;
	to->demoted += tally->demoted;
	to->read += tally->read;
	to->overwritten += tally->overwritten;
	to->holes += tally->holes;
}

static void on_ring(void *arg, const struct summary_ring *ring)
{
	struct check *check = arg;
	char of[64];

	snprintf(of, sizeof(of), "CPU %" PRIu64 ", channel %.*s", ring->cpu,
		 (int)(ring->channel.len < 20 ? ring->channel.len : 20),
		 ring->channel.ptr);
	check_offered(check, &ring->tally, of);
	check_interval(check, ring, of);
	check_numbers(check, ring, of);
	add(&check->sum, &ring->tally);
	check->read[channel_by_name(ring->channel)] += ring->tally.read;
}

/*
 * A file may be older than the mark of what was demoted. So where none has it, which of
 * both a user's event was in isn't known.
 */
static void join_users(uint64_t *events)
{
	events[TTLOG_KEEP] += events[TTLOG_FLOW];
	events[TTLOG_FLOW] = 0;
}

static void check_channels(struct check *check)
{
	const char *name;
	int i;

	if (!check->demoted) {
		join_users(check->events);
		join_users(check->read);
	}
	for (i = 0; i < PLACES; i++) {
		if (check->events[i] == check->read[i])
			continue;
		name = i == TTLOG_KEEP && !check->demoted ? "keep or flow" : channel_name(i);
		complain(check, "events in %s: %" PRIu64 ", but %" PRIu64 " by the ledger",
			 name, check->events[i], check->read[i]);
	}
}

static void check_sums(struct check *check)
{
	check_offered(check, &check->summary.totals, "all rings");
	if (memcmp(&check->sum, &check->summary.totals, sizeof(check->sum)))
		complain(check, "the ledger's totals aren't the sum of its rings");
	check_channels(check);
}

static bool is_made_of(struct slice text, const char *characters, size_t least,
		       size_t most)
{
	return text.len >= least && text.len <= most &&
	       strspn(text.ptr, characters) == text.len;
}

#define DIGITS	"0123456789"
#define LETTERS	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static void check_head(struct check *check)
{
	const struct summary *summary = &check->summary;
	char stamp[SNAPSHOT_STAMP];

	snapshot_stamp(stamp, summary->clocks.real);
	if (!is_made_of(summary->created_at, DIGITS, 14, 14) ||
	    memcmp(summary->created_at.ptr, stamp, 14))
		complain(check, "created_at isn't the time of the clock real, %s",
			 stamp);
	if (!is_made_of(summary->reason, DIGITS LETTERS "_-", 1, TTLOG_REASON_MAX))
		complain(check, "reason isn't 1 to %d of the characters A-Z a-z 0-9 _ -",
			 TTLOG_REASON_MAX);
	if (!is_made_of(summary->recorder_id, DIGITS "abcdef", 32, 32))
		complain(check, "recorder_id isn't 32 hexadecimal digits");
	if (!summary->stands_for)
		complain(check, "stands_for is 0");
	if (summary->format != SNAPSHOT_FORMAT)
		complain(check, "format %" PRIu64 " isn't known: this program knows %d",
			 summary->format, SNAPSHOT_FORMAT);
}

/* With -o a file may have any name, and a pipe has none. */
static void check_name(struct check *check, const char *path)
{
	const char *slash = strrchr(path, '/');
	const struct summary *summary = &check->summary;
	struct snapname name;

	if (!snapname_parse(slash ? slash + 1 : path, &name))
		return;
	if (name.pid != summary->pid)
		complain(check, "the pid in the file's name isn't %" PRIu64,
			 summary->pid);
	if (!slice_is(summary->created_at, name.stamp))
		complain(check, "the time in the file's name isn't created_at");
	if (!slice_is(summary->reason, name.reason))
		complain(check, "the reason in the file's name isn't that in the file");
}

static bool is_complete(struct check *check)
{
	enum summary_key key;
	bool complete = true;

	for (key = 0; key < SUMMARY_KEYS; key++) {
		if (summary_has(&check->summary, key))
			continue;
		complete = false;
		complain(check, "the key %s is missing", summary_key_name(key));
	}
	return complete;
}

/* Where it is damaged that was said, and what is left need not agree. */
static void check_all(struct check *check, const char *path)
{
	if (check->in.damaged || !is_complete(check))
		return;
	check_sums(check);
	check_head(check);
	check_name(check, path);
}

static void print_verdict(const struct check *check, const char *path)
{
	print_text(stdout, (struct slice) { path, strlen(path) }, "");
	if (!check->in.damaged && !check->wrong) {
		printf(": ok, %" PRIu64 " events\n", check->in.seen);
	} else {
		printf(": %s, %" PRIu64, check->in.damaged ? "damaged" : "inconsistent",
		       check->in.seen);
		if (check->in.counted)
			printf(" of %" PRIu64, check->in.expected);
		puts(" events can be read");
	}
	fflush(stdout);
}

static int check_file(const char *path, int fd)
{
	struct check check = { .summary.ring = on_ring, .summary.arg = &check };
	struct decode_sink sink = {
		.event = on_event, .item = on_item, .context = &check,
	};

	if (decode_open(&check.in, path, fd)) {
		print_warning("%s: out of memory", path);
		return EXIT_OTHER;
	}
	decode_run(&check.in, &sink);
	check_all(&check, path);
	print_verdict(&check, path);
	decode_free(&check.in);
	summary_free(&check.summary);
	return check.in.damaged || check.wrong ? EXIT_OTHER : EXIT_OK;
}

static int verify(const struct file *file)
{
	int fd, status = file_open(file, &fd);

	if (fd < 0)
		return status;
	status = check_file(file_name(file), fd);
	file_close(fd);
	return status;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	char ***args = state->input;

	(void)arg;
	switch (key) {
	case ARGP_KEY_ARGS:
		*args = state->argv + state->next;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_usage(state);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

int cmd_verify(int argc, char **argv)
{
	static const struct argp argp = {
		.parser = parse,
		.args_doc = "FILE|FOLDER...",
		.doc = "Check whether snapshot files are whole and agree with themselves; - is standard input, and a folder stands for the snapshots in it.",
	};
	struct files files;
	char **args;
	int status, err;
	size_t i;

	args_parse(&argp, argc, argv, 0, &args);
	status = files_expand(&files, args);
	for (i = 0; i < files.nr; i++) {
		err = verify(&files.list[i]);
		if (!status)
			status = err;
	}
	files_free(&files);
	return status;
}
