/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program that is run for a file.
 */
#ifndef TTLOG_HOOK_H
#define TTLOG_HOOK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What it is told, in its environment, beside PATH and LANG. */
enum hook_word {
	HOOK_FILE,
	HOOK_REASON,
	HOOK_SERVICE,
	HOOK_WORDS
};

/**
 * struct hook - it, and what became of it
 * @program: its absolute path, from malloc()
 * @words: "TTLOG_NAME=VALUE" each, from malloc()
 * @timeout: s that it may take
 * @pid: of it and of its process group; 0: it wasn't started
 * @failed: where it says that it can't be started
 * @due: when it is signalled next, ms
 * @signals: sent to it
 * @stuck: none of them ended it, and it is to be waited for some day
 */
struct hook {
	char *program;
	char *words[HOOK_WORDS];
	unsigned int timeout;
	pid_t pid;
	int failed;
	uint64_t due;
	unsigned int signals;
	bool stuck;
};

/**
 * hook_start() - run it
 * @now: ms, as in hook_tend()
 *
 * With the file's path as its argument, nothing to read, and what it prints on our
 * stderr. Nothing of it is waited for.
 *
 * Return: false if it can't be, which is said.
 */
bool hook_start(struct hook *hook, uint64_t now);

/**
 * hook_tend() - see whether it has ended, and end what takes too long
 *
 * First by SIGTERM, then by SIGKILL, which its whole process group gets. What it leaves
 * behind in that group is killed when it ends. What isn't as it should be is said.
 *
 * Return: false if it is over.
 */
bool hook_tend(struct hook *hook, uint64_t now);

/* The path of the file, for messages. */
const char *hook_file(const struct hook *hook);

void hook_free(struct hook *hook);

#endif
