#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The module parameters: their defaults, what they accept, and that a bad one
# fails the load with a message that names it, its value and what is accepted.
# The sizes are those of 4 CPUs and pages of 4 KiB.

cd "$(dirname "$0")" || exit 1
. ./tap.bash

# refuses MESSAGE PARAMETER...: the load fails and the kernel's log has exactly
# this line more.
refuses()
{
	local message="ttlog: $1" status
	shift
	mark
	insmod "$TTLOG_KO" "$@" 2>/dev/null
	status=$?
	if ((status == 0)); then
		rmmod ttlog
		result 1 "refuses $*" 'it was accepted'
	else
		is "refuses $*" "$message" "$(said)"
	fi
}

# accepts LINES PARAMETER...: the load succeeds in silence, and the module
# describes itself with these lines among others.
accepts()
{
	local lines=$1 log description line missing=''
	shift
	mark
	if ! insmod "$TTLOG_KO" "$@"; then
		result 1 "accepts $*" "it was refused: $(said)"
		return
	fi
	log=$(said)
	description=$(./describe)
	rmmod ttlog
	for line in $lines; do
		grep -qxF -- "$line" <<<"$description" || missing+=" $line"
	done
	[[ ! $missing && ! $log ]]
	result $? "accepts $*" "missing:$missing; said: $log; saw: ${description//$'\n'/ }"
}

# ring BLOCKS BLOCK-SIZE: a ring's bytes and blocks. In front of the blocks are its
# head and 8 bytes for each page, which also name the pages they are in.
ring()
{
	local frames=$(($1 * $2 / 4096))
	local pages=$(((320 + frames * 8 + 4087) / 4088))
	echo "$((pages * 4096 + $1 * $2))/$1"
}

# spare BLOCKS: how many of a CPU's ring are spare.
spare()
{
	echo $(($1 < 4 ? 0 : $1 < 16 ? 1 : $1 / 8))
}

