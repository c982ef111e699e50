// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is run for files, what that is given, when it is ended, and what is said of it. The
 * programs that are run are this one, which does what the reason says.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "folder.h"
#include "hooks.h"
#include "tap.h"

extern char **environ;

/* Beside the file that it is run for. */
static FILE *open_report(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s.%s", getenv("TTLOG_FILE"), name);
	return fopen(path, "w");
}

/* Descriptors without the one that reads them, and where they lead. */
static void report_files(FILE *to)
{
	char target[256];
	int fd;

	for (fd = 0; fd < 1000; fd++) {
		char path[64];
		ssize_t len;

		if (fd == fileno(to))
			continue;
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		len = readlink(path, target, sizeof(target) - 1);
		if (len < 0)
			continue;
		target[len] = '\0';
		fprintf(to, "%d %s\n", fd, fd ? "-" : target);
	}
}

static void report(char **argv)
{
	FILE *to = open_report("report");
	char cwd[64] = "";
	sigset_t mask;
	int i;

	for (i = 1; argv[i]; i++)
		fprintf(to, "%s\n", argv[i]);
	for (i = 0; environ[i]; i++)
		fprintf(to, "%s\n", environ[i]);
	report_files(to);
	sigprocmask(SIG_BLOCK, NULL, &mask);
	fprintf(to, "%s %d %d %d\n", getcwd(cwd, sizeof(cwd)), getpgid(0) == getpid(),
		sigisemptyset(&mask), signal(SIGPIPE, SIG_DFL) == SIG_DFL);
	fclose(to);
	puts("out");
	fflush(stdout);
}

/* One in its process group, one in a session of its own. */
static void leave_behind(void)
{
	FILE *to = open_report("pids");
	int i;

	for (i = 0; i < 2; i++) {
		pid_t pid = fork();

		if (!pid) {
			if (i)
				setsid();
			sleep(60);
			_exit(0);
		}
		fprintf(to, "%d\n", pid);
	}
	fclose(to);
}

/* What the program does that is run. */
static int be_hook(char **argv)
{
	const char *reason = getenv("TTLOG_REASON");

	if (!strcmp(reason, "report"))
		report(argv);
	if (!strcmp(reason, "leaves"))
		leave_behind();
	if (!strcmp(reason, "fails"))
		return 3;
	if (!strcmp(reason, "dies"))
		raise(SIGUSR1);
	if (!strcmp(reason, "ignores"))
		signal(SIGTERM, SIG_IGN);
	if (!strcmp(reason, "ignores") || !strcmp(reason, "hangs")) {
		fclose(open_report("runs"));
		sleep(60);
	}
	if (!strcmp(reason, "marks") || !strcmp(reason, "slow")) {
		usleep(*reason == 's' ? 300000 : 0);
		fclose(open_report("mark"));
	}
	return 0;
}

static struct hooks hooks;
static char self[256];
static FILE *said;

static uint64_t mono_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

/* Until what is run has ended; the time is @ahead of what it is. */
static void settle(uint64_t ahead)
{
	int i;

	for (i = 0; i < 2000 && hooks_tend(&hooks, mono_ms() + ahead); i++)
		usleep(5000);
}

static void wait_for(const char *name)
{
	int i;

	for (i = 0; i < 2000 && !exists(name); i++)
		usleep(5000);
}

static const char *said_since(void)
{
	static char text[16384];
	size_t len;

	rewind(said);
	len = fread(text, 1, sizeof(text) - 1, said);
	text[len] = '\0';
	if (ftruncate(fileno(said), 0))
		return "";
	rewind(said);
	return text;
}

static void add(const char *file, const char *reason)
{
	hooks_add(&hooks, in_folder(file), reason, "web");
}

/* @format: of lines; of this program, the folder, and what fork() says. */
static bool says(const char *format)
{
	char expected[1024];
	const char *got = said_since();

	snprintf(expected, sizeof(expected), format, self, folder, strerror(EAGAIN));
	if (!strcmp(got, expected))
		return true;
	printf("# expected %s# got %s\n", expected, got);
	return false;
}

