#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The virtual machine runner itself: what it passes on, and that every way in
# which a guest can end is told apart. Two guests run at a time.
# shellcheck disable=SC2016 # what is in single quotes is for the guest
set -euo pipefail

cd "$(dirname "$0")/../../.."
run=$PWD/tests/vm/run
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
count=0

# check NAME COMMAND...: one result, ok if the command succeeds.
check()
{
	local name=$1
	shift
	count=$((count + 1))
	if "$@"; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		echo "# failed: $*"
	fi
}

# vm NAME OPTION... < SCRIPT: run it, keeping output, messages and status.
vm()
{
	local name=$1 status=0
	shift
	mkdir -p "$tmp/$name/host"
	[[ -e $tmp/$name/script ]] || cat >"$tmp/$name/script"
	OUT=$tmp/$name/host "$run" "$@" "$tmp/$name/script" \
		>"$tmp/$name/out" 2>"$tmp/$name/err" </dev/null || status=$?
	echo $status >"$tmp/$name/status"
}

status_is()
{
	[[ $(<"$tmp/$1/status") == "$2" ]] || {
		sed 's/^/# /' "$tmp/$1/err"
		echo "# status $(<"$tmp/$1/status"), not $2"
		return 1
	}
}

out_is() { diff <(printf %b "$2") "$tmp/$1/out" | sed 's/^/# /'; }
says() { grep -qF -- "$2" "$tmp/$1/err"; }
silent() { [[ ! -s $tmp/$1/err ]]; }
host_file_is() { [[ $(cat "$tmp/$1/host/$2") == "$3" ]]; }

rejects()
{
	local expected=$1 status=0 said
	shift
	said=$("$run" "$@" 2>&1) || status=$?
	[[ $status == 2 && $said == "tests/vm/run: $expected" ]] || {
		echo "# status $status: $said"
		return 1
	}
}

mkdir -p "$tmp/folder/sub"
echo one >"$tmp/file"
echo two >"$tmp/folder/sub/file"
printf '%b' "$(printf '\\0%o' {0..255})" >"$tmp/binary"

# --- what is passed on, both ways

cat >"$tmp/all" <<'END'
#!/bin/bash
echo begin
printf '<%s>' "$@"
echo
cat file folder/sub/file
echo "$BOOT $(id -un) $(nproc) $(stat -c %F /dev/kmsg)"
grep -o 'foo=[^ ]*' /proc/cmdline
[[ $(awk '/MemTotal/ { print $2 }' /proc/meminfo) -lt 320000 ]] && echo little memory
[[ -f $TTLOG_KO ]] && echo module
command -v ttlog
getent() { grep "^$1" /etc/passwd | cut -d: -f1,3; }
getent alice; getent bob; grep -c '^ttlog:' /etc/group
wc -c </dev/stdin
echo err >&2
sleep 3
cat binary
echo left >/out/left
mkdir /out/dir; echo deep >/out/dir/deep
exit 7
END
chmod +x "$tmp/all"

passed_on()
{
	mkdir -p "$tmp/all.d/host"
	local status=0
	# Its standard input is the caller's business.
	echo kept | {
		OUT=$tmp/all.d/host "$run" --cpus 3 --mem 300M --append foo=1,2 --append foo=b \
			--file "$tmp/file" --file "$tmp/folder" --file "$tmp/binary" \
			"$tmp/all" a 'b  c' '' "d\"'\$e" '*' >"$tmp/all.d/fifo" 2>"$tmp/all.d/err" ||
			status=$?
		echo $status >"$tmp/all.d/status"
		cat >"$tmp/all.d/stdin"
	}
}

streamed()
{
	mkdir -p "$tmp/all.d"
	mkfifo "$tmp/all.d/fifo"
	passed_on &
	exec 4<"$tmp/all.d/fifo"
	local line begin
	IFS= read -r line <&4
	begin=$SECONDS
	{
		echo "$line"
		cat <&4
	} >"$tmp/all.d/out"
	echo $((SECONDS - begin)) >"$tmp/all.d/after-first-line"
	wait
}

vm plain <<<'echo "sh: $0 ${BASH_VERSION-}"; exit 0' &
streamed
wait
cat >"$tmp/all.expected" <<'END'
begin
<a><b  c><><d"'$e><*>
one
two
0 root 3 character special file
foo=1,2
foo=b
little memory
module
/usr/local/bin/ttlog
alice:1001
bob:1002
1
0
err
END
cat "$tmp/binary" >>"$tmp/all.expected"
check 'exit status' status_is all.d 7
check 'output, arguments, files, options, every byte' cmp "$tmp/all.expected" "$tmp/all.d/out"
check 'output is streamed' test "$(<"$tmp/all.d/after-first-line")" -ge 2
check 'nothing on stderr' silent all.d
check 'stdin is left alone' test "$(<"$tmp/all.d/stdin")" = kept
check 'a file comes back' host_file_is all.d left left
check 'a folder comes back' host_file_is all.d dir/deep deep
check 'a script that is not executable is run by sh' out_is plain 'sh: ./script \n'
check 'exit status 0' status_is plain 0

# --- the ways to end

vm timeout --timeout 3 <<<'echo here >/out/file; echo said; sleep 1000' &
# A panic may be before the serial line has sent what it was given, which stty waits for.
# That is a complaint that nobody has announced.
vm panic <<<'echo said; stty raw <&1; echo c >/proc/sysrq-trigger; sleep 1000' &
wait
check 'timeout: status' status_is timeout 124
check 'timeout: message' says timeout "guest ran out of time: '$tmp/timeout/script' had not ended after 3 s"
check 'timeout: output' out_is timeout 'said\n'
check 'timeout: /out is there' host_file_is timeout file here
check 'panic: status' status_is panic 99
check 'panic: message' says panic \
	'tests/vm/run: guest panicked: Kernel panic - not syncing: sysrq triggered crash'
