#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The helper: how it attaches, serves requests and triggers, what it does with a
# folder that it can't write into, its signals, its memory, its sleep.

. ./tap.bash
here=$PWD
dir=/tmp/ttlogd/d
rm -rf /tmp/ttlogd && mkdir -p $dir && cd /tmp/ttlogd || exit 1
export NOTIFY_SOCKET=/tmp/ttlogd/notify

# load [PARAMETER...]
load()
{
	insmod "$TTLOG_KO" memory=2M "$@" || exit 1
}

# start OPTION...: a helper that is ready; what it says goes to the file said.
start()
{
	: >said
	ttlogd "$@" 2>>said &
	helper=$!
	wait_for 'attached, files go to' || cat said
}

# stop: its exit status is left in status.
stop()
{
	kill "$helper"
	wait "$helper"
	status=$?
}

# settle: what the helper does when it has answered is done.
settle()
{
	local before tries=$((200 * TIMEOUT_SCALE))
	before=$(grep -c 'opened the folder' said)
	kill -HUP "$helper"
	until (($(grep -c 'opened the folder' said) > before)); do
		((tries--)) || return 1
		sleep 0.1
	done
}

files()
{
	find $dir -name 'ttlog-*.bin' | wc -l
}

# KiB that the kernel may be wrong by: from 6.2 on each CPU keeps up to 32 pages for
# itself before it adds them to what a process has.
rss_slack()
{
	local older
	older=$(printf '%s\n' 6.2 "$(uname -r)" | sort -V | head -n 1)
	if [[ $older == 6.2 ]]; then
		echo $((32 * 4 * $(nproc)))
	else
		echo 0
	fi
}

# Files that have nothing but what the kernel said of its host.
host_files()
{
	local file text nr=0
	for file in "$dir"/ttlog-*.bin; do
		text=$(ttlog cat --json "$file")
		[[ ! $text ]] || grep -qvE "\"kind\":\"klog\".*\"message\":\"$host_lines" <<<"$text" ||
			nr=$((nr + 1))
	done
	echo $nr
}

# The file written last.
latest()
{
	find $dir -name 'ttlog-*.bin' -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d' ' -f2
}

# messages FILE...: of what was written, in one line.
messages()
{
	local file
	for file; do
		ttlog cat --json "$file" | grep '"kind":"log"' | sed 's/.*"message":"\([^"]*\)".*/\1/'
	done | tr '\n' ' '
}

# info KEY FILE
info()
{
	ttlog cat --info "$2" | sed -n "s/^$1: //p"
}

ends_with()
{
	local name=$1 status=$2 rc=0 out
	shift 2
	out=$("$@" 2>&1) || rc=$?
	is "$name: $out" "$status" "$rc"
}

attaching()
{
	start -t 0 -o $dir
	is 'it tells that it is ready' 1 "$(grep -cx READY=1 notes)"
	ends_with 'a second helper' 1 ttlogd -o $dir
	ttlogd -o $dir 2>&1 | grep -q 'has a helper already'
	result $? 'and it says why'
	ends_with 'a folder that is not there' 5 ttlogd -o /tmp/ttlogd/none
	ends_with 'a folder that is a file' 5 ttlogd -o /tmp/ttlogd/notes
	ends_with 'without CAP_SYSLOG' 4 setpriv --bounding-set -syslog \
		--inh-caps -syslog ttlogd -o $dir
}

