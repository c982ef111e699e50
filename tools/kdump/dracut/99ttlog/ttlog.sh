#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A hook of dracut, pre-pivot, which its shell reads: only in a crash kernel.
[ ! -e /proc/vmcore ] || /usr/bin/ttlog-vmcore
