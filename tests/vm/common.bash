# SPDX-License-Identifier: GPL-2.0
# Shared by the scripts of this folder: names of things, and how they complain.
# shellcheck shell=bash
# shellcheck disable=SC2034 # used by others

export LC_ALL=C

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$top/.build
cache=${TTLOG_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/ttlog}
self=$(realpath "$0")
self=${self#"$top"/}
host_arch=$(dpkg --print-architecture)

die()
{
	echo "$self: $*" >&2
	exit 1
}

wrong()
{
	echo "$self: $*" >&2
	exit 2
}

# The compiler of programs for guests of $arch.
guest_cc()
{
	local cc=gcc
	[[ $arch == "$host_arch" ]] || cc=aarch64-linux-gnu-gcc
	$cc -std=gnu11 -O2 -Wall -Wextra -Werror -D_GNU_SOURCE -I"$top/tests/vm/harness" "$@"
}

# Split RELEASE[:ARCH], "default" standing for what the distribution installs,
# "6.12" and the like for the newest of a series, "debug-KIND" for a kernel that
# checks itself.
# Sets release and arch.
parse_kernel()
{
	release=${1%%:*} arch=$host_arch
	[[ $1 == *:* ]] && arch=${1#*:}
	case $arch in
	amd64 | arm64) ;;
	*) wrong "kernel '$1': architecture '$arch' is not known; amd64 and arm64 are" ;;
	esac
	case $release in
	default) release=$("$top/tests/vm/kernels" default "$arch") ;;
	debug-*) release=$("$top/tests/vm/kernels" debug "${release#debug-}") ;;
	esac
	if [[ $release =~ ^[0-9]+(\.[0-9]+)?(-rt|\+deb[0-9]+)?$ ]]; then
		release=$("$top/tests/vm/kernels" newest "$release" "$arch")
	fi
	[[ $release =~ ^[0-9]+\.[0-9]+[-.+~A-Za-z0-9]*$ ]] ||
		wrong "kernel '$1': '$release' is not a release such as 6.1.0-9-amd64, nor 'default', nor debug-KIND"
}

# How the kernel of that release checks itself: kasan, kcsan, gcov (it counts what is run);
# nothing: not at all.
debug_kind()
{
	sed -nE 's/^.*-(kasan|kcsan|gcov)-[0-9a-f]{8}$/\1/p' <<<"$1"
}

# Has that release reserve_mem=, memory that has a name? It came with 6.12.
names_memory()
{
	local version=${1%%-*}
	printf '%s\n' 6.12 "${version%%+*}" | sort -CV
}

# How many times as long as elsewhere things may take there.
timeout_scale()
{
	case $1 in
	debug-kasan | *-kasan-????????) echo 6 ;;
	debug-kcsan | *-kcsan-????????) echo 4 ;;
	*) echo 1 ;;
	esac
}
