#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The kernel's log, printed from each context and in floods by the module of
# tests/klog, and its checker with the real reader, in a guest: klog.sh [RELEASE[:ARCH]]
#
# Unloading changes the beginning of a function that each line calls: in a storm of
# lines that needs CPUs in turn (see --in-turn in tests/vm/run).
set -euo pipefail
. "$(dirname "$0")/../common.bash"
. "$top/tests/vm/parts.bash"

parse_kernel "${1:-${KERNEL:-default}}"
kernel=$release:$arch stage=$build/tests/klog/$release.$arch
mkdir -p "$stage"
"$top/tools/build-module" "$kernel" "$stage/module" tests/klog/Kbuild tests/klog
headers=$("$top/tests/vm/kernels" source)/tools/testing/selftests
for program in check unload; do
	guest_cc -I"$top/kmod/uapi" -isystem "$headers" -pthread -o "$stage/$program" \
		"$top/tests/klog/$program.c" -lm
done

# guest PROGRAM [OPTION]...
guest()
{
	local program=$1
	shift
	part "$program" "$stage/$program.log" "$top/tests/vm/run" --kernel "$kernel" \
		--cpus 4 --timeout 280 "$@" --file "$stage/module/klog_print.ko" \
		--file "$stage/$program" "$top/tests/klog/guest" "$program"
}

{
	guest check
	guest unload --in-turn
} | one_report
