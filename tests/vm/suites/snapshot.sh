#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# From write(2) in a guest to a file on this machine, read by tools that know
# nothing of the recorder; and every way in which taking a snapshot can fail.
set -euo pipefail
. "$(dirname "$0")/../common.bash"

out=$build/tests/snapshot
rm -rf "$out"
mkdir -p "$out/other" "$out/out"

# The same module, of the next ABI.
cp -r "$top/Kbuild" "$top/kmod" "$out/other/"
sed -i 's/^#define TTLOG_ABI_MAJOR\t.*/#define TTLOG_ABI_MAJOR 2/' "$out/other/kmod/uapi/ttlog.h"
TREE=$out/other "$top/tools/build-module" "${KERNEL:-default}" "$out/module" >"$out/build" 2>&1 ||
	die "building the other module failed: $out/build"
mv "$out/module/ttlog.ko" "$out/ttlog2.ko"

OUT=$out/out "$top/tests/vm/run" --timeout 120 --file "$out/ttlog2.ko" \
	"$top/tests/vm/suites/snapshot-guest"
/usr/bin/python3 "$top/tests/vm/suites/snapshot.py" "$out/out"