static void what_it_is_given(void)
{
	char expected[2048], got[2048] = "";
	FILE *from;
	int leak = open("/", O_RDONLY);

	add("f", "report");
	tap_ok(hooks.nr == 1 && !hooks.all[0].pid, "it waits until it is looked at");
	settle(0);
	close(leak);
	snprintf(expected, sizeof(expected),
		 "%s/f\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
		 "LANG=C\nTTLOG_FILE=%s/f\nTTLOG_REASON=report\nTTLOG_SERVICE=web\n"
		 "0 /dev/null\n1 -\n2 -\n/ 1 1 1\n", folder, folder);
	from = fopen(in_folder("f.report"), "r");
	if (from) {
		got[fread(got, 1, sizeof(got) - 1, from)] = '\0';
		fclose(from);
	}
	tap_ok(!strcmp(got, expected), "arguments, environment, files, folder, group, signals");
	if (strcmp(got, expected))
		printf("# got %s\n", got);
	tap_ok(!strcmp(said_since(), "out\n") && !hooks.nr,
	       "what it prints is on stderr, and a good end isn't told");
	empty_folder();
}

static void bad_ends(void)
{
	add("f", "fails");
	settle(0);
	tap_ok(says("hooks: hook '%s' for %s/f ended with status 3\n"), "status 3");
	add("f", "dies");
	settle(0);
	tap_ok(says("hooks: hook '%s' for %s/f was killed by signal 10\n"), "SIGUSR1");
	hooks.otherwise.program = "/none";
	add("f", "fails");
	settle(0);
	hooks.otherwise.program = "/";
	add("g", "fails");
	settle(0);
	hooks.otherwise.program = self;
	tap_ok(says("hooks: hook '/none' can't be run for %2$s/f: No such file or directory\n"
		    "hooks: hook '/' can't be run for %2$s/g: Permission denied\n"),
	       "what can't be run");
}

/* The first is ended when its time is over, and not before. */
static void time_out(void)
{
	uint64_t due, now;

	add("f", "hangs");
	now = mono_ms();
	due = hooks_tend(&hooks, now);
	tap_ok(due == now + 7000, "it may take 7 s");
	wait_for("f.runs");
	tap_ok(hooks_tend(&hooks, now + 6999) == due && hooks.all[0].signals == 0,
	       "and isn't ended before that");
	settle(7000);
	tap_ok(says("hooks: hook '%s' for %s/f takes more than 7 s and is ended\n") &&
	       !hooks.nr, "but then");
	empty_folder();
	add("f", "ignores");
	hooks_tend(&hooks, now);
	wait_for("f.runs");
	due = hooks_tend(&hooks, now + 7000);
	tap_ok(due == now + 9000 && hooks.all[0].signals == 1, "where it ignores SIGTERM");
	usleep(50000);
	tap_ok(hooks_tend(&hooks, now + 8999) == due, "it has 2 s more");
	hooks_tend(&hooks, now + 9000);
	tap_ok(hooks.nr == 1 && hooks.all[0].signals == 2, "then it is killed");
	settle(0);
	tap_ok(says("hooks: hook '%s' for %s/f takes more than 7 s and is ended\n") &&
	       !hooks.nr, "and is gone");
	empty_folder();
}

static bool alive(int pid)
{
	char path[64], state = 'X';
	FILE *from;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	from = fopen(path, "r");
	if (!from)
		return false;
	if (fscanf(from, "%*d %*s %c", &state) != 1)
		state = 'X';
	fclose(from);
	return state != 'X' && state != 'Z';
}

static void left_behind(void)
{
	int pids[2] = { 0 }, i;
	FILE *from;

	add("f", "leaves");
	settle(0);
	from = fopen(in_folder("f.pids"), "r");
	if (!from || fscanf(from, "%d %d", &pids[0], &pids[1]) != 2)
		perror("pids");
	if (from)
		fclose(from);
	for (i = 0; i < 400 && alive(pids[0]); i++)
		usleep(5000);
	tap_ok(!hooks.nr && pids[0] && !alive(pids[0]),
	       "what it leaves in its process group is killed");
	tap_ok(pids[1] && alive(pids[1]), "not what has a session of its own");
	if (pids[1])
		kill(pids[1], SIGKILL);
	tap_ok(!*said_since(), "neither is told");
	empty_folder();
}

/* What fails, if anything. */
static const char *failing;

static bool fails(const char *call, int error)
{
	errno = error;
	return failing && !strcmp(failing, call);
}

int __real_pipe2(int *ends, int flags);
int __wrap_pipe2(int *ends, int flags);
int __wrap_pipe2(int *ends, int flags)
{
	return fails("pipe2", EMFILE) ? -1 : __real_pipe2(ends, flags);
}

