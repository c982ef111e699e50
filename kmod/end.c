// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of our text: a function that comes last, and can't be probed.
 *
 * Who sets a probe in a function that isn't traced makes the kernel decode it to
 * its end, which is where the next one begins. For a module's last function there
 * is no next one: the kernel goes on through what fills the page, as if that were
 * code, and an instruction that seems to go on behind the page kills it. A name of
 * ours that comes without "ttlog:" is known for ours only when that has been done.
 */
#include <linux/compiler.h>
#include <linux/kprobes.h>

/* Not a name that linker scripts know, so that it stays behind what comes before. */
static void notrace __used __section(".ttlog.text") ttlog_end(void)
{
}
NOKPROBE_SYMBOL(ttlog_end);
