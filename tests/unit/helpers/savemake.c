// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the helper does for a snapshot that it could not write, by the shipped code:
 *
 *	savemake FOLDER KEEP
 *
 * One is kept in memory, then a newer one instead; it is written into the folder,
 * and files of there are removed until no more than KEEP bytes are left. What fails
 * is tried once more, as the helper does when 10 s have passed. Exit status: 1 if
 * it is still kept.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "../synth.h"
#include "save.h"

static struct reader_ring ring;

static void put(struct helper *helper, const char *reason, int events)
{
	struct snapshot snapshot;
	int i, error;

	for (i = 0; i < events; i++) {
		synth_add(&ring, (struct synth_event) {
			.time = i, .level = i % 8, .pid = 1, .text = reason,
		});
	}
	synth_head(&snapshot, &ring, 1);
	snapshot.reason = reason;
	error = stash_put(&helper->stash, &snapshot, TTLOG_TRIGGER_LEVEL, 1 << 20);
	if (error)
		warnx("'%s' can't be kept: %s", reason, strerror(-error));
}

int main(int argc, char **argv)
{
	struct helper helper = { .stash = STASH_NONE };

	if (argc != 3)
		errx(2, "usage: savemake FOLDER KEEP");
	helper.folder = argv[1];
	helper.keep.all.bytes = strtoull(argv[2], NULL, 10);
	put(&helper, "older", 10);
	put(&helper, "newer", 1000);
	return !save_stash(&helper) && !save_stash(&helper);
}
