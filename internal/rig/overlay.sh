#!/bin/bash
# Runs a server that could not be installed: its unpacked package laid over the
# machine's own files, as root folder. Call it through "ip netns exec": that
# gives it mounts of its own, which go when the server ends.
#
#   overlay.sh LAB PACKAGE USERS SETUP COMMAND...
#
# USERS are made inside only. SETUP is a line of shell that runs inside first.
set -euo pipefail
lab=$1 package=$2 users=$3 setup=$4
shift 4
root=$lab/root-$(basename "$package")
mkdir -p "$root" "$root.rw"

# The overlay's writable part must not itself lie on an overlay: a tmpfs.
mount -t tmpfs -o size=64m mailflow-lab "$root.rw"
mkdir "$root.rw/up" "$root.rw/work"
# The package goes into the writable part. It cannot be a layer of its own, as
# it lies below "/", which is one. And its /lib would hide the machine's, which
# is a link into /usr.
cp -a "$package/." "$root.rw/up/"
rm -rf "$root.rw/up/lib"
mount -t overlay overlay -o "lowerdir=/,upperdir=$root.rw/up,workdir=$root.rw/work" "$root"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mkdir -p "$root$lab" # it is not there where /tmp is a file system of its own
mount --bind "$lab" "$root$lab" # the lab's own folder stays the real one
cp --remove-destination /etc/resolv.conf "$root/etc/resolv.conf"

id=990
for user in $users; do
  id=$((id - 1))
  sed -i "/^$user:/d" "$root/etc/passwd" "$root/etc/group"
  echo "$user:x:$id:$id::/nonexistent:/usr/sbin/nologin" >>"$root/etc/passwd"
  echo "$user:x:$id:" >>"$root/etc/group"
done
chroot "$root" /bin/bash -euc "$setup"
exec chroot "$root" "$@"
