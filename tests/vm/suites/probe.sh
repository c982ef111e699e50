#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Probes on a function of a test module, from all contexts, and what can't be probed;
# probes and the recorder that come and go under fire; a kernel that is locked down.
# Each is a guest of its own: probe.sh [RELEASE[:ARCH]]
#
# Under fire the CPUs run in turn (see --in-turn in tests/vm/run): stock 6.1 dies or
# hangs otherwise, also of probes whose handlers do nothing (tools/bench/nop).
set -euo pipefail
. "$(dirname "$0")/../common.bash"
. "$top/tests/vm/parts.bash"

parse_kernel "${1:-${KERNEL:-default}}"
kernel=$release:$arch stage=$build/tests/probe/$release.$arch
mkdir -p "$stage"
"$top/tools/build-module" "$kernel" "$stage/module" tests/probe/Kbuild tests/probe
headers=$("$top/tests/vm/kernels" source)/tools/testing/selftests
for program in contexts refused fire; do
	guest_cc -I"$top/kmod/uapi" -I"$top/user" -isystem "$headers" -pthread \
		-o "$stage/$program" "$top/tests/probe/$program.c" -lm
done

# On arm64 each change of code stops all CPUs, which run in turn.
fire_limit=400
[[ $arch == amd64 ]] || fire_limit=1600

# guest NAME SCRIPT [OPTION]...
guest()
{
	local name=$1 script=$2
	shift 2
	part "$name" "$stage/$name.log" "$top/tests/vm/run" --kernel "$kernel" --cpus 4 \
		"$@" --file "$top/tests/kmod/tap.bash" "$top/tests/probe/$script"
}

{
	guest any guest --timeout 250 --file "$stage/module/probe_target.ko" \
		--file "$stage/contexts" --file "$stage/refused"
	guest fire guest-fire --in-turn --mem 1G --timeout "$fire_limit" --file "$stage/fire"
	guest lockdown guest-lockdown --timeout 60 --file "$stage/module/probe_target.ko"
} | one_report
