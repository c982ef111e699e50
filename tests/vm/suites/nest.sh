#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Writers nested in NMI context at chosen stores: the module of tests/nest, and its
# checker with the real reader, in a guest: nest.sh [RELEASE[:ARCH]]
set -euo pipefail
. "$(dirname "$0")/../common.bash"

parse_kernel "${1:-${KERNEL:-default}}"
kernel=$release:$arch stage=$build/tests/nest/$release.$arch
mkdir -p "$stage"
"$top/tools/build-module" "$kernel" "$stage/module" tests/nest/Kbuild \
	tests/nest tests/unit/ring-event.c tests/unit/ring-event.h
# A loop of ldxr and stxr would never get through where each stxr is a trap; newer CPUs
# have an instruction instead. QEMU 7.2 sees it as a store if there is one CPU.
options=()
[[ $arch != arm64 ]] || options=(--cpu neoverse-n1 --cpus 1)
headers=$("$top/tests/vm/kernels" source)/tools/testing/selftests
(
	cd "$top"
	guest_cc -Itests/unit/shim -Ikmod/uapi -Iuser -isystem "$headers" -pthread \
		-o "$stage/check" \
		tests/nest/check.c tests/unit/ring-{event,common}.c kmod/ring.c user/reader.c
)
cat >"$stage/guest" <<'END'
#!/bin/sh
insmod ./ring_nest.ko || exit
# A watchpoint's trap takes PREEMPT_RT long under emulation.
export TIMEOUT_SCALE=$((4 * ${TIMEOUT_SCALE:-1}))
./check
status=$?
rmmod ring_nest
exit $status
END
"$top/tests/vm/run" --kernel "$kernel" ${options[@]+"${options[@]}"} --timeout 400 \
	--file "$stage/module/ring_nest.ko" --file "$stage/check" \
	"$stage/guest"
