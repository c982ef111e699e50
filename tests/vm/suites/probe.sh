#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Probes on a function of a test module, from all contexts, and what can't be probed;
# probes and the recorder that come and go under fire; a kernel that is locked down.
# Each is a guest of its own: probe.sh [RELEASE[:ARCH]]
#
# Under fire x86's CPUs run in turn (see --in-turn in tests/vm/run): stock 6.1 dies or
# hangs otherwise, also of probes whose handlers do nothing (tools/bench/nop). arm64
# stops them all for each change of code, which takes whole seconds when they run in turn.
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

in_turn=()
[[ $arch != amd64 ]] || in_turn=(--in-turn)

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
	guest fire guest-fire "${in_turn[@]}" --mem 1G --timeout 400 --file "$stage/fire"
	guest lockdown guest-lockdown --timeout 60 --file "$stage/module/probe_target.ko"
} | one_report
