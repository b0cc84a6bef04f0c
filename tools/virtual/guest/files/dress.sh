#!/bin/sh
# Makes a bench guest of a fresh Debian. mmdebstrap calls it with the new root, as root or as what looks like it.
#   dress.sh ROOT       ROOT/root/files: the folder of this file; ROOT/root/inside: the guest's programs
# What it leaves in ROOT/root/out is the kernel and the initrd. Kernel modules are taken out of Debian's package: installing it would make an initrd for any machine.
set -eu
root=$1
files=$root/root/files
inside=$root/root/inside
out=$root/root/out
work=$out/work
mkdir -p "$work"

# --- the kernel: virtio, the disk, Bluetooth ------------------------------------------------------
FOR_THE_DISK='virtio_pci virtio_blk crc32c_generic ext4'
FOR_THE_REST='virtio_console virtio_rng hci_vhci uhid cmac ecb ccm drbg jitterentropy_rng ecdh_generic algif_hash algif_skcipher autofs4'
PATHS='./boot/vmlinuz-* */kernel/arch/x86/crypto/* */kernel/crypto/* */kernel/lib/* */kernel/fs/*
    */kernel/drivers/virtio/* */kernel/drivers/block/virtio_blk* */kernel/drivers/char/*
    */kernel/drivers/bluetooth/* */kernel/drivers/hid/* */kernel/net/bluetooth/* */kernel/net/rfkill/*
    */modules.*'

(
    APT_CONFIG=$MMDEBSTRAP_APT_CONFIG
    export APT_CONFIG
    package=$(apt-cache depends linux-image-amd64 | sed -n 's/^ *Depends: \(linux-image-[^ ]*\)$/\1/p')
    echo "${package#linux-image-}" >"$work/version"
    cd "$work"
    apt-get -q -o APT::Sandbox::User=root download "$package"
    mv linux-image-*.deb kernel.deb
)
version=$(cat "$work/version")
# shellcheck disable=SC2086  # a list of patterns, for tar
(
    set -f
    dpkg-deb --fsys-tarfile "$work/kernel.deb" |
        tar -x -C "$work" --wildcards $PATHS
)
[ -d "$work/lib" ] || ln -s usr/lib "$work/lib"
cp "$work/boot/vmlinuz-$version" "$out/vmlinuz"
depmod -b "$work" "$version"

modules() { # NAME...: the files of modules and of all that they need, in the order of loading
    for module in "$@"; do
        modprobe -d "$work" -S "$version" --show-depends "$module" || true # it says what it lacks
    done | sed -n 's/^insmod \(.*\.ko[.a-z]*\) *$/\1/p' | awk '!seen[$0]++'
}

# shellcheck disable=SC2086  # lists of words
modules $FOR_THE_DISK $FOR_THE_REST | while read -r file; do
    place=$root/lib/modules/$version/${file#*"/modules/$version/"}
    mkdir -p "${place%/*}"
    cp "$file" "$place"
done
cp "$work/lib/modules/$version"/modules.builtin* "$work/lib/modules/$version/modules.order" \
    "$root/lib/modules/$version/"
depmod -b "$root" "$version"
printf '%s\n' virtio_console virtio_rng hci_vhci >"$root/etc/modules-load.d/bench.conf"

# --- the initrd -----------------------------------------------------------------------------------
initrd=$work/initrd
mkdir -p "$initrd/bin" "$initrd/dev" "$initrd/root" "$initrd/modules"
cp "$root/bin/busybox" "$initrd/bin/"
cp "$files/init.sh" "$initrd/init"
chmod 755 "$initrd/init"
# shellcheck disable=SC2086  # a list of words
modules $FOR_THE_DISK | while read -r file; do
    name=${file##*/}
    case $name in
        *.xz) xz -dc "$file" >"$initrd/modules/${name%.xz}" ;;
        *) cp "$file" "$initrd/modules/" ;;
    esac
    echo "${name%.xz}" >>"$initrd/modules/order"
done
(cd "$initrd" && find . | cpio -o -H newc --quiet | gzip -1) >"$out/initrd.img"

# --- the system -----------------------------------------------------------------------------------
mkdir -p "$root/opt/bench"
cp "$inside"/*.py "$root/opt/bench/"
cp "$files"/*.service "$root/etc/systemd/system/"
echo pi >"$root/etc/hostname"
printf '127.0.0.1 localhost pi\n' >"$root/etc/hosts"
rm -f "$root/etc/machine-id" # else this would be its first start, and everything would be enabled
chroot "$root" systemd-machine-id-setup
chroot "$root" systemctl --quiet enable bluetooth bench-agent bench-hci
chroot "$root" systemctl --quiet set-default multi-user.target
chroot "$root" systemctl --quiet mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
    e2scrub_all.timer e2scrub_reap.service fstrim.timer getty@tty1.service systemd-binfmt.service \
    proc-sys-fs-binfmt_misc.automount systemd-pcrphase.service systemd-timesyncd.service
rm -rf "$work"
