#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Timer snapshots continue one another, whatever becomes of the helper: killed
# before each of its system calls (without "all": every third), at any time under load,
# with events coming faster than they can be saved. The files are read here, by other
# tools: continue.sh [all]
set -euo pipefail
. "$(dirname "$0")/../common.bash"

parse_kernel "${KERNEL:-default}"
programs=$build
[[ $arch == "$host_arch" ]] || programs=$build/$arch
out=$build/tests/continue step=3
[[ ${1-} != all ]] || step=1
rm -rf "$out"
mkdir -p "$out"
OUT=$out "$top/tests/vm/run" --timeout $((400 + 800 / step)) --file "$programs/tests/kmod/helpers/killat" \
	"$top/tests/vm/suites/continue-guest" $step
/usr/bin/python3 "$top/tests/vm/suites/continue.py" "$out"
