// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes to standard output what an earlier boot left in reserved memory, for
 * preload/device.c:
 *
 *	regionmake ID STATE STARTED [HALF]
 *
 * A recorder whose boot id is made of the byte ID, that became what STATE says
 * (TTLOG_STATE_*), and that was loaded at the second STARTED. HALF: in which it lies.
 */
#include <err.h>
#include <stdlib.h>

#include "../recorder.h"

#define FRAME	1000	/* PREVIOUS_FRAME of preload/device.c */

_Thread_local shim_fn shim_interrupt;
_Thread_local struct task_struct *current;
_Thread_local int shim_interrupts;

static u8 memory[RECORDER_SIZE] __attribute__((aligned(RECORDER_PAGE)));

int main(int argc, char **argv)
{
	struct recorder recorder = { 0 };

	if (argc < 4)
		errx(2, "usage: regionmake ID STATE STARTED [HALF]");
	recorder.id = strtoul(argv[1], NULL, 0);
	recorder.state = strtoul(argv[2], NULL, 0);
	recorder.started = strtoul(argv[3], NULL, 0);
	recorder.frame = FRAME * (argc > 4 ? atoi(argv[4]) + 1 : 1);
	recorder_make(&recorder, memory);
	fwrite(memory, 1, sizeof(memory), stdout);
	return fflush(stdout) ? 1 : 0;
}