pid_t __real_fork(void);
pid_t __wrap_fork(void);
pid_t __wrap_fork(void)
{
	return fails("fork", EAGAIN) ? -1 : __real_fork();
}

char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);
char *__wrap_strdup(const char *text)
{
	return fails("strdup", ENOMEM) ? NULL : __real_strdup(text);
}

/* As if it slept where nothing wakes it. */
int __real_waitid(idtype_t type, id_t id, siginfo_t *info, int options);
int __wrap_waitid(idtype_t type, id_t id, siginfo_t *info, int options);
int __wrap_waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
	return fails("waitid", 0) ? 0 : __real_waitid(type, id, info, options);
}

pid_t __real_waitpid(pid_t pid, int *status, int options);
pid_t __wrap_waitpid(pid_t pid, int *status, int options);
pid_t __wrap_waitpid(pid_t pid, int *status, int options)
{
	return fails("waitid", 0) ? 0 : __real_waitpid(pid, status, options);
}

/* Of those that can't be killed there are 8 at most. */
static void never_end(void)
{
	uint64_t now = mono_ms();
	int i;

	failing = "waitid";
	for (i = 0; i < 8; i++, now += 11000) {
		add("f", "hangs");
		hooks_tend(&hooks, now);
		hooks_tend(&hooks, now + 7000);
		hooks_tend(&hooks, now + 9000);
		hooks_tend(&hooks, now + 11000);
	}
	said_since();
	add("g", "marks");
	hooks_tend(&hooks, now);
	tap_ok(!hooks.nr && says("hooks: hook '%s' isn't run for %s/g, as 8 can't be killed\n") &&
	       !exists("g.mark"), "where 8 can't be killed no other is run");
	failing = NULL;
	while (hooks.nr_stuck) {
		hooks_tend(&hooks, now);
		usleep(5000);
	}
	add("g", "marks");
	settle(0);
	tap_ok(!hooks.nr && exists("g.mark"), "until they have ended");
	empty_folder();
}

static void failures(void)
{
	int first = dup(0), last;
	uint64_t now = mono_ms();

	close(first);
	failing = "strdup";
	add("f", "marks");
	tap_ok(!hooks.nr && says("hooks: hook '%s' isn't run for %s/f: Cannot allocate memory\n"),
	       "no memory");
	failing = "pipe2";
	add("f", "marks");
	settle(0);
	tap_ok(!hooks.nr && says("hooks: hook '%s' can't be run for %s/f: Too many open files\n"),
	       "no descriptors");
	failing = "fork";
	add("f", "marks");
	add("g", "marks");
	settle(0);
	tap_ok(!hooks.nr &&
	       says("hooks: hook '%1$s' can't be run for %2$s/f: %3$s\n"
		    "hooks: hook '%1$s' can't be run for %2$s/g: %3$s\n"),
	       "no process, and the next is tried");
	failing = "waitid";
	add("f", "hangs");
	add("g", "marks");
	hooks_tend(&hooks, now);
	hooks_tend(&hooks, now + 7000);
	hooks_tend(&hooks, now + 9000);
	hooks_tend(&hooks, now + 10999);
	tap_ok(hooks.nr == 2 &&
	       says("hooks: hook '%s' for %s/f takes more than 7 s and is ended\n"),
	       "one that isn't seen to end");
	hooks_tend(&hooks, now + 11000);
	failing = NULL;
	tap_ok(hooks.nr == 1 && hooks.all[0].pid > 0 &&
	       says("hooks: hook '%s' for %s/f can't be killed\n"), "is given up for the next");
	settle(0);
	tap_ok(!hooks.nr && exists("g.mark"), "which is run");
	last = dup(0);
	close(last);
	tap_ok(first == last, "no descriptor is left open");
	empty_folder();
}

/* Which of files 0 to 19 was something run for? */
static const char *marks(void)
{
	static char text[21];
	char name[16];
	int i;

	for (i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "%d.mark", i);
		text[i] = exists(name) ? 'x' : '-';
	}
	return text;
}

static void add_many(const char *first, const char *others, int nr)
{
	char name[16];
	int i;

	for (i = 0; i < nr; i++) {
		snprintf(name, sizeof(name), "%d", i);
		add(name, i ? others : first);
		hooks_tend(&hooks, mono_ms());
	}
}

