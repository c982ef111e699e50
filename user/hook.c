// SPDX-License-Identifier: GPL-2.0-only
/*
 * By fork() instead of posix_spawn(), as that waits until the program was found, on
 * whatever disk. The rings aren't copied: the module sees to that.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hook.h"

#define GRACE_MS	2000	/* from one signal to the next */

#define FAILED		(STDERR_FILENO + 1)

const char *hook_file(const struct hook *hook)
{
	return strchr(hook->words[HOOK_FILE], '=') + 1;
}

/* Signals are as they are for any program, and ours are let through. */
static void reset_signals(void)
{
	sigset_t none;

	signal(SIGXFSZ, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Only what it is to have stays open, and @failed for as long as it isn't run. */
static int set_files(int failed)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(STDERR_FILENO, STDOUT_FILENO) < 0 ||
	    (failed != FAILED && dup3(failed, FAILED, O_CLOEXEC) < 0))
		return -1;
	return close_range(FAILED + 1, ~0U, 0);
}

__attribute__((noreturn))
static void become(const struct hook *hook, int failed)
{
	char *const argv[] = { hook->program, (char *)hook_file(hook), NULL };
	char *const env[] = {
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"LANG=C", hook->words[HOOK_FILE], hook->words[HOOK_REASON],
		hook->words[HOOK_SERVICE], NULL,
	};
	int error;

	setpgid(0, 0);
	reset_signals();
	if (!set_files(failed)) {
		failed = FAILED;
		if (!chdir("/"))
			execve(hook->program, argv, env);
	}
	error = errno;
	if (write(failed, &error, sizeof(error)) < 0)
		_exit(126);
	_exit(127);
}

static bool refused(const struct hook *hook, int error)
{
	warnx("hook '%s' can't be run for %s: %s", hook->program,
	      hook_file(hook), strerror(error));
	return false;
}

bool hook_start(struct hook *hook, uint64_t now)
{
	int ends[2], error;

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return refused(hook, errno);
	hook->pid = fork();
	error = errno;
	if (!hook->pid)
		become(hook, ends[1]);
	close(ends[1]);
	if (hook->pid < 0) {
		hook->pid = 0;
		close(ends[0]);
		return refused(hook, error);
	}
	/* Whoever of the two is first: it is signalled as a group. */
	setpgid(hook->pid, hook->pid);
	hook->failed = ends[0];
	hook->due = now + hook->timeout * 1000ULL;
	hook->signals = 0;
	hook->stuck = false;
	return true;
}

static void tell_end(const struct hook *hook, int status)
{
	int error;

	if (read(hook->failed, &error, sizeof(error)) == sizeof(error))
		refused(hook, error);
	else if (hook->signals)
		return;
	else if (WIFSIGNALED(status))
		warnx("hook '%s' for %s was killed by signal %d", hook->program,
		      hook_file(hook), WTERMSIG(status));
	else if (WEXITSTATUS(status))
		warnx("hook '%s' for %s ended with status %d", hook->program,
		      hook_file(hook), WEXITSTATUS(status));
}

/* Its number is nobody else's until it is waited for: so the group is killed before. */
static bool has_ended(struct hook *hook)
{
	siginfo_t info = { 0 };
	int status = 0;

	if (waitid(P_PID, hook->pid, &info, WEXITED | WNOHANG | WNOWAIT) ||
	    !info.si_pid)
		return false;
	kill(-hook->pid, SIGKILL);
	waitpid(hook->pid, &status, 0);
	tell_end(hook, status);
	return true;
}

/* Returns false where that is of no use. */
static bool end(struct hook *hook, uint64_t now)
{
	switch (hook->signals++) {
	case 0:
		warnx("hook '%s' for %s takes more than %u s and is ended",
		      hook->program, hook_file(hook), hook->timeout);
		kill(-hook->pid, SIGTERM);
		break;
	case 1:
		kill(-hook->pid, SIGKILL);
		break;
	default:
		warnx("hook '%s' for %s can't be killed", hook->program,
		      hook_file(hook));
		hook->stuck = true;
		return false;
	}
	hook->due = now + GRACE_MS;
	return true;
}

bool hook_tend(struct hook *hook, uint64_t now)
{
	bool over = has_ended(hook) || (now >= hook->due && !end(hook, now));

	if (over)
		close(hook->failed);
	return !over;
}

void hook_free(struct hook *hook)
{
	int i;

	free(hook->program);
	for (i = 0; i < HOOK_WORDS; i++)
		free(hook->words[i]);
}
