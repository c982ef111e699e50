// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options of a filter, and which of some events pass.
 */
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "filter.h"
#include "tap.h"
#include "text.h"

#define S		NSEC_PER_SEC
#define SLICE(text)	((struct slice) { text, sizeof(text) - 1 })

/* As argp would: it says what is wrong with an option, and ends the program. */
void __wrap_argp_error(const struct argp_state *state, const char *format, ...);
void __wrap_argp_error(const struct argp_state *state, const char *format, ...)
{
	va_list args;

	(void)state;
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	fflush(stdout);
	_exit(2);
}

static bool no_memory;

int __real_regexec(const regex_t *regex, const char *text, size_t nr, regmatch_t *parts,
		   int flags);
int __wrap_regexec(const regex_t *regex, const char *text, size_t nr, regmatch_t *parts,
		   int flags);
int __wrap_regexec(const regex_t *regex, const char *text, size_t nr, regmatch_t *parts,
		   int flags)
{
	if (!no_memory)
		return __real_regexec(regex, text, nr, parts, flags);
	errno = ENOMEM;
	return REG_NOMATCH;
}

/* An event of @text, as it would be written to the device. */
static void make(struct event *event, const char *text, size_t len)
{
	event_reset(event);
	event->time = 100 * S;
	event->level = 6;
	event->kind = SLICE("log");
	event->cpu = 2;
	event->pid = 10;
	event->tid = 11;
	event->uid = 1000;
	event->comm = SLICE("worker");
	event->service = SLICE("billing");
	if (text_split(event, text, len))
		err(1, "event");
}

/* Up to 4 arguments; a NULL ends them. */
static void filter_from(struct filter *filter, const char *const *args)
{
	char *argv[6] = { "filter", (char *)args[0], (char *)args[1], (char *)args[2],
			  (char *)args[3] };
	int argc = 0;

	while (argv[argc])
		argc++;
	memset(filter, 0, sizeof(*filter));
	if (argp_parse(&filter_argp, argc, argv, 0, NULL, filter))
		errx(1, "options");
}

#define ARGS(...)	((const char *const[5]) { __VA_ARGS__ })

static void check(bool expected, const struct event *event, const char *const *args)
{
	struct filter filter;

	filter_from(&filter, args);
	tap_ok(filter_match(&filter, event) == expected, "%s %s%s%s%s%s%s%s",
	       expected ? "passes:" : "doesn't:",
	       args[0] ?: "", args[0] ? " " : "", args[1] ?: "",
	       args[2] ? " " : "", args[2] ?: "", args[2] ? " " : "", args[3] ?: "");
	filter_free(&filter);
}

static struct event event;

#define passes(...)	check(true, &event, ARGS(__VA_ARGS__))
#define fails(...)	check(false, &event, ARGS(__VA_ARGS__))
#define EVENT(text)	make(&event, text, sizeof(text) - 1)

static void check_refused(const char *message, const char *const *args)
{
	struct filter filter;
	char said[1024];
	int fds[2], len;

	fflush(stdout);
	if (pipe(fds))
		err(1, "pipe");
	if (!fork()) {
		dup2(fds[1], STDOUT_FILENO);
		filter_from(&filter, args);
		_exit(0);
	}
	close(fds[1]);
	len = read(fds[0], said, sizeof(said) - 1);
	close(fds[0]);
	wait(NULL);
	said[len > 0 ? len : 0] = '\0';
	if (!tap_ok(!strncmp(said, message, strlen(message)), "%s %s: %s", args[0], args[1],
		    message))
		printf("# %s\n", said);
}

#define refuses(message, ...)	check_refused(message, ARGS(__VA_ARGS__))

