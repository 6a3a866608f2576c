#!/bin/sh
# Bus nvme is written on request only: a libvirt of 11.5 or later takes it, an earlier one must be what our note says.
. "$(dirname "$0")/common.sh"
need virt-xml-validate virsh
"$samples" write "$work/nvme" qemu nvme || fail "writing"
"$samples" write "$work/sata" qemu || fail "writing"
xml=$work/nvme/disks-nvme.xml
grep -q "bus='nvme'" "$xml" || fail "no bus nvme in it"
! grep -q "bus='nvme'" "$work/sata/disks-nvme.xml" || fail "bus nvme without being asked for"
virt-xml-validate "$work/sata/disks-nvme.xml" domain >"$work/out" 2>&1 || fail "the text with SATA"
version=$(virsh --version)
major=${version%%.*}
rest=${version#*.}
minor=${rest%%.*}
if [ "$major" -gt 11 ] || { [ "$major" -eq 11 ] && [ "$minor" -ge 5 ]; }; then
    virt-xml-validate "$xml" domain >"$work/out" 2>&1 || { fail "libvirt $version refuses it"; cat "$work/out"; }
else
    ! virt-xml-validate "$xml" domain >"$work/out" 2>&1 || fail "libvirt $version takes it: the note is wrong"
fi
finish "bus nvme against libvirt $version"
