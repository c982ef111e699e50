#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Suspend to RAM, for real, while both CPUs of a guest are written on: what comes
# after it lies in blocks whose clocks are from after it.
set -euo pipefail
. "$(dirname "$0")/../common.bash"

parse_kernel "${KERNEL:-default}"
[[ $arch == amd64 ]] || { echo "1..0 # SKIP QEMU's machine of $arch has no suspend to RAM"; exit 4; }
stage=$build/tests/suspend
mkdir -p "$stage"
headers=$("$top/tests/vm/kernels" source)/tools/testing/selftests
(
	cd "$top"
	guest_cc -Ikmod/uapi -Iuser -isystem "$headers" -pthread -o "$stage/suspend" \
		tests/vm/suites/suspend.c -lm
)
# virtio's 9p knows nothing of suspend, and who used it afterwards would wait for
# ever: it is taken away before and brought back for the runner. So are the routes of
# PCI's interrupts, which the south bridge has forgotten: ACPI sets them again, but not
# where it has nothing to do with PCI (debug-kasan).
cat >"$stage/guest" <<'END'
#!/bin/sh
driver=/sys/bus/virtio/drivers/9pnet_virtio
share=trans=virtio,version=9p2000.L
umount /run/vm /out || exit
devices=$(cd $driver && echo virtio*)
for device in $devices; do echo $device >$driver/unbind; done
bridge=/sys/bus/pci/devices/0000:00:01.0/config
copy='dd bs=1 count=4 conv=notrunc status=none'
$copy if=$bridge skip=96 of=/tmp/routes
./suspend
status=$?
$copy if=/tmp/routes of=$bridge seek=96
for device in $devices; do echo $device >$driver/bind; done
mount -t 9p -o $share vm /run/vm
mount -t 9p -o $share out /out
exit $status
END
"$top/tests/vm/run" --kaslr --cpus 2 --timeout 400 --file "$stage/suspend" "$stage/guest"
