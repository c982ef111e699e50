#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The kernel's log, printed from each context and in floods by the module of
# tests/klog, and its checker with the real reader, in a guest: klog.sh [RELEASE]
set -euo pipefail
. "$(dirname "$0")/../common.bash"

kernel=${1-default}
stage=$build/tests/klog/$kernel
mkdir -p "$stage"
"$top/tools/build-module" "$kernel" "$stage/module" tests/klog/Kbuild tests/klog
headers=$("$top/tests/vm/kernels" source)/tools/testing/selftests
(
	cd "$top"
	gcc -std=gnu11 -O2 -Wall -Wextra -Werror -D_GNU_SOURCE -Ikmod/uapi \
		-isystem "$headers" -pthread -o "$stage/check" tests/klog/check.c -lm
)
cat >"$stage/guest" <<'END'
#!/bin/bash
insmod ./klog_print.ko || exit
./check
status=$?
# The log was cleared last: all of it came over the console, as far as it matters.
rmmod klog_print
if dmesg | grep -E 'BUG:|WARNING:|Oops|Call Trace'; then exit 1; fi
taint=$(</proc/sys/kernel/tainted)
# Out-of-tree and unsigned, and nothing else: a warning taints.
((!(taint & ~(4096 | 8192)))) || { echo "# the kernel is tainted: $taint"; exit 1; }
exit $status
END
"$top/tests/vm/run" --kernel "$kernel" --cpus 4 --timeout 280 \
	--file "$stage/module/klog_print.ko" --file "$stage/check" "$stage/guest"
