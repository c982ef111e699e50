# SPDX-License-Identifier: GPL-2.0-only
# The Debian that dies: installed into a folder once, and into disks each time.
# shellcheck shell=bash
# shellcheck disable=SC2154 # from run

# The packages that a program's libraries are from, and that of libkdumpfile.
packages_of()
{
	local path
	for path in $("$top/tests/vm/libraries" "$@"); do
		dpkg-query -S "$(realpath "$path")" 2>/dev/null || dpkg-query -S "*/${path##*/}"
	done | sed 's/:.*//' | sort -u
	echo libkdumpfile10
}

install_system()
{
	local codename mirror new=$root.new tree packages
	codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
	# shellcheck disable=SC2016 # it is apt's
	mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' \
		"Codename: $codename" | head -n 1)
	packages=$(packages_of "$build/user/ttlog" "$build/user/ttlogd" | paste -sd ,)
	echo "# installing $codename, 100 MB to download"
	rm -rf "$new"
	debootstrap --variant=minbase --include="systemd,systemd-sysv,udev,kmod,e2fsprogs,initramfs-tools,zstd,$packages" \
		"$codename" "$new" "$mirror" >"$stage/install.log" 2>&1
	tree=$("$top/tests/vm/kernels" modules "$release")
	mkdir -p "$new/lib/modules"
	cp -r "$tree" "$new/lib/modules/"
	cp "${tree%/lib/modules/*}/boot/"{vmlinuz,config}-"$release" "$new/boot/"
	printf '%s\n' virtio_pci virtio_blk ext4 crc32c_generic >>"$new/etc/initramfs-tools/modules"
	sed -i 's/^MODULES=.*/MODULES=list/' "$new/etc/initramfs-tools/initramfs.conf"
	# Without what they recommend, which is a kernel among others.
	chroot "$new" env DEBIAN_FRONTEND=noninteractive sh -e >>"$stage/install.log" 2>&1 <<-END
		depmod $release
		apt-get -qq update
		apt-get -qq -y install --no-install-recommends kdump-tools makedumpfile dracut-core
		/etc/kernel/postinst.d/kdump-tools $release
		mkinitramfs -o /boot/initrd $release
		groupadd --system ttlog
	END
	# As if it had been loaded before: otherwise the guest makes that initrd anew.
	cp "$new/etc/kdump/sysctl.conf" "$new/var/lib/kdump/latest_sysctls-$release"
	# What the first boot has as its first process isn't for the crash kernel.
	cat >>"$new/etc/default/kdump-tools" <<-'END'
		KDUMP_CMDLINE_APPEND="reset_devices systemd.unit=kdump-tools-dump.service nr_cpus=1 irqpoll usbcore.nousb init=/sbin/init"
	END
	mv "$new" "$root"
}

install_ttlog()
{
	install "$build/user/ttlog" "$root/usr/local/bin/ttlog"
	ln -sf ttlog "$root/usr/local/bin/ttlog-dump"
	install "$build/user/ttlogd" "$root/usr/sbin/ttlogd"
	install -m 644 "$build/kmod/$release.$arch/ttlog.ko" "$root/root/ttlog.ko"
	install "$top/tests/kdump/"{die,after} "$root/root"
	echo '/dev/vda / ext4 defaults 0 0' >"$root/etc/fstab"
}