requests()
{
	local path i pids=()
	ttlog log one
	path=$(ttlog-dump -r why)
	[[ $path == "$dir"/ttlog-*-why.bin && -f $path ]]
	result $? 'ttlog-dump prints the path' "$path"
	is 'mode, owner and group' '640 root ttlog' "$(stat -c '%a %U %G' "$path")"
	is 'its event' 'one ' "$(messages "$path")"
	is 'its trigger' '"request"' "$(info trigger "$path")"
	is 'it stands for one' 1 "$(info stands_for "$path")"
	[[ $(info pid "$path") != "$helper" && $path == *-"$(info pid "$path")"-* ]]
	result $? 'its pid is that of the one who asked'
	for i in {1..16}; do
		ttlog-dump -t 60 -r many >"path.$i" 2>&1 &
		pids+=($!)
	done
	wait "${pids[@]}"
	is '16 at once: 16 paths' 16 "$(sort -u path.* | grep -c "^$dir/ttlog-.*-many")"
	is '16 at once: 16 files' 16 "$(sort -u path.* | xargs ls | wc -l)"
	rm $dir/*
	ends_with 'the status is told to systemd' 0 grep -q "^STATUS=The last file is $dir/ttlog-" notes
}

# Who waits is stopped and goes on, as everybody is when the machine goes to sleep.
stopped_request()
{
	local asked
	kill -STOP "$helper"
	ttlog-dump -r stopped >path 2>&1 &
	asked=$!
	# In an ioctl, by amd64's numbers and arm64's.
	until grep -qE '^(16|29) ' /proc/$asked/syscall; do sleep 0.1; done
	kill -STOP $asked
	until grep -q '^State:.*T' /proc/$asked/status; do sleep 0.1; done
	kill -CONT $asked
	kill -CONT "$helper"
	wait $asked
	is "a request that was interrupted: $(<path)" 0 $?
	is 'and its path' "$dir"/ttlog-*-stopped.bin "$(<path)"
	rm -f $dir/*
}

# Each way in which a folder can be no good; the helper stays.
bad_folders()
{
	ttlog log "$(printf '%04000d' 0)"
	mount -t tmpfs -o size=4k,nr_inodes=2 none $dir
	touch $dir/last
	ends_with 'a full folder' 6 ttlog-dump
	wait_for "cannot make a file in $dir: No space left on device (1 in a row)" 1
	result $? 'says where and why'
	mount -o remount,ro $dir
	ends_with 'a read-only folder' 5 ttlog-dump
	wait_for 'Read-only file system (2 in a row)' 1
	result $? 'says so, and counts'
	umount $dir
	rmdir $dir
	ends_with 'a lost folder' 5 ttlog-dump
	wait_for "cannot open the folder $dir: No such file or directory" 1
	result $? 'says so'
	mkdir $dir
	ends_with 'and one that is back' 0 ttlog-dump
	is 'the same helper all the time' "$helper" "$(pidof ttlogd)"
	rm $dir/*
}

signals()
{
	kill -HUP "$helper"
	wait_for "opened the folder $dir again"
	result $? 'SIGHUP: it says so'
	is 'SIGHUP: told to systemd' 'RELOADING=1 MONOTONIC_USEC= READY=1 ' \
		"$(grep -A9 RELOADING notes | sed 's/USEC=[0-9]*/USEC=/' | tr '\n' ' ')"
	for _ in {1..3}; do
		kill -HUP "$helper"
		sleep 0.3
	done
	(($(grep '^MONOTONIC_USEC=' notes | grep -vc '000$') > 0))
	result $? 'SIGHUP: told when, to the microsecond'
	is 'SIGHUP: still attached' true "$(ttlog stat --json | grep -o '"helper": *[a-z0-9]*' |
		grep -oE 'true|1' | sed s/1/true/)"
	stop
	is 'SIGTERM: exit status' 0 "$status"
	is 'SIGTERM: told to systemd' 1 "$(grep -cx STOPPING=1 notes)"
	is 'SIGTERM: one file' 1 "$(files)"
	is 'SIGTERM: its trigger' '"exit"' "$(info trigger $dir/*-exit.bin)"
	is 'SIGTERM: all since the module was loaded' 'one ' \
		"$(messages $dir/*-exit.bin | grep -o '^one ')"
	start -t 0 -o $dir
	stop
	is 'nothing new: no file' 1 "$(files)"
	ttlog log two
	start -t 0 -o $dir
	kill -INT "$helper"
	wait "$helper"
	is 'SIGINT: what came meanwhile' 'two ' "$(messages "$(latest)")"
	rm $dir/*
}

timer()
{
	start -t 1 -o $dir
	sleep 3
	is 'a timer, nothing new: no file' 0 "$(files)"
	ttlog log -p err three
	wait_for '-timer.bin is written' 5
	sleep 3
	is 'one file for one event' 1 "$(files)"
	is 'with that event' 'three ' "$(messages $dir/*)"
	is 'its trigger' '"timer"' "$(info trigger $dir/*)"
	is 'its pid is the helper' "$helper" "$(info pid $dir/*)"
	mount -t tmpfs -o ro none $dir
	ttlog log four
	wait_for 'Read-only file system (2 in a row)' 5
	result $? 'a read-only folder: it goes on'
	umount $dir
	: >said
	wait_for '-timer.bin is written' 5
	is 'and goes on where it was' 'four ' "$(messages "$(latest)")"
	stop
	is 'nothing left for the exit' 2 $(($(files) - $(host_files)))
	rm $dir/*
}

keep()
{
	local i
	start -t 0 -o $dir --keep 64K
	for i in {1..12}; do
		ttlog-dump -r "r$i" >/dev/null
	done
	settle
	(($(cat $dir/* | wc -c) <= 65536)) && [[ -e $(echo $dir/*-r12.bin) ]]
	result $? "--keep 64K: $(files) files of $(cat $dir/* | wc -c) bytes stay"
	is '--keep: one more would not fit' 1 "$(($(cat $dir/* | wc -c) +
		$(stat -c %s $dir/*-r12.bin) + 1000 > 65536))"
	is 'the oldest went' 1 "$(grep -c -- '-r1.bin is removed' said)"
	stop
	rm -f $dir/*
}

# An automatic trigger, with a folder that can't be written into.
kept()
{
	rmmod ttlog && load
	start -t 0 -o $dir
	"$here/trigger-level" 2
	mount -t tmpfs -o ro none $dir
	ttlog log -p crit five
	wait_for 'is kept in memory and will be tried again'
	result $? 'a trigger, folder read-only: kept in memory'
	is 'in a file in memory' 1 "$(find /proc/"$helper"/fd -lname '/memfd:ttlog*' | wc -l)"
	ttlog log six
	umount $dir
	: >said
	wait_for 'is written' 15
	result $? 'written when the folder is good again'
	is 'the snapshot of the trigger' 'five ' "$(messages $dir/*)"
	is 'its trigger' '"level"' "$(info trigger $dir/*)"
	is 'nothing is in memory now' 0 "$(find /proc/"$helper"/fd -lname '/memfd:ttlog*' | wc -l)"
	stop
	rm $dir/*
}

once()
{
	ends_with 'once, nothing waits' 0 ttlogd --once -o $dir
	is 'and no file' 0 "$(files)"
	rmmod ttlog && load helper=
	"$here/trigger-level" 2
	ttlog log -p crit seven
	mount -t tmpfs -o ro none $dir
	ends_with 'once, a trigger waits, folder read-only' 5 ttlogd --once -o $dir
	umount $dir
	ttlogd --once -o $dir <&- >&- 2>&-
	is 'it waits again; no stderr: exit status' 0 $?
	is 'once: its file' 'seven ' "$(messages $dir/*)"
	is 'once: only one' 1 "$(files)"
	ends_with 'and no more waits' 0 ttlogd --once -o $dir
	is 'once: still only one' 1 "$(files)"
	rm $dir/*
	rmmod ttlog && load
}

# wakeups PID: how often it was given a CPU.
wakeups()
{
	awk '/ctxt_switches/ { sum += $2 } END { print sum }' "/proc/$1/status"
}

sleeping()
{
	local before
	start -t 0 -o $dir
	sleep 1
	before=$(wakeups "$helper")
	sleep 30
	is 'no wakeup in 30 s' "$before" "$(wakeups "$helper")"
	stop
	start -t 10 -o $dir
	sleep 1
	before=$(wakeups "$helper")
	sleep 30
	(($(wakeups "$helper") - before <= 12))
	result $? "the timer's only: $(($(wakeups "$helper") - before)) switches in 3 ticks"
	stop
	rm -f $dir/*
}

# field NAME: of the helper's status, in KiB.
field()
{
	awk -v name="$1:" '$1 == name { print $2 }' "/proc/$helper/status"
}

memory()
{
	local i anon peak rings
	start -t 0 -o $dir --keep 1M
	for i in {1..4}; do
		seq 12000 | taskset -c $((i - 1)) ttlog log -p $((i % 2 ? 3 : 6))
	done
	for i in {1..10}; do
		ttlog-dump >/dev/null
	done
	anon=$(field RssAnon) peak=$(field VmHWM)
	for i in {1..100}; do
		ttlog-dump >/dev/null
	done
	is 'memory after 100 more snapshots' "$anon" "$(field RssAnon)"
	slack=$(rss_slack)
	highest=$(field VmHWM)
	((highest >= peak - slack && highest <= peak + slack))
	result $? 'and at most meanwhile' "$highest KiB, before $peak, of which $slack are unsure"
	rings=2048
	echo "# RssAnon $anon KiB, VmHWM $peak KiB with rings of $rings KiB:" \
		"$(grep -E 'Rss(File|Shmem)' "/proc/$helper/status" | tr -s '\t\n' ' ')"
	((anon < 1024 && peak - $(field RssFile) - $(field RssShmem) < 2 * rings + 1024))
	result $? 'within what is stated'
	stop
	rm -f $dir/*
}

"$here/notified" $NOTIFY_SOCKET >notes &
notified=$!
load
attaching
requests
stopped_request
bad_folders
signals
timer
keep
kept
once
sleeping
memory
rmmod ttlog
result $? unload
kill $notified
echo "1..$count"
