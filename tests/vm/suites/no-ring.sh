#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# CPUs for whose rings there is no memory: the module loads, the CPUs run, and
# what is written on them is counted.
set -euo pipefail
. "$(dirname "$0")/../common.bash"

mkdir -p "$build/tests/no-ring"
guest=$build/tests/no-ring/guest
cat >"$guest" <<'END'
#!/bin/bash
count=0 failed=0

# is NAME EXPECTED SEEN
is()
{
	count=$((count + 1))
	if [[ $2 == "$3" ]]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		echo "# expected '$2', saw '$3'"
		failed=1
	fi
}

# More than half of the memory: one CPU gets its rings, the other doesn't.
insmod "$TTLOG_KO" "memory_per_cpu=$(awk '/^MemFree:/ { print int($2 * 0.65 / 1024) }' /proc/meminfo)M"
is "the module loads" 0 $?
is "the kernel's log names the CPU" \
	"ttlog: no memory for the rings of CPU 1: its events are lost and counted" \
	"$(dmesg | sed -n 's/^\[[^]]*\] \(ttlog: no memory.*\)/\1/p')"
is "the CPU is up" 0-1 "$(cat /sys/devices/system/cpu/online)"
for i in 1 2 3 4 5; do
	taskset -c 1 sh -c 'echo lost > /dev/ttlog'
	is "a write is taken there as anywhere" 0 $?
done
for i in 1 2 3; do
	taskset -c 0 sh -c 'echo kept > /dev/ttlog'
done
# What is refused is lost there, too.
taskset -c 1 dd if=/dev/zero of=/dev/ttlog bs=9000 count=1 2>/dev/null
is "what is too large is refused there as anywhere" 1 $?
# Hits of a probe: each open is one, ours on CPU 0 as well.
taskset -c 0 ttlog probe add misc_open >/dev/null
is "a probe is set" 0 $?
for i in 1 2; do
	taskset -c 1 sh -c ': > /dev/ttlog'
done
list=$(taskset -c 0 ttlog probe list --json)
is "its hits there have no ring" 'hits 3, recorded 1, no_ring 2' \
	"$(sed -nE 's/.*("hits":[0-9]+).*("recorded":[0-9]+).*("no_ring":[0-9]+).*/\1, \2, \3/p' <<<"$list" | tr -d '"' | tr : ' ')"
taskset -c 0 ttlog probe del misc_open
ttlog-dump -o /tmp/file >/dev/null
is "a snapshot can be taken" 0 $?
is "it has the other CPU's events" 3 "$(ttlog cat /tmp/file | grep -c 'kept$')"
totals=$(ttlog cat --info /tmp/file | sed -n '/totals/,$p')
# Beside the lines of the kernel's log.
lines=$(ttlog cat --json /tmp/file | grep -c '"kind":"klog"')
is "all were offered" $((8 + 1 + 4 + lines)) "$(sed -n 's/^ *offered: //p' <<<"$totals")"
is "three, and two hits, are written" $((3 + 2 + lines)) "$(sed -n 's/^ *written: //p' <<<"$totals")"
is "five writes, what was refused, and two hits have no ring" 8 "$(sed -n 's/.*no_ring: \([0-9]*\).*/\1/p' <<<"$totals")"

# There is memory again when the CPU comes up the next time.
rmmod ttlog
echo 0 >/sys/devices/system/cpu/cpu1/online
insmod "$TTLOG_KO" memory_per_cpu=1M
is "a CPU that is down has no ring" 3 "$(ttlog stat | grep -cE '^[01] +(keep|flow|probe)')"
echo 1 >/sys/devices/system/cpu/cpu1/online
is "it has when it has come up" 6 "$(ttlog stat | grep -cE '^[01] +(keep|flow|probe)')"
rmmod ttlog
echo "1..$count"
exit $failed
END
"$top/tests/vm/run" --cpus 2 --mem 512M --timeout 120 "$guest"
