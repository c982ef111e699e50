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
sed -nE 's/^#(\[[a-z].*|[a-z_.]+ =)/\1/p; t; /^\[/p' tools/etc/ttlogd.conf >"$dir/sections"
is "the sections behind it are right" "$(sed -n '/^\[reason/,$p' "$dir/sections")" \
	"$(check "$dir/sections" | sed -n '/^\[reason/,$p' | sed 's/ ; .*//')"
is "all of them" "[ttlogd] [reason timer] [filter] [filter nginx] [share]" \
	"$(check "$dir/sections" | grep '^\[' | paste -sd ' ')"
echo "1..$count"
