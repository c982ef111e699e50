/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The programs that are run for files, beside the helper's work: one at a time, in the
 * order of the files, and at its end all that are left at once.
 */
#ifndef TTLOG_HOOKS_H
#define TTLOG_HOOKS_H

#include <ttlog.h>

#include "hook.h"

/* Files that may wait for theirs, beside the one whose is run. */
#define HOOKS_WAIT	16

/* Of those that can't be killed so many may be left; then none is run. */
#define HOOKS_STUCK	8

/* Reasons that may have one of their own. */
#define HOOKS_REASONS	32

/**
 * struct hook_order - what is to be run
 * @reason: for files with this one
 * @program: its absolute path; empty: none
 * @timeout: s that it may take
 */
struct hook_order {
	char reason[TTLOG_REASON_MAX + 1];
	const char *program;
	unsigned int timeout;
};

/**
 * struct hooks - what is to be run, and what is
 * @otherwise: for files with other reasons; its program may be NULL: none
 * @nr_orders: entries of @orders
 * @orders: of reasons
 * @nr: entries of @all
 * @all: in order; those that have a pid are run
 * @left_out: files that nothing was run for, as too many waited
 * @nr_stuck: entries of @stuck
 * @stuck: processes that can't be killed
 */
struct hooks {
	struct hook_order otherwise;
	size_t nr_orders;
	struct hook_order orders[HOOKS_REASONS];
	size_t nr;
	struct hook all[HOOKS_WAIT + 1];
	uint64_t left_out;
	size_t nr_stuck;
	pid_t stuck[HOOKS_STUCK];
};

/**
 * hooks_add() - a file was written
 * @file: its path
 * @reason: of its snapshot
 * @service: name of this recorder
 *
 * What is to be run for it waits for hooks_tend(). Where too many wait it is said which is
 * left out: the first one for a timer's file, or this one.
 */
void hooks_add(struct hooks *hooks, const char *file, const char *reason,
	       const char *service);

/**
 * hooks_tend() - start what is next, and see to what is run
 * @now: CLOCK_MONOTONIC, ms
 *
 * To be called when a child has ended, and when it says so.
 *
 * Return: when to call it next, in ms; 0: it needn't be.
 */
uint64_t hooks_tend(struct hooks *hooks, uint64_t now);

/**
 * hooks_finish() - run all that is left at once, and wait until all has ended
 *
 * That takes no longer than the longest may take, and 4 s.
 */
void hooks_finish(struct hooks *hooks);

#endif
