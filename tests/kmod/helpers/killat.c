// SPDX-License-Identifier: GPL-2.0-only
/*
 * Run a program up to its first poll(), tell it to end by SIGTERM, and kill it right
 * before the Nth system call from there on:
 *
 *	killat N PROGRAM [ARGUMENT...]
 *
 * With "ioctl NUMBER" in front of N it isn't told anything, and calls are counted from
 * the first ioctl of that number on, which is 0.
 *
 * Exit status: 9 if it was killed, else the program's.
 */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
/* The C library's has a struct of another name for the same. */
#include <linux/ptrace.h>

#define KILLED	9

static unsigned long from_ioctl;	/* its number; 0: from the first poll on */

static bool is_poll(unsigned long nr)
{
#ifdef SYS_poll
	if (nr == SYS_poll)
		return true;
#endif
	return nr == SYS_ppoll;
}

/* Returns true when it is time to kill. */
static bool entered(pid_t pid, const struct ptrace_syscall_info *info, long *left)
{
	static bool counting;

	if (!counting && from_ioctl)
		counting = info->entry.nr == SYS_ioctl &&
			   info->entry.args[1] == from_ioctl;
	else if (!counting && is_poll(info->entry.nr)) {
		counting = true;
		kill(pid, SIGTERM);
	}
	return counting && (*left)-- == 0;
}

static int ended(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static int step(pid_t pid, long left)
{
	struct ptrace_syscall_info info;
	int status, deliver = 0;

	for (;;) {
		if (ptrace(PTRACE_SYSCALL, pid, 0, deliver) ||
		    waitpid(pid, &status, 0) < 0)
			err(1, "stepping");
		if (!WIFSTOPPED(status))
			return ended(status);
		/* The first one is that of execve(). */
		deliver = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
		if (deliver != (SIGTRAP | 0x80))
			continue;
		deliver = 0;
		if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) < 0)
			err(1, "which call is it");
		if (info.op != PTRACE_SYSCALL_INFO_ENTRY ||
		    !entered(pid, &info, &left))
			continue;
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		return KILLED;
	}
}

int main(int argc, char **argv)
{
	int status;
	pid_t pid;

	if (argc > 3 && !strcmp(argv[1], "ioctl")) {
		from_ioctl = strtoul(argv[2], NULL, 0);
		argv += 2;
		argc -= 2;
	}
	if (argc < 3)
		errx(2, "usage: killat [ioctl NUMBER] N PROGRAM [ARGUMENT...]");
	pid = fork();
	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		execvp(argv[2], argv + 2);
		err(127, "%s", argv[2]);
	}
	waitpid(pid, &status, 0);
	if (ptrace(PTRACE_SETOPTIONS, pid, 0,
		   PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL))
		err(1, "tracing");
	return step(pid, atol(argv[1]));
}
