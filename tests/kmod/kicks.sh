#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Probes that are triggers, where a trigger itself leads.

cd "$(dirname "$0")" || exit 1
. ./tap.bash

# Interrupts of irq_work so far.
kicks()
{
	awk '/IRQ work interrupts/ { for (i = 2; $i ~ /^[0-9]+$/; i++) n += $i }
		END { print n + 0 }' /proc/interrupts
}

is_there()
{
	grep -q " [tT] $1\$" /proc/kallsyms
}

rmmod ttlog 2>/dev/null

if is_there __queue_work && grep -q 'IRQ work interrupts' /proc/interrupts; then
	insmod "$TTLOG_KO" helper= probes='__queue_work,trigger'
	sleep 2
	before=$(kicks)
	sleep 3
	# The limit alone lets 300 through.
	(($(kicks) - before < 2000))
	result $? "a trigger that is hit by its own kicks doesn't go round" \
		"$(($(kicks) - before)) kicks in 3 s"
	rmmod ttlog
else
	result 0 "a trigger that is hit by its own kicks # SKIP no way to see it here"
fi

last=$(($(nproc) - 1))
online=/sys/devices/system/cpu/cpu$last/online
if is_there sched_cpu_dying && [[ -e $online ]] &&
	insmod "$TTLOG_KO" helper= probes='sched_cpu_dying,trigger'; then
	echo 0 >"$online"
	sleep 2
	echo 1 >"$online"
	before=$(kicks)
	for _ in 1 2 3; do
		taskset -c "$last" sh -c 'echo said >/dev/kmsg'
		sleep 0.2
	done
	(($(kicks) > before))
	result $? 'irq_work goes on where a CPU was hit while it went down' 'none of 3 ran'
	echo 0 >"$online"
	timeout $((20 * TIMEOUT_SCALE)) rmmod ttlog
	is 'and the module can be removed while it is down' 0 $?
	echo 1 >"$online"
else
	result 0 'a CPU that is hit while it goes down # SKIP no way to see it here'
fi

echo "1..$count"
