#!/bin/busybox sh
# The first program of the guest: loads what its disk needs, and hands over to systemd.
/bin/busybox mount -t devtmpfs dev /dev
for module in $(/bin/busybox cat /modules/order); do
    /bin/busybox insmod "/modules/$module"
done
while ! [ -b /dev/vda ]; do
    /bin/busybox sleep 0.05
done
/bin/busybox mount -t ext4 -o rw,noatime /dev/vda /root || exec /bin/busybox sh
exec /bin/busybox switch_root /root /sbin/init