static void levels(void)
{
	EVENT("m");
	passes(NULL);
	passes("-p", "info");
	passes("-p", "debug");
	passes("--priority=7");
	fails("-p", "notice");
	fails("-p", "0");
	passes("-p", "info..debug");
	passes("-p", "debug..notice");
	passes("-p", "6..6");
	passes("-p", "err..6");
	fails("-p", "err..notice");
	fails("-p", "debug..debug");
	passes("-p", "err", "-p", "6..7");
	event.level = 0;
	passes("-p", "emerg");
	passes("-p", "debug");
	fails("-p", "alert..debug");
	refuses("priority 'loud': LEVEL, for it and all that is worse, and LEVEL..LEVEL are accepted; levels are emerg, alert, crit, err, warning, notice, info, debug or 0 to 7",
		"-p", "loud");
	refuses("priority 'err..': ", "-p", "err..");
	refuses("priority '..err': ", "--priority=..err");
	refuses("priority '8': ", "-p", "8");
	refuses("priority 'err...info': ", "-p", "err...info");
	refuses("priority '': ", "-p", "");
}

static void writers(void)
{
	EVENT("m");
	passes("-s", "billing");
	fails("-s", "bill");
	fails("-s", "billing2");
	fails("-s", "Billing");
	passes("-s", "x", "--service=billing");
	passes("--pid", "10");
	fails("--pid", "11");
	fails("--pid=1");
	passes("--pid=10", "--pid=1");
	passes("--uid=1000", "--cpu=2", "--comm=worker");
	fails("--uid=1000", "--cpu=0", "--comm=worker");
	fails("--uid=0");
	fails("--comm=billing");
	fails("--comm=");
	event.uid = 4294967295;
	passes("--uid=4294967295");
	refuses("uid '4294967296': 0 to 4294967295 are accepted", "--uid=4294967296", "");
	refuses("uid '99999999999999999999': ", "--uid", "99999999999999999999");
	refuses("pid '': ", "--pid", "");
	refuses("pid '-1': ", "--pid", "-1");
	refuses("CPU '1x': 0 to 4294967295", "--cpu", "1x");
	refuses("pid ' 1': ", "--pid", " 1");
}

static void kinds(void)
{
	EVENT("m");
	passes("--kind=log");
	fails("--kind=klog");
	passes("--kind=probe", "--kind=log");
	fails("--channel=klog");
	event.kind = SLICE("probe");
	passes("--channel=probe", "--kind=probe");
	passes("--channel=probe", "--channel=klog");
	fails("--channel=klog", "--kind=probe");
	passes("--uid=1000");
	refuses("kind 'klo': log, probe and klog are accepted", "--kind", "klo");
	refuses("channel 'x': keep, flow, klog and probe are accepted", "--channel", "x");

	/* As the module has it. */
	event.kind = SLICE("klog");
	event.comm = SLICE("kernel");
	event.service = SLICE("kernel");
	event.pid = 0;
	event.uid = 0;
	event.cpu = 0;
	passes("--channel=klog");
	passes("-s", "kernel");
	fails("--comm=kernel");
	fails("--pid=0");
	fails("--uid=0");
	fails("--cpu=0");
}

/* What is demoted says so: no other mark of it is believed. */
static void channels(void)
{
	EVENT("m");
	passes("--channel=flow");
	fails("--channel=keep");
	event.level = 5;
	passes("--channel=flow");
	event.level = 4;
	passes("--channel=keep");
	fails("--channel=flow");
	fails("--channel=klog", "--channel=probe");
	passes("--channel=flow", "--channel=keep");
	event.level = 0;
	passes("--channel=keep");
	event.demoted = true;
	passes("--channel=flow");
	fails("--channel=keep");
	event.kind = SLICE("probe");
	passes("--channel=probe");
	fails("--channel=flow", "--channel=keep");
	event.kind = SLICE("later");
	fails("--channel=probe", "--channel=flow", "--channel=keep", "--channel=klog");
}

