#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What of a kernel's log is a complaint (tests/vm/complaints): each kind, in the words of
# both architectures, is found in a log that is good otherwise; what is expected isn't, as
# often as that was said.
set -u
cd "$(dirname "$0")/../.." || exit

. tests/kmod/tap.bash
EXPECTED=$(mktemp -d)
trap 'rm -rf "$EXPECTED"' EXIT
export EXPECTED

# Of passing runs, some of them on a host that let the guest wait.
good='[    0.000000] Kernel command line: console=ttyS0 panic=-1 foo="WARNING: BUG: Oops"
[    0.002000] tsc: Unable to calibrate against PIT
[    0.745258] mtrr: your CPUs had inconsistent fixed MTRR settings
[    0.800000] rcu: 	RCU CPU stall warnings timeout set to 120 (rcu_cpu_stall_timeout).
[    0.900000] kprobes: kprobe jump-optimization is enabled. All kprobes are optimized if possible.
[    1.000000] cacheinfo: Unable to detect cache hierarchy for CPU 0
[    1.100000] Memory: 200000K/500000K available, memory used by lock dependency info: 11257 kB
[    2.100000] INFO: task kworker/u4:0:45 blocked for more than 120 seconds.
[    2.100001]       Not tainted 6.1.0-57-amd64 #1 Debian 6.1.192-3
[    2.100002] Call Trace:
[    2.165933] Unstable clock detected, switching default tracing clock to "global"
[    3.000000] clocksource: timekeeping watchdog on CPU1: Marking clocksource '\''tsc'\'' as unstable because the skew is too large:
[    3.100000] hrtimer: interrupt took 12345678 ns
[    3.200000] perf: interrupt took too long (3000 > 2500), lowering kernel.perf_event_max_sample_rate to 66000
[    5.365970] ttlog: loading out-of-tree module taints kernel.
[    6.000000] ttlog: helper=/nowhere: cannot be started: error -2
[    7.000000] insmod: vmalloc error: size 9000000, vm_struct allocation failed, mode:0xcc0(GFP_KERNEL), nodemask=(null)
[    7.000000] Call Trace:
[    7.100000]  dump_stack_lvl+0x44/0x5c'

check() { tests/vm/complaints "$EXPECTED"; }

is 'what is no complaint' '' "$(check <<<"$good")"
while IFS= read -r line; do
	is "${line:0:70}" "[    8.000000] $line" "$(
		printf '%s\n[    8.000000] %s\r\n[    9.000000] still here\n' "$good" "$line" | check
	)"
done <<'END'
BUG: kernel NULL pointer dereference, address: 0000000000000000
BUG: scheduling while atomic: swapper/0/0/0x00000002
BUG: sleeping function called from invalid context at mm/slab.h:1
BUG: workqueue lockup - pool cpus=0 node=0 flags=0x0 nice=0 stuck for 40s!
BUG: KASAN: use-after-free in ring_write+0x1/0x2 [ttlog]
BUG: KFENCE: out-of-bounds read in ring_write+0x1/0x2 [ttlog]
BUG: Bad page state in process sh  pfn:01234
Oops: 0002 [#1] PREEMPT SMP NOPTI
divide error: 0000 [#1] SMP
general protection fault, probably for non-canonical address 0xdead000000000100
kernel BUG at /ttlog/kmod/ring.c:17!
Unable to handle kernel paging request at virtual address ffff800008000000
Internal error: Oops - BUG: 00000000f2000800 [#1] SMP
Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000009
WARNING: CPU: 1 PID: 2 at kmod/ring.c:17 ring_write+0x1/0x2 [ttlog]
WARNING: possible circular locking dependency detected
WARNING: suspicious RCU usage
Call Trace:
Call trace:
INFO: task insmod:123 blocked for more than 120 seconds.
rcu: INFO: rcu_preempt self-detected stall on CPU
rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 1-... }
watchdog: BUG: soft lockup - CPU#1 stuck for 134s! [sh:12]
watchdog: Watchdog detected hard LOCKUP on cpu 1
list_add corruption. next->prev should be prev (ffff888000000000), but was 0000000000000000.
refcount_t: underflow; use-after-free.
UBSAN: shift-out-of-bounds in kmod/ring.c:17:3
ODEBUG: free active (active state 0) object type: timer_list
unchecked MSR access error: RDMSR from 0x123 at rIP: 0xffffffff81000000
irq 4: nobody cared (try booting with the "irqpoll" option)
unregister_netdevice: waiting for lo to become free. Usage count = 2
sysfs: cannot create duplicate filename '/devices/virtual/misc/ttlog'
sh: page allocation failure: order:4, mode:0xcc0(GFP_KERNEL), nodemask=(null)
tail invoked oom-killer: gfp_mask=0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP), order=0
kmemleak: 2 new suspected memory leaks (see /sys/kernel/debug/kmemleak)
END

# shellcheck disable=SC2034 # by name
{
	oops='BUG: kernel NULL pointer dereference, address: 0000000000000000
Oops: 0002 [#1] PREEMPT SMP NOPTI
Call Trace:'
	arm64='Unable to handle kernel NULL pointer dereference at virtual address 0000000000000000
Internal error: Oops: 0000000096000045 [#1] SMP
Call trace:'
	kasan='general protection fault, probably for non-canonical address 0xdffffc0000000000: 0000 [#1] PREEMPT SMP KASAN
KASAN: null-ptr-deref in range [0x0000000000000000-0x0000000000000007]
Call Trace:'
}
panic='Kernel panic - not syncing: Fatal exception
Call Trace:'

# One is expected, then one more.
tests/vm/expect-complaint 1 oops
for name in oops arm64 kasan; do
	is "an oops that is expected ($name)" '' "$(check <<<"${!name}")"
	is 'another one' "$(head -n 2 <<<"${!name}")" "$(check <<<"${!name}"$'\n'"${!name}")"
done
is 'what is not expected' "${panic%%$'\n'*}" "$(check <<<"$oops"$'\n'"$panic")"
tests/vm/expect-complaint 1 panic
is 'it is expected as well' '' "$(check <<<"$oops"$'\n'"$panic")"
tests/vm/expect-complaint any 'invoked oom-killer'
killed=$(for _ in 1 2 3; do echo 'sh invoked oom-killer: order=0'; echo 'Call Trace:'; done)
is 'any number' '' "$(check <<<"$killed")"
is 'but no other trace' 'Call Trace:' "$(check <<<"$killed"$'\nCall Trace:')"
blocked='INFO: task insmod:123 blocked for more than 120 seconds.'
is 'blocked, at the very end' "$blocked" "$(check <<<"$blocked")"
tests/vm/expect-complaint 1 "$blocked"
is 'blocked, as expected' '' "$(check <<<"$blocked"$'\n      Tainted: G OE\nCall Trace:')"
check <<<'WARNING: status' >/dev/null
is 'its status says so' 1 $?
is 'which test it was' $'guest-tests: two\nWARNING: x' \
	"$(check <<<$'guest-tests: one\nguest-tests: two\nWARNING: x')"
echo "1..$count"
