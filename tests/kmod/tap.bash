# SPDX-License-Identifier: GPL-2.0-only
# Shared by the scripts of this folder, and for results by those of tests/unit: results, and
# what the kernel said.
# shellcheck shell=bash

count=0
# What the kernel's function of a system call begins with.
if [[ $(uname -m) == x86_64 ]]; then
	syscall=__x64_sys_
else
	# shellcheck disable=SC2034 # scripts use it
	syscall=__arm64_sys_
fi

# result STATUS NAME [WHY]
result()
{
	set -- "$1" "$2" "${3-}"
	count=$((count + 1))
	if (($1 == 0)); then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		printf '# %s\n' "${3//$'\n'/$'\n# '}"
	fi
}

# is NAME EXPECTED SEEN
is()
{
	[[ $2 == "$3" ]]
	result $? "$1" "expected '$2', saw '$3'"
}

# What the kernel said since the last call of mark.
mark()
{
	mark="mark $RANDOM $SECONDS $count"
	echo "test: $mark" >/dev/kmsg
}

# What it says of a host that lets the guest wait, or of its own beginning: that comes
# at any time, once a boot, and is no test's doing.
host_lines='(hrtimer: interrupt took |clocksource: |tsc: |perf: interrupt took |random: crng init done)'

said()
{
	dmesg | sed -E "1,/test: $mark/d; s/^\[[^]]*\] //; /^$host_lines/d"
}

# wait_for PATTERN [SECONDS]: until it is in the file "said".
wait_for()
{
	local tries=$((${2-20} * 10 * TIMEOUT_SCALE))
	while ! grep -q -- "$1" said; do
		((tries--)) || return 1
		sleep 0.1
	done
}
