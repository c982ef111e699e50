#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Unloading: refused while somebody has the device, otherwise nothing is left.
# Then load and unload 50 times while 4 writers hammer the device.

cd "$(dirname "$0")" || exit 1
. ./tap.bash
rounds=50

# Everything by which the module can be seen, one line each.
traces()
{
	[[ ! -e /dev/ttlog ]] || echo node
	[[ ! -e /sys/class/misc/ttlog ]] || echo class
	[[ ! -e /sys/module/ttlog ]] || echo sysfs
	! grep -q '^ttlog ' /proc/modules || echo module
	! grep -q ttlog /sys/devices/system/cpu/hotplug/states || echo hotplug
	! grep -q '\[ttlog\]' /proc/vmallocinfo || echo vmalloc
	! grep -q '\[ttlog\]' /proc/kallsyms || echo symbols
	! grep -qw ttlog /proc/misc || echo misc
}

# Functions of the kernel that are hooked by ftrace, some maybe by the kernel itself.
hooked()
{
	sed 's/ .*//' /sys/kernel/tracing/enabled_functions | sort
}

# Bytes of memory in use, without what can be given back at any time and what
# waits on a CPU for the next taker.
used()
{
	sync
	# 4: without a line in the kernel's log from the second time on.
	echo 4 >/proc/sys/vm/drop_caches
	echo 3 >/proc/sys/vm/drop_caches
	awk '
		$1 == "KernelPageSize:" { page = $2 * 1024 }
		$1 == "MemTotal:" { used += $2 * 1024 }
		$1 == "MemAvailable:" { used -= $2 * 1024 }
		$1 == "count:" { used -= $2 * page }
		END { print used }' /proc/self/smaps /proc/meminfo /proc/zoneinfo
}

# Objects in use of the slab that a CPU's scratch is from; those that wait
# on a CPU for the next taker count as in use until it is shrunk.
scratches()
{
	echo 1 >/sys/kernel/slab/kmalloc-4k/shrink
	awk '$1 == "kmalloc-4k" { print $2 }' /proc/slabinfo
}

rmmod ttlog 2>/dev/null
# The kernel tells of the first time, of both.
used >/dev/null
insmod "$TTLOG_KO" && rmmod ttlog
is 'nothing is there before' '' "$(traces)"
hooked_before=$(hooked)

mark
insmod "$TTLOG_KO" memory=16M
is 'all of it is there when loaded' \
	'node class sysfs module hotplug vmalloc symbols misc' "$(traces | xargs)"
is 'and these functions are hooked' \
	'crash_save_vmcoreinfo prb_commit prb_final_commit' \
	"$(hooked | grep -vxF -- "$hooked_before" | xargs)"

exec 5>/dev/ttlog
printf 'written' >&5
message=$(rmmod ttlog 2>&1)
is 'refused while a file is open: status' 1 $?
is 'refused while a file is open: message' 'rmmod: ERROR: Module ttlog is in use' "$message"
is 'it works on' 'node class sysfs module hotplug vmalloc symbols misc' "$(traces | xargs)"
printf 'written' >&5
is 'and can be written' 0 $?
exec 5>&-
rmmod ttlog
is 'unloads when the file is closed' 0 $?
is 'nothing is left' '' "$(traces)"
is 'and nothing is hooked' "$hooked_before" "$(hooked)"
is 'the kernel said nothing' '' "$(said)"

# --- again and again, under load

mark
rm -f stop
pids=()
for cpu in 0 1 2 3; do
	taskset -c $cpu ./hammer stop >"hammer.$cpu" 2>&1 &
	pids+=($!)
done
# The first round fills caches that stay.
insmod "$TTLOG_KO" memory=16M && ./unload
before=$(used)
slab=$(scratches)
failed=0
for ((i = 1; i <= rounds; i++)); do
	if ! insmod "$TTLOG_KO" memory=16M; then
		echo "# round $i: insmod failed"
		failed=$((failed + 1))
	fi
	((i % 5)) || sleep 0.1
	if ! ./unload; then
		echo "# round $i: unload failed"
		failed=$((failed + 1))
	fi
done
is "loads and unloads $rounds times" 0 $failed
touch stop
for cpu in 0 1 2 3; do
	wait "${pids[cpu]}"
	is "writer on CPU $cpu had no other error" 0 $?
	# A round in which it did not get in at all is possible, none at all isn't.
	(($(<"hammer.$cpu") >= 10))
	result $? "writer on CPU $cpu got in" "opened the device $(<"hammer.$cpu") times"
done
is 'nothing is left of it' '' "$(traces)"
is 'the kernel said nothing at all' '' "$(said)"
after=$(used)
echo "# more in use: $((after - before)) bytes, $(($(scratches) - slab)) scratches"
# A page a CPU and round would be 800 KiB; the rings of one round are 16 MiB.
((after - before < 12 << 20))
result $? 'its memory is given back' "$((after - before)) bytes more are in use"
((slab == 0 || $(scratches) - slab < rounds))
result $? 'its scratch is given back' "$(($(scratches) - slab)) more are in use"

rm -f stop hammer.?
echo "1..$count"
