#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# For dracut: stands in for kdumpbase of kdump-utils, which Debian doesn't have.

check()
{
	return 255
}

depends()
{
	echo base systemd-initrd
}

# shellcheck disable=SC2154 # these are dracut's
install()
{
	inst_multiple makedumpfile cp sync
	inst_script "$moddir/capture.sh" /usr/bin/capture
	inst_simple "$moddir/capture.service" "$systemdsystemunitdir/capture.service"
	mkdir -p "$initdir$systemdsystemunitdir/initrd.target.wants"
	ln_r "$systemdsystemunitdir/capture.service" \
		"$systemdsystemunitdir/initrd.target.wants/capture.service"
}
