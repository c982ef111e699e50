// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "hooks.h"
#include "mono.h"
#include "snapname.h"
#include "watchdog.h"

static const struct hook_order *find(const struct hooks *hooks, const char *reason)
{
	size_t i;

	for (i = 0; i < hooks->nr_orders; i++) {
		if (!strcmp(hooks->orders[i].reason, reason))
			return &hooks->orders[i];
	}
	return &hooks->otherwise;
}

static char *word(const char *name, const char *value)
{
	char *text;

	return asprintf(&text, "TTLOG_%s=%s", name, value) < 0 ? NULL : text;
}

static bool make(struct hook *hook, const struct hook_order *order,
		 const char *file, const char *reason, const char *service)
{
	*hook = (struct hook) {
		.program = strdup(order->program),
		.words = {
			[HOOK_FILE] = word("FILE", file),
			[HOOK_REASON] = word("REASON", reason),
			[HOOK_SERVICE] = word("SERVICE", service),
		},
		.timeout = order->timeout,
	};
	if (hook->program && hook->words[HOOK_FILE] &&
	    hook->words[HOOK_REASON] && hook->words[HOOK_SERVICE])
		return true;
	warn("hook '%s' isn't run for %s", order->program, file);
	hook_free(hook);
	return false;
}

static void leave_out(struct hooks *hooks, const char *program, const char *file)
{
	hooks->left_out++;
	warnx("hook '%s' isn't run for %s, as %d wait (%llu in all)", program, file,
	      HOOKS_WAIT, (unsigned long long)hooks->left_out);
}

static const char *reason_of(const struct hook *hook)
{
	return strchr(hook->words[HOOK_REASON], '=') + 1;
}

static void drop(struct hooks *hooks, size_t i)
{
	struct hook *hook = &hooks->all[i];

	if (hook->stuck && hooks->nr_stuck < HOOKS_STUCK)
		hooks->stuck[hooks->nr_stuck++] = hook->pid;
	hook_free(hook);
	hooks->nr--;
	memmove(hook, hook + 1, (hooks->nr - i) * sizeof(*hook));
}

/* Make room for what is worth more than one for a timer's file. Returns whether there is. */
static bool make_room(struct hooks *hooks, const char *reason)
{
	size_t i;

	if (hooks->nr < HOOKS_WAIT + 1)
		return true;
	for (i = 0; i < hooks->nr && !snapname_of_timer(reason); i++) {
		const struct hook *hook = &hooks->all[i];

		if (hook->pid || !snapname_of_timer(reason_of(hook)))
			continue;
		leave_out(hooks, hook->program, hook_file(hook));
		drop(hooks, i);
		return true;
	}
	return false;
}

void hooks_add(struct hooks *hooks, const char *file, const char *reason,
	       const char *service)
{
	const struct hook_order *order = find(hooks, reason);

	if (!order->program || !*order->program)
		return;
	if (!make_room(hooks, reason)) {
		leave_out(hooks, order->program, file);
		return;
	}
	hooks->nr += make(&hooks->all[hooks->nr], order, file, reason, service);
}

static void reap(struct hooks *hooks)
{
	size_t i, nr = 0;

	for (i = 0; i < hooks->nr_stuck; i++) {
		if (!waitpid(hooks->stuck[i], NULL, WNOHANG))
			hooks->stuck[nr++] = hooks->stuck[i];
	}
	hooks->nr_stuck = nr;
}

/* Whoever can't be killed is no reason to have ever more of them. */
static bool start(const struct hooks *hooks, struct hook *hook, uint64_t now)
{
	if (hooks->nr_stuck < HOOKS_STUCK)
		return hook_start(hook, now);
	warnx("hook '%s' isn't run for %s, as %d can't be killed", hook->program,
	      hook_file(hook), HOOKS_STUCK);
	return false;
}

/* At most so many are run at a time. */
static uint64_t tend(struct hooks *hooks, uint64_t now, size_t at_once)
{
	uint64_t due = 0;
	size_t i = 0;

	reap(hooks);
	while (i < hooks->nr && i < at_once) {
		struct hook *hook = &hooks->all[i];

		if (!(hook->pid ? hook_tend(hook, now) : start(hooks, hook, now))) {
			drop(hooks, i);
			continue;
		}
		if (!due || hook->due < due)
			due = hook->due;
		i++;
	}
	return due;
}

uint64_t hooks_tend(struct hooks *hooks, uint64_t now)
{
	return tend(hooks, now, 1);
}

static void wait_until(uint64_t due, uint64_t now, const sigset_t *signals)
{
	uint64_t alive = watchdog_due(), left;
	struct timespec time;

	if (alive && alive < due)
		due = alive;
	left = due > now ? due - now : 0;
	time.tv_sec = left / 1000;
	time.tv_nsec = left % 1000 * 1000000;
	sigtimedwait(signals, NULL, &time);
}

void hooks_finish(struct hooks *hooks)
{
	sigset_t signals;
	uint64_t now, due;

	/* Blocked first: none that ends from here on goes unnoticed. */
	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	for (;;) {
		watchdog_alive();
		now = mono_ms();
		due = tend(hooks, now, HOOKS_WAIT + 1);
		if (!due)
			return;
		wait_until(due, now, &signals);
	}
}
