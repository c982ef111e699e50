// SPDX-License-Identifier: GPL-2.0-only
/*
 * ttlog probe with any arguments, on a machine whose kernel says anything of its
 * functions. What it asks of the module is what ttlog.h allows.
 *
 * The input: what the module answers, then, each up to a NUL: arguments, one a
 * line, /proc/kallsyms, kprobes' blacklist, ftrace's functions.
 */
#include <argp.h>
#include <errno.h>
#include <sanitizer/lsan_interface.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <ttlog.h>

#include "cmd.h"
#include "exit.h"
#include "harness.h"

#define DEVICE_FD	1000
#define ARGS_MAX	32

/**
 * struct file - a file as the kernel would have it
 */
static struct file {
	const char *path;
	const uint8_t *text;
	size_t len;
} files[] = {
	{ .path = "/proc/kallsyms" },
	{ .path = "/sys/kernel/debug/kprobes/blacklist" },
	{ .path = "/sys/kernel/tracing/available_filter_functions" },
};

#define NR_FILES	(sizeof(files) / sizeof(files[0]))

static uint8_t answer, nr_probes;
static jmp_buf refused;

/* ---- arguments that are refused end the program */

error_t __real_argp_parse(const struct argp *argp, int argc, char **argv,
			  unsigned int flags, int *index, void *input);
error_t __wrap_argp_parse(const struct argp *argp, int argc, char **argv,
			  unsigned int flags, int *index, void *input);
void __wrap_argp_error(const struct argp_state *state, const char *format, ...);
void __wrap_argp_usage(const struct argp_state *state);
void __wrap_argp_state_help(const struct argp_state *state, FILE *to,
			    unsigned int flags);

error_t __wrap_argp_parse(const struct argp *argp, int argc, char **argv,
			  unsigned int flags, int *index, void *input)
{
	error_t err;

	/* Among argp's own options for help is one that sleeps. */
	flags |= ARGP_NO_EXIT | ARGP_NO_HELP;
	err = __real_argp_parse(argp, argc, argv, flags, index, input);
	if (err)
		longjmp(refused, 1);
	return 0;
}

void __wrap_argp_error(const struct argp_state *state, const char *format, ...)
{
	va_list args;

	(void)state;
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	longjmp(refused, 1);
}

void __wrap_argp_usage(const struct argp_state *state)
{
	(void)state;
	longjmp(refused, 1);
}

void __wrap_argp_state_help(const struct argp_state *state, FILE *to,
			    unsigned int flags)
{
	(void)state;
	(void)to;
	(void)flags;
	longjmp(refused, 1);
}

/* ---- the kernel. What isn't ours is libFuzzer's. */

int __wrap_open(const char *path, int flags, ...);
int __wrap_close(int fd);
int __wrap_fstat(int fd, struct stat *st);
int __wrap_ioctl(int fd, unsigned long request, ...);
FILE *__wrap_fopen(const char *path, const char *mode);
int __real_open(const char *path, int flags, ...);
int __real_close(int fd);
int __real_fstat(int fd, struct stat *st);
FILE *__real_fopen(const char *path, const char *mode);

/* The arguments are understood: from now on what isn't freed is a leak. */
int __wrap_open(const char *path, int flags, ...)
{
	if (strcmp(path, "/dev/ttlog"))
		return __real_open(path, flags);
	__lsan_enable();
	return DEVICE_FD;
}

int __wrap_close(int fd)
{
	if (fd != DEVICE_FD)
		return __real_close(fd);
	__lsan_disable();
	return 0;
}

int __wrap_fstat(int fd, struct stat *st)
{
	if (fd != DEVICE_FD)
		return __real_fstat(fd, st);
	st->st_mode = S_IFCHR | 0660;
	return 0;
}

