#!/bin/sh
# A real guest under TCG gives memory back when its domain has a balloon, and does not when it has none.
# Takes half a minute and a kernel: runs only with OVFKIT_GUEST, a folder that make_guest.sh filled, or the word
# `download` to fill one now.
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
boot balloon-enabled
grep -q '^actual 262144' "$work/out" || fail "balloon-enabled: $(grep actual "$work/out")"
boot balloon-disabled
grep -q 'without the balloon device' "$work/err" || fail "balloon-disabled took the target"
finish "2 guests asked for memory"
