// SPDX-License-Identifier: GPL-2.0-only
/*
 * One loop, one thread. It sleeps in poll() until there is a trigger, a signal or
 * the timer, and for nothing else; while something could not be written, also until
 * that is tried again, and while systemd doesn't take what it is told, until it does.
 * Where limits of age are set, or systemd watches, it wakes up for these, too.
 * Each turn takes one of each, so that none holds the others up.
 */
#include <err.h>
#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "describe.h"
#include "folder.h"
#include "helper.h"
#include "mono.h"
#include "notify.h"
#include "previous.h"
#include "retain.h"
#include "save.h"
#include "serve.h"
#include "timer.h"
#include "watchdog.h"

#define AGE_MS		(3600 * 1000)	/* until files are looked at for their age */
#define RETRY_MS	10000	/* until what could not be written is tried again */

enum { NOTES, DEVICE, TIMER, SIGNALS, NR_FDS };

/* For who reads the machine's memory when it is dead; older modules don't care. */
static void tell_boot(struct helper *helper)
{
	struct ttlog_boot boot = { 0 };
	const char *at = helper->boot_id;
	size_t i;

	for (i = 0; i < sizeof(boot.id); i++) {
		at += *at == '-';
		if (sscanf(at, "%2hhx", &boot.id[i]) != 1)
			return;
		at += 2;
	}
	ioctl(helper->device.fd, TTLOG_IOC_BOOT, &boot);
}

/*
 * What files say of the host is known before anything is taken: nothing of what rings
 * held is to be lost for want of that, or of a file to read it from.
 */
static int attach(struct helper *helper, unsigned long how)
{
	describe_boot(helper->boot_id);
	if (!ioctl(helper->device.fd, how, 0)) {
		tell_boot(helper);
		return EXIT_OK;
	}
	switch (errno) {
	case EBUSY:
		warnx("%s has a helper already, and there can be only one",
		      DEVICE_PATH);
		return EXIT_OTHER;
	case EPERM:
		warnx("%s: its helper needs CAP_SYSLOG", DEVICE_PATH);
		return EXIT_PERMISSION;
	}
	return device_failed("be its helper");
}

/* From here on they wait until they are looked for. */
static void block_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
	sigprocmask(SIG_BLOCK, set, NULL);
}

