#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The configuration that is installed changes nothing, and names each key with what it is
# otherwise.
set -u
cd "$(dirname "$0")/../.." || exit
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
. tests/kmod/tap.bash

# check FILE: what is in force by it.
check()
{
	.build/user/ttlogd --check-config --config="$1" 2>&1
}

: >"$dir/empty"
defaults=$(check "$dir/empty")
is "there are defaults" "$(($(wc -l <<<"$defaults") - 1))" \
	"$(grep -c ' ; default$' <<<"$defaults")"
is "it changes none" "$defaults" "$(check tools/etc/ttlogd.conf)"
# Without the comments, up to the sections for reasons.
sed -nE '/^#\[reason/q; s/^#([a-z_]+ =)/\1/p; /^\[/p' tools/etc/ttlogd.conf >"$dir/all"
is "it has all keys, and what they are" "${defaults// ; default/}" \
	"$(check "$dir/all" | sed 's/ ; .*//')"
is "each of them" "$(grep -c = "$dir/all")" "$(check "$dir/all" | grep -c "$dir/all:")"
sed -nE 's/^#(\[reason .*|[a-z_]+ =)/\1/p; /^\[/p' tools/etc/ttlogd.conf >"$dir/reasons"
is "the section for a reason is right" "[reason timer]
keep_age = 2d ; $dir/reasons:$(wc -l <"$dir/reasons")" \
	"$(check "$dir/reasons" | sed -n '/^\[reason/,$p')"
echo "1..$count"