FILE *__wrap_fopen(const char *path, const char *mode)
{
	struct file *f;

	if (strcmp(mode, "re"))
		return __real_fopen(path, mode);
	for (f = files; f < files + NR_FILES; f++) {
		if (!strcmp(f->path, path))
			return fmemopen((void *)f->text, f->len, "r");
	}
	return NULL;
}

static void check_probe(const struct ttlog_probe *probe)
{
	bool is_return = probe->flags & TTLOG_PROBE_RETURN;
	bool triggers = probe->flags & TTLOG_PROBE_TRIGGER;

	require(!(probe->flags & ~(TTLOG_PROBE_RETURN | TTLOG_PROBE_TRIGGER)));
	require(probe->symbol[0] && is_word(probe->symbol, TTLOG_SYMBOL_LEN));
	require(!(probe->offset || is_return) || !probe->nr_args);
	require(!probe->offset || !is_return);
	require(probe->nr_args <= TTLOG_PROBE_ARGS && probe->level <= 7);
	require(probe->sample >= 1 && probe->sample <= 1000000000 &&
		probe->rate <= 1000000000);
	require(triggers == !!probe->reason[0]);
	require(is_word(probe->reason, TTLOG_REASON_MAX + 1));
}

static int add_probe(struct ttlog_probe *probe)
{
	static const int errors[] = {
		EPERM, ENOENT, EOPNOTSUPP, EILSEQ, EEXIST, ENOSPC, ENOMEM };

	check_probe(probe);
	errno = answer % 8 < 7 ? errors[answer % 8] : 0;
	return errno ? -1 : 0;
}

static int next_probe(struct ttlog_probe_stat *stat)
{
	if (stat->probe.id >= nr_probes) {
		errno = answer & 0x40 ? EIO : ENOENT;
		return -1;
	}
	strcpy(stat->probe.symbol, stat->probe.id & 1 ? "vfs_read" : "schedule");
	stat->probe.sample = 1;
	stat->probe.offset = stat->probe.id & 2;
	return 0;
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;

	require(fd == DEVICE_FD);
	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	switch (request) {
	case TTLOG_IOC_INFO:
		*(struct ttlog_info *)arg = (struct ttlog_info) {
			.abi_major = TTLOG_ABI_MAJOR, .layout = TTLOG_LAYOUT };
		return 0;
	case TTLOG_IOC_PROBE_ADD:
		return add_probe(arg);
	case TTLOG_IOC_PROBE_STAT:
		return next_probe(arg);
	case TTLOG_IOC_PROBE_DEL:
		require(((struct ttlog_probe_id *)arg)->id < nr_probes);
		errno = answer & 0x20 ? EPERM : ENOENT;
		return answer & 0x10 ? -1 : 0;
	}
	require(!"an ioctl that it has");
	return -1;
}

/* ---- the input */

static size_t take_part(struct input *in, const uint8_t **text)
{
	const uint8_t *nul = in->left ? memchr(in->at, '\0', in->left) : NULL;
	size_t len = input_bytes(in, text, nul ? (size_t)(nul - in->at) : in->left);

	if (nul)
		input_number(in, 1);
	return len;
}

static int split(char *text, char **argv)
{
	int argc = 0;

	argv[argc++] = "ttlog probe";
	while (text && argc < ARGS_MAX)
		argv[argc++] = strsep(&text, "\n");
	argv[argc] = NULL;
	return argc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	char *argv[ARGS_MAX + 1], *text;
	const uint8_t *part;
	int argc, status;
	struct file *f;

	answer = input_number(&in, 1);
	nr_probes = input_number(&in, 1) % 5;
	text = strndup((const char *)in.at, take_part(&in, &part));
	argc = split(text, argv);
	for (f = files; f < files + NR_FILES; f++)
		f->len = take_part(&in, &f->text);

	catch_output();
	__lsan_disable();
	if (!setjmp(refused)) {
		status = cmd_probe(argc, argv);
		require(status == EXIT_OK || caught_stderr().len);
	}
	__lsan_enable();
	free(text);
	return 0;
}
