// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "op.h"
#include "ops.h"

#define CHILDREN	2
#define OP_MS		150	/* longer, and a signal comes */

struct ops_shared *ops_shared;

static pid_t child[CHILDREN];
static bool forked;

static void do_name(struct bytes *in)
{
	char name[16] = { 0 };
	size_t i;

	for (i = 0; i < sizeof(name) - 1 && in->left; i++)
		name[i] = take(in, 1);
	prctl(PR_SET_NAME, name);
}

static void do_fail(struct bytes *in)
{
	fail(take(in, 1) % 24);
}

static void run_ops(struct bytes *in);

/* Another process with the same descriptors and mappings runs what is left too. */
static void do_fork(struct bytes *in)
{
	struct bytes rest = *in;
	unsigned int how = take(in, 1), i;

	if (forked)
		return;
	for (i = 0; i < CHILDREN && child[i]; i++)
		;
	if (i == CHILDREN)
		return;
	fail_no_mapping();
	child[i] = fork();
	if (child[i])
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (role) {
		(void)!setresuid(USER, USER, USER);
		if (how & 1)
			unshare(CLONE_NEWUSER);
	}
	forked = true;
	take(&rest, 1 + how % 8);
	run_ops(&rest);
	_exit(0);
}

static void end_child(pid_t *which)
{
	if (*which <= 0 || forked)
		return;
	kill(*which, SIGKILL);
	waitpid(*which, NULL, 0);
	*which = 0;
}

static void do_kill(struct bytes *in)
{
	end_child(&child[take(in, 1) % CHILDREN]);
}

/**
 * struct op - an operation
 * @run: it
 * @weight: how often it is chosen
 */
static const struct op {
	void (*run)(struct bytes *in);
	unsigned int weight;
} ops[] = {
	{ do_open, 8 }, { do_close, 4 }, { do_dup, 2 }, { do_fcntl, 2 },
	{ do_write, 10 }, { do_writev, 4 }, { do_read, 1 }, { do_kmsg, 1 },
	{ do_uring, 1 }, { do_ioctl, 14 }, { do_helper, 8 }, { do_probe, 4 },
	{ do_mmap, 8 }, { do_munmap, 3 }, { do_remap, 4 }, { do_touch, 4 },
	{ do_poll, 3 }, { do_name, 1 }, { do_fail, 5 }, { do_hotplug, 1 },
	{ do_parameter, 1 }, { do_reload, 2 }, { do_fork, 2 }, { do_kill, 1 },
};

#define NR_OPS	(sizeof(ops) / sizeof(ops[0]))

size_t ops_make(uint8_t *to, uint64_t (*random)(void))
{
	unsigned int all = 0, at;
	size_t i, len = 1 + random() % 10;

	for (i = 0; i < NR_OPS; i++)
		all += ops[i].weight;
	at = random() % all;
	for (i = 0; at >= ops[i].weight; i++)
		at -= ops[i].weight;
	to[0] = i;
	/* Small numbers mean more than others do. */
	for (i = 1; i <= len; i++)
		to[i] = random() % 2 ? random() % 16 : random();
	return len + 1;
}

static void set_alarm(unsigned int ms)
{
	struct itimerval timer = { .it_value = { .tv_usec = ms * 1000 } };

	/* Again and again: one may come just before the call that it is for. */
	timer.it_interval = timer.it_value;
	setitimer(ITIMER_REAL, &timer, NULL);
}

static void run_ops(struct bytes *in)
{
	unsigned int nr;

	for (nr = 0; in->left && nr < 64; nr++) {
		set_alarm(OP_MS);
		ops[take(in, 1) % NR_OPS].run(in);
	}
	set_alarm(0);
	fail(0);
}

static void on_alarm(int signal)
{
	(void)signal;
}

static void be(uint8_t who)
{
	gid_t group = READERS;

	role = who;
	(void)!setresuid(-1, 0, -1);
	(void)!setgroups(who == READER, &group);
	(void)!setresgid(-1, who == ROOT ? 0 : USER, -1);
	if (who != ROOT)
		(void)!setresuid(-1, USER + who, -1);
}

void ops_init(void)
{
	struct sigaction alarm = { .sa_handler = on_alarm };

	sigaction(SIGALRM, &alarm, NULL);
	signal(SIGIO, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	act_init();
	map_init();
	machine_init();
}

/* As whom, and with what open already: so much is in most sequences. */
void ops_run(const uint8_t *bytes, size_t len)
{
	struct bytes in = { bytes, len };
	uint8_t how = take(&in, 1);
	size_t i;

	machine_enter();
	be(how % 3);
	open_slots(how >> 4);
	run_ops(&in);
	for (i = 0; i < CHILDREN; i++)
		end_child(&child[i]);
	unmap_all();
	close_slots();
	be(ROOT);
	machine_leave();
}