static int open_signals(void)
{
	sigset_t set;

	block_signals(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int set_timer(int fd, unsigned int interval)
{
	struct itimerspec every = {
		.it_value.tv_sec = interval,
		.it_interval.tv_sec = interval,
	};

	return timerfd_settime(fd, 0, &every, NULL);
}

static int open_timer(unsigned int interval)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd >= 0 && set_timer(fd, interval)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* What is needed once only is given back, so that memory is the same each time. */
static void tidy(void)
{
	malloc_trim(0);
}

/* What could not be written, first that which is nowhere else. */
static void save_waiting(struct helper *helper)
{
	save_stash(helper);
	if (helper->left)
		helper->left = previous_save(helper, false);
}

static bool any_waits(const struct helper *helper)
{
	return stash_full(&helper->stash) || helper->left;
}

static void tick(struct helper *helper, int fd)
{
	uint64_t times;

	if (read(fd, &times, sizeof(times)) != sizeof(times))
		return;
	if (!timer_snapshot(helper, "timer"))
		save_waiting(helper);
	tidy();
}

/* What is wrong with it was said. A timer that goes on as before isn't put back. */
static void obey(struct helper *helper, int timer)
{
	unsigned int interval = helper->interval;

	if (orders_take(helper->orders, helper)) {
		warnx("the configuration stays what it was");
		notify("STATUS=The configuration is wrong, and stays what it was");
		return;
	}
	orders_enforce(helper->orders, &helper->device);
	if (helper->interval != interval && set_timer(timer, helper->interval))
		warn("cannot set the timer to %u s", helper->interval);
}

/*
 * The folder is opened for each file, so that there is nothing to close; what was
 * found wrong with it may be right now.
 */
static void reload(struct helper *helper, int timer)
{
	struct stat st;

	/* One that is older than the signal, be it by a rounding, is ignored. */
	notify("RELOADING=1\nMONOTONIC_USEC=%llu",
	       (unsigned long long)mono_us());
	obey(helper, timer);
	if (helper->make)
		folder_make_default();
	if (stat(helper->folder, &st))
		warn("the folder %s", helper->folder);
	else if (!S_ISDIR(st.st_mode))
		warnx("%s is no folder", helper->folder);
	else
		warnx("opened the folder %s again", helper->folder);
	save_waiting(helper);
	save_retain(helper);
	notify("READY=1");
}

/* Returns true if it is time to end. */
static bool take_signal(struct helper *helper, const struct pollfd *fds)
{
	struct signalfd_siginfo info;

	if (read(fds[SIGNALS].fd, &info, sizeof(info)) != sizeof(info))
		return false;
	if (info.ssi_signo == SIGHUP)
		reload(helper, fds[TIMER].fd);
	/* A hook has ended: they are seen to with each turn. */
	return info.ssi_signo != SIGHUP && info.ssi_signo != SIGCHLD;
}

static int finish(struct helper *helper)
{
	int status;

	notify("STOPPING=1");
	/* First what nobody else has: what is new stays in the rings. */
	save_stash(helper);
	status = timer_snapshot(helper, "exit");
	if (!save_stash(helper)) {
		warnx("the snapshot '%s' is lost: it was kept in memory only",
		      helper->stash.reason);
		stash_drop(&helper->stash);
		if (!status)
			status = EXIT_FOLDER;
	}
	return status;
}

/**
 * struct dues - when what isn't waited for is done, in ms; 0: it needn't be
 * @retry: what could not be written is tried again
 * @retain: files are looked at for their age
 * @alive: systemd is told that we go on
 * @hooks: one takes too long
 */
struct dues {
	uint64_t retry;
	uint64_t retain;
	uint64_t alive;
	uint64_t hooks;
};

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return a && (!b || a < b) ? a : b;
}

/* Milliseconds that poll() may wait. */
static int patience(const struct dues *dues)
{
	uint64_t due = sooner(sooner(dues->retry, dues->retain),
			      sooner(dues->alive, dues->hooks));
	uint64_t now = mono_ms();

	if (!due)
		return -1;
	return due > now ? due - now : 0;
}

/* For what could not be written: when a file could be, or when others may give way. */
static bool good_moment(const struct helper *helper, int status)
{
	return !status || (status == EXIT_DISK_FULL && !helper->gave_way &&
			   retain_any(&helper->keep));
}

/* Serve a trigger. Returns false when triggers can't be taken any longer. */
static bool serve(struct helper *helper, int *status)
{
	*status = EXIT_OK;
	if (!serve_next(helper, status))
		return !*status;
	if (good_moment(helper, *status))
		save_waiting(helper);
	tidy();
	return true;
}

static void try_again(struct helper *helper, uint64_t *retry)
{
	if (*retry && mono_ms() >= *retry) {
		*retry = 0;
		save_waiting(helper);
	}
	if (!any_waits(helper))
		*retry = 0;
	else if (!*retry)
		*retry = mono_ms() + RETRY_MS;
}

/* Files grow old, and disks full, also where no file is written. */
static void retain_again(const struct helper *helper, uint64_t *due)
{
	if (!retain_in_time(&helper->keep)) {
		*due = 0;
		return;
	}
	if (mono_ms() < *due)
		return;
	save_retain(helper);
	*due = mono_ms() + AGE_MS;
}

static int loop(struct helper *helper, struct pollfd *fds)
{
	struct dues dues = { 0 };
	int status;

	for (;;) {
		try_again(helper, &dues.retry);
		retain_again(helper, &dues.retain);
		watchdog_alive();
		dues.alive = watchdog_due();
		dues.hooks = hooks_tend(&helper->hooks, mono_ms());
		fds[NOTES].fd = notify_fd();
		if (poll(fds, NR_FDS, patience(&dues)) < 0) {
			if (errno == EINTR)
				continue;
			warn("waiting");
			return EXIT_OTHER;
		}
		if (fds[NOTES].revents)
			notify_flush();
		if (fds[DEVICE].revents && !serve(helper, &status))
			return status;
		if (fds[TIMER].revents)
			tick(helper, fds[TIMER].fd);
		if (fds[SIGNALS].revents && take_signal(helper, fds))
			return finish(helper);
	}
}

int helper_run(struct helper *helper)
{
	struct pollfd fds[NR_FDS];
	int i, status;

	for (i = 0; i < NR_FDS; i++)
		fds[i].events = i == NOTES ? POLLOUT : POLLIN;
	fds[DEVICE].fd = helper->device.fd;
	fds[SIGNALS].fd = open_signals();
	fds[TIMER].fd = open_timer(helper->interval);
	if (fds[SIGNALS].fd < 0 || fds[TIMER].fd < 0) {
		warn("cannot wait for signals and the timer");
		return EXIT_OTHER;
	}
	status = attach(helper, TTLOG_IOC_HELPER);
	if (!status) {
		/* However long the next may take, we aren't to be started anew over it. */
		notify("READY=1\nSTATUS=Files go to %s", helper->folder);
		orders_enforce(helper->orders, &helper->device);
		helper->left = previous_save(helper, true);
		tidy();
		timer_settle(helper);
		warnx("attached, files go to %s", helper->folder);
		status = loop(helper, fds);
		/* Another one may serve while programs go on. */
		device_close(&helper->device);
		hooks_finish(&helper->hooks);
	}
	close(fds[SIGNALS].fd);
	close(fds[TIMER].fd);
	return status;
}

/* Told to end, and something waits? That is for another one. */
static bool told_to_end(const struct helper *helper, const sigset_t *signals)
{
	struct pollfd device = { .fd = helper->device.fd, .events = POLLIN };
	sigset_t pending;

	sigpending(&pending);
	sigandset(&pending, &pending, signals);
	if (sigisemptyset(&pending) || poll(&device, 1, 0) <= 0)
		return false;
	warnx("told to end, and leaves what waits");
	return true;
}

static int serve_all(struct helper *helper, const sigset_t *signals)
{
	int status = EXIT_OK, previous;

	/* First those for which rings are held: what an earlier boot left stays there. */
	while (!status) {
		if (told_to_end(helper, signals))
			return EXIT_OTHER;
		if (!serve_next(helper, &status))
			break;
	}
	previous = previous_save(helper, true);
	return status ? status : previous;
}

/*
 * The module starts none while this one is there, and waits for its end: so programs are
 * run by a process of their own, which may be told to end.
 */
static void leave_hooks(struct helper *helper)
{
	sigset_t none;
	pid_t pid;

	if (!helper->hooks.nr)
		return;
	pid = fork();
	if (pid > 0)
		return;
	if (!pid) {
		device_close(&helper->device);
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
	}
	hooks_finish(&helper->hooks);
	if (!pid)
		_exit(EXIT_OK);
}

/* When the machine goes down everything is told to end: the file in hand is finished. */
int helper_once(struct helper *helper)
{
	sigset_t signals;
	int status;

	block_signals(&signals);
	status = attach(helper, TTLOG_IOC_ONCE);
	if (status)
		return status;
	status = serve_all(helper, &signals);
	leave_hooks(helper);
	return status;
}
