#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Files on a device that is cut off, or fails, in the middle: on ext4 and xfs, in a
# guest: cut.sh [all]. Cut off at each place of the log of all writes, or at some, which
# SEED chooses: ten, and wherever a file was acknowledged.
set -euo pipefail
. "$(dirname "$0")/../common.bash"

parse_kernel "${KERNEL:-default}"
[[ $arch == "$host_arch" ]] || { echo "1..0 # SKIP mkfs is here for this machine alone"; exit 4; }
how=${1-some} seed=${SEED-$RANDOM} timeout=300
[[ $how != all ]] || timeout=3600
stage=$build/tests/cut
mkdir -p "$stage"
"$top/tools/setup" -q cut
gcc -std=gnu11 -O2 -Wall -Wextra -Werror -D_GNU_SOURCE -o "$stage/walk" \
	"$top"/tests/cut/walk.c "$top"/tests/cut/log.c
options=()
for program in mkfs.ext4 mkfs.xfs dmsetup; do
	options+=(--file "$(PATH=$PATH:/usr/sbin:/sbin type -P $program)")
done
disks='rd_nr=8 rd_size=65536'
for module in ext4 xfs dm-log-writes dm-snapshot dm-flakey "brd $disks"; do
	options+=(--module "$module")
done
# Where that one is built in.
for option in $disks; do
	options+=(--append "brd.$option")
done
"$top/tests/vm/run" --cpus 2 --mem 1G --timeout $timeout "${options[@]}" \
	--file "$top/tests/kmod/tap.bash" --file "$stage/walk" \
	"$top/tests/cut/guest" "$how" "$seed"
