#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# An unprivileged user with the device open tries to crash, stall, forge, starve, fill
# disks, and read what isn't his, in a guest: hostile.sh [MINUTES]. Each result is an
# attempt; tests/hostile says what it comes to. With MINUTES all of them are made again
# and again for so long, and those that are floods or random take 20 s.
set -euo pipefail
. "$(dirname "$0")/../common.bash"

parse_kernel "${KERNEL:-default}"
minutes=${1-0} seconds=1
((minutes == 0)) || seconds=20
stage=$build/tests/hostile
rm -rf "$stage/out"
mkdir -p "$stage/out"
headers=$("$top/tests/vm/kernels" source)/tools/testing/selftests
files=()
for program in rights forge stall crash starve audit honest; do
	guest_cc -I"$top/kmod/uapi" -isystem "$headers" -pthread -o "$stage/$program" \
		"$top/tests/hostile/$program.c" -lm
	files+=(--file "$stage/$program")
done
OUT=$stage/out "$top/tests/vm/run" --kernel "$release:$arch" --cpus 4 --mem 1G --timeout $((600 + 60 * minutes + 20 * seconds)) \
	"${files[@]}" --file "$top/tests/kmod/tap.bash" --file "$top/tests/hostile/files.sh" \
	--file "$top/tests/hostile/lines.sh" "$top/tests/hostile/guest" "$seconds" "$minutes"
/usr/bin/python3 "$top/tests/vm/suites/hostile.py" "$build/user/ttlog" "$stage/out"
