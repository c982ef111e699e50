#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Probes on a function of a test module, from all contexts, and what can't be probed;
# probes and the recorder that come and go under fire; a kernel that is locked down.
# Each is a guest of its own: probe.sh [RELEASE]
#
# Under fire the CPUs run in turn. With a thread of QEMU 7.2 for each, stock 6.1 dies
# or hangs of setting and removing probes whose handlers do nothing (tools/bench/nop),
# at a function's entry and at its return; in turn it doesn't. So it isn't the
# handler. That it is how QEMU translates code that another CPU changes is likely,
# and not proven; what needs CPUs at once isn't seen here.
set -euo pipefail
. "$(dirname "$0")/../common.bash"

kernel=${1-default}
stage=$build/tests/probe/$kernel
mkdir -p "$stage"
"$top/tools/build-module" "$kernel" "$stage/module" tests/probe/Kbuild tests/probe
headers=$("$top/tests/vm/kernels" source)/tools/testing/selftests
for program in contexts refused fire; do
	gcc -std=gnu11 -O2 -Wall -Wextra -Werror -D_GNU_SOURCE -I"$top/kmod/uapi" \
		-I"$top/user" -isystem "$headers" -pthread -o "$stage/$program" \
		"$top/tests/probe/$program.c" -lm
done

# guest NAME SCRIPT [OPTION]...: without the plan, as there is one for all.
guest()
{
	local name=$1 script=$2 status=0
	shift 2
	echo "# $name"
	"$top/tests/vm/run" --kernel "$kernel" --cpus 4 "$@" \
		--file "$top/tests/kmod/tap.bash" "$top/tests/probe/$script" \
		>"$stage/$name.log" 2>&1 || status=$?
	grep -v '^1\.\.' "$stage/$name.log" || true
	if ! grep -q '^1\.\.[1-9]' "$stage/$name.log"; then
		echo "not ok - $name came to its end"
		echo "# exit status $status"
	fi
}

{
	guest any guest --timeout 250 --file "$stage/module/probe_target.ko" \
		--file "$stage/contexts" --file "$stage/refused"
	guest fire guest-fire --in-turn --mem 1G --timeout 400 --file "$stage/fire"
	guest lockdown guest-lockdown --timeout 60 --file "$stage/module/probe_target.ko"
} | awk '
	/^(not )?ok / { sub(/ok [0-9]*/, "ok " ++n) }
	{ print }
	END { print "1.." n }'
