#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# ttlog follow on the real device: each event once and in order, or counted as lost,
# while CPUs write at once and come and go.

cd "$(dirname "$0")" || exit 1
. ./tap.bash

out=/tmp/follow.out
err=/tmp/follow.err

# start ARGUMENT...: it follows.
start()
{
	ttlog follow "$@" >"$out" 2>"$err" &
	follow=$!
}

# await NAME TEXT FILE: write it there until it is printed.
await()
{
	local i
	for ((i = 0; i < 100; i++)); do
		echo "$2" >"$3"
		sleep 0.1
		grep -q "$2" "$out" && break
	done
	((i < 100))
	result $? "$1" "'$2' isn't there: $(tail -n 3 "$out" "$err")"
}

# write_on CPU
write_on()
{
	taskset -c "$1" bash -c "for ((i = 0; i < 150; i++)); do
		echo \"of $1: \$i\" >/dev/ttlog
	done"
}

# finish NAME SIGNAL: told to end it does, with 0 and without a word.
finish()
{
	kill -"$2" "$follow"
	wait "$follow"
	is "$1" '0 ' "$? $(<"$err")"
}

rmmod ttlog 2>/dev/null
echo 0 >/sys/devices/system/cpu/cpu3/online
is 'a CPU is offline' 0-2 "$(</sys/devices/system/cpu/online)"
insmod "$TTLOG_KO" memory_per_cpu=256K || exit 1

# Three write at once; a fourth comes, whose ring wasn't there.
start --json -n 0 --kind log
await 'it reads' 'are you there' /dev/ttlog
for cpu in 0 1 2; do
	write_on $cpu &
	writers+=($!)
done
echo 1 >/sys/devices/system/cpu/cpu3/online
write_on 3
wait "${writers[@]}"
await 'all were written' 'the last one' /dev/ttlog
finish 'SIGTERM' TERM
for cpu in 0 1 2 3; do
	sed -n "s/.*\"message\":\"of $cpu: \([0-9]*\)\".*\"cpu\":$cpu,.*/\1/p" "$out" >"$out.$cpu"
	seq 0 149 | cmp - "$out.$cpu"
	result $? "those of CPU $cpu are there, once each, in order" \
		"$(wc -l <"$out.$cpu") of 150"
done
sed -n 's/.*"timestamp":\([0-9]*\),.*"ns":\([0-9]*\),.*/\1 \2/p' "$out" |
	sort -c -n -k 1,1 -k 2,2
result $? 'their times never decrease' ''
is 'nothing was lost' 0 "$(grep -c '"lost"' "$out")"

# More than a ring holds, while it can't read: what is printed and what is told to be
# lost is all.
start -n 0 --kind log
await 'it reads' 'are you there' /dev/ttlog
kill -STOP $follow
seq 3000 | sed 's/$/ of a flood/' | taskset -c 1 ttlog log -s flood
kill -CONT $follow
await 'the flood is over' 'no more' /dev/ttlog
printed=$(grep -c ' of a flood$' "$out")
is 'printed and lost are what was written' "-- cpu1 flow: $((3000 - printed)) events lost (overwritten) --" \
	"$(grep '^-- ' "$out")"
((printed > 500 && printed < 2900))
result $? "$printed were printed" ''
is 'these are the last ones' "$(seq $((3001 - printed)) 3000 | cksum)" \
	"$(sed -n 's/.*: \([0-9]*\) of a flood$/\1/p' "$out" | cksum)"
finish 'SIGINT' INT

# What is there already, the kernel's lines, and who may.
echo 'one more' >/dev/ttlog
echo 'the newest' >/dev/ttlog
start -n 2 --kind log
until (($(wc -l <"$out") >= 2)) || ! kill -0 $follow; do
	sleep 0.1
done
finish 'it ends' TERM
is 'the last two' 'one more,the newest,' "$(sed 's/.*: //' "$out" | tr '\n' ,)"
start -n 0 --kind klog
await 'a line of the kernel' 'a line for follow' /dev/kmsg
finish 'it ends' TERM
is 'is told as one' '' "$(grep -v ' klog .* kernel: ' "$out")"
setpriv --reuid 1001 --regid 1001 --clear-groups ttlog follow 2>/dev/null
is 'not for everyone' 4 $?
rmmod ttlog
result $? 'unload' ''
echo "1..$count"
