# SPDX-License-Identifier: GPL-2.0-only
#
# Sourced by suites whose tests need several guests: one TAP report of all of them.

# part NAME LOG COMMAND...: a guest's report, without its plan
part()
{
	local name=$1 log=$2 status=0
	shift 2
	echo "# $name"
	"$@" >"$log" 2>&1 || status=$?
	grep -v '^1\.\.' "$log" || true
	if ((status)) || ! grep -q '^1\.\.[1-9]' "$log"; then
		echo "not ok - $name came to its end"
		echo "# exit status $status"
	fi
}

# The parts' tests numbered anew, and a plan for all.
one_report()
{
	awk '
		/^(not )?ok / { sub(/ok ([0-9]+ )?/, "ok " ++n " ") }
		{ print }
		END { print "1.." n }'
}
