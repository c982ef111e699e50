#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The kernel oopses, in each way that it outlives: the file is there by itself, and
# has all that the rings held and all that the kernel said.
#
#	oops.sh [all | WAY...]
#
# Without any: the ways that are most unlike each other.
set -euo pipefail
. "$(dirname "$0")/../common.bash"

parse_kernel "${KERNEL:-default}"
out=$build/tests/oops
rm -rf "$out/out"
mkdir -p "$out/out"
"$top/tools/build-module" "$release:$arch" "$out/module" tests/oops/Kbuild tests/oops
guest_cc -o "$out/writers" "$top/tests/oops/writers.c"

ways=("$@")
if [[ $* == all ]]; then
	ways=(
		null bug kthread work reserve once stopped both meet twice hundred full readonly
		oncefull hang quiet drain probe
	)
elif ((!$#)); then
	ways=(null work reserve once both meet hundred oncefull quiet drain probe)
fi
OUT=$out/out "$top/tests/vm/run" --kernel "$release:$arch" --cpus 4 --timeout 840 \
	--append log_buf_len=4M --file "$out/module/oops_test.ko" --file "$out/writers" \
	"$top/tests/vm/suites/oops-guest" "${ways[@]}" >"$out/out/said" || {
	cat "$out/out/said"
	exit 1
}
/usr/bin/python3 "$top/tests/vm/suites/oops.py" "$build/user/ttlog" "$out/out" "${ways[@]}"
