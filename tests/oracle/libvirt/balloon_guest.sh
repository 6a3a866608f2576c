#!/bin/sh
# A real guest under TCG gives memory back when its domain has a balloon, and does not when it has none.
# Takes a minute and a kernel: runs only with OVFKIT_GUEST, a folder that make_guest.sh filled, or the word
# `download` to fill one now. The same for machines that `ovfkit import` made of packages, which have a disk, too.
# usage: balloon_guest.sh LIBVIRT_SAMPLES OVFKIT PACKAGE
. "$(dirname "$0")/common.sh"
guest=${OVFKIT_GUEST:-}
[ -n "$guest" ] || skip "OVFKIT_GUEST is neither a folder that make_guest.sh filled nor 'download'"
if [ "$guest" = download ]; then
    need apt-get apt-cache dpkg-deb cpio gzip busybox
    guest=$work/guest
    "$here/make_guest.sh" "$guest" >"$work/out" 2>&1 || { tail -3 "$work/out"; skip "no guest could be made (apt-get download)"; }
fi
[ -r "$guest/vmlinuz" ] && [ -r "$guest/initrd.gz" ] || skip "$guest has no vmlinuz and initrd.gz"
embed
"$samples" write "$work/xml" qemu
cp "$guest/vmlinuz" "$guest/initrd.gz" "$work/root"
for state in enabled disabled; do
    name=imported-$state
    mkdir "$work/$name"
    sed "s/ovf:id=\"site\"/ovf:id=\"$name\"/; s:<Name>site</Name>:<Name>$name</Name>:" "$3/site.ovf" > "$work/plain.ovf"
    "$2" balloon set "$state" "$work/plain.ovf" -q -o "$work/$name/site.ovf"
    cp "$3/site.vmdk" "$work/$name"
    "$2" import -q "$work/$name" --to libvirt -O libvirt.type=qemu -o "$work/root/$name" >/dev/null
    cp "$work/root/$name/$name.xml" "$work/xml"
done
[ "$(id -u)" != 0 ] || chown -R 65534:65534 "$work/root"
chmod -R a+rX "$work/xml" "$work/root"
boot() {
    log=$work/root/$1.log
    sed "s:<type \(.*\)>hvm</type>:<type \1>hvm</type><kernel>$work/root/vmlinuz</kernel><initrd>$work/root/initrd.gz</initrd><cmdline>console=ttyS0</cmdline>:
s:<devices>:<devices><serial type='file'><source path='$log'/></serial>:" "$work/xml/$1.xml" > "$work/$1.xml"
    chmod a+r "$work/$1.xml"
    {
        echo "define $work/$1.xml"; echo "start $1"
        for _ in $(seq 900); do grep -q GUEST-READY "$log" 2>/dev/null && break; sleep 0.1; done
        echo "setmem $1 256M --live"; sleep 6
        echo "dommemstat $1"; echo "destroy $1"; echo quit
    } | $as timeout 180 virsh -c "$uri" >"$work/out" 2>"$work/err" || true
    grep -q GUEST-READY "$log" || { cat "$work/err"; fail "$1 did not boot"; }
}
for guest in balloon imported; do
    boot $guest-enabled
    grep -q '^actual 262144' "$work/out" || fail "$guest-enabled: $(grep actual "$work/out")"
    boot $guest-disabled
    grep -q 'without the balloon device' "$work/err" || fail "$guest-disabled took the target"
done
finish "4 guests asked for memory"
