# SPDX-License-Identifier: GPL-2.0
# Running tests and adding up their results, for tests/run and its like. They have set
# pattern, and logs to a folder that has one for each kind of test.
# shellcheck shell=bash
# shellcheck disable=SC2154 # from who has sourced it

passed=0 failed=0 skipped=0

wanted()
{
	# shellcheck disable=SC2053 # a pattern it is
	[[ $1 == *$pattern* ]]
}

# Read the output of a test; prints how many passed, failed, were skipped, and
# what is wrong beside these.
judge()
{
	awk -v status="$1" '
	/^1\.\.[0-9]+/ {
		planned = substr($1, 4) + 0
		plans++
		if (planned == 0)
			skip++
	}
	/^not ok([ \t]|$)/ {
		results++
		fail++
	}
	/^ok([ \t]|$)/ {
		results++
		if (toupper($0) ~ /# *SKIP/) skip++; else pass++
	}
	END {
		if (!plans && !results) {
			if (status == 0) pass = 1
			else if (status == 4) skip = 1
			else { fail = 1; wrong = "exit status " status }
		} else if (plans != 1) {
			fail++
			wrong = plans ? "more than one plan" : "no plan"
		} else if (results != planned) {
			fail += planned > results ? planned - results : 1
			wrong = results + 0 " results where " planned " were planned"
			if (status != 0)
				wrong = wrong ", exit status " status
		} else if (status != 0 && status != 4 && !fail) {
			fail++
			wrong = "exit status " status
		}
		print pass + 0, fail + 0, skip + 0, wrong
	}' "$2"
}

# report NAME STATUS SECONDS: add the results of a test that has run.
report()
{
	local pass fail skip wrong
	read -r pass fail skip wrong < <(judge "$2" "$logs/$1")
	passed=$((passed + pass)) failed=$((failed + fail)) skipped=$((skipped + skip))
	printf '%-5s %-30s %3d passed' "$( ((fail)) && echo FAIL || echo ok)" "$1" "$pass"
	((!fail)) || printf ', %d failed' "$fail"
	((!skip)) || printf ', %d skipped' "$skip"
	printf '%s\n' "${3:+  ($3 s)}"
	((fail)) || return 0
	# What went well is in the log.
	sed -n '/^ok\>/!s/^/    | /p' "$logs/$1"
	[[ ! $wrong ]] || echo "    $1: $wrong"
}

# run_here NAME COMMAND...: unless it isn't wanted.
run_here()
{
	local name=$1 status=0 begin=$SECONDS
	shift
	wanted "$name" || return 0
	timeout $((limit * scale)) "$@" >"$logs/$name" 2>&1 </dev/null || status=$?
	report "$name" $status $((SECONDS - begin))
}

# The last line, and the exit status.
conclude()
{
	local also=''
	if ((passed + failed == 0)); then
		echo "no test ran${pattern:+: none is called *$pattern*}"
		failed=1
	fi
	((skipped == 0)) || also=", $skipped skipped"
	echo "$passed passed, $failed failed$also"
	((failed == 0))
}
