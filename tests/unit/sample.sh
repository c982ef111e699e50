#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The configuration that is installed changes nothing, and names each key with what it is
# otherwise.
set -u
cd "$(dirname "$0")/../.." || exit
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
count=0 failed=0

# same NAME GOT WANTED
same()
{
	count=$((count + 1))
	if [[ $2 == "$3" ]]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		diff <(echo "$3") <(echo "$2") | sed 's/^/# /'
		failed=1
	fi
}

# check FILE: what is in force by it.
check()
{
	.build/user/ttlogd --check-config --config="$1" 2>&1
}

: >"$dir/empty"
defaults=$(check "$dir/empty")
same "there are defaults" "$(grep -c ' ; default$' <<<"$defaults")" \
	"$(($(wc -l <<<"$defaults") - 1))"
same "it changes none" "$(check tools/etc/ttlogd.conf)" "$defaults"
# Without the comments, up to the sections for reasons.
sed -nE '/^#\[reason/q; s/^#([a-z_]+ =)/\1/p; /^\[/p' tools/etc/ttlogd.conf >"$dir/all"
same "it has all keys, and what they are" "$(check "$dir/all" | sed 's/ ; .*//')" \
	"${defaults// ; default/}"
same "each of them" "$(check "$dir/all" | grep -c "$dir/all:")" "$(grep -c = "$dir/all")"
sed -nE 's/^#(\[reason .*|[a-z_]+ =)/\1/p; /^\[/p' tools/etc/ttlogd.conf >"$dir/reasons"
same "the section for a reason is right" "$(check "$dir/reasons" | sed -n '/^\[reason/,$p')" \
	"[reason timer]
keep_age = 2d ; $dir/reasons:$(wc -l <"$dir/reasons")"
echo "1..$count"
exit $failed
