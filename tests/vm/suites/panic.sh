#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The kernel panics, in each context and with the consoles' lock held: the newest events
# stand once, whole and in order among its last words; and after a warm reboot where
# pstore keeps these.
#
#	panic.sh [all | WAY...]
#
# Without any: the ways that are most unlike each other.
set -euo pipefail
. "$(dirname "$0")/../common.bash"
. "$top/tests/vm/parts.bash"

parse_kernel "${KERNEL:-default}"
stage=$build/tests/panic
rm -rf "$stage/out"
mkdir -p "$stage/out"
"$top/tools/build-module" "$release:$arch" "$stage/module" tests/panic/Kbuild tests/panic

# guest NAME RUN-OPTION... -- WAY [PARAMETER]...: leaves its console as NAME.
guest()
{
	local name=$1 options=() said=$stage/out/$1.said status=0
	shift
	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	mkdir -p "$stage/out/$name"
	OUT=$stage/out/$name "$top/tests/vm/run" --kernel "$release:$arch" \
		--timeout 300 ${options[@]+"${options[@]}"} --file "$stage/module/panic_test.ko" \
		"$top/tests/vm/suites/panic-guest" "$@" >"$said" 2>&1 || status=$?
	echo "$status" >"$stage/out/$name/status"
	((status != 99)) || sed 's/^/# /' "$said"
	cp "$(sed -nE 's/.*console \(all of it: (.*)\):$/\1/p' "$said")" \
		"$stage/out/$name/console" 2>/dev/null || true
}

ways=("$@")
if [[ ${ways[*]} == all ]]; then
	ways=(task irq oops lock dies again none few)
elif ((!${#ways[@]})); then
	ways=(oops lock again)
fi
if (($# == 0)) || [[ $* == all ]]; then
	# Not to be had elsewhere: see tests/klog/print.c, and memmap=.
	[[ $arch != amd64 ]] || ways+=(nmi)
	[[ $arch != amd64 || $(debug_kind "$release") ]] || ways+=(pstore)
fi
for way in "${ways[@]}"; do
	case $way in
	none) guest none -- task console_events=0 ;;
	few) guest few -- task console_events=3 ;;
	# Memory that the kernel leaves alone, and that a warm reboot keeps.
	pstore)
		# shellcheck disable=SC2016 # it is the kernel's
		guest pstore --reboots 1 --append 'memmap=1M$0x1e000000' \
			--module 'ramoops mem_address=0x1e000000 mem_size=0x100000 record_size=0x40000' \
			-- task
		;;
	*) guest "$way" -- "$way" ;;
	esac
done
/usr/bin/python3 "$top/tests/vm/suites/panic.py" "$stage/out" "${ways[@]}"
