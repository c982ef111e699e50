#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The programs against the real device: what they print, how they fail.

tests=0 failed=0
ok()
{
	tests=$((tests + 1))
	if [[ $1 == 0 ]]; then
		echo "ok $tests - $2"
	else
		failed=1
		echo "not ok $tests - $2"
	fi
}

# expect STATUS PATTERN COMMAND...: status, and a pattern that all output fits.
expect()
{
	local status=$1 pattern=$2 out rc=0
	shift 2
	out=$("$@" 2>&1 </dev/null) || rc=$?
	# shellcheck disable=SC2053 # a pattern it is
	[[ $rc == "$status" && $out == $pattern ]]
	ok $? "$*: $status"
	# shellcheck disable=SC2053
	[[ $rc == "$status" && $out == $pattern ]] || echo "# $rc: $out"
}

as_user()
{
	setpriv --reuid 1001 --regid 1001 --clear-groups "$@"
}

# helper HOW...: take is the helper from now on, as take.c has it.
taker=''
helper()
{
	dismiss
	: >attached
	/tmp/take "$@" >>attached &
	taker=$!
	until [[ -s attached ]]; do
		kill -0 "$taker" || return
		sleep 0.1
	done
}

dismiss()
{
	[[ $taker ]] || return
	kill "$taker"
	wait "$taker"
	taker=''
}

lsmod | grep -q '^ttlog ' || insmod "$TTLOG_KO" || exit 1
cp take /tmp/ && mkdir -p /tmp/c && cd /tmp/c && rm -rf ./* || exit 1

expect 0 '' ttlog log -p 4 -s svc -f k=v -f n:=-5 '<3>not' a level
expect 0 '' ttlog log -- -dash
printf 'line one\n\nnul\0a=1\n%5000d\nlast' 0 >lines
ttlog log -p debug -f x=y <lines 2>err
[[ $? == 1 && $(<err) == *"line 4 "*" 5000 bytes"*4089*4096* ]]
ok $? "a long line is named: $(<err)"
as_user ttlog log from a user
ok $? "everyone may write"
path=$(ttlog-dump -r try -o .)
ok $? "dump: $path"
[[ $path == ./ttlog-*-try.bin && -s $path ]]
ok $? "its path"
ttlog cat "$path" >text
ok $? "cat"
expect 0 "$path: ok, * events" ttlog verify "$path"
expect 0 "*Z try  * ok  *$path" ttlog ls "$path"
grep -q ' warning svc\[[0-9]*\] uid=0 comm=ttlog: <3>not a level k=v n=-5$' text
ok $? "service, fields, level as given"
grep -q ' info ttlog\[[0-9]*\] uid=0: -dash$' text
ok $? "a dash after --"
[[ $(grep -c ' debug .* x=y$' text) == 4 ]]
ok $? "four of five lines"
grep -q ' debug .*: nul a=1 x=y$' text
ok $? "a NUL in a line makes a field"
grep -q ' uid=1001: from a user$' text
ok $? "the user's uid"

expect 1 '*ttlog-dump: there exists and is not replaced' bash -c 'echo mine >there; ttlog-dump -o there'
[[ $(<there) == mine ]]
ok $? "and it isn't"
expect 0 'new' ttlog-dump -o new
expect 5 '*/tmp/none*No such file*' ttlog-dump -o /tmp/none/file
expect 5 '*there is no folder /tmp/none/' ttlog-dump -o /tmp/none/
expect 5 '*/proc*' ttlog-dump -o /proc
expect 2 "*reason 'a/b'*" ttlog-dump -r a/b
mkdir -p full && mount -t tmpfs -o size=8k none full
seq 3000 | ttlog log -s filler
expect 6 '*full/*No space left on device' ttlog-dump -o full
[[ -z $(ls -A full) ]]
ok $? "nothing is left on the full disk"
mount -o remount,ro full
expect 5 '*Read-only file system' ttlog-dump -o full
umount full
expect 4 '*no permission*' as_user ttlog-dump -o /tmp
expect 4 '*no permission*' as_user ttlog stat
rm -rf /var/lib/ttlog
expect 0 '/var/lib/ttlog/ttlog-*-request.bin' ttlog-dump
[[ $(stat -c '%a %U' /var/lib/ttlog) == '750 root' ]]
ok $? "the default folder is made: $(stat -c '%a %U %G' /var/lib/ttlog)"
[[ $(stat -c %a /var/lib/ttlog/*.bin) == 640 ]]
ok $? "the file's mode"

shown="emerg,alert,crit,err,warning,notice,info,debug (generation [0-9])
trigger: none"
expect 0 "$shown" ttlog level
expect 0 '' ttlog level warning
expect 0 'emerg,alert,crit,err,warning (generation *)*trigger: none' as_user ttlog level
ttlog log filtered
expect 0 '' ttlog level emerg,err,info
expect 0 'emerg,err,info (generation *)*trigger: none' ttlog level
expect 4 '*CAP_SYS_ADMIN*' as_user ttlog level debug
expect 0 '' ttlog level --trigger crit
expect 0 'emerg,err,info (generation *)*trigger: crit' as_user ttlog level
expect 0 '' ttlog level --trigger=1 debug
expect 0 'emerg,*,debug (generation *)*trigger: alert' ttlog level
expect 2 "*trigger '8': accepted are emerg, *, debug or 0 to 7, or none*" ttlog level --trigger 8
expect 2 "*trigger '': accepted are *" ttlog level --trigger=
expect 2 "*trigger 'emerg,alert': accepted are *" ttlog level --trigger emerg,alert
expect 4 '*CAP_SYS_ADMIN*' as_user ttlog level --trigger none
expect 0 '*trigger: alert' ttlog level
expect 0 '' ttlog level --trigger none
expect 0 '*trigger: none' ttlog level
expect 0 '*CHANNEL*keep*flow*all*filtered=1*' ttlog stat
ttlog stat --json >stat.json
ok $? "stat --json"
helper path /some/where
expect 0 /some/where ttlog-dump -r asked
expect 0 new2 ttlog-dump -o new2
helper error 28
expect 6 '*helper*No space left on device' ttlog-dump
helper nothing
expect 8 '*after 1 s*' ttlog-dump -t 1
dismiss
# Read by others afterwards: the files of a real device.
if [[ -d /out ]]; then
	cp "$path" stat.json /out/
fi
cd / && rmmod ttlog
ok $? "unload"
echo "1..$tests"
exit $failed
