// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a hit of a probe on getppid(2) costs, in guest instructions (see write.c):
 *
 *	probe NAME WHERE           with the probe that is set
 *	probe NAME WHERE SYMBOL+N  with a BPF program there, which puts time, pids,
 *	                           uid, comm and the first argument into a BPF ring
 *
 * Prints "probe NAME WHERE INSTRUCTIONS", the median of batches, a call, that of
 * getppid and of the loop included.
 */
#include <err.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <x86intrin.h>

#define BATCHES	31
#define CALLS	1000

/* What one hit takes of the ring, which nobody empties. */
#define RECORD	48
#define RING	(4 << 20)

#define DI	112	/* in struct pt_regs of x86-64 */

#define INSN(...) ((struct bpf_insn){ __VA_ARGS__ })
#define CALL(id) INSN(.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_##id)
#define MOVE(to, from) INSN(.code = BPF_ALU64 | BPF_MOV | BPF_X, \
			    .dst_reg = (to), .src_reg = (from))
#define SET(to, value) INSN(.code = BPF_ALU64 | BPF_MOV | BPF_K, \
			    .dst_reg = (to), .imm = (value))
#define ADD(to, value) INSN(.code = BPF_ALU64 | BPF_ADD | BPF_K, \
			    .dst_reg = (to), .imm = (value))
#define LOAD(to, from, at) INSN(.code = BPF_LDX | BPF_MEM | BPF_DW, \
				.dst_reg = (to), .src_reg = (from), .off = (at))
#define STORE(to, at, from) INSN(.code = BPF_STX | BPF_MEM | BPF_DW, \
				 .dst_reg = (to), .src_reg = (from), .off = (at))

static int bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static int make_ring(void)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_RINGBUF,
		.max_entries = RING,
	};
	int fd = bpf(BPF_MAP_CREATE, &attr);

	if (fd < 0)
		err(1, "BPF ring");
	return fd;
}

static int load_program(int ring)
{
	/* r6: registers of the call, r7: the record */
	const struct bpf_insn program[] = {
		MOVE(6, 1),
		INSN(.code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = 1,
		     .src_reg = BPF_PSEUDO_MAP_FD, .imm = ring),
		INSN(.code = 0),
		SET(2, RECORD),
		SET(3, 0),
		CALL(ringbuf_reserve),
		INSN(.code = BPF_JMP | BPF_JEQ | BPF_K, .off = 16),
		MOVE(7, 0),
		CALL(ktime_get_ns),
		STORE(7, 0, 0),
		CALL(get_current_pid_tgid),
		STORE(7, 8, 0),
		CALL(get_current_uid_gid),
		STORE(7, 16, 0),
		LOAD(1, 6, DI),
		STORE(7, 24, 1),
		MOVE(1, 7),
		ADD(1, 32),
		SET(2, 16),
		CALL(get_current_comm),
		MOVE(1, 7),
		SET(2, 0),
		CALL(ringbuf_submit),
		SET(0, 0),
		INSN(.code = BPF_JMP | BPF_EXIT),
	};
	static char log[16384];
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_KPROBE,
		.insns = (unsigned long)program,
		.insn_cnt = sizeof(program) / sizeof(program[0]),
		.license = (unsigned long)"GPL",
		.log_buf = (unsigned long)log,
		.log_size = sizeof(log),
		.log_level = 1,
	};
	int fd = bpf(BPF_PROG_LOAD, &attr);

	if (fd < 0)
		err(1, "BPF program: %s", log);
	return fd;
}

static void attach(int program, const char *symbol, unsigned long offset)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.kprobe_func = (unsigned long)symbol,
		.probe_offset = offset,
	};
	FILE *type = fopen("/sys/bus/event_source/devices/kprobe/type", "r");
	int fd;

	if (!type || fscanf(type, "%u", &attr.type) != 1)
		errx(1, "perf has no kprobes");
	fclose(type);
	fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1, 0);
	if (fd < 0 || ioctl(fd, PERF_EVENT_IOC_SET_BPF, program) ||
	    ioctl(fd, PERF_EVENT_IOC_ENABLE, 0))
		err(1, "BPF program on %s", symbol);
}

static void attach_bpf(char *place)
{
	char *plus = strchr(place, '+');
	unsigned long offset = 0;

	if (plus) {
		*plus = '\0';
		offset = strtoul(plus + 1, NULL, 0);
	}
	attach(load_program(make_ring()), place, offset);
	/* So long the kernel takes to make a jump of a breakpoint. */
	sleep(1);
}

static int compare(const void *a, const void *b)
{
	unsigned long long x = *(const unsigned long long *)a;
	unsigned long long y = *(const unsigned long long *)b;

	return (x > y) - (x < y);
}

static void batch(void)
{
	int i;

	for (i = 0; i < CALLS; i++)
		syscall(SYS_getppid);
}

int main(int argc, char **argv)
{
	unsigned long long cost[BATCHES], begin;
	int i;

	if (argc < 3)
		errx(2, "usage: probe NAME WHERE [SYMBOL[+OFFSET]]");
	if (argc > 3)
		attach_bpf(argv[3]);
	batch();
	for (i = 0; i < BATCHES; i++) {
		begin = __rdtsc();
		batch();
		cost[i] = (__rdtsc() - begin) / CALLS;
	}
	qsort(cost, BATCHES, sizeof(cost[0]), compare);
	printf("probe %s %s %llu\n", argv[1], argv[2], cost[BATCHES / 2]);
	return 0;
}
