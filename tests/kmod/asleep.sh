#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A trigger that nobody takes while all tasks are frozen: no program can be started
# for it then, so it is started when the machine is awake again, and that is no error.

cd "$(dirname "$0")" || exit 1
. ./tap.bash

folder=/var/lib/ttlog
test=/sys/power/pm_test

# Tasks are frozen for some seconds, then go on. QEMU's are shorter.
sleep_a_while()
{
	echo 15 >/sys/module/suspend/parameters/pm_test_delay
	echo freezer >$test
	! echo freeze >/sys/power/state || slept=1
	echo none >$test
}

there() { [[ -n $(find $folder -name '*-asleep.bin') ]]; }

rmmod ttlog 2>/dev/null
if ! grep -qs freezer $test || ! grep -qw freeze /sys/power/state; then
	echo '1..0 # SKIP no way to freeze tasks for a while'
	exit 4
fi
rm -rf $folder
insmod "$TTLOG_KO" memory=4M || exit
ttlog probe add call_usermodehelper_exec --ret >/dev/null || exit
# Programs are frozen by then.
ttlog probe add freeze_kernel_threads --trigger=asleep >/dev/null || exit
mark
slept=''
sleep_a_while
is 'the machine was asleep' 1 "$slept"
for ((tries = 0; tries < 100 * TIMEOUT_SCALE; tries++)); do
	! there || break
	sleep 1
done
there
result $? 'its file is there when it is awake again' "none after $tries s"
# EBUSY, with 32 or 64 bits of it.
hits=$(ttlog cat --json "$(ttlog dump -o $folder)" | grep '"call_usermodehelper_exec"')
grep -qE '"ret":(-16|4294967280|18446744073709551600)[,}]' <<<"$hits"
result $? 'what writes it could not be started meanwhile' "$hits"
is 'which nobody is told' '' "$(said | grep 'ttlog: helper')"
rmmod ttlog
echo "1..$count"
