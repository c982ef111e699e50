// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exit.h"
#include "pager.h"
#include "print.h"

/**
 * struct pager - the one that runs
 * @pid: of it
 * @out: what standard output was before
 * @err: standard error, or -1 where that wasn't a terminal
 */
static struct pager {
	pid_t pid;
	int out;
	int err;
} pager;

bool pager_terminal(void)
{
	const char *term = getenv("TERM");

	return isatty(fileno(stdout)) && term && *term && strcmp(term, "dumb");
}

static const char *find_command(void)
{
	const char *command = getenv("TTLOG_PAGER") ?: getenv("PAGER") ?: "less";

	return strcmp(command, "cat") ? command : "";
}

static void wait_for_pager(void)
{
	while (waitpid(pager.pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* SIGPIPE: whoever quits the pager has seen enough. It leaves the terminal first. */
static void on_quit(int signal)
{
	(void)signal;
	wait_for_pager();
	_exit(EXIT_OK);
}

/* At the end. What is said from now on is said on the terminal itself. */
static void leave(void)
{
	fflush(stdout);
	dup2(pager.out, STDOUT_FILENO);
	if (pager.err >= 0)
		dup2(pager.err, STDERR_FILENO);
	wait_for_pager();
}

/* The child. Only a command of one word is run without a shell, whose error it would be. */
__attribute__((noreturn))
static void run(const char *command, int in, int failed)
{
	int error;

	dup2(in, STDIN_FILENO);
	/* Leave when all fits on the screen, show colours, and leave what was shown there. */
	setenv("LESS", "FRX", 0);
	setenv("LV", "-c", 0);
	/* Who may run this program by sudo may run no other from within it. */
	if (getenv("SUDO_UID"))
		setenv("LESSSECURE", "1", 1);
	if (strpbrk(command, " \t\n|&;<>()$`\\\"'*?[#~=%"))
		execl("/bin/sh", "sh", "-c", command, NULL);
	else
		execlp(command, command, NULL);
	error = errno;
	_exit(write(failed, &error, sizeof(error)) == sizeof(error) ? 127 : 126);
}

static void take_over(int to)
{
	static const struct sigaction quit = { .sa_handler = on_quit };
	static const struct sigaction ignore = { .sa_handler = SIG_IGN };

	pager.out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	pager.err = isatty(STDERR_FILENO) ?
		    fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1) : -1;
	dup2(to, STDOUT_FILENO);
	if (pager.err >= 0)
		dup2(to, STDERR_FILENO);
	/* Messages are not to stand within a line. */
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	sigaction(SIGPIPE, &quit, NULL);
	/* Within the pager it is a key. */
	sigaction(SIGINT, &ignore, NULL);
	atexit(leave);
}

/* Return: 0, or the errno with which the command could not be run. */
static int start(const char *command, int in, const int *failed)
{
	int error = 0;

	pager.pid = fork();
	if (!pager.pid)
		run(command, in, failed[1]);
	close(failed[1]);
	if (pager.pid < 0)
		return errno;
	if (read(failed[0], &error, sizeof(error)) == sizeof(error))
		wait_for_pager();
	return error;
}

void pager_begin(void)
{
	const char *command = find_command();
	int lines[2], failed[2], error;

	if (!*command)
		return;
	if (pipe2(lines, O_CLOEXEC))
		return;
	if (pipe2(failed, O_CLOEXEC)) {
		close(lines[0]);
		close(lines[1]);
		return;
	}
	error = start(command, lines[0], failed);
	close(lines[0]);
	close(failed[0]);
	if (!error)
		take_over(lines[1]);
	else if (getenv("TTLOG_PAGER") || getenv("PAGER"))
		print_warning("pager '%s': %s", command, strerror(error));
	close(lines[1]);
}
