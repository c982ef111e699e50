#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Rings in reserved memory, and a kernel that dies in one way after the other, with warm
# reboots: the helper of the next boot writes what the one before has recorded.
#
#	region.sh [all | WAY...]
#
# Ways are those of region-guest. Without any: those that are most unlike each other.
set -euo pipefail
. "$(dirname "$0")/../common.bash"

parse_kernel "${KERNEL:-default}"
programs=$build
[[ $arch == "$host_arch" ]] || programs=$build/$arch
stage=$build/tests/region
rm -rf "$stage/out"
mkdir -p "$stage/out"
"$top/tools/build-module" "$release:$arch" "$stage/module" tests/panic/Kbuild tests/panic
"$top/tools/build-module" "$release:$arch" "$stage/oops" tests/oops/Kbuild tests/oops
guest_cc -pthread -o "$stage/write" "$top/tests/region/write.c"

# x86 has memmap= and no other name for it before 6.12, arm64 reserve_mem= alone.
region=region_start=0x1a000000,region_size=16M
# shellcheck disable=SC2016 # it is the kernel's
append='memmap=16M$0x1a000000'
if [[ $arch == arm64 ]]; then
	region=region_name=ttlog
	append='reserve_mem=16M:4096:ttlog'
fi

ways=("$@")
if [[ $* == all ]]; then
	ways=(
		clean unsaved deferred late held dying sysrq irq/once task/killed oops lock hung soft oom
		commit load unload reset
	)
	# There who drains may have printk's lock, so nothing is recorded on top of him.
	[[ $release == 5.10.* ]] || ways+=(drain)
	# Not to be had elsewhere: see tests/klog/print.c.
	[[ $arch != amd64 ]] || ways+=(nmi)
	# One after the other, and nobody saves anything meanwhile.
	ways+=(sysrq sysrq/no sysrq/no sysrq/no sysrq/no)
elif ((!$#)); then
	ways=(sysrq clean/killed9 reset deferred unsaved/once commit/no sysrq/no)
fi
OUT=$stage/out "$top/tests/vm/run" --kernel "$release:$arch" --cpus 4 \
	--reboots ${#ways[@]} --timeout $((120 * ${#ways[@]} + 120)) --append "$append" \
	--file "$stage/module/panic_test.ko" --file "$stage/oops/oops_test.ko" \
	--file "$stage/write" --file "$programs/tests/kmod/helpers/killat" \
	"$top/tests/vm/suites/region-guest" "$region" "${ways[@]}" >"$stage/guest" 2>&1 || {
	cat "$stage/guest"
	exit 1
}
/usr/bin/python3 "$top/tests/vm/suites/region.py" "$build/user" "$stage/out" "${ways[@]}"