static void times(void)
{
	EVENT("m");
	passes("-S", "@100");
	fails("-S", "@100.000000001");
	passes("-U", "@100");
	fails("-U", "@99.999999999");
	passes("--since=@99", "--until=@101");
	fails("--until=@0");
	fails("-S", "-5min");
	passes("-S", "@101", "-S", "@99");
	passes("-U", "-5min");
	event.time = 0;
	passes("-U", "@0");
	refuses("since 'tomorow': accepted are YYYY-MM-DD, ", "-S", "tomorow");
	refuses("until '2026-02-30': accepted are YYYY-MM-DD, ", "--until", "2026-02-30");
}

static void numbers(void)
{
	EVENT("m\0ms:=900\0big:=18446744073709551615\0low:=-9223372036854775808\0"
	      "near:=9007199254740993\0half:=0.5\0zero:=0\0minus:=-0\0"
	      "text=900\0huge:=1e300\0less:=-1");
	passes("-f", "ms=900");
	passes("-f", "ms=900.0");
	passes("-f", "ms=9e2");
	fails("-f", "ms=901");
	fails("-f", "ms=0900");
	fails("-f", "ms=x");
	fails("-f", "ms=");
	passes("-f", "ms>100");
	passes("-f", "ms>=900");
	passes("-f", "ms<=900");
	fails("-f", "ms>900");
	fails("-f", "ms<900");
	passes("-f", "ms<900.5");
	passes("-f", "ms>899.5");
	passes("-f", "ms>-1");
	passes("-f", "ms>-1.5");
	passes("-f", "ms!=901");
	fails("-f", "ms!=900");
	passes("-f", "ms<1e300");
	passes("-f", "ms>-1e300");
	passes("-f", "ms<99999999999999999999");

	passes("-f", "big=18446744073709551615");
	fails("-f", "big=18446744073709551614");
	passes("-f", "big>18446744073709551614");
	/* 2^64 as a float: a float of the field would be equal. */
	passes("-f", "big<18446744073709551616");
	fails("-f", "big>=18446744073709551616");
	passes("-f", "big>9223372036854775807.0");
	passes("-f", "low=-9223372036854775808");
	passes("-f", "low>-9223372036854775809.5e1");
	passes("-f", "low>=-9223372036854775808.0");
	fails("-f", "low<-9223372036854775808.0");
	passes("-f", "low<-9223372036854775807");
	fails("-f", "low>18446744073709551615");
	/* 2^53 + 1: no float has it. */
	passes("-f", "near>9007199254740992.0");
	fails("-f", "near=9007199254740992.0");
	passes("-f", "near<9007199254740994.0");

	passes("-f", "half=0.5");
	passes("-f", "half=5e-1");
	passes("-f", "half>0");
	passes("-f", "half<1");
	passes("-f", "half>-1");
	fails("-f", "half<0");
	passes("-f", "zero=0");
	passes("-f", "zero=-0");
	passes("-f", "minus=0");
	passes("-f", "zero<0.1");
	passes("-f", "zero>-0.1");
	passes("-f", "huge>18446744073709551615");
	passes("-f", "huge>-9223372036854775808");
	passes("-f", "less<-0.5");
	passes("-f", "less>-1.5");
	passes("-f", "less=-1.0");
	passes("-f", "less<0");

	/* What was written as a text is one. */
	passes("-f", "text=900");
	fails("-f", "text=900.0");
	fails("-f", "text>100");
	fails("-f", "text<1000");
	fails("-f", "ms~900");
}

