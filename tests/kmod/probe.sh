#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# ttlog probe, what it says and how it ends, and the module parameter "probes".

cd "$(dirname "$0")" || exit 1
. ./tap.bash

# Nobody calls it: where a trigger has struck, its reason stays until a helper has come,
# who has the module open. (Shells call getppid.)
# shellcheck disable=SC2154 # of tap.bash
function=${syscall}sethostname
# Up to what is next. Addresses are compared as text, as awk's numbers are too short.
read -r begin end < <(awk -v name=$function '
	NR == FNR { if ($3 == name) begin = $1 ""; next }
	$1 "" > begin && (!end || $1 "" < end) { end = $1 "" }
	END { print begin, end }' /proc/kallsyms /proc/kallsyms)
size=$((16#$end - 16#$begin))

# says NAME STATUS TEXT COMMAND...: it ends so, and says this text.
says()
{
	local name=$1 status=$2 text=$3 said
	shift 3
	said=$("$@" 2>&1)
	is "$name: status" "$status" $?
	[[ $said == *"$text"* ]]
	result $? "$name: message" "expected '$text', saw '$said'"
}

# refuses MESSAGE VALUE: the load fails and the kernel's log says why.
refuses()
{
	mark
	insmod "$TTLOG_KO" probes="$2" 2>/dev/null
	local status=$?
	((status)) || rmmod ttlog
	is "the load fails with probes=$2" "1 ttlog: probes=$1" "$status $(said)"
}

rmmod ttlog 2>/dev/null
says 'not loaded' 3 '/dev/ttlog' ttlog probe list
# The kernel tells of the first time.
insmod "$TTLOG_KO" && rmmod ttlog

# --- the parameter

refuses ",ret: '': expected the name of a function, of 1 to 127 characters" ',ret'
refuses ",: '': expected the name of a function, of 1 to 127 characters" 'vfs_read;,'
refuses "vfs_read+x: 'vfs_read+x': expected SYMBOL+OFFSET" 'vfs_read+x'
refuses "vfs_read,args=7: 'args=7': expected args=0 to args=6" 'vfs_read,args=7'
refuses "vfs_read,args: 'args': expected args=0 to args=6" 'vfs_read,args'
refuses "b,ret=1: 'ret=1': expected ret" 'a;b,ret=1'
refuses "a,level=8: 'level=8': expected level=0 to level=7 or a level's name" 'a,level=8'
refuses "a,sample=5: 'sample=5': expected sample=1/N with N from 1 to 1000000000" 'a,sample=5'
refuses "a,sample=1/0: 'sample=1/0': expected sample=1/N with N from 1 to 1000000000" 'a,sample=1/0'
refuses "a,rate=0: 'rate=0': expected rate=1 to rate=1000000000" 'a,rate=0'
refuses "a,trigger=: 'trigger=': expected trigger or trigger=REASON with 1 to 32 of A-Z a-z 0-9 _ -" 'a,trigger='
refuses "a,trigger=x.y: 'trigger=x.y': expected trigger or trigger=REASON with 1 to 32 of A-Z a-z 0-9 _ -" 'a,trigger=x.y'
refuses "a,x: 'x': expected args=, ret, level=, sample=, rate= or trigger" 'a,x'
refuses "a,: '': expected args=, ret, level=, sample=, rate= or trigger" 'a,'
refuses "a,args=1,ret: 'args': expected no args together with ret" 'a,args=1,ret'
refuses "a+4,args=1: 'args': expected no args together with an offset" 'a+4,args=1'
refuses "a+4,ret: 'ret': expected no ret together with an offset" 'a+4,ret'

mark
insmod "$TTLOG_KO" probes="$function+1;$function;$function"
is 'what is not set is warned of' "ttlog: probes=$function+1: not set: no instruction of it begins at that offset (error 84)
ttlog: probes=$function: not set: it is there twice (error 17)" "$(said)"
rmmod ttlog

mark
insmod "$TTLOG_KO" probes="$function,args=2,level=err,sample=1/3,rate=7;no_such_function;get_kprobe,ret;$function,ret"
is 'a function that is not there does not fail the load' 0 $?
is 'but is warned of' "ttlog: probes=no_such_function: not set: no such function: misspelt, not loaded, or inlined everywhere (error 2)
ttlog: probes=get_kprobe,ret: not set: can't be probed: by the kernel, notrace, or the recorder's own (error 95)" "$(said)"
is 'the others are set' "$(printf '  %u %-30s %-14s %s\n' 0 $function '2 args, 1/3, 7/s' err \
	1 $function return info)" "$(ttlog probe list | tail -n +2 | cut -c1-57 | sed 's/ *$//')"
says 'clear' 0 '' ttlog probe clear
is 'none is left' 1 "$(ttlog probe list | wc -l)"
is 'nor in the JSON' '[]' "$(ttlog probe list -j)"

# --- the command

# Behind what the entry is traced by: a call, with IBT after a mark of four bytes; on
# arm64 instructions have four.
inside=8
for offset in 5 9; do
	! ttlog probe add $function+$offset >/dev/null 2>&1 || { inside=$offset; break; }
done
ttlog probe clear

is 'add prints the id' 0 "$(ttlog probe add $function -a 2)"
is 'another has another' 1 "$(ttlog probe add $function --ret)"
is 'an offset' 2 "$(ttlog probe add "$function+$(printf %#x $inside)" --sample 1/2 --rate 9/s -l debug)"
says 'twice' 1 "'$function' is probed so already" ttlog probe add $function -a 2
# One that was set then would stay off, also when the others are on again.
echo 0 >/sys/kernel/debug/kprobes/enabled
says 'while probes are switched off' 1 "the kernel's probes are switched off as a whole" \
	ttlog probe add vfs_rename
echo 1 >/sys/kernel/debug/kprobes/enabled
is 'JSON' '0 0 2 false 1 0 info
1 0 0 true 1 0 info
2 '$inside' 0 false 2 9 debug' "$(ttlog probe list -j | tr '{' '\n' | sed -n \
	's/.*"id":\([0-9]*\),.*"offset":\([0-9]*\),"return":\([a-z]*\),"args":\([0-9]*\),"level":"\([a-z]*\)","sample":\([0-9]*\),"rate":\([0-9]*\),.*/\1 \2 \4 \3 \6 \7 \5/p')"
says 'del by id' 0 '' ttlog probe del 1
says 'del by id again' 1 "no probe is set that is '1'" ttlog probe del 1
says 'del by offset' 0 '' ttlog probe del $function+$inside
says 'del by offset again' 1 "no probe is set that is '$function+$inside'" ttlog probe del $function+$inside
ttlog probe add $function >/dev/null
says 'del by name, all of it' 0 '' ttlog probe del $function
is 'none is left of it' 1 "$(ttlog probe list | wc -l)"
says 'near names' 1 'vfs_read' ttlog probe add vfs_raed
says 'unknown' 1 "there is no function 'qqqqqqqqqqqqqqqq': misspelt" ttlog probe add qqqqqqqqqqqqqqqq
says 'blacklisted' 1 "'get_kprobe' can't be probed: it is on the kernel's list" ttlog probe add get_kprobe
# Where entries are probed by an instruction it isn't refused.
[[ $(uname -m) != x86_64 ]] ||
	says 'notrace' 1 "'trace_clock_local' can't be probed: it is marked notrace" ttlog probe add trace_clock_local
says 'its own' 1 "'ttlog_ioctl' can't be probed: it is the recorder's own" ttlog probe add ttlog_ioctl
says 'data' 1 "'init_task' is data: only functions can be probed" ttlog probe add init_task
several=$(awk 'tolower($2) == "t" && $3 == "init_once"' /proc/kallsyms | wc -l)
says 'several' 1 "there are $several functions 'init_once'" ttlog probe add init_once
says 'no instruction' 1 "no instruction of '$function' begins at that offset" ttlog probe add $function+1
says 'beyond' 1 "offset +$(printf %#x $size) is beyond '$function', which has $size bytes" \
	ttlog probe add $function+$size
variant=$(grep -m1 -oE '^[a-z_]+\.isra\.0$' /sys/kernel/tracing/available_filter_functions)
says 'a variant' 1 "there is no function '${variant%.isra.0}': the compiler made another of it" \
	ttlog probe add "${variant%.isra.0}"
says 'the variant' 0 '' ttlog probe add "$variant"
ttlog probe clear

says 'no function' 2 'Usage:' ttlog probe add
says 'no command' 2 "there is no command 'set': add, clear, del and list are accepted" ttlog probe set
says 'args' 2 "args '7': 0 to 6 are accepted" ttlog probe add -a 7 $function
says 'args and ret' 2 '--args is accepted at the beginning of a function only: not with --ret' ttlog probe add -a 1 -r $function
says 'ret and offset' 2 '--ret is of a whole function' ttlog probe add -r $function+5
says 'sample' 2 "sample '2': 1/N with N from 1 to 1000000000 is accepted" ttlog probe add -s 2 $function
says 'rate' 2 "rate '0/s': N/s with N from 1 to 1000000000 is accepted" ttlog probe add --rate 0/s $function
says 'level' 2 "level 'loud': accepted are" ttlog probe add -l loud $function
says 'reason' 2 "reason 'a b': 1 to 32 of the characters" ttlog probe add '--trigger=a b' $function
says 'place' 2 "function 'x+y': SYMBOL or SYMBOL+OFFSET is accepted" ttlog probe add x+y
# Places enough, seven numbers of arguments of each, and none that is called: of the first
# ones by name each program's start calls access.
functions=(mlockall munlockall sched_rr_get_interval sched_setparam setdomainname setfsgid
	setfsuid settimeofday vhangup vmsplice)
functions=("${functions[@]/#/$syscall}")
# set_some REASON [each]: as many as can be; each has one of its own.
set_some()
{
	local one args
	nr=0
	for one in "${functions[@]}"; do
		for args in {0..6}; do
			ttlog probe add "$one" -a "$args" --trigger="$1${2:+$nr}" >/dev/null 2>&1 ||
				return
			nr=$((nr + 1))
		done
	done
}
# Of one reason there may be several, and 64 reasons with those of the module itself.
set_some same
is 'one reason for many' 70 $nr
ttlog probe clear
set_some reason each
is 'different reasons' 62 $nr
says 'one more' 1 'or triggers have 64 different reasons, as many as there can be at once' \
	ttlog probe add $function --trigger=another
says 'another of the same' 0 '' ttlog probe add $function --trigger=reason1
ttlog probe clear
says 'they are given back' 0 '' ttlog probe add $function --trigger=another
ttlog probe clear
chgrp alice /dev/ttlog
says 'a user' 4 'no permission to set a probe: it takes CAP_SYS_ADMIN' setpriv --reuid 1001 --regid 1001 --clear-groups ttlog probe add $function
ttlog probe add $function >/dev/null
says 'a user removes' 4 'no permission to remove a probe' setpriv --reuid 1001 --regid 1001 --clear-groups ttlog probe clear
rmmod ttlog
is 'it unloads with a probe that is set' 0 $?

echo "1..$count"