# rings KEEP FLOW PROBE KLOG/SPARE BLOCK-SIZE: the lines of a module with 4 CPUs that
# have such numbers of blocks.
rings()
{
	local k f p klog cpu
	k=$(ring "$1" "$5")/$(spare "$1")
	f=$(ring "$2" "$5")/$(spare "$2")
	p=$(ring "$3" "$5")/$(spare "$3")
	klog=$(ring "${4%/*}" "$5")/${4#*/}
	echo "nr_cpus=4 block_size=$5"
	echo "memory=$((4 * (${k%%/*} + ${f%%/*} + ${p%%/*}) + ${klog%%/*}))"
	for cpu in 0 1 2 3; do
		echo "cpu${cpu}_keep=$k cpu${cpu}_flow=$f cpu${cpu}_probe=$p"
	done
	echo "cpu0_klog=$klog"
}

rmmod ttlog 2>/dev/null

# --- defaults

ram=$(($(awk '$1 == "MemTotal:" { print $2 }' /proc/meminfo) * 1024))
insmod "$TTLOG_KO"
is 'loads without parameters' 0 $?
memory=$(./describe | sed -n 's/^memory=//p')
blocks=$(./describe | sed -n 's/^block_size=//p')
mask=$(./describe | sed -n 's/^level_mask=//p')
keep=$(./describe | sed -n 's|^cpu0_keep=\([0-9]*\)/.*|\1|p')
probe=$(./describe | sed -n 's|^cpu3_probe=\([0-9]*\)/.*|\1|p')
klog=$(./describe | sed -n 's|^cpu0_klog=\([0-9]*\)/.*|\1|p')
rmmod ttlog
# Of each CPU's part, and of what is for klog, less than a block and a page are left.
((memory <= ram / 100 && memory > ram / 100 - 5 * (8192 + 4096)))
result $? 'takes 1% of RAM by default' "$memory bytes, RAM has $ram"
share=$((ram / 400 < 1048576 ? ram / 400 : 1048576))
((klog <= share && klog > share - 8192 - 4096))
result $? "a quarter of it, at most 1 MiB, is for the kernel's log by default" "$klog bytes"
share=$(((ram / 100 - share) / 4))
((keep <= share / 4 && keep > share / 4 - 8192 - 4096))
result $? 'a quarter of the rest is for warnings by default' "$keep bytes"
((probe <= share * 15 / 100 && probe > share * 15 / 100 - 8192 - 4096))
result $? '15% of it are for probes by default' "$probe bytes"
is 'blocks have 8 KiB by default' 8192 "$blocks"
is 'all levels are recorded by default' 0xff "$mask"

# --- modinfo

parameters='block_size console_events helper keep_burst keep_rate keep_share klog_size level memory memory_per_cpu probe_share probes region_name region_size region_start trigger_level'
# shellcheck disable=SC2086 # words they are
is 'modinfo lists the parameters' "$(printf '%s\n' $parameters)" \
	"$(modinfo -p "$TTLOG_KO" | cut -d: -f1 | sort)"
for name in $parameters; do
	without='; default '
	[[ $name != memory_per_cpu ]] || without='; instead of memory (charp)'
	line=$(modinfo -p "$TTLOG_KO" | grep "^$name:")
	[[ $line == "$name:"*"$without"* ]]
	result $? "modinfo says what $name is without" "$line"
done

# --- what is refused

bytes()
{
	echo "$1: expected a number of bytes from $2 to $3 (K, M, G may follow)"
}

for value in none '' 1MB 12Q -1 0x 1.5M; do
	refuses "$(bytes "memory=$value" 262144 8589934592)" "memory=$value"
done
for value in 0 1 262143 255K 8589934593 9G; do
	refuses "$(bytes "memory=$value" 262144 8589934592)" "memory=$value"
done
# 2^64 and a good number: all that doesn't fit is too much.
for value in 18446744073709813760 18014398509482240K; do
	refuses "$(bytes "memory=$value" 262144 8589934592)" "memory=$value"
done
for value in none 65535 63K 2147483649 3G; do
	refuses "$(bytes "memory_per_cpu=$value" 65536 2147483648)" "memory_per_cpu=$value"
done
refuses 'memory=1M and memory_per_cpu=256K: expected one of them' memory=1M memory_per_cpu=256K
for value in none '' 0 1 4K 12K 8191 8193 128K 18446744073709559808; do
	refuses "block_size=$value: expected 8K, 16K, 32K or 64K, and at least 4096" "block_size=$value"
done
for name in keep_share probe_share; do
	for value in none '' 0 4 91 95 96 100 x -5 25% 4294967321; do
		refuses "$name=$value: expected a per cent from 5 to 90" "$name=$value"
	done
done
refuses 'keep_share=81 and probe_share=15: expected at most 95 together' keep_share=81
refuses 'keep_share=25 and probe_share=71: expected at most 95 together' probe_share=71
refuses 'keep_share=90 and probe_share=6: expected at most 95 together' keep_share=90 probe_share=6
refuses 'keep_share=90 and probe_share=90: expected at most 95 together' keep_share=90 probe_share=90
for value in none '' 0 64K 191K 196607 1073741825 2G -1 18446744073709748224; do
	refuses "$(bytes "klog_size=$value" 196608 1073741824)" "klog_size=$value"
done
# Six blocks, where that is more.
for value in 192K 383K 393215; do
	refuses "$(bytes "klog_size=$value" 393216 1073741824)" "klog_size=$value" block_size=64K
done
for value in none 0 1073741825 2G; do
	refuses "$(bytes "keep_rate=$value" 1 1073741824)" "keep_rate=$value"
done
for value in none 0 1 4159 1073741825; do
	refuses "$(bytes "keep_burst=$value" 4160 1073741824)" "keep_burst=$value"
done
for value in 8 -1 foo '' Warning warn 4294967300; do
	refuses "level=$value: expected 0 to 7 or emerg, alert, crit, err, warning, notice, info, debug" \
		"level=$value"
done
for value in 8 -1 foo '' None warn 0x3 4294967300; do
	refuses "trigger_level=$value: expected 0 to 7 or emerg, alert, crit, err, warning, notice, info, debug, or none" \
		"trigger_level=$value"
done
for value in 257 -1 foo '' 0x3 4294967296; do
	refuses "console_events=$value: expected a number from 0 to 256" "console_events=$value"
done
for value in 0 4096 0x10 1048575 2T 1025G foo '' 16MB; do
	refuses "region_size=$value: expected a number of bytes from 1048576 to 1099511627776 (K, M, G may follow)" \
		"region_size=$value" region_start=1G
done
for value in 0 4097 0x1001 -1 foo '' 1MB 0xfffffffff0000000 4503599627370496 0x; do
	refuses "region_start=$value: expected a physical address, a multiple of 4096, up to 0xffffffff00000 (K, M, G may follow, or with 0x in front)" \
		"region_start=$value" region_size=1M
done
refuses 'region_start=1G: expected with region_size' region_start=1G
refuses 'region_size=1M: expected with region_start' region_size=1M
refuses 'region_name=a with region_start=1G: expected the name, or start and size' region_name=a region_start=1G
refuses 'region_name=a with region_size=1M: expected the name, or start and size' region_name=a region_size=1M
for value in ttlogd ./ttlogd sbin/ttlogd ' /sbin/ttlogd'; do
	refuses "helper=$value: expected a path that begins with /, or nothing" "helper=\"$value\""
done
# Where nothing is the kernel has reserved nothing. (Elsewhere it doesn't say what is.)
if [[ $(uname -m) == x86_64 ]]; then
	mark
	insmod "$TTLOG_KO" region_start=2G region_size=1M
	is 'loads with a region where nothing is' 0 $?
	# shellcheck disable=SC2016 # it is the kernel's
	is 'says that it has none' 'ttlog: region_start=0x80000000, region_size=0x100000: expected memory that is reserved, as by memmap=SIZE$START, or has no-map in the device tree (see /proc/iomem): rings are in ordinary memory' \
		"$(said)"
	rmmod ttlog
fi
# Blocks so large that two of them don't fit three times.
refuses 'memory_per_cpu=64K: expected at least 405504 bytes a CPU with block_size=65536, keep_share=25 and probe_share=15' \
	memory_per_cpu=64K block_size=64K
refuses 'memory_per_cpu=405503: expected at least 405504 bytes a CPU with block_size=65536, keep_share=25 and probe_share=15' \
	memory_per_cpu=405503 block_size=64K
refuses 'memory=256K: expected at least 278528 bytes a CPU with block_size=32768, keep_share=50 and probe_share=15' \
	memory=256K block_size=32K keep_share=50
refuses 'memory=256K: expected at least 278528 bytes a CPU with block_size=32768, keep_share=15 and probe_share=50' \
	memory=256K block_size=32K keep_share=15 probe_share=50
refuses 'memory_per_cpu=64K: expected at least 409600 bytes a CPU with block_size=8192, keep_share=90 and probe_share=5' \
	memory_per_cpu=64K keep_share=90 probe_share=5
refuses 'memory_per_cpu=64K: expected at least 409600 bytes a CPU with block_size=8192, keep_share=47 and probe_share=48' \
	memory_per_cpu=64K keep_share=47 probe_share=48

# What such a message asks for is enough: all rings the smallest, one or two of them.
for options in 'block_size=64K' 'block_size=64K keep_share=5' 'block_size=64K probe_share=5' \
	'block_size=32K keep_share=50' 'block_size=16K probe_share=70' \
	'block_size=8K keep_share=90 probe_share=5' 'block_size=8K keep_share=5 probe_share=90' \
	'block_size=8K keep_share=47 probe_share=48' 'block_size=64K keep_share=48 probe_share=47' \
	'block_size=32K keep_share=33 probe_share=33' 'block_size=16K keep_share=61 probe_share=34'; do
	mark
	# shellcheck disable=SC2086 # words they are
	insmod "$TTLOG_KO" memory_per_cpu=64K $options 2>/dev/null && rmmod ttlog
	bytes=$(said | sed -n 's/.*expected at least \([0-9]*\) bytes a CPU.*/\1/p')
	# shellcheck disable=SC2086
	[[ $bytes ]] && insmod "$TTLOG_KO" memory_per_cpu="$bytes" $options 2>/dev/null
	result $? "as much as the message asks for is enough for $options" "$(said)"
	rmmod ttlog 2>/dev/null
done

# --- what is accepted, to the byte

accepts "$(rings 2 2 2 23/8 8192) level_mask=0xff" memory=256K
accepts "$(rings 2 2 2 23/8 8192)" memory=262144
accepts "$(rings 2 2 2 23/8 8192)" memory_per_cpu=64K klog_size=192K
accepts "$(rings 2 2 2 23/8 8192)" memory_per_cpu=65536 klog_size=196608
accepts "$(rings 2 2 2 23/8 8192)" memory_per_cpu=64K klog_size=192K keep_share=5 probe_share=5
# 1 MiB a CPU, a quarter of it for warnings, 157286 bytes for probes; the others get
# what is left. Beside that a quarter of it all for the kernel's log.
accepts "$(rings 31 77 18 23/8 8192)" memory_per_cpu=1M klog_size=192K
accepts "$(rings 31 77 18 127/15 8192)" memory=4M block_size=8K
accepts "$(rings 15 39 9 63/7 16384)" memory=4M block_size=16K
accepts "$(rings 7 20 4 31/3 32768)" memory=4M block_size=32K
accepts "$(rings 3 10 2 15/1 65536)" memory=4M block_size=64K
# Frames that take more than a page.
accepts "$(rings 127 307 76 127/15 8192)" memory=16M
# 5 and 90 per cent of 1 MiB, which is 52428 and 943718 bytes.
accepts "$(rings 5 103 18 127/15 8192)" memory=4M keep_share=5
accepts "$(rings 31 90 5 127/15 8192)" memory=4M probe_share=5
accepts "$(rings 114 7 5 127/15 8192)" memory=4M keep_share=90 probe_share=5
accepts "$(rings 5 7 114 127/15 8192)" memory=4M keep_share=5 probe_share=90
accepts "$(rings 2 2 2 5/1 65536)" memory_per_cpu=405504 klog_size=384K block_size=64K
# By default as much as such blocks need, though the kernel's log has taken all of the 1 %,
# of which the guest of a kernel that checks itself has more.
if (($(awk '/^MemTotal:/ { print $2 }' /proc/meminfo) < 800 * 1024)); then
	accepts "$(rings 2 2 2 127/15 65536)" klog_size=8388608 block_size=64K
	accepts "$(rings 4 2 2 255/31 32768)" klog_size=8M block_size=32K keep_share=50
fi
# The kernel's log: 64 KiB are spare at least, one block of eight where that is more.
accepts "$(rings 31 77 18 23/8 8192)" memory=4M klog_size=192K
accepts "$(rings 15 39 9 11/4 16384)" memory=4M block_size=16K klog_size=192K
accepts "$(rings 7 20 4 5/2 32768)" memory=4M block_size=32K klog_size=192K
accepts "$(rings 3 10 2 5/1 65536)" memory=4M block_size=64K klog_size=384K
accepts "$(rings 2 2 2 71/8 8192)" memory=256K klog_size=579K
accepts "$(rings 2 2 2 72/9 8192)" memory=256K klog_size=580K
accepts "$(rings 2 2 2 8175/1021 8192)" memory=256K klog_size=64M
accepts "$(rings 2 2 2 23/8 8192)" memory=256K keep_rate=1 keep_burst=4160
accepts "$(rings 2 2 2 23/8 8192)" memory=256K keep_rate=1G keep_burst=1G
accepts level_mask=0xff console_events=0
accepts level_mask=0xff console_events=256
accepts level_mask=0xff trigger_level=none helper=
accepts level_mask=0xff trigger_level=7 helper=/none
accepts level_mask=0xff trigger_level=crit
accepts level_mask=0x1 level=0
accepts level_mask=0xff level=7
# What is empty is no probe.
for value in '' 'vfs_read;' ';vfs_read' ';;vfs_read;;vfs_write;' ';'; do
	accepts level_mask=0xff "probes=$value"
done
number=0
for value in emerg alert crit err warning notice info debug; do
	accepts "level_mask=$(printf %#x $(((2 << number) - 1)))" "level=$value"
	number=$((number + 1))
done

# --- a scan of memory finds rings, not the module

for magic in ttlogMAP ttlogRNG ttlogBLK; do
	is "the module's file has no '$magic'" 0 "$(grep -c "$magic" "$TTLOG_KO")"
done
echo ttlogMAP >/tmp/params.magic
is 'grep would find it' 1 "$(grep -c ttlogMAP /tmp/params.magic)"
rm /tmp/params.magic

echo "1..$count"
