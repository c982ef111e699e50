# SPDX-License-Identifier: GPL-2.0-only
# Debian's kdump-tools: its crash kernel boots the system, which saves the dump.
# shellcheck shell=bash
# shellcheck disable=SC2154 # from run

prepare()
{
	install -m 644 -D -t "$root/etc/systemd/system/kdump-tools-dump.service.d" \
		"$top/tools/kdump/ttlog.conf"
	install /dev/stdin "$root/root/load" <<-'END'
		#!/bin/sh
		kdump-config load
	END
}

look()
{
	look_at_snapshot
	look_at_dump
}
