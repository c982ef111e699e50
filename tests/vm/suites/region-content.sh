#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Reserved memory with anything in it: what an earlier boot left, whole, damaged, of
# another size or version, or somebody else's. It is said, the recorder works, and what
# can be saved is saved.
#
#	region-content.sh [all]
#
# Without it: what is most unlike each other; unit/previous damages each byte.
set -euo pipefail
. "$(dirname "$0")/../common.bash"

parse_kernel "${KERNEL:-default}"
if [[ $arch != amd64 ]]; then
	echo "1..0 # SKIP memmap= is x86's"
	exit 4
fi
stage=$build/tests/region-content
rm -rf "$stage"
mkdir -p "$stage/out"
"$top/tools/build-module" "$release:$arch" "$stage/module" tests/panic/Kbuild tests/panic
names=(
	whole magic over-both newer smaller refused ramoops-whole kernels too-much hibernate driver
)
[[ ${1-} != all ]] || names=()
# The small kernels that check themselves have no such driver.
ramoops=(--module 'ramoops mem_address=0x1a800000 mem_size=0x100000 record_size=0x40000')
[[ ! $(debug_kind "$release") ]] || ramoops=()
# shellcheck disable=SC2016 # it is the kernel's
OUT=$stage/out "$top/tests/vm/run" --kernel "$release:$arch" --reboots 1 --timeout 600 \
	--append 'memmap=9M$0x1a000000' --file "$stage/module/panic_test.ko" \
	${ramoops[@]+"${ramoops[@]}"} \
	"$top/tests/vm/suites/region-content-guest" ${names[@]+"${names[@]}"} >"$stage/guest" 2>&1 || {
	cat "$stage/guest"
	exit 1
}
/usr/bin/python3 "$top/tests/vm/suites/region-content.py" "$build/user" "$stage/out" \
	${names[@]+"${names[@]}"}