check 'panic: end of the console' says panic 'sysrq_handle_crash'
check 'panic: output' out_is panic 'said\n'

vm reboot <<<'reboot -f; sleep 1000' &
vm poweroff <<<'poweroff -f; sleep 1000' &
wait
check 'reboot without --reboots: status' status_is reboot 125
check 'reboot without --reboots: message' says reboot 'guest rebooted before its script had ended'
check 'power off: status' status_is poweroff 125
check 'power off: message' says poweroff 'guest vanished: it was powered off'

vm reboots --reboots 1 <<<'echo "boot $BOOT"; [ $BOOT = 1 ] && exit 5; reboot -f; sleep 1000' &
vm panics --reboots 1 <<<'echo "boot $BOOT"; expect-complaint 1 panic; stty raw <&1; echo c >/proc/sysrq-trigger; sleep 1000' &
wait
check '--reboots: status' status_is reboots 5
check '--reboots: output' out_is reboots 'boot 0\nboot 1\n'
check 'more panics than --reboots: status' status_is panics 125
check 'more panics than --reboots: message' says panics 'guest rebooted more often than --reboots 1 allows'
check 'more panics than --reboots: output' out_is panics 'boot 0\nboot 1\n'

# --- what the kernel says

vm complains <<'END' &
echo 64 >/proc/sys/kernel/tainted
expect-complaint 1 'WARNING: on purpose'
for _ in 1 2; do echo '<4>WARNING: on purpose' >/dev/kmsg; done
END
vm complained --reboots 1 <<<'[ $BOOT = 0 ] || exit 0; echo "<4>Call trace:" >/dev/kmsg; reboot -f; sleep 1000' &
vm announced <<'END'
expect-complaint 2 'WARNING: on purpose'
for _ in 1 2; do echo '<4>WARNING: on purpose' >/dev/kmsg; done
END
wait
check 'a complaint: status' status_is complains 99
check 'a complaint: it is shown' says complains 'WARNING: on purpose'
check 'a complaint: once less than it came' test "$(grep -c 'WARNING: on purpose' "$tmp/complains/err")" = 1
check 'taint' grep -q 'verify: the kernel is tainted: 64' "$tmp/complains/out"
check 'a complaint of an earlier boot: status' status_is complained 99
check 'a complaint of an earlier boot: it is shown' says complained 'Call trace:'
check 'complaints as announced' status_is announced 0

# --- a QEMU that is killed; the clock that counts instructions

kill_qemu()
{
	local process
	until [[ -e $tmp/killed/host/up ]]; do
		sleep 0.1
	done
	for process in /proc/[0-9]*; do
		if [[ $(readlink "$process/exe") == */qemu-system-* ]] &&
			grep -qF "path=$tmp/killed/host," "$process/cmdline"; then
			kill -9 "${process#/proc/}"
		fi
	done
}

cat >"$tmp/ticks.c" <<'END'
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <x86intrin.h>

int main(void)
{
	for (int i = 0; i < 100; i++) {
		unsigned long long begin = __rdtsc();

		syscall(SYS_getppid);
		printf("%llu\n", __rdtsc() - begin);
	}
	return 0;
}
END
gcc -O2 -static -o "$tmp/ticks" "$tmp/ticks.c"
mkdir "$tmp/ticks1" "$tmp/ticks2"
cp "$tmp/ticks" "$tmp/ticks1/script"
cp "$tmp/ticks" "$tmp/ticks2/script"

{
	kill_qemu &
	vm killed --timeout 60 <<<'touch /out/up; sleep 1000'
	wait
} &
vm ticks1 --icount
vm ticks2 --icount
wait
check 'killed QEMU: status' status_is killed 125
check 'killed QEMU: message' says killed 'guest vanished: QEMU was killed by signal 9'
check 'a static program as the script' status_is ticks1 0
check '--icount: 100 lines' test "$(wc -l <"$tmp/ticks1/out")" = 100
check '--icount: two runs are the same' cmp "$tmp/ticks1/out" "$tmp/ticks2/out"

# --- wrong options

script=$tmp/plain/script
check 'unknown option' rejects "unknown option '--nope'; see --help" --nope "$script"
check 'missing value' rejects '--cpus needs a value; see --help' --cpus
check 'no number' rejects "--cpus 'two': a number from 1 to 64 is accepted" --cpus two "$script"
check 'number out of range' rejects "--timeout '0': a number from 1 to 999999 is accepted" \
	--timeout 0 "$script"
check 'no size' rejects "--mem 'lots': a size such as 512M or 2G is accepted" --mem lots "$script"
check 'missing file' rejects "--file '/none': no such readable file or folder" \
	--file /none "$script"
check 'no script' rejects 'no script given; see --help'
check 'missing script' rejects "script '/none': no such readable file" /none
check '--icount with CPUs' rejects \
	"--cpus '2' with --icount: only 1 is accepted, its clock has one CPU" \
	--icount --cpus 2 "$script"
check 'unknown architecture' rejects \
	"kernel '6.1.0-1-vax:vax': architecture 'vax' is not known; amd64 and arm64 are" \
	--kernel 6.1.0-1-vax:vax "$script"

echo "1..$count"