static void texts(void)
{
	EVENT("m\0dev=sda\0empty=\0flag\0yes:=true\0no:=false\0raw=\xff\xfe\0"
	      "a=1\0a=2\0a:=3\0=nokey\0x y=z\0eq=a=b");
	passes("-f", "dev");
	passes("-f", "flag");
	passes("-f", "empty");
	fails("-f", "de");
	fails("-f", "devs");
	passes("-f", "dev=sda");
	fails("-f", "dev=sd");
	fails("-f", "dev=sda1");
	passes("-f", "dev!=sdb");
	fails("-f", "dev!=sda");
	fails("-f", "none!=sda");
	fails("-f", "none=");
	passes("-f", "empty=");
	fails("-f", "flag=");
	fails("-f", "flag=null");
	passes("-f", "flag!=x");
	passes("-f", "yes=true");
	fails("-f", "yes=false");
	fails("-f", "yes=1");
	passes("-f", "no=false");
	passes("-f", "dev~^sd[a-c]$");
	passes("-f", "dev~d");
	fails("-f", "dev~D");
	fails("-f", "dev~^d");
	passes("-f", "dev~");
	fails("-f", "yes~t");
	fails("-f", "flag~");
	passes("-f", "raw=\xff\xfe");
	fails("-f", "raw=\xff");
	fails("-f", "dev>1");
	passes("-f", "a=1");
	passes("-f", "a=2");
	passes("-f", "a=3.0");
	passes("-f", "a>2");
	fails("-f", "a!=2");
	passes("-f", "a!=4");
	passes("-f", "x y=z");
	passes("-f", "eq=a=b");
	passes("-f", "dev=sda", "-f", "a=1");
	fails("-f", "dev=sda", "-f", "a=4");
	fails("-f", "dev=sdb", "-f", "a=1");
	refuses("field '': KEY, KEY=VALUE, KEY!=VALUE, KEY<NUMBER, KEY<=NUMBER, KEY>NUMBER, KEY>=NUMBER or KEY~REGEX are accepted",
		"-f", "");
	refuses("field '=x': KEY, ", "-f", "=x");
	refuses("field 'a!x': KEY, ", "-f", "a!x");
	refuses("field 'a!': KEY, ", "-f", "a!");
	refuses("field 'ms>abc': '>' takes a number behind it; KEY, ", "-f", "ms>abc");
	refuses("field 'ms<=': '<=' takes a number behind it; ", "-f", "ms<=");
	refuses("field 'ms<1e999': '<' takes a number", "-f", "ms<1e999");
	refuses("field 'a~(': Unmatched ( or \\(; KEY, ", "-f", "a~(");
}

static void patterns(void)
{
	EVENT("Slow disk: 900 ms\nnext \\ line");
	passes("-g", "disk");
	passes("-g", "slow");
	passes("-g", "^slow.*line$");
	passes("-g", "Slow");
	fails("-g", "SLOW");
	fails("-g", "fast");
	passes("-g", "fast", "-g", "disk");
	passes("-g", "[0-9]+ ms");
	fails("-g", "^next");
	passes("-g", "");
	passes("-g", "disk", "-p", "info");
	fails("-g", "disk", "-p", "err");
	refuses("pattern '(': Unmatched ( or \\(; an extended regular expression is accepted",
		"-g", "(");
	/* From a file there may be one in a message. */
	event.message = (struct slice) { "before\0behind", 13 };
	passes("-g", "behind");
	event.message = (struct slice) { "before", 3 };
	fails("-g", "before");
	event.message = (struct slice) { "", 0 };
	passes("-g", "^$");
}

/* The text goes on behind the value: that isn't part of it. */
static void bounds(void)
{
	EVENT("m\0dev=sda\0x=y");
	event.fields[0].value.text.len = 2;
	passes("-f", "dev=sd");
	passes("-f", "dev~^sd$");
	event.fields[1].value.text = (struct slice) { "a\0b", 3 };
	passes("-f", "x~b$");
}

/* Then the program ends, so that an event isn't left out without a word. */
static void exhausted(void)
{
	struct filter filter;
	int status;

	EVENT("m");
	filter_from(&filter, ARGS("-g", "m"));
	fflush(stdout);
	if (!fork()) {
		no_memory = true;
		fclose(stderr);
		filter_match(&filter, &event);
		_exit(0);
	}
	wait(&status);
	tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 1, "no memory for a search");
	filter_free(&filter);
}

int main(void)
{
	if (event_init(&event))
		err(1, "event");
	levels();
	writers();
	kinds();
	channels();
	times();
	numbers();
	texts();
	patterns();
	bounds();
	exhausted();
	event_free(&event);
	return tap_done();
}