static void many(void)
{
	const char *text;
	int lines = 0, runs = 0;
	size_t i;

	add_many("slow", "marks", 20);
	for (i = 0; i < hooks.nr; i++)
		runs += hooks.all[i].pid > 0;
	tap_ok(hooks.nr == 17 && runs == 1 && hooks.left_out == 3,
	       "of 20 files one is run for, and 16 wait");
	for (text = said_since(); *text; lines++) {
		if (lines == 2)
			tap_ok(strstr(text, "/19, as 16 wait (3 in all)\n"),
			       "what is left out is said");
		text = strchr(text, '\n') + 1;
	}
	tap_ok(lines == 3, "each time");
	tap_ok(!strcmp(marks(), "--------------------"), "one after the other");
	settle(0);
	tap_ok(!strcmp(marks(), "xxxxxxxxxxxxxxxxx---") && !hooks.nr, "all of these are run");
	empty_folder();
}

/* Timer snapshots come by themselves, one like the other. */
static void worth_more(void)
{
	int i;

	hooks.left_out = 0;
	add("first", "slow");
	hooks_tend(&hooks, mono_ms());
	for (i = 0; i < 16; i++)
		add(i == 3 || i == 5 ? "tick" : "f", i == 3 || i == 5 ? "timer" : "marks");
	said_since();
	add("oops", "marks");
	tap_ok(says("hooks: hook '%s' isn't run for %s/tick, as 16 wait (1 in all)\n") &&
	       hooks.nr == 17 && !strcmp(hook_file(&hooks.all[16]), in_folder("oops")),
	       "one of a timer's gives way to another");
	add("tock", "timer");
	tap_ok(says("hooks: hook '%s' isn't run for %s/tock, as 16 wait (2 in all)\n") &&
	       hooks.nr == 17, "not to one of its own kind");
	add("panic", "marks");
	said_since();
	add("last", "marks");
	tap_ok(says("hooks: hook '%s' isn't run for %s/last, as 16 wait (4 in all)\n") &&
	       hooks.nr == 17, "where there is none, the new one is left out");
	settle(0);
	empty_folder();
}

static void at_the_end(void)
{
	uint64_t begin = mono_ms();

	add_many("hangs", "slow", 17);
	hooks.all[0].due = begin;
	hooks_finish(&hooks);
	begin = mono_ms() - begin;
	tap_ok(!strcmp(marks(), "-xxxxxxxxxxxxxxxx---") && !hooks.nr,
	       "at the end all are run");
	tap_ok(begin < 16 * 300, "at once: %d ms", (int)begin);
	tap_ok(says("hooks: hook '%s' for %s/0 takes more than 7 s and is ended\n"),
	       "and what hangs is ended");
	hooks_finish(&hooks);
	tap_ok(true, "with none to run it doesn't wait");
	empty_folder();
}

static void of_reasons(void)
{
	hooks.nr_orders = 2;
	hooks.orders[0] = (struct hook_order) { .reason = "oops", .program = "" };
	hooks.orders[1] = (struct hook_order) { .reason = "timer", .program = "/timer",
						.timeout = 9 };
	add("a", "oops");
	add("b", "timer");
	add("c", "request");
	tap_ok(hooks.nr == 2 && !strcmp(hooks.all[0].program, "/timer") &&
	       hooks.all[0].timeout == 9 && !strcmp(hooks.all[1].program, self) &&
	       !strcmp(hook_file(&hooks.all[1]), in_folder("c")),
	       "a reason has one, or none, of its own");
	hooks.otherwise.program = NULL;
	add("c", "request");
	tap_ok(hooks.nr == 2, "none is set");
	while (hooks.nr)
		hook_free(&hooks.all[--hooks.nr]);
}

int main(int argc, char **argv)
{
	(void)argc;
	if (getenv("TTLOG_FILE"))
		return be_hook(argv);
	setvbuf(stdout, NULL, _IONBF, 0);
	strcpy(folder, "/tmp/ttlog-test-XXXXXX");
	said = tmpfile();
	if (!mkdtemp(folder) || !said || !realpath("/proc/self/exe", self))
		return 1;
	dup2(fileno(said), STDERR_FILENO);
	signal(SIGPIPE, SIG_IGN);
	hooks.otherwise = (struct hook_order) { .program = self, .timeout = 7 };
	what_it_is_given();
	bad_ends();
	time_out();
	left_behind();
	failures();
	never_end();
	many();
	worth_more();
	at_the_end();
	of_reasons();
	rmdir(folder);
	return tap_done();
}
